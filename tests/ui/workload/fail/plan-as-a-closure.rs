use orket_runtime::prelude::*;

#[workload(plan = |ctx| Ok(ctx.plan()))]
//                ^ option.invalid
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
