//! What `lint`, `check`, `verify` and `ci` give to editors, code scanning, GitHub and whoever reads JUnit.

use crate::tool::{Done, Project, command, done, orket};
use serde_json::{Value, json};
use std::path::Path;

/// A manifest with a key that does not exist, at a column behind characters of several bytes.
const MISTAKEN: &str = "manifest_version = 1\nid = \"hello.world\"\nversion = \"0.1.0\"\nruntime = \"^0.1.0\"\n\
                        workloads = [{ id = \"hello_v1\", description = \"äöü 🦀\", wrong = 1 }]\n";

/// A check of a manifest with a mistake, in one of the formats.
fn checked(folder: &Path, name: &str, format: &str) -> Done {
    std::fs::create_dir_all(folder.join(".git")).expect("a folder");
    std::fs::write(folder.join(name), MISTAKEN).expect("written");
    orket(folder, &["check", name, "--message-format", format]).exits(100)
}

#[test]
fn every_issue_is_a_message_for_editors_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = checked(folder.path(), "orket.toml", "json");
    let (issues, told) = (done.told("orket-issue"), done.told("compiler-message"));
    assert_eq!((issues.len(), told.len()), (1, 1), "{done}");
    let (message, location) = (&told[0]["message"], &issues[0]["location"]);
    let span = &message["spans"][0];
    assert_eq!(message["code"]["code"], "manifest.unknown-key");
    assert_eq!((&span["line_start"], &span["column_start"]), (&location["line"], &location["column"]));
    let at = MISTAKEN.find("wrong").expect("it is there");
    assert_eq!(
        (span["byte_start"].as_u64(), span["byte_end"].as_u64()),
        (Some(at as u64), Some(at as u64 + 5))
    );
    assert!(Path::new(span["file_name"].as_str().expect("a name")).is_absolute());
    assert!(
        message["rendered"].as_str().is_some_and(|text| text.contains("wrong = 1") && !text.contains('\x1b'))
    );
}

#[test]
fn a_log_for_code_scanning_has_places_below_the_repository() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = checked(folder.path(), "ä b.toml", "sarif");
    let log: Value = serde_json::from_str(&done.out).expect("one document");
    let result = &log["runs"][0]["results"][0];
    assert_eq!((&log["version"], &result["level"]), (&json!("2.1.0"), &json!("error")));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"], json!({ "uri": "%C3%A4%20b.toml", "uriBaseId": "%SRCROOT%" }));
    let line = MISTAKEN.lines().nth(4).expect("the line");
    assert_eq!(place["region"]["snippet"]["text"], line);
    let column = line.chars().take_while(|c| *c != 'w').count();
    let column = column + line.chars().skip(column).collect::<String>().find("wrong").expect("it is there");
    assert!(place["region"]["startColumn"].as_u64() <= Some(column as u64 + 1), "{place}");
    let rule = &log["runs"][0]["tool"]["driver"]["rules"][0];
    assert!(rule["help"]["markdown"].as_str().is_some_and(|page| page.starts_with("# manifest.unknown-key")));
    assert!(!done.out.contains(&folder.path().display().to_string()), "no path of the machine\n{done}");
}

#[test]
fn github_is_given_annotations_and_a_summary() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    std::fs::write(folder.path().join("orket.toml"), MISTAKEN).expect("written");
    let summary = folder.path().join("summary.md");
    std::fs::write(&summary, "before\n").expect("written");
    let mut command = command(folder.path(), &["check", "orket.toml", "--message-format", "github"]);
    let done = done(command.env("GITHUB_STEP_SUMMARY", &summary)).exits(100);
    let start = "::error file=orket.toml,line=5,endLine=5,col=";
    let lines: Vec<&str> = done.out.lines().collect();
    let [stop, resume, annotation] = lines[..] else { panic!("{done}") };
    assert!(annotation.starts_with(start) && annotation.contains(",title=manifest.unknown-key::"), "{done}");
    // Whatever else is said, by whomever, is no command.
    let token = stop.strip_prefix("::stop-commands::").unwrap_or_else(|| panic!("{done}"));
    assert_eq!(resume, format!("::{token}::"));
    let again = checked(folder.path(), "orket.toml", "github");
    assert!(again.out.starts_with("::stop-commands::") && !again.out.contains(token), "{again}");
    let text = std::fs::read_to_string(&summary).expect("the summary");
    assert!(
        text.starts_with("before\n### cargo orket\n") && text.contains("| manifest.unknown-key |"),
        "{text}"
    );
    assert!(text.contains("| orket.toml:5:"), "{text}");
}

