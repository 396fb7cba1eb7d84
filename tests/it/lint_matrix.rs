//! Which layer of the lint sees what: a file per case, which begins with the codes and the layers that see them,
//! each by itself.

use crate::tool::Project;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const LAYERS: [&str; 5] = ["graph", "compiler", "clippy", "source", "artifact"];

/// The layers that look at source.
const SOURCE: [&str; 3] = ["compiler", "clippy", "source"];

/// What a case says or a layer sees: a file and a code.
type Set = BTreeSet<(String, String)>;

/// By layer.
type Table = BTreeMap<String, Set>;

fn findings(project: &Project, without: &[&str]) -> Vec<Value> {
    let mut words = vec!["lint", "--message-format", "json"];
    for layer in without {
        words.extend(["--without", layer]);
    }
    let done = project.orket(&words);
    assert!(matches!(done.exit, 0 | 100), "{done}");
    done.told("orket-issue")
}

fn place(project: &Project, finding: &Value) -> String {
    let file = finding["details"]["span"]["file"].as_str().unwrap_or_else(|| panic!("no place: {finding}"));
    let below = Path::new(file).strip_prefix(&project.root);
    below.map_or_else(|_| name(Path::new(file)), |path| path.display().to_string())
}

fn name(path: &Path) -> String {
    path.file_name().expect("a file has a name").to_string_lossy().into_owned()
}

fn set(project: &Project, findings: &[Value]) -> Set {
    let pair =
        |finding: &Value| (place(project, finding), finding["code"].as_str().expect("a code").to_owned());
    findings.iter().map(pair).collect()
}

/// What the cases say.
fn expected(project: &Project) -> Table {
    let mut files = Vec::new();
    collect(&project.root, &mut files);
    let mut table = Table::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("text");
        let file = path.strip_prefix(&project.root).expect("it lies there").display().to_string();
        for line in text.lines().filter_map(|line| line.strip_prefix("//~ ")) {
            let (code, layers) = line.split_once(": ").expect("a code and its layers");
            for layer in layers.split(' ') {
                table.entry(layer.to_owned()).or_default().insert((file.clone(), code.to_owned()));
            }
        }
    }
    // What the build script writes says the same of itself.
    let generated = ("matrix_generated.rs".to_owned(), "import.internal".to_owned());
    table.entry("compiler".to_owned()).or_default().insert(generated.clone());
    table.entry("source".to_owned()).or_default().insert(generated);
    table
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => collect(&path, files),
            false if path.extension().is_some_and(|end| end == "rs" || end == "txt") => files.push(path),
            false => {}
        }
    }
}

/// What is seen and was not said, or said and is not seen.
fn mistakes(expected: &Table, seen: &Table) -> Vec<String> {
    let none = Set::new();
    let mut mistakes = Vec::new();
    for layer in SOURCE {
        let (said, seen) = (expected.get(layer).unwrap_or(&none), seen.get(layer).unwrap_or(&none));
        let missing =
            said.difference(seen).map(|(file, code)| format!("{layer} does not see {code} in {file}"));
        let surplus = seen.difference(said).map(|(file, code)| format!("{layer} sees {code} in {file}"));
        mistakes.extend(missing.chain(surplus));
    }
    mistakes
}

#[test]
fn each_layer_sees_what_it_is_said_to_see() {
    let project = Project::case("lint/matrix");
    let expected = expected(&project);
    let mut seen = Table::new();
    for layer in SOURCE {
        let others: Vec<_> = LAYERS.into_iter().filter(|other| *other != layer).collect();
        let findings = findings(&project, &others);
        assert!(findings.iter().all(|finding| finding["details"]["layer"] == layer), "{findings:?}");
        seen.insert(layer.to_owned(), set(&project, &findings));
    }
    assert_eq!(mistakes(&expected, &seen), Vec::<String>::new());

    // The comparison fails when any of the layers is taken away.
    for layer in SOURCE {
        let mut less = seen.clone();
        less.remove(layer);
        let found = mistakes(&expected, &less);
        assert!(!found.is_empty() && found.iter().all(|line| line.starts_with(layer)), "{layer}: {found:?}");
    }

    // All of them together lose nothing of it, and say what a finding says.
    let all = findings(&project, &[]);
    let union: Set = expected.values().flatten().cloned().collect();
    assert_eq!(set(&project, &all), union);
    for finding in &all {
        let (details, line) = (&finding["details"], finding["location"]["line"].as_u64());
        let is_of_file = finding["code"] == "lint.unread";
        assert!((line > Some(0) || is_of_file) && finding["hint"].is_string(), "{finding}");
        assert!(details["package"].as_str().is_some_and(|name| name.starts_with("matrix")), "{finding}");
        assert!(details["notes"].is_array() && details["span"]["column_end"].is_u64(), "{finding}");
    }
    assert!(union.len() >= 57, "27 ways around the lint, and 30 more cases: {}", union.len());
}

#[test]
fn the_graph_is_seen_by_its_own_layer_alone() {
    let project = Project::case("lint/graph");
    let engine =
        |findings: &[Value]| findings.iter().filter(|finding| finding["code"] == "import.engine").count();
    assert_eq!(engine(&findings(&project, &["artifact"])), 2);
    assert_eq!(engine(&findings(&project, &["artifact", "graph"])), 0);
}

#[test]
fn a_program_is_judged_by_what_it_asks_for() {
    let project = Project::case("lint/native");
    let words = ["lint", "--build", "--message-format", "json"];
    let done = project.orket(&words).exits(100);
    let artifact = |found: Vec<Value>| {
        let artifact = found.into_iter().filter(|finding| finding["details"]["layer"] == "artifact");
        let artifact = artifact.inspect(|finding| assert_eq!(finding["code"], "native.import"));
        artifact
            .map(|finding| finding["message"].as_str().expect("text").to_owned())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let said = artifact(done.told("orket-issue"));
    for expected in
        ["libc for threads: `pthread_", "libc for sockets: ", "`connect`", "libc for other processes"]
    {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    let finished = &done.told("orket-lint-finished")[0];
    assert_eq!(
        (&finished["missing"], &finished["complete"]),
        (&serde_json::json!([]), &Value::Bool(true)),
        "{done}"
    );
    let without = project.orket(&[&words[..], &["--without", "artifact"]].concat()).exits(100);
    assert_eq!(artifact(without.told("orket-issue")), "");

    // What a plain extension is built from asks for nothing.
    let plain = Project::new("lint-plain", &["--template", "minimal"]);
    let done = plain.orket(&["lint", "--strict", "--message-format", "json"]).exits(0);
    assert_eq!(done.told("orket-issue"), Vec::<Value>::new());
    assert_eq!(done.told("orket-lint-finished")[0]["layers"], serde_json::json!(LAYERS));
}
