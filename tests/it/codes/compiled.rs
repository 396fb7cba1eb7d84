//! The examples in Rust, as two crates that the real compiler checks: one of all that compiles, because it is right or
//! is only refused later, and one of all that the macros refuse, each with the very messages of its page.

use crate::build::{root, target};
use crate::pages::{Example, Kind, Side, examples, of};
use orket_contract::code;
use serde_json::Value;
use std::fmt::Write as _;
use std::process::Command;

/// What every example may name, as if the reader had it already.
const GIVEN: &str = "
pub use orket_runtime::prelude::*;
pub use orket_runtime::capabilities::RandomStream;
pub use orket_runtime::task::{Tasks, channel};
pub use std::io::Write as _;
pub use std::path::Path;
pub use std::time::Duration;
#[derive(serde::Deserialize, Schema)]
pub struct Input { pub npcs: u8 }
#[derive(serde::Deserialize)]
pub struct People {}
pub mod case {
    use super::*;
    pub fn plan(ctx: &PlanContext) -> Result<RunPlan> { Ok(ctx.plan()) }
}
pub mod hello {
    #[orket_runtime::extension(id = \"hello.world\")]
    pub mod extension {
        use super::super::*;
        #[workload(id = \"hello_v1\")]
        pub fn hello(_: &mut WorkloadContext) -> Result<WorkloadResult> { panic!() }
    }
}
";

/// What stands before the statements of a page.
const BEFORE: &[(&str, &str)] = &[
    (code::AMBIENT_FILE_WRITE, "let text = String::new();"),
    (code::AMBIENT_PROCESS, "let image = [0_u8]; fn convert(_: &[u8]) -> Result<()> { Ok(()) }"),
    (code::AMBIENT_THREAD, "let (part, parts) = (1_u8, [1_u8]); fn work(part: u8) -> u8 { part }"),
    (code::ARTIFACT_LINKED, "let bytes: Vec<u8> = panic!();"),
    (code::ARTIFACT_MISSING, "let text = String::new();"),
    (code::ARTIFACT_TOO_MANY, "let turns = [1, 2];"),
    (code::BUILD_NOT_REPRODUCIBLE, "let mut file: std::fs::File = panic!(); fn now() -> u64 { 0 }"),
    (code::CAPABILITY_CONFLICT, "let kv = ctx.capabilities.kv()?;"),
    (
        code::CAPABILITY_FAILED,
        "let output = ctx.capabilities.audio_output()?; let clip: AudioClip = panic!();",
    ),
    (code::GUEST_PANICKED, "let names: Vec<String> = Vec::new();"),
    (
        code::LIMIT_CPU,
        "let (mut turn, solved) = (0, false); let mut world = (); fn step(_: &mut ()) -> bool { true }",
    ),
    (code::LIMIT_FILE_SIZE, "let (part, chunk) = (0, Vec::<u8>::new());"),
    (code::LIMIT_FILES, "let lines = [\"x\"];"),
    (code::LIMIT_MEMORY, "fn fill(_: &mut [u8], _: usize) {}"),
    (
        code::LIMIT_THREADS,
        "let requests = [1_u8, 2]; fn answer<T>(_: T) {} let scope: &std::thread::Scope = panic!();",
    ),
    (
        code::PROTOCOL_TOO_LARGE,
        "let thirty_megabytes: Vec<u8> = Vec::new(); fn base64(_: &[u8]) -> String { String::new() }",
    ),
    (code::PROCESS_REFUSED, "let mut words = vec![\"b\", \"a\"];"),
    (code::RESULT_ERROR, "let text = String::new();"),
    (code::THREAD_REFUSED, "let numbers = vec![1_u64]; let chunks = vec![numbers.clone()];"),
];

/// The body of a function where a page leaves it out.
const LEFT_OUT: &str = "{ panic!() }";

/// Pages whose examples are fragments among shell or configuration, which a compiler cannot take as they stand; the fixtures
/// of the lint show these codes.
const FRAGMENTS: &[&str] = &[
    "ambient.entropy",
    "ambient.environment",
    "ambient.hash-order",
    "ambient.time",
    "build.script",
    "include.computed",
    "include.source",
    "lint.level",
    "native.import",
    "native.library",
];

