//! The manifest that the macros leave in a program, in every edition and under another name of the SDK.
//!
//! What they refuse and accept is compared in `tests/ui`, expansions themselves in `orket-expansion`, with the
//! sources in `tests/expand`.

use std::path::{Path, PathBuf};
use std::process::Command;

use orket_contract::manifest::{Header, Manifest, Workload};
use orket_contract::{canonical, note};
use serde_json::{Value, json};

/// Runs a cargo command over the packages of `fixtures/editions` and gives its JSON messages.
fn editions(command: &str, rest: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/editions");
    let output = Command::new(env!("CARGO"))
        .args([command, "--quiet", "--message-format", "json", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(editions_target())
        .args(rest)
        .output()
        .expect("cargo runs");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{messages}\n{}", String::from_utf8_lossy(&output.stderr));
    messages
}

fn editions_target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("editions")
}

/// The compiler's messages for the packages themselves.
fn diagnostics(messages: &str) -> Vec<Value> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-message")
        .map(|message| message["message"].clone())
        .collect()
}

#[test]
#[cfg(target_os = "linux")]
fn every_edition_and_a_renamed_sdk_give_one_manifest_and_no_warning() {
    let messages = editions("build", &[]);
    assert_eq!(diagnostics(&messages), Vec::<Value>::new());
    let folder = editions_target().join("debug");
    for (package, version, authors) in [
        ("editions-e2018", "0.3.18", json!(["Ann \"A\" <ann@example.org>", "Bob"])),
        ("editions-e2021", "0.3.21", json!(["Ann \"A\" <ann@example.org>", "Bob"])),
        ("editions-e2024", "0.3.24", json!(["Ann \"A\" <ann@example.org>", "Bob"])),
        ("editions-renamed", "0.3.0", json!([])),
    ] {
        let manifest = manifest_of(&folder.join(package));
        let actual = serde_json::to_value(&manifest).expect("a manifest is JSON");
        assert_eq!(actual, expected(version, &authors), "{package}");
    }
}

fn expected(version: &str, authors: &Value) -> Value {
    let license = if authors == &json!([]) { "" } else { "MIT" };
    let whom = json!({
        "description": "Whom to greet.",
        "properties": {
            "name": {
                "allOf": [{ "anyOf": [{ "type": "string" }, { "type": "null" }] }],
                "description": "A name."
            }
        },
        "required": [],
        "type": "object"
    });
    json!({
        "authors": authors,
        "capabilities": ["console"],
        "config_schema": whom,
        "description": "Says hello.",
        "extension_api_version": orket_contract::EXTENSION_API_VERSION,
        "id": "editions.hello",
        "license": license,
        "manifest_version": 1,
        "repository": "",
        "runtime": format!("^{}", orket_contract::ORKET_VERSION),
        "sdk_version": orket_contract::ORKET_VERSION,
        "version": version,
        "workloads": [
            {
                "capabilities": [],
                "description": "Greet somebody.",
                "id": "greet",
                "input_schema": whom,
                "materials": [],
                "plan": false,
                "summarize": false,
                "validators": ["polite"],
                "version": version
            },
            {
                "budget": { "cpu_ms": 1000, "memory_bytes": 64 << 20 },
                "capabilities": ["clock"],
                "description": "Leave.",
                "id": "leave",
                "input_schema": { "additionalProperties": false, "type": "object" },
                "materials": [],
                "plan": false,
                "summarize": false,
                "validators": [],
                "version": version
            }
        ]
    })
}

/// The manifest in a program, read without running it.
fn manifest_of(program: &Path) -> Manifest {
    use object::{Object as _, ObjectSection as _};
    let bytes = std::fs::read(program).expect("the program");
    let file = object::File::parse(&*bytes).expect("an object file");
    let section = file.section_by_name(note::SECTION).expect("the note section");
    let mut rest = section.data().expect("its bytes");
    let mut notes = Vec::new();
    while !rest.is_empty() {
        let word = |at: usize| u32::from_ne_bytes(rest[at..at + 4].try_into().expect("four bytes"));
        let length = usize::try_from(word(4)).expect("a length");
        assert_eq!(&rest[12..18], note::NAME);
        let json = std::str::from_utf8(&rest[20..20 + length]).expect("text");
        let value: Value = serde_json::from_str(json).expect("JSON");
        assert_eq!(canonical::to_string(&value).as_deref(), Ok(json), "a note is canonical JSON");
        notes.push((word(8), value));
        rest = &rest[note::size(length)..];
    }
    let mut notes = notes.into_iter();
    let (kind, header) = notes.next().expect("a header");
    assert_eq!(kind, note::HEADER);
    let header: Header = serde_json::from_value(header).expect("the header's shape");
    let workloads: Vec<Workload> = notes
        .map(|(kind, value)| {
            assert_eq!(kind, note::WORKLOAD);
            serde_json::from_value(value).expect("a workload's shape")
        })
        .collect();
    let ids: Vec<_> = workloads.iter().map(|workload| workload.id.clone()).collect();
    assert_eq!(header.workloads, ids, "the header lists the workloads in order");
    header.with(workloads)
}

/// The lint looks at every use of a deprecated item; those of our expansions must be told apart.
#[test]
fn what_expansions_name_of_the_sdk_carries_their_expansion() {
    let force = ["--", "--force-warn", "deprecated"];
    for target in ["--lib", "--bins"] {
        let messages = editions("rustc", &[&["-p", "editions-e2024", target], &force[..]].concat());
        let internal: Vec<Value> = diagnostics(&messages)
            .into_iter()
            .filter(|message| {
                message["message"].as_str().is_some_and(|text| text.contains("import.internal"))
            })
            .collect();
        assert!(!internal.is_empty(), "{target}: the marker is seen at all");
        for span in internal.iter().flat_map(|message| message["spans"].as_array().expect("spans")) {
            assert!(span["expansion"].is_object(), "{target}: {span:#}");
        }
    }
}
