//! Manifests by hand: `tests/cases/manifest/<why>/` holds one mistake in every format that can express
//! it, and `expected.txt` what is said of it. `ORKET_BLESS=1` writes the expectation anew.

use orket_contract::code;
use orket_contract::formats::{Dialect, Format, Loaded, load, load_as};
use orket_contract::issue::Issue;
use orket_contract::limit::MANIFEST_BYTES_MAX;
use orket_contract::manifest::Manifest;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const FILES: [&str; 6] = [
    "manifest.toml",
    "manifest.yaml",
    "manifest.json",
    "extension.yaml",
    "extension.json",
    "orket_extension.json",
];

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/manifest");
    let entries = std::fs::read_dir(root).expect("the folder of cases");
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.expect("a case").path()).collect();
    cases.sort();
    cases
}

fn name(case: &Path) -> &str {
    case.file_name().and_then(|name| name.to_str()).expect("a name")
}

#[expect(clippy::disallowed_methods, reason = "the contract is pure, its tests read their cases")]
fn content(path: &Path) -> Option<String> {
    path.exists().then(|| std::fs::read_to_string(path).expect("UTF-8"))
}

/// The manifests of a case, as far as it has them, with what is read from them.
fn loaded(case: &Path) -> Vec<(&'static str, Result<Loaded, Vec<Issue>>)> {
    let read = |file: &'static str| {
        let text = content(&case.join(file))?;
        Some((file, load_as(Dialect::of_path(file), &text, Format::of_path(file).expect("a format"), file)))
    };
    FILES.into_iter().filter_map(read).collect()
}

fn shown(loaded: &[(&str, Result<Loaded, Vec<Issue>>)]) -> String {
    let mut text = String::new();
    for (file, loaded) in loaded {
        let (verdict, issues) = match loaded {
            Ok(loaded) => ("accepted", &loaded.warnings),
            Err(issues) => ("refused", issues),
        };
        writeln!(text, "{file} {verdict}").expect("text");
        for issue in issues {
            let place = issue.location.as_ref().expect("every issue has a place");
            let (severity, code, message) = (issue.severity, &issue.code, &issue.message);
            writeln!(text, "{severity}[{code}] {place} {message}").expect("text");
            issue.hint.iter().for_each(|hint| writeln!(text, "  help: {hint}").expect("text"));
        }
    }
    text
}

#[test]
#[expect(clippy::disallowed_methods, reason = "blessing writes the expectations")]
fn every_case_is_judged_as_expected() {
    let mut wrong = Vec::new();
    for case in cases() {
        let actual = shown(&loaded(&case));
        let expected = case.join("expected.txt");
        if std::env::var_os("ORKET_BLESS").is_some() {
            std::fs::write(&expected, &actual).expect("a writable case");
        }
        if content(&expected).as_deref() != Some(actual.as_str()) {
            wrong.push(format!("{}\n{actual}", name(&case)));
        }
    }
    assert!(wrong.is_empty(), "ORKET_BLESS=1 accepts what is right of:\n{}", wrong.join("\n"));
}

#[test]
fn every_case_says_why_in_all_its_formats() {
    for case in cases() {
        let accepted = name(&case).starts_with("accepted-") || name(&case).starts_with("capability-");
        for (file, loaded) in loaded(&case) {
            let Err(issues) = loaded else { continue };
            assert!(!accepted || !name(&case).starts_with("accepted-"), "{} {file}", name(&case));
            assert!(!issues.is_empty(), "{} {file} is refused without a reason", name(&case));
            for issue in issues {
                assert!(code::find(&issue.code).is_some(), "{} is not in the table", issue.code);
                let place = issue.location.expect("a place");
                assert!(place.line > 0 && place.column > 0, "{} {file}: {place}", name(&case));
            }
        }
    }
}