/// One module: the examples in Rust of one side of one page.
fn module(name: &str, page: &[&Example]) -> String {
    let (mut text, mut workloads) =
        (String::from("#[allow(unused_imports)]\nuse crate::given::*;\n"), String::new());
    for (count, example) in page.iter().enumerate() {
        let example_text = filled(&example.text);
        if !is_item(&example_text) {
            text.push_str(&function(example.code.name, &example_text, count));
        } else if example_text.starts_with("#[workload") {
            workloads.push_str(&whole(example_text, count));
        } else {
            text.push_str(&whole(example_text, count));
        }
    }
    if !workloads.is_empty() {
        let _ = writeln!(text, "#[extension(id = \"hello.world\")]\npub mod around {{\n{workloads}}}");
    }
    // What is the root of a crate for its reader is a module of one here.
    let text = text.replace("crate::case::", "crate::given::case::");
    inward(&text.replace("crate::greeting::", &format!("crate::{name}::greeting::")))
}

/// An example with what it leaves out: bodies, and the modules in other files.
fn filled(text: &str) -> String {
    let module = format!(
        "pub mod $1 {{ #[workload] pub fn $2(_: &mut WorkloadContext) -> Result<WorkloadResult> {LEFT_OUT} }}"
    );
    let left_out = regex_lite::Regex::new(r"pub mod (\w+) \{ … \}").expect("a pattern");
    let text = left_out.replace_all(text, module.replace("$2", "greet"));
    let text = text.replace("mod greeting;", &module.replace("$1", "greeting").replace("$2", "hello"));
    text.replace("{ … }", LEFT_OUT)
}

/// Lets modules see what is given.
fn inward(text: &str) -> String {
    let see = |line: &str| match line.split_once('{') {
        Some((before, after)) if line.trim_start().starts_with("pub mod ") => {
            format!("{before}{{ #[allow(unused_imports)] use crate::given::*; {after}\n")
        }
        _ => format!("{line}\n"),
    };
    text.lines().map(see).collect()
}

fn is_item(text: &str) -> bool {
    let first = text.lines().find(|line| !line.starts_with("//")).unwrap_or_default();
    ["#[", "pub ", "mod ", "use ", "fn ", "orket_runtime::main!"].iter().any(|start| first.starts_with(start))
}

/// An item that an example breaks off after its attribute.
fn whole(text: String, count: usize) -> String {
    let workload =
        format!("pub fn hello_{count}(_: &mut WorkloadContext) -> Result<WorkloadResult> {LEFT_OUT}\n");
    let last = text.lines().rfind(|line| !line.starts_with("//")).unwrap_or_default();
    match last {
        _ if last.starts_with("#[workload") => text + &workload,
        _ if last.starts_with("#[extension") => {
            text + &format!("pub mod hello_{count} {{\n#[workload]\n{workload}}}\n")
        }
        _ => text,
    }
}

/// Statements as the body of a function.
fn function(code: &str, text: &str, count: usize) -> String {
    let before = BEFORE.iter().find(|(of, _)| *of == code).map_or("", |(_, before)| before);
    format!(
        "#[allow(unused, unreachable_code, clippy::all)]\n\
         fn statements_{count}(ctx: &mut WorkloadContext) -> Result<()> {{\n{before}\nlet _ = {{\n{text}}};\nOk(())\n}}\n"
    )
}

/// The messages of the compiler about a crate of such modules, each with the file that it is about.
fn compiled(name: &str, modules: &[(String, String)]) -> Vec<(String, String, String)> {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).expect("written");
    std::fs::create_dir(folder.path().join("src")).expect("a folder");
    std::fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).expect("a copy");
    let sdk = root().join("orket-runtime");
    write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         orket-runtime = {{ path = {sdk:?} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n"
        ),
    );
    let mut lib = String::from("#![allow(dead_code)]\nmod given;\n");
    for (module, text) in modules {
        let _ = writeln!(lib, "mod {module};");
        write(&format!("src/{module}.rs"), text);
    }
    write("src/lib.rs", &lib);
    write("src/given.rs", GIVEN);
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--offline", "--message-format", "json", "--target-dir"])
        .arg(target())
        .current_dir(folder.path())
        .output()
        .expect("cargo runs");
    let messages = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told: Vec<_> =
        told.filter(|one| one["reason"] == "compiler-message").map(|one| one["message"].clone()).collect();
    assert!(!told.is_empty(), "cargo had nothing to say: {}", String::from_utf8_lossy(&output.stderr));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    told.iter()
        .map(|one| (text(&one["level"]), text(&one["spans"][0]["file_name"]), text(&one["message"])))
        .collect()
}

