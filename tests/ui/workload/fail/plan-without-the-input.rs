use orket_runtime::prelude::*;

#[derive(serde::Deserialize, Schema)]
pub struct Input {}

fn compile(ctx: &PlanContext) -> Result<RunPlan> {
    Ok(ctx.plan())
}

#[workload(plan = compile)]
//                ^^^^^^^ E0593
pub fn hello(_: &mut WorkloadContext, _: Input) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
