//! The determinism harness finds what does not repeat, and only that.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

use orket_runtime::prelude::*;
use orket_runtime::testing::{DeterminismHarness, FakeCapabilities, Finding};

#[orket_runtime::extension(id = "habits.good-and-bad", capabilities = ["clock", "console", "kv", "rng"])]
pub mod habits {
    use super::*;

    #[workload]
    pub fn careful(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        let mut stream = ctx.capabilities.rng()?.stream("world")?;
        let answer = ctx.capabilities.console()?.read_line("> ")?;
        ctx.artifacts.write_text("time.txt", &ctx.capabilities.clock()?.now()?.to_string())?;
        ctx.logger.info(format_args!("at {:?}", SystemTime::now()));
        WorkloadResult::ok(json!({ "drawn": stream.next_u64().to_string(), "answer": answer }))
    }

    #[workload]
    pub fn looks_at_the_clock(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        ctx.artifacts.write_text("report.txt", &format!("written\nat {:?}\n", SystemTime::now()))?;
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub fn iterates_over_a_map(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        let people: HashMap<u32, ()> = (0..100).map(|number| (number, ())).collect();
        WorkloadResult::ok(json!({ "people": people.keys().collect::<Vec<_>>() }))
    }

    #[workload]
    pub fn draws_entropy(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        let drawn = RandomState::new().hash_one(1).to_string();
        ctx.trace.emit("number.drawn", json!({ "number": drawn }))?;
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub fn prints_an_address(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        let drawn = RandomState::new().hash_one(1);
        ctx.capabilities.console()?.write_line(&format!("object at {drawn:#x}"))?;
        WorkloadResult::ok(json!({}))
    }

    #[workload(summarize = super::names_its_folder)]
    pub fn names_its_folder(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub fn writes_now_and_then(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        let name = RandomState::new().hash_one(1).to_string();
        ctx.artifacts.write(&name, b"")?;
        WorkloadResult::ok(json!({}))
    }

    #[workload]
    pub fn fails(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
        Err(Error::new("door.locked", "no key"))
    }
}

fn names_its_folder(folder: &std::path::Path) -> Result<Value> {
    Ok(json!({ "folder": folder.display().to_string() }))
}

#[track_caller]
fn differs(workload: &str, place: &str) {
    let finding = DeterminismHarness::of(habits::register, workload).check().unwrap_err();
    let Finding::Differs { run: 2, difference } = finding else { panic!("{finding}") };
    assert!(difference.place.starts_with(place), "{difference}");
    assert_ne!(difference.first, difference.other);
}

#[test]
fn a_careful_workload_repeats() {
    let outcome =
        DeterminismHarness::of(habits::register, "careful").seed(7).script(["yes"]).runs(5).assert_repeats();
    assert_eq!(outcome.result.output["answer"], "yes");
    let other = DeterminismHarness::of(habits::register, "careful").seed(8).assert_repeats();
    assert_ne!(outcome.result.output["drawn"], other.result.output["drawn"]);
    assert_eq!(other.result.output["answer"], Value::Null);
}

#[test]
fn ambient_time_is_caught() {
    differs("looks_at_the_clock", "artifact `report.txt` at byte ");
}

#[test]
fn hash_order_is_caught() {
    differs("iterates_over_a_map", "`/output/people/");
}

#[test]
fn entropy_is_caught() {
    differs("draws_entropy", "`/traces/0/payload/number`");
}

#[test]
fn the_console_and_the_names_of_artifacts_are_compared() {
    differs("prints_an_address", "the console at byte 1");
    differs("writes_now_and_then", "artifact `");
}

#[test]
#[cfg(all(target_os = "linux", target_env = "gnu", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn what_follows_from_the_seed_repeats_where_it_is_asked_for() {
    for workload in ["looks_at_the_clock", "iterates_over_a_map", "draws_entropy", "prints_an_address"] {
        let harness = DeterminismHarness::of(habits::register, workload).virtualised();
        harness.clone().seed(7).runs(5).assert_repeats();
        assert!(DeterminismHarness::of(habits::register, workload).check().is_err(), "{workload}");
    }
    let drawn = |seed| {
        let harness = DeterminismHarness::of(habits::register, "iterates_over_a_map").virtualised();
        harness.seed(seed).assert_repeats().result.output
    };
    assert_ne!(drawn(7), drawn(8));
}

#[test]
fn what_is_named_is_left_out() {
    DeterminismHarness::of(habits::register, "draws_entropy")
        .ignoring("/traces/0/payload/number")
        .assert_repeats();
}

#[test]
fn the_folder_of_a_run_is_no_difference() {
    let outcome = DeterminismHarness::of(habits::register, "names_its_folder").assert_repeats();
    assert!(outcome.summary.is_some());
}

#[test]
fn a_workload_that_always_fails_is_not_shown_to_repeat() {
    let finding = DeterminismHarness::of(habits::register, "fails").check().unwrap_err();
    assert!(matches!(&finding, Finding::Failed(error) if error.code() == "door.locked"));
    assert!(finding.to_string().contains("repeats.rs:"), "{finding}");
}

#[test]
#[should_panic(expected = "run 2 differs from run 1 although seed, script and input are equal")]
fn the_assertion_shows_the_difference() {
    DeterminismHarness::of(habits::register, "iterates_over_a_map").assert_repeats();
}

#[test]
fn runs_start_as_the_fakes_do() {
    let fakes = FakeCapabilities::new().with_seed(7).with_script(["yes"]);
    let outcome = DeterminismHarness::of(habits::register, "careful").with(&fakes).assert_repeats();
    assert_eq!(outcome.result.output["answer"], "yes");
}
