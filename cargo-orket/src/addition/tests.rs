//! What happens to sources.

use super::*;
use std::fs;
use tempfile::TempDir;

/// A crate with this root.
fn made(root: &str) -> (TempDir, Crate) {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("lib.rs");
    fs::write(&path, root).expect("a file");
    let to = Crate {
        root: path,
        edition: "2024".to_owned(),
        sdk: "orket_runtime".to_owned(),
        tests: true,
        serde: true,
    };
    (dir, to)
}

fn read(dir: &TempDir, file: &str) -> String {
    fs::read_to_string(dir.path().join(file)).expect("a file")
}

/// Adds a workload to a root, and compares the root then.
#[track_caller]
fn check_workload(root: &str, expected: &str) {
    let (dir, to) = made(root);
    workload(&to, "tour_v2").expect("added");
    assert_eq!(read(&dir, "lib.rs"), expected);
    syn::parse_file(&read(&dir, "tour_v2.rs")).expect("it parses");
}

#[track_caller]
fn check_hook(attribute: &str, phase: Phase, expected: &str) {
    let root = |attribute: &str, declared: &str| {
        format!(
            "{declared}#[extension(id = \"x\")]\npub mod x {{\n    {attribute}\n    fn tour_v1() {{}}\n}}\n"
        )
    };
    let (dir, to) = made(&root(attribute, ""));
    hook(&to, "whole", phase, None).expect("added");
    assert_eq!(read(&dir, "lib.rs"), root(expected, "mod whole;\n\n"));
    syn::parse_file(&read(&dir, "whole.rs")).expect("it parses");
}

/// Nothing is changed, for this reason.
#[track_caller]
fn check_refused(root: &str, other: Option<&str>, code: &str) {
    let (dir, to) = made(root);
    if let Some(other) = other {
        fs::write(dir.path().join(other), "mine").expect("a file");
    }
    let error = workload(&to, "tour_v2").expect_err("refused");
    assert_eq!(error.issues()[0].code, code, "{root}");
    assert_eq!(read(&dir, "lib.rs"), root);
    let left = fs::read_dir(dir.path()).expect("a folder").count();
    assert_eq!(left, 1 + usize::from(other.is_some()), "{root}");
}

#[test]
fn a_workload_is_declared_and_listed_and_all_else_stays() {
    check_workload(
        "//! Ours.\n\nmod a;   // first\n\n/// Doc.\n#[orket_runtime::extension(id = \"x\")]\npub mod x {\n    use y::*;\n}\n\nfn   odd( ) {}\n",
        "//! Ours.\n\nmod a;   // first\nmod tour_v2;\n\n/// Doc.\n#[orket_runtime::extension(id = \"x\")]\npub mod x {\n    use y::*;\n\n    #[workload]\n    pub use crate::tour_v2::tour_v2;\n}\n\nfn   odd( ) {}\n",
    );
    check_workload(
        "#[extension(id = \"x\")] pub mod x {}\nfn   odd( ) {}",
        "mod tour_v2;\n\n#[extension(id = \"x\")] pub mod x {\n    #[workload]\n    pub use crate::tour_v2::tour_v2;\n}\nfn   odd( ) {}",
    );
    check_workload(
        "mod a; /* ö */\r\n#[extension(id = \"x\")] pub mod x {}\r\nfn   odd( ) {}\r\n",
        "mod a; /* ö */\r\nmod tour_v2;\r\n#[extension(id = \"x\")] pub mod x {\r\n    #[workload]\r\n    pub use crate::tour_v2::tour_v2;\r\n}\r\nfn   odd( ) {}\r\n",
    );
    check_workload(
        "mod a; fn   odd( ) {}\n#[extension(id = \"x\")] pub mod x {}\n",
        "mod a;\nmod tour_v2; fn   odd( ) {}\n#[extension(id = \"x\")] pub mod x {\n    #[workload]\n    pub use crate::tour_v2::tour_v2;\n}\n",
    );
    check_workload(
        "/* ö */ mod w {\r\n\t#[extension(id = \"x\")]\r\n\tpub mod x {\r\n\t\tfn f() {}\r\n\t}\r\n}\r\nfn   odd( ) {}\r\n",
        "/* ö */ mod tour_v2;\r\n\r\nmod w {\r\n\t#[extension(id = \"x\")]\r\n\tpub mod x {\r\n\t\tfn f() {}\r\n\r\n\t    #[workload]\r\n\t    pub use crate::tour_v2::tour_v2;\r\n\t}\r\n}\r\nfn   odd( ) {}\r\n",
    );
}

#[test]
fn an_extension_in_another_file_is_found() {
    let (dir, to) = made("mod tale;\nmod absent;\n");
    fs::create_dir(dir.path().join("tale")).expect("a folder");
    fs::write(dir.path().join("tale.rs"), "pub mod inner;\n").expect("a file");
    fs::write(dir.path().join("tale/inner.rs"), "#[extension(id = \"x\")]\npub mod x {\n    fn f() {}\n}\n")
        .expect("a file");
    let files = workload(&to, "tour_v2").expect("added");
    assert_eq!(files.len(), 3);
    assert_eq!(read(&dir, "lib.rs"), "mod tale;\nmod absent;\nmod tour_v2;\n");
    assert!(read(&dir, "tale/inner.rs").contains("    pub use crate::tour_v2::tour_v2;\n}\n"));
    assert!(read(&dir, "tour_v2.rs").contains("use crate::tale::inner::x::register;"));
}

