//! A run in the process of a test does what the host does, in its order and with its codes.

use std::path::Path;

use orket_runtime::prelude::*;
use orket_runtime::result::Status;
use orket_runtime::testing::{FakeCapabilities, Level, run};

#[orket_runtime::extension(id = "shop", capabilities = ["console"])]
pub mod shop {
    use super::*;

    #[derive(serde::Deserialize, Schema)]
    pub struct Order {
        pub pieces: u8,
        #[serde(default)]
        pub rush: bool,
    }

    #[workload(capabilities = ["kv"], plan = super::plan, validators = [super::bill_is_there], summarize = super::summary)]
    pub fn order(ctx: &mut WorkloadContext, input: Order) -> Result<WorkloadResult> {
        let orders = ctx.capabilities.kv()?;
        orders.put("orders", "last", &json!(input.pieces), None)?;
        ctx.capabilities.console()?.write_line("thank you")?;
        ctx.logger.warn("the shop closes soon");
        ctx.trace.emit("order.taken", json!({ "rush": input.rush }))?;
        let bill = ctx.artifacts.namespace("bills");
        if input.pieces > 0 {
            bill.write_json("bill.json", &json!({ "pieces": input.pieces }))?;
        }
        WorkloadResult::ok(json!({ "part": ctx.params["part"], "seed": ctx.seed.to_string() }))
    }

    #[workload]
    pub fn peeks(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        ctx.capabilities.kv()?.list("orders", "").and_then(|_| WorkloadResult::ok(json!({})))
    }

    #[workload]
    pub fn litters(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        drop(ctx.artifacts.create("half-done")?);
        WorkloadResult::stop(json!({}))
    }

    #[workload]
    pub fn lies(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        let mut result = WorkloadResult::ok(json!({}))?;
        let sha256 = "0".repeat(64);
        result.artifacts.push(ArtifactRef { path: "missing".to_owned(), sha256, size: 1, kind: None });
        Ok(result)
    }

    #[workload]
    pub fn measures(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({ "length": 0.5 }))
    }

    #[workload]
    pub fn gives_up(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::error("shop.closed", "it is late")
    }
}

fn plan(ctx: &PlanContext, input: &shop::Order) -> Result<RunPlan> {
    let mut plan = ctx.plan();
    plan.metadata.insert("pieces".to_owned(), json!(input.pieces));
    let mut second = plan.actions[0].clone();
    plan.actions[0].params.insert("part".to_owned(), json!(1));
    second.params.insert("part".to_owned(), json!(2));
    plan.actions.push(second);
    Ok(plan)
}

fn bill_is_there(result: &WorkloadResult, artifacts: &Path) -> Vec<Issue> {
    let there = artifacts.join("bills/bill.json").is_file() && result.artifacts.len() == 1;
    if there { vec![] } else { vec![Issue::error("bill.missing", "there is no bill")] }
}

fn summary(artifacts: &Path) -> Result<Value> {
    Ok(json!({ "bytes": std::fs::read(artifacts.join("bills/bill.json")).map_or(0, |bytes| bytes.len()) }))
}

#[track_caller]
fn refused(workload: &str, input: Value, code: &str) {
    let error = run(shop::register, workload, input, &FakeCapabilities::new()).unwrap_err();
    assert_eq!(error.code(), code, "{error:?}");
}

#[test]
fn plan_steps_checks_and_summary_follow_each_other() {
    let fakes = FakeCapabilities::new().with_seed(7);
    let outcome = run(shop::register, "order", json!({ "pieces": 3 }), &fakes).unwrap();
    assert_eq!(outcome.plan.metadata["pieces"], 3);
    assert_eq!(outcome.result.output["part"], 2);
    assert_eq!(outcome.result.output["seed"], "7");
    assert_eq!(outcome.artifacts["bills/bill.json"], b"{\"pieces\":3}\n");
    assert_eq!(outcome.issues, []);
    assert_eq!(outcome.summary.unwrap()["bytes"], 13);
    assert_eq!(fakes.console_text(), "thank you\nthank you\n");
    assert_eq!(fakes.kv_value("orders", "last"), Some(json!(3)));
    assert_eq!(fakes.traces()[0], ("order.taken".to_owned(), json!({ "rush": false })));
    assert_eq!(fakes.logs()[0], (Level::Warn, "the shop closes soon".to_owned()));
}

#[test]
fn what_a_validator_finds_is_given_back() {
    let outcome = run(shop::register, "order", json!({ "pieces": 0 }), &FakeCapabilities::new()).unwrap();
    assert_eq!(outcome.issues[0].code, "bill.missing");
    assert_eq!(outcome.issues[0].stage.as_deref(), Some("check/bill_is_there"));
}

#[test]
fn what_the_host_would_refuse_is_refused() {
    refused("order", json!({ "pieces": "three" }), "input.invalid");
    refused("odrer", json!({}), "workload.unknown");
    refused("peeks", json!({}), "capability.undeclared");

    refused("litters", json!({}), "artifact.unlisted");
    refused("lies", json!({}), "artifact.missing");
    refused("measures", json!({}), "json.number");
}

#[test]
fn an_error_names_the_line_of_the_author() {
    let error = run(shop::register, "peeks", json!({}), &FakeCapabilities::new()).unwrap_err();
    let place = error.location().expect("a place");
    assert!(place.contains("run.rs:"), "{place}");
}

#[test]
fn a_result_may_carry_an_error() {
    let outcome = run(shop::register, "gives_up", json!({}), &FakeCapabilities::new()).unwrap();
    assert_eq!(outcome.result.status, Status::Error);
    assert_eq!(outcome.result.issues[0].code, "shop.closed");
}