/// Whether the macros refuse the failing examples of a page, as it says itself: the compiler puts no code behind `error`.
fn is_refused(all: &[Example], code: &str) -> bool {
    of(all, code, Side::Failing, Kind::Said).iter().any(|one| one.text.starts_with("error: ["))
}

/// The modules of the examples in Rust for which a test holds, by name.
fn modules(all: &[Example], wanted: impl Fn(&str, Side) -> bool) -> Vec<(String, String)> {
    let mut modules = Vec::new();
    for code in code::ALL {
        for side in [Side::Failing, Side::Fixed] {
            let page = of(all, code.name, side, Kind::Rust);
            if !page.is_empty() && !FRAGMENTS.contains(&code.name) && wanted(code.name, side) {
                let name = format!("{}_{side:?}", code.name.replace(['.', '-'], "_")).to_lowercase();
                let text = module(&name, &page);
                modules.push((name, text));
            }
        }
    }
    modules
}

#[test]
fn what_is_right_or_refused_later_compiles() {
    let all = examples();
    let modules = modules(&all, |code, side| side == Side::Fixed || !is_refused(&all, code));
    assert!(modules.len() >= 80, "{}", modules.len());
    let told = compiled("codes-sound", &modules);
    let errors: Vec<_> = told.iter().filter(|(level, ..)| level.starts_with("error")).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let marked = |(_, file, text): &&(String, String, String)| {
        file == "src/import_internal_failing.rs" && text.contains(code::IMPORT_INTERNAL)
    };
    assert!(told.iter().any(|one| marked(&one)), "the compiler itself warns: {told:#?}");
}

/// What a page says that the compiler says: a message a line, broken where it is long.
fn said(all: &[Example], code: &str) -> Vec<String> {
    let said = of(all, code, Side::Failing, Kind::Said);
    let text: String = said.iter().map(|one| one.text.as_str()).collect();
    text.split("error: ").skip(1).map(message).collect()
}

/// That a mistake has no follow-up is shown in `tests/ui`; here what rustc adds of its own does not count.
#[test]
fn what_the_macros_refuse_is_said_as_on_the_page() {
    let all = examples();
    let modules = modules(&all, |code, side| side == Side::Failing && is_refused(&all, code));
    assert!(modules.len() >= 14, "{}", modules.len());
    let told = compiled("codes-refused", &modules);
    let mut disagreements = Vec::new();
    for code in code::ALL.iter().map(|code| code.name).filter(|code| is_refused(&all, code)) {
        let file = format!("src/{}_failing.rs", code.replace(['.', '-'], "_"));
        let mut heard: Vec<_> = told
            .iter()
            .filter(|(level, of, text)| level == "error" && *of == file && text.starts_with('['))
            .map(|(.., text)| message(text))
            .collect();
        let mut expected = said(&all, code);
        heard.sort();
        expected.sort();
        let agree = heard.len() == expected.len()
            && heard.iter().zip(&expected).all(|(heard, expected)| agrees(heard, expected));
        if !agree {
            disagreements.push((code, expected, heard));
        }
    }
    assert!(disagreements.is_empty(), "what pages say, and what the compiler says: {disagreements:#?}");
}

/// A message in one line, without the help below it.
fn message(text: &str) -> String {
    let text = text.split("\nhelp: ").next().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text is another, which may be left out where it has `…`.
fn agrees(text: &str, pattern: &str) -> bool {
    match pattern.split_once('…') {
        Some((before, after)) => text.starts_with(before) && text.ends_with(after),
        None => text == pattern,
    }
}
