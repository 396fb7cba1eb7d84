//! `verify` with programs that depend on what they should not.

use crate::tool::Project;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The program that depends on all there is, for one test at a time: each builds it at the same place, from which ambient runs
/// start it.
fn moody() -> (Project, MutexGuard<'static, ()>) {
    static ALONE: Mutex<()> = Mutex::new(());
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    (Project::case("moody"), alone)
}

/// What each workload of `tests/cases/moody` depends on: the verdict, and either its causes or what steadies it.
fn expected() -> BTreeMap<&'static str, (&'static str, Value)> {
    let env = |names: &[&[&str]]| ("env", json!(names));
    BTreeMap::from([
        ("sorted_v1", ("repeats", json!([]))),
        ("looked_up_v1", ("repeats", json!([]))),
        ("sorted_folder_v1", ("repeats", json!([]))),
        ("hashed_v1", ("intrinsic", json!(["entropy"]))),
        ("address_v1", ("intrinsic", json!(["aslr"]))),
        ("pid_v1", ("intrinsic", json!([]))),
        ("day_v1", env(&[&["time"]])),
        ("zone_v1", env(&[&["tz"]])),
        ("home_v1", env(&[&["home"]])),
        ("variables_v1", env(&[&["environment"]])),
        ("folder_v1", env(&[&["cwd"]])),
        ("program_v1", env(&[&["exe-path"]])),
        ("host_v1", env(&[&["hostname"]])),
        ("user_v1", env(&[&["uid"]])),
        ("mode_v1", env(&[&["umask"]])),
        ("stack_v1", env(&[&["stack"]])),
        ("files_v1", env(&[&["open-files"]])),
        ("descriptor_v1", env(&[&["fds"]])),
        ("listed_v1", env(&[&["fs-order"]])),
        ("changed_v1", env(&[&["mtime"]])),
        ("again_v1", env(&[&["fresh-state"]])),
        ("terminal_v1", env(&[&["tty"]])),
        ("both_v1", env(&[&["home", "tz"]])),
        ("either_v1", env(&[&["locale"], &["tz"]])),
        ("refused_v1", ("refused", json!([]))),
    ])
}

/// Sets in order, whatever was found first.
fn sorted(causes: &Value) -> Value {
    let mut sets: Vec<Value> = causes.as_array().expect("sets").clone();
    for set in &mut sets {
        set.as_array_mut().expect("a set").sort_by_key(ToString::to_string);
    }
    sets.sort_by_key(ToString::to_string);
    json!(sets)
}

#[test]
fn ambient_runs_are_told_apart_down_to_what_they_depend_on() {
    let (project, _alone) = moody();
    let done = project.orket(&["verify", "--ambient", "--message-format", "json"]).exits(100);
    let done = done.says("without the sandbox and with your rights");
    let mut expected = expected();
    for answer in done.told("orket-verify-result") {
        let workload = answer["workload"].as_str().expect("a name").rsplit('/').next().expect("an id");
        if workload == "picky_v1" {
            // It wants an input, and has a test of its own.
            assert_eq!(answer["verdict"], "refused", "{answer}");
            continue;
        }
        let (verdict, causes) = expected.remove(workload).unwrap_or_else(|| panic!("{workload} is new"));
        assert_eq!(answer["verdict"], verdict, "{answer}");
        let found =
            if verdict == "intrinsic" { answer["steadied_by"].clone() } else { sorted(&answer["causes"]) };
        assert_eq!(found, causes, "{answer}");
        assert!(answer["executions"].as_u64().is_some_and(|runs| runs <= 48), "{answer}");
    }
    assert!(expected.is_empty(), "not told: {expected:?}");
}

#[test]
fn the_line_that_it_gives_shows_the_same_again() {
    let (project, _alone) = moody();
    let words = ["verify", "zone_v1", "--ambient", "--message-format", "json", "--runs", "4"];
    let first = project.orket(&words).exits(100).told("orket-verify-result").remove(0);
    let line = first["reproduce"].as_str().expect("a line");
    assert!(
        line.starts_with("cargo orket verify orket.moody/zone_v1 --ambient --runs 4 --surroundings "),
        "{line}"
    );
    let value = first["surroundings"]["tz"].as_str().expect("a zone");
    let given = format!("tz={value}");
    let words = ["verify", "zone_v1", "--ambient", "--runs", "4", "--surroundings", &given];
    project.orket(&words).exits(100).says("ENV(tz)").says(value);
    let harmless = ["verify", "zone_v1", "--ambient", "--surroundings", "umask=077 home=elsewhere"];
    project.orket(&harmless).exits(0).says("Repeats zone_v1");
    let wrong = ["verify", "zone_v1", "--ambient", "--surroundings", "tzz=UTC"];
    project.orket(&wrong).exits(2).says("did you mean `tz`?");
}

