use orket_runtime::prelude::*;

#[derive(serde::Deserialize, Schema)]
pub struct Input {}

fn compile(ctx: &PlanContext, _: &Input) -> RunPlan {
    ctx.plan()
}

#[workload(plan = compile)]
//                ^^^^^^^ E0277
pub fn hello(_: &mut WorkloadContext, _: Input) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
