//! `conformance`: each check fails where something does what it looks for, and only there.

use crate::tool::{Done, Project};
use crate::world::{root, target};
use orket_engine::sandbox::{self, Layer};
use serde_json::Value;

const WORDS: [&str; 3] = ["conformance", "--message-format", "json"];

/// The checks of a subject that came to that, by name.
#[track_caller]
fn names<'a>(checks: &'a [Value], subject: &str, state: &str) -> Vec<&'a str> {
    let those = checks.iter().filter(|check| check["subject"] == subject && check["state"] == state);
    those.map(|check| check["name"].as_str().expect("a name")).collect()
}

#[track_caller]
fn failed(done: &Done) -> Vec<(String, String)> {
    let checks = done.told("orket-conformance");
    let those = checks.iter().filter(|check| check["state"] == "fail");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    those.map(|check| (text(&check["subject"]), text(&check["name"]))).collect()
}

fn pair(subject: &str, name: &str) -> (String, String) {
    (subject.to_owned(), name.to_owned())
}

/// Whether a layer of the sandbox holds on this machine.
fn holds(layer: Layer) -> bool {
    sandbox::probe().iter().any(|status| status.layer == layer && status.is_enforced())
}

#[test]
fn each_workload_fails_the_check_that_it_is_named_after_and_no_other() {
    let project = Project::case("conformance/wrong");
    project.write("content/a.txt", "text");
    let done = project.orket(&WORDS).exits(100);
    let checks = done.told("orket-conformance");
    let listed = project.orket(&["conformance", "--list"]).exits(0).out;
    let known: Vec<&str> = listed.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let page = std::fs::read_to_string(root().join("docs/conformance.md")).expect("the page");
    assert!(known.iter().all(|name| page.contains(&format!("| `{name}` |"))), "{known:?}");
    let mut shown = 0;
    for name in &known {
        let subject = format!("wrong/{}_v1", name.replace('.', "_"));
        let failed = names(&checks, &subject, "fail");
        if failed.is_empty() && !checks.iter().any(|check| check["subject"] == *subject) {
            continue;
        }
        // Where the guest has a tree of its own it cannot see what surrounds its materials, so this cannot fail.
        let is_hidden = *name == "materials.only" && holds(Layer::Tree);
        assert_eq!(failed, if is_hidden { vec![] } else { vec![*name] }, "{subject}\n{done}");
        shown += 1;
    }
    assert_eq!(shown, 8, "{done}");
    assert_eq!(names(&checks, "wrong/right_v1", "fail"), Vec::<&str>::new(), "{done}");
    assert_eq!(names(&checks, "wrong/right_v1", "skipped"), Vec::<&str>::new(), "{done}");
    // `input_refused_v1` cannot be written without an internal name.
    assert_eq!(names(&checks, "wrong", "fail"), ["imports.public"], "{done}");
    assert!(
        checks.iter().filter(|check| check["state"] == "fail").all(|check| check["fix"].is_string()),
        "{done}"
    );
    assert!(project.runs("right_v1").is_empty(), "nothing is published");
}

#[test]
fn a_recorded_case_that_does_not_repeat_any_more_fails_one_check() {
    let project = Project::case("conformance/wrong");
    project.write("content/a.txt", "text");
    project.orket(&["verify", "right_v1", "--bless", "--case", "won", "--seed", "7"]).exits(0);
    let words = [&WORDS[..], &["right_v1"]].concat();
    let only = [pair("wrong", "imports.public")];
    assert_eq!(failed(&project.orket(&words).exits(100)), only);
    project.edit("replays/right_v1/won/case.json", r#""seed":"7""#, r#""seed":"8""#);
    let done = project.orket(&words).exits(100);
    assert_eq!(failed(&done), [only[0].clone(), pair("wrong/right_v1", "replay.repeats")], "{done}");
    let report = project.root.join("report.xml");
    project.orket(&["conformance", "right_v1", "--output", "report.xml"]).exits(100);
    let xml = std::fs::read_to_string(report).expect("the report is written");
    assert_eq!(xml.matches("<failure ").count(), 2, "{xml}");
    project.orket(&["conformance", "rigth_v1"]).exits(2);
    project.orket(&["conformance", "--output", "report.txt"]).exits(2);
}

#[test]
fn what_an_extension_is_as_a_whole_is_checked_too() {
    let project = Project::new("conforming", &["--template", "minimal"]);
    project.orket(&["build"]).exits(0);
    let done = project.orket(&["conformance", "--output", "report.json"]).exits(0);
    let report = std::fs::read_to_string(project.root.join("report.json")).expect("the report is written");
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert_eq!((&report["conforms"], &report["extensions"][0]["id"]), (&true.into(), &"conforming".into()));
    let checks = report["extensions"][0]["checks"].as_array().expect("checks").clone();
    assert_eq!(names(&checks, "conforming", "skipped"), Vec::<&str>::new(), "{done}");

    let sealed = target().join("debug/conforming.manifest.json");
    let text = std::fs::read_to_string(&sealed).expect("it was sealed");
    std::fs::write(&sealed, text.replace("Greet someone", "Greet nobody")).expect("it can be changed");
    let done = project.orket(&WORDS).exits(100);
    assert_eq!(failed(&done), [pair("conforming", "manifest.sealed")], "{done}");

    project.edit(
        "src/lib.rs",
        r#"extension(id = "conforming""#,
        r#"extension(id = "conforming", runtime = ">=9""#,
    );
    let done = project.orket(&WORDS).exits(100);
    assert_eq!(failed(&done), [pair("conforming", "runtime.compatible")], "{done}");
}

#[test]
fn a_program_that_lies_about_itself_or_says_nothing_fails_one_check() {
    let project = Project::new("lying", &["--template", "minimal"]);
    let said = r#"{"hello":{"protocol":1,"notes":["{}"]}}"#;
    let liar = format!(
        r##"//! Holds one manifest and tells another.
        mod honest {{ orket_runtime::main!(lying::extension); pub fn enter() {{ main(); }} }}
        fn main() {{
            use std::io::{{Read, Write}};
            use std::os::fd::FromRawFd;
            if std::env::args().count() > 9 {{ honest::enter(); }}
            let said = br#"{said}"#;
            let mut stream = unsafe {{ std::fs::File::from_raw_fd(3) }};
            let head = [(said.len() as u32).to_be_bytes(), [0; 4]].concat();
            let _ = stream.write_all(&[&head[..], &said[..]].concat());
            let _ = stream.read(&mut [0]);
        }}"##
    );
    project.write("src/main.rs", &liar);
    let done = project.orket(&WORDS).exits(100);
    assert_eq!(failed(&done), [pair("lying/lying_v1", "manifest.handshake")], "{done}");
    project.write("src/main.rs", "fn main() {}");
    let done = project.orket(&WORDS).exits(100);
    assert_eq!(failed(&done), [pair("lying", "manifest.valid")], "{done}");
}