/// The strongest claim that this machine allows.
fn most(evidence: &Value) -> &'static str {
    let lacks = evidence["lacks"].as_array().expect("a list");
    if lacks.is_empty() { "byte_deterministic" } else { "verdict_deterministic" }
}

#[test]
fn what_is_proven_is_written_signed_and_checked() {
    let (project, _alone) = moody();
    project.orket(&["keygen", "--out", "me"]).exits(0);
    project.orket(&["keygen", "--out", "other"]).exits(0);
    let words = ["verify", "sorted_v1", "--runs", "4", "--claim", "claim.json", "--sign-key", "me.key"];
    project.orket(&words).exits(0).says("Repeats sorted_v1").says("Signed claim.dsse.json");
    let text = std::fs::read_to_string(project.root.join("claim.json")).expect("it is written");
    let statement: Value = serde_json::from_str(&text).expect("JSON");
    let evidence = &statement["predicate"]["evidence"][0];
    assert_eq!(statement["predicateType"], "https://in-toto.io/attestation/test-result/v0.1");
    assert_eq!(statement["predicate"]["result"], "PASSED");
    let most = most(evidence);
    assert_eq!(evidence["claim"], most);
    // One more to see whether anything was drawn.
    assert_eq!((&evidence["executions"], evidence["tried"].as_array().map(Vec::len)), (&json!(5), Some(3)));
    let check = |key: &str| project.orket(&["attest", "verify", "claim.dsse.json", "--key", key]);
    check("me.pub").exits(0).says("Signed by").says("finds it out again");
    check("other.pub").exits(100).says("error[attest.wrong-key]");
    project.orket(&["attest", "verify", "claim.dsse.json"]).exits(0).says("nothing says who made it");
    project.edit("claim.dsse.json", "\"payload\":\"", "\"payload\":\"AAAA");
    check("me.pub").exits(100);
    // What is shown without a sandbox proves nothing of what a governed run does.
    let claimed = |words: &[&str]| {
        project.orket(&[&["verify", "sorted_v1", "--claim", "claim.json"], words].concat()).exits(0);
        let text = std::fs::read_to_string(project.root.join("claim.json")).expect("it is written");
        let statement: Value = serde_json::from_str(&text).expect("JSON");
        statement["predicate"]["evidence"][0]["claim"].as_str().expect("a claim").to_owned()
    };
    assert_eq!(claimed(&["--ambient"]), "non_deterministic");
    assert_eq!(claimed(&[]), most);
    assert_eq!(claimed(&["--no-reliable"]), "verdict_deterministic");
}

#[test]
fn an_input_with_a_difference_becomes_as_small_as_it_can_be() {
    let (project, _alone) = moody();
    let words: Vec<String> =
        (0..20).map(|at| if at == 13 { "zone".into() } else { format!("word {at}") }).collect();
    project.write("in.json", &json!({ "words": words, "title": "a long title" }).to_string());
    project.write("lines.txt", "first! line\nsecond line\nthird line\n");
    let given = ["picky_v1", "--ambient", "--input", "in.json", "--script", "lines.txt"];
    let done = project.orket(&[&["reduce", "--message-format", "json"], &given[..]].concat()).exits(0);
    let told = done.told("orket-reduced").remove(0);
    assert!(told["after"].as_u64() < told["before"].as_u64(), "{told}");
    let left = std::fs::read_to_string(project.root.join("reduced/input.json")).expect("it is written");
    assert_eq!(serde_json::from_str::<Value>(&left).expect("JSON"), json!({ "words": ["zone"] }));
    let left = std::fs::read_to_string(project.root.join("reduced/script.txt")).expect("it is written");
    assert_eq!(left, "first! line\n");
    let line = told["reproduce"].as_str().and_then(|line| line.strip_prefix("cargo orket "));
    let again: Vec<&str> = line.expect("it calls the tool").split(' ').collect();
    project.orket(&again).exits(100).says("ENV(tz)");
    project.orket(&["reduce", "sorted_v1", "--ambient"]).exits(0).says("there is nothing to reduce");
}

#[test]
fn a_draw_that_decides_is_named_with_its_line_and_one_that_does_not_is_not() {
    let (project, _alone) = moody();
    let verdict = |workload: &str| {
        let done = project.orket(&["verify", workload, "--runs", "4", "--message-format", "json"]).exits(0);
        done.told("orket-verify-result").remove(0)
    };
    let (hashed, looked_up) = (verdict("hashed_v1"), verdict("looked_up_v1"));
    assert_eq!(looked_up["verdict"], "repeats", "{looked_up}");
    assert_eq!(hashed["verdict"], "seed", "{hashed}");
    let source = std::fs::read_to_string(project.root.join("src/main.rs")).expect("text");
    let after = source.lines().position(|line| line.contains("fn hashed_v1")).expect("it is there") + 2;
    let place = hashed["draws"][0]["place"].as_str().expect("a place");
    assert!(place.contains(&format!("src/main.rs:{after}:")), "{place} is not line {after}");
}
