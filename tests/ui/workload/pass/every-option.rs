//! Every option of a workload, and an input that is taken apart in the signature.
#![deny(warnings)]

use std::path::Path;

use orket_runtime::prelude::*;

#[derive(serde::Deserialize, Schema)]
pub struct Input {
    npcs: u8,
}

/// Play one case.
#[workload(
    id = "mystery_v1",
    capabilities = ["kv", "console"],
    materials = ["content/*.yaml", ("map.bin", sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")],
    budget(memory = "64MiB", time = "5s", cpu = "500 ms", messages = 1000, files = "20", artifact = "1MiB"),
    description = "Play one case, and say who did it.",
    network = ["api.example.com:443", "*.example.org:443", "[2001:db8::1]:80"],
    plan = check::plan,
    validators = [check::truthful],
    summarize = summary,
    version = "2.0.0-rc.1",
)]
pub fn mystery(_: &mut WorkloadContext, Input { npcs }: Input) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({ "npcs": npcs }))
}

mod check {
    use super::*;

    pub fn plan(ctx: &PlanContext, input: &Input) -> Result<RunPlan> {
        let mut plan = ctx.plan();
        plan.metadata.insert("npcs".to_owned(), json!(input.npcs));
        Ok(plan)
    }

    pub fn truthful(_: &WorkloadResult, _: &Path) -> Vec<Issue> {
        Vec::new()
    }
}

fn summary(_: &Path) -> Result<Value> {
    Ok(json!({}))
}

/// A plan of a workload without input takes none either.
#[workload(plan = plan_alone)]
fn alone(_: &mut WorkloadContext) -> Result<WorkloadResult> {
    WorkloadResult::ok(json!({}))
}

fn plan_alone(ctx: &PlanContext) -> Result<RunPlan> {
    Ok(ctx.plan())
}

fn main() {}
