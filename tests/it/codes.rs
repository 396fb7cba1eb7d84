//! The examples on the pages about codes: what is said to be refused is, and what is said to mend it does.
//!
//! Invariant: every example is of a kind that is checked here, or by `cargo-orket` (what is typed), or is a drawing.

mod compiled;

use crate::pages::{Example, Kind, Side, examples, of};
use crate::tool::{done, orket};
use orket_contract::formats::{self, Dialect, Format};
use orket_contract::protocol::GuestFrame;
use orket_contract::{canonical, code};
use std::collections::BTreeSet;

/// What a manifest needs besides the keys that an example shows.
const MANIFEST: [(&str, &str); 5] = [
    ("manifest_version", "1"),
    ("id", "\"hello.world\""),
    ("version", "\"0.1.0\""),
    ("runtime", "\"^0.1.0\""),
    ("workloads", "[{\"id\" = \"hello_v1\"}]"),
];

/// The codes that the reader of manifests finds in a text that is named in its first line.
fn said_of_manifest(text: &str) -> BTreeSet<String> {
    let file = text.lines().next().expect("a line").trim_start_matches("# ");
    let format = Format::of_path(file).expect("the first line names the file");
    let issues = match formats::load_as(Dialect::of_path(file), text, format, file) {
        Ok(loaded) => loaded.warnings,
        Err(issues) => issues,
    };
    issues.into_iter().map(|issue| issue.code).collect()
}

/// A manifest with the keys that it lacks.
fn completed(text: &str) -> String {
    let is_yaml = !text.starts_with("# orket.toml");
    let lacks =
        |key: &str| !text.starts_with("# extension") && !text.lines().any(|line| line.starts_with(key));
    let missing = MANIFEST.iter().filter(|(key, _)| lacks(key));
    let lines = missing.map(|(key, value)| match is_yaml {
        true => format!("{key}: {}\n", value.replace(" = ", ": ")),
        false => format!("{key} = {value}\n"),
    });
    lines.fold(text.to_owned(), |text, line| text + &line)
}

#[test]
fn manifests_are_refused_and_taken_as_their_pages_say() {
    let all = examples();
    let manifests =
        all.iter().filter(|one| one.kind == Kind::Manifest && one.code.name.starts_with("manifest."));
    let mut sides = [0, 0];
    for one in manifests {
        let said =
            said_of_manifest(&completed(&one.text)).union(&said_of_manifest(&one.text)).cloned().collect();
        match one.side {
            Side::Failing => {
                assert!(BTreeSet::contains(&said, one.code.name), "{one:#?} is said to be {said:?}");
            }
            Side::Fixed => assert_eq!(said_of_manifest(&completed(&one.text)), BTreeSet::new(), "{one:#?}"),
        }
        sides[usize::from(one.side == Side::Fixed)] += 1;
    }
    assert!(sides[0] >= 10 && sides[1] >= 8, "{sides:?}");
}

#[test]
fn json_is_refused_and_taken_as_its_pages_say() {
    let all = examples();
    let texts: Vec<&Example> = all.iter().filter(|one| one.kind == Kind::Json).collect();
    for one in &texts {
        let read = canonical::parse(&one.text);
        match (one.code.name.split('.').next(), one.side) {
            (Some("json"), Side::Failing) => assert_eq!(read.expect_err("refused").code, one.code.name),
            (Some("json"), Side::Fixed) => assert!(read.is_ok(), "{one:#?}"),
            _ => {
                let frame: Result<GuestFrame, _> = serde_json::from_str(&one.text);
                let is_bad = one.code.name == code::PROTOCOL_BAD_FRAME && one.side == Side::Failing;
                assert_eq!(frame.is_err(), is_bad, "{one:#?} {frame:?}");
            }
        }
    }
    assert!(texts.len() >= 9, "{}", texts.len());
}

#[test]
fn configurations_are_refused_and_taken_as_their_pages_say() {
    let all = examples();
    let mut count = 0;
    for one in all.iter().filter(|one| one.text.starts_with("# config.toml")) {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::write(home.path().join("config.toml"), &one.text).expect("written");
        let mut command = crate::tool::command(home.path(), &["config"]);
        let read = done(command.env("ORKET_HOME", home.path()));
        match one.code.name == code::CONFIG_INVALID && one.side == Side::Failing {
            true => drop(read.exits(101).says("error[config.invalid]")),
            false => drop(read.exits(0)),
        }
        count += 1;
    }
    assert!(count >= 6, "{count}");
}

#[test]
fn other_toml_is_toml_and_names_what_exists() {
    let all = examples();
    let texts: Vec<_> = all.iter().filter(|one| one.kind == Kind::Toml).collect();
    for one in &texts {
        let table: Result<toml::Table, _> = toml::from_str(&one.text);
        assert!(table.is_ok() || one.code.name == code::CONFIG_INVALID, "{one:#?} {table:?}");
    }
    assert!(texts.len() >= 10, "{}", texts.len());
}

/// An extension in Python with what an example shows of its manifest and of its source.
fn python(manifest: &str, source: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let package = folder.path().join("src/fen");
    std::fs::create_dir_all(&package).expect("a folder");
    let mut text = String::from("manifest_version: v0\nextension_id: fen.walks\nextension_version: 1.2.0\n");
    text.push_str(manifest);
    if !manifest.contains("workloads:") {
        text.push_str("workloads:\n  - workload_id: tour_v1\n    entrypoint: fen.tour:find_way\n");
    }
    let source = match source.contains("def find_way") {
        true => source.to_owned(),
        false => format!("{source}\ndef find_way(ctx, payload):\n    return {{}}\n\nclass Tour:\n    pass\n"),
    };
    let files =
        [("extension.yaml", &text), ("src/fen/__init__.py", &String::new()), ("src/fen/tour.py", &source)];
    files.iter().for_each(|(path, text)| std::fs::write(folder.path().join(path), text).expect("written"));
    folder
}

#[test]
fn python_is_refused_and_taken_as_its_pages_say() {
    if !crate::python::is_there() {
        return;
    }
    let all = examples();
    for code in
        [code::IMPORT_DYNAMIC, code::IMPORT_FORBIDDEN, code::IMPORT_UNREADABLE, code::ENTRYPOINT_MISSING]
    {
        for side in [Side::Failing, Side::Fixed] {
            let text =
                |kind| of(&all, code, side, kind).iter().map(|one| one.text.clone()).collect::<String>();
            let (manifest, source) = (text(Kind::Manifest), text(Kind::Python));
            assert!(!(manifest.is_empty() && source.is_empty()), "{code} {side:?}");
            let folder = python(&manifest, &source);
            let said = orket(folder.path(), &["check", "--strict", "."]);
            match side {
                Side::Failing => drop(said.exits(100).says(&format!("error[{code}]"))),
                Side::Fixed => drop(said.exits(0)),
            }
        }
    }
}