/// The formats agree: what one accepts all accept, as the same manifest; what one refuses all refuse.
#[test]
fn equal_manifests_load_equal_from_every_format() {
    for case in cases() {
        let read: Vec<Option<Manifest>> =
            loaded(&case).into_iter().map(|(_, loaded)| loaded.ok().map(|loaded| loaded.manifest)).collect();
        // A date without quotes is a date in TOML alone.
        if name(&case) != "number-date-in-schema" {
            assert!(read.windows(2).all(|pair| pair[0] == pair[1]), "{}: {read:#?}", name(&case));
        }
    }
}

/// A sealed manifest, as the SDK serialises it, is itself a manifest in JSON.
#[test]
fn a_serialised_manifest_loads_as_itself() {
    let full = cases().into_iter().find(|case| name(case) == "accepted-full").expect("the case");
    for (_, loaded) in loaded(&full) {
        let manifest = loaded.expect("accepted").manifest;
        let text = serde_json::to_string(&manifest).expect("JSON");
        assert_eq!(load(&text, Format::Json, "manifest.json").expect("accepted").manifest, manifest);
        assert_eq!(load(&text, Format::Yaml, "manifest.json").expect("accepted").manifest, manifest);
    }
}

#[test]
fn strict_reading_refuses_what_is_only_odd() {
    let case = cases().into_iter().find(|case| name(case) == "capability-unknown").expect("the case");
    for (_, loaded) in loaded(&case) {
        let issues = loaded.expect("accepted").strict().expect_err("refused");
        assert!(issues.iter().all(|issue| issue.code == code::CAPABILITY_UNKNOWN && issue.is_error()));
        assert_eq!(issues.len(), 2);
    }
}

/// Whatever read it, a manifest with old names asks for what they stand for now.
#[test]
fn old_names_of_capabilities_stand_for_those_of_today() {
    let case = cases().into_iter().find(|case| name(case) == "capability-old-name").expect("the case");
    for (file, loaded) in loaded(&case) {
        let manifest = loaded.expect("accepted").manifest;
        let asked = manifest.capabilities_of(&manifest.workloads[0]);
        assert_eq!(asked.iter().map(ToString::to_string).collect::<Vec<_>>(), ["clock"], "{file}");
    }
}

/// Each older dialect says where its workloads begin, and its notice alone is no reason to refuse it.
#[test]
fn older_dialects_are_read_with_what_their_python_needs() {
    for (case, dialect, entrypoint) in [
        ("accepted-v0", Dialect::SdkV0, "fen.tour:Tour"),
        ("accepted-legacy", Dialect::Legacy, "fen_old.plugin:register"),
    ] {
        let case = cases().into_iter().find(|found| name(found) == case).expect("the case");
        for (_, loaded) in loaded(&case) {
            let loaded = loaded.expect("accepted");
            let python = loaded.python.as_ref().expect("it is Python");
            let begins = python.entrypoint(&loaded.manifest.workloads[0].id).expect("it begins somewhere");
            assert_eq!((python.dialect, begins.to_string().as_str()), (dialect, entrypoint));
            assert_eq!(loaded.warnings[0].code, code::MANIFEST_DEPRECATED);
            loaded.strict().expect("deprecated is not wrong");
        }
    }
    let case = cases().into_iter().find(|case| name(case) == "v0-capability-unknown").expect("the case");
    let issues = loaded(&case).remove(0).1.expect("accepted").strict().expect_err("refused");
    assert!(issues.iter().all(|issue| issue.code == code::CAPABILITY_UNKNOWN && issue.is_error()));
}

#[test]
fn a_manifest_over_the_limit_is_not_read() {
    for (format, comment) in [(Format::Toml, "#"), (Format::Yaml, "#"), (Format::Json, " ")] {
        let text = comment.repeat(MANIFEST_BYTES_MAX + 1);
        let issues = load(&text, format, "orket").expect_err("too large");
        assert_eq!(issues[0].code, code::MANIFEST_TOO_LARGE);
        let issues = load(&text[1..], format, "orket").expect_err("nothing in it");
        assert_ne!(issues[0].code, code::MANIFEST_TOO_LARGE);
    }
}