#[test]
fn what_has_no_cases_is_one_case_of_junit() {
    let folder = tempfile::tempdir().expect("a folder");
    let done = checked(folder.path(), "orket.toml", "junit");
    assert!(done.out.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "), "{done}");
    assert!(done.out.contains("<failure type=\"manifest.unknown-key\""), "{done}");
}

#[test]
fn ci_writes_every_report_and_goes_on_after_a_finding() {
    let project = Project::new("everything-in-ci", &["--template", "minimal"]);
    project.orket(&["build"]).exits(0);
    let words = ["ci", "--runs", "2", "--reports", "reports"];
    let read =
        |name: &str| std::fs::read_to_string(project.root.join("reports").join(name)).expect("a report");
    project.orket(&words).exits(0);
    assert!(
        read("junit.xml").contains("<testsuites name=\"cargo orket\" tests=\"5\" failures=\"0\""),
        "{}",
        read("junit.xml")
    );
    let log: Value = serde_json::from_str(&read("orket.sarif")).expect("a log");
    assert_eq!(log["runs"][0]["results"], json!([]));
    assert_eq!(read("summary.md"), "### cargo orket\n\nNothing was found.\n");
    for reason in ["orket-artifact", "orket-lint-finished", "orket-verify-result", "orket-summary"] {
        assert!(read("messages.jsonl").contains(&format!("\"reason\":\"{reason}\"")), "{reason}");
    }

    project.edit(
        "src/lib.rs",
        "use orket_runtime::prelude::*;",
        "use orket_runtime::prelude::*;\nuse orket_runtime::internal as _;",
    );
    let done = project.orket(&words).exits(100).says("error[import.internal]");
    let log: Value = serde_json::from_str(&read("orket.sarif")).expect("a log");
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "src/lib.rs", "{done}");
    assert!(read("junit.xml").contains("name=\"lint\""), "{}", read("junit.xml"));
    assert!(
        read("junit.xml").contains("tests=\"5\" failures=\"1\" errors=\"0\" skipped=\"0\""),
        "{}",
        read("junit.xml")
    );
}

#[test]
fn ci_asks_for_a_lock_file_that_fits_and_skips_what_cannot_be_done() {
    let project = Project::new("unlocked-in-ci", &["--template", "minimal"]);
    std::fs::write(project.root.join("Cargo.lock"), "version = 4\n").expect("written");
    let done = project.orket(&["ci", "--reports", "reports", "--offline"]).exits(101);
    let report = std::fs::read_to_string(project.root.join("reports/junit.xml")).expect("a report");
    assert!(report.contains("tests=\"4\" failures=\"1\" errors=\"0\" skipped=\"3\""), "{report}\n{done}");
}

#[test]
fn editors_are_told_what_rustc_says() {
    let project = Project::new("mistaken-in-rust", &["--template", "minimal"]);
    project.edit("src/lib.rs", "format!(\"Hello, {name}!\")", "missing(name)");
    let done = project.orket(&["lint", "--message-format", "json"]).exits(101);
    let told = done.told("compiler-message");
    let error =
        told.iter().find(|one| one["message"]["code"]["code"] == "E0425").unwrap_or_else(|| panic!("{done}"));
    assert_eq!(error["message"]["spans"][0]["file_name"], "src/lib.rs");

    std::fs::create_dir(project.root.join(".git")).expect("a folder");
    let words = ["ci", "--message-format", "sarif", "--reports", "../reports"];
    let done = orket(&project.root.join("src"), &words).exits(101);
    let log: Value = serde_json::from_str(&done.out).expect("a log");
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let results = log["runs"][0]["results"].as_array().expect("results");
    let place = |one: &Value| one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone();
    let all: Vec<_> = results.iter().map(|one| (&one["ruleId"], place(one))).collect();
    assert!(all.contains(&(&json!("E0425"), json!("src/lib.rs"))), "{all:?}");
    assert!(all.contains(&(&json!("build.failed"), json!("Cargo.toml"))), "{all:?}");
}
