use orket_runtime::prelude::*;

#[workload(plan = |ctx, _| Ok(ctx.plan()), summarize = summary(), validators = [check!])]
pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn main() {}