#[test]
fn an_extension_in_a_file_of_another_name_is_found() {
    let (dir, to) = made("mod a;\n");
    fs::write(dir.path().join("a.rs"), "#[path = \"tale.rs\"]\nmod b;\n").expect("a file");
    fs::write(dir.path().join("tale.rs"), "mod inner;\n").expect("a file");
    fs::write(dir.path().join("inner.rs"), "#[extension(id = \"x\")]\npub mod x {}\n").expect("a file");
    workload(&to, "tour_v2").expect("added");
    assert!(read(&dir, "tour_v2.rs").contains("use crate::a::b::inner::x::register;"));
}

#[test]
fn a_hook_is_named_by_its_workload() {
    let path = "crate::whole::whole";
    check_hook("#[workload]", Phase::Validate, &format!("#[workload(validators = [{path}])]"));
    check_hook("#[workload()]", Phase::Plan, &format!("#[workload(plan = {path})]"));
    check_hook(
        "#[orket_runtime::workload(id = \"t\")]",
        Phase::Summarize,
        &format!("#[orket_runtime::workload(id = \"t\", summarize = {path})]"),
    );
    check_hook(
        "#[workload(summarize = plan::facts)]",
        Phase::Plan,
        &format!("#[workload(summarize = plan::facts, plan = {path})]"),
    );
    check_hook(
        "#[workload(summarize = plan, id = \"t\")]",
        Phase::Plan,
        &format!("#[workload(summarize = plan, id = \"t\", plan = {path})]"),
    );
    check_hook(
        "#[workload(\n        validators = [a::b],\n        id = \"t\",\n    )]",
        Phase::Validate,
        &format!("#[workload(\n        validators = [a::b, {path}],\n        id = \"t\",\n    )]"),
    );
    check_hook(
        "#[workload(\n        validators = [],\n        id = \"t\",\n    )]",
        Phase::Plan,
        &format!("#[workload(\n        validators = [],\n        id = \"t\", plan = {path}\n    )]"),
    );
}

#[test]
fn what_is_there_or_unclear_is_refused_and_nothing_changes() {
    let good = "#[extension(id = \"x\")]\nmod x {}\n";
    check_refused(good, Some("tour_v2.rs"), code::ADDITION_EXISTS);
    check_refused(good, Some("tour_v2"), code::ADDITION_EXISTS);
    for (root, code) in [
        ("#[extension(id = \"x\")]\nmod x {\n    fn tour_v2() {}\n}\n", code::ADDITION_EXISTS),
        ("#[extension(id = \"x\")]\nmod x {\n    use a::{b, c as tour_v2};\n}\n", code::ADDITION_EXISTS),
        (
            "#[extension(id = \"x\")]\nmod x {\n    #[workload(id = \"tour_v2\")]\n    fn y() {}\n}\n",
            code::ADDITION_EXISTS,
        ),
        ("use a::tour_v2;\n#[extension(id = \"x\")]\nmod x {}\n", code::ADDITION_EXISTS),
        ("mod x {}\n", code::ADDITION_NOWHERE),
        ("", code::ADDITION_NOWHERE),
        ("#[extension(id = \"x\")]\nmod x {}\n#[extension(id = \"y\")]\nmod y {}\n", code::ADDITION_NOWHERE),
        ("mod x {\n", code::ADDITION_UNREADABLE),
        ("\u{feff}mod x {}\n", code::ADDITION_UNREADABLE),
    ] {
        check_refused(root, None, code);
    }
    let twice = "#[extension(id = \"x\")]\nmod x {\n    #[workload(plan = p)]\n    fn a() {}\n    #[workload]\n    fn b() {}\n}\n";
    let (dir, to) = made(twice);
    for (of, code) in [
        (None, code::ADDITION_NOWHERE),
        (Some("c"), code::WORKLOAD_UNKNOWN),
        (Some("a"), code::ADDITION_EXISTS),
    ] {
        assert_eq!(hook(&to, "whole", Phase::Plan, of).expect_err("refused").issues()[0].code, code);
    }
    assert_eq!((read(&dir, "lib.rs").as_str(), dir.path().join("whole.rs").exists()), (twice, false));
}

#[test]
fn what_fails_half_way_is_undone() {
    let (dir, to) = made("#[extension(id = \"x\")]\nmod x {}\n");
    let before = read(&dir, "lib.rs");
    let changes = vec![
        Change { path: dir.path().join("new.rs"), before: None, after: "fn a() {}\n".to_owned() },
        Change { path: to.root.clone(), before: Some(before.clone()), after: "fn b() {}\n".to_owned() },
        Change { path: dir.path().join("absent.rs"), before: Some(String::new()), after: "x".to_owned() },
    ];
    change::apply(changes, "2024").expect_err("a file is not there");
    assert_eq!(read(&dir, "lib.rs"), before);
    assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 1);
    let stale = Change { path: to.root.clone(), before: Some("other".to_owned()), after: "x".to_owned() };
    change::apply(vec![stale], "2024").expect_err("it is another file by now");
    assert_eq!(read(&dir, "lib.rs"), before);
}

#[test]
fn a_name_is_a_function_and_a_file() {
    for name in ["tour_v2", "a", "x9"] {
        assert_eq!(name_fault(name), None, "{name}");
    }
    for name in ["", "Tour", "2x", "a-b", "fn", "lib", "main", "a__b", "a_", "../x", "a/b", "ö"] {
        assert!(name_fault(name).is_some(), "{name}");
    }
}
