use orket_runtime::prelude::*;

fn compile(ctx: &PlanContext, _: &u8) -> Result<RunPlan> {
    Ok(ctx.plan())
}

#[workload(plan = compile)]
//                ^^^^^^^ E0593
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
