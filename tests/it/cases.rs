//! Recorded cases, kept honest: each is run, and only what repeats is recorded.

use crate::tool::{CHANCE, Project};

#[test]
fn cases_are_run_or_refused_and_only_what_repeats_is_recorded() {
    let project = Project::new("cased", &["--template", "minimal"]);
    project.orket(&["verify", "cased_v1", "--bless", "--case", "first"]).exits(0);
    let replays = project.root.join("replays");
    let other_seed = ["run", "cased_v1", "--replay", "replays/cased_v1/first", "--seed", "3"];
    project.orket(&other_seed).exits(2).says("`--replay` brings its own seed");

    std::fs::rename(replays.join("cased_v1"), replays.join("renamed_v1")).expect("the cases are renamed");
    project.orket(&["verify"]).exits(100).says("error[case.invalid]").says("renamed_v1");
    std::fs::rename(replays.join("renamed_v1"), replays.join("cased_v1")).expect("the cases are renamed");
    project.orket(&["verify"]).exits(0).says("Repeats cased_v1 case first");

    // In parentheses, because braces are an object to `json!`.
    let chance = format!("json!({{ \"chance\": ({CHANCE}) }})");
    project.edit("src/lib.rs", "json!({ \"greeting\": format!(\"Hello, {name}!\") })", &chance);
    let bless = ["verify", "cased_v1", "--bless", "--case", "second"];
    project.orket(&bless).exits(100).says("error[replay.diverged]").says("/res/output/chance");
    assert!(!replays.join("cased_v1/second").exists(), "what does not repeat is not recorded");
}
