//! The list of checks that CI runs, cheap ones first; the tests come last, so that their summary is
//! what a reader of the log sees.

use crate::error::Result;
use crate::workspace::Workspace;
use crate::{bare, bench, codegen, layers, process, third_party, tidy};
use std::process::Command;
use std::time::{Duration, Instant};

/// Asks our tests, and proptest, for more than they do each time.
const DEEP: &[(&str, &str)] = &[("ORKET_DEEP", "1"), ("PROPTEST_CASES", "4096")];

type Check = Box<dyn Fn(&Workspace) -> Result<()>>;

/// One check: its name and what it does.
struct Step {
    name: String,
    perform: Check,
}

impl Step {
    fn new(name: impl Into<String>, perform: impl Fn(&Workspace) -> Result<()> + 'static) -> Self {
        Self { name: name.into(), perform: Box::new(perform) }
    }

    /// Runs the step between two lines of its own and gives how long it took.
    fn run(&self, workspace: &Workspace) -> Result<Duration> {
        println!("\n=== {}", self.name);
        let begun = Instant::now();
        (self.perform)(workspace)?;
        println!("--- {} s", begun.elapsed().as_secs());
        Ok(begun.elapsed())
    }

    /// A cargo command over the workspace.
    fn cargo(words: &'static [&'static str]) -> Self {
        Self::with(words, &[])
    }

    fn with(words: &'static [&'static str], environment: &'static [(&'static str, &'static str)]) -> Self {
        Self::new(format!("cargo {}", words.join(" ")), move |workspace| {
            process::pass(process::cargo(workspace).args(words).envs(environment.iter().copied()))
        })
    }
}

/// Runs all checks and stops at the first that fails.
pub(crate) fn run(workspace: &Workspace, deep: bool) -> Result<()> {
    let start = Instant::now();
    let mut done: Vec<(String, Duration)> = Vec::new();
    let mut steps = steps(workspace, deep)?;
    let last = steps.pop();
    for step in steps {
        let took = step.run(workspace)?;
        done.push((step.name, took));
    }
    println!("\n=== {} checks so far, in {} s", done.len(), start.elapsed().as_secs());
    for (name, took) in done {
        println!("{:>6} s  {name}", took.as_secs());
    }
    if let Some(step) = last {
        step.run(workspace)?;
    }
    println!("=== all checks passed in {} s", start.elapsed().as_secs());
    Ok(())
}

/// All steps in order; the last one is the tests.
fn steps(workspace: &Workspace, deep: bool) -> Result<Vec<Step>> {
    let mut steps = vec![
        Step::cargo(&["fmt", "--all", "--check"]),
        Step::new("rustfmt and clippy of what has no libc", bare::run),
        Step::new("cargo xtask layers", layers::run),
        Step::new("cargo xtask tidy", tidy::run),
        Step::new("cargo xtask codegen --check", |workspace| codegen::run(workspace, true)),
        Step::new("cargo xtask bench sdk-weight", bench::sdk_weight_check),
        // Alone, because in a build of the whole workspace other packages switch its features on.
        Step::cargo(&["check", "--locked", "--package", "orket-contract"]),
        Step::cargo(&["check", "--locked", "--package", "orket-contract", "--features", "model"]),
        Step::cargo(&["check", "--locked", "--package", "orket-contract", "--features", "digest"]),
        Step::cargo(&["check", "--locked", "--package", "orket-contract", "--features", "formats"]),
        Step::cargo(&["check", "--locked", "--package", "orket-runtime"]),
        Step::cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        Step::with(&["doc", "--locked", "--workspace", "--no-deps"], &[("RUSTDOCFLAGS", "-D warnings")]),
    ];
    for manifest in workspace.examples()? {
        let manifest = manifest.display().to_string();
        steps.extend(example(&manifest, deep));
    }
    if deep {
        steps.push(Step::new("cargo package --list", packed));
        // libFuzzer needs a nightly compiler to run, not to be checked.
        steps.push(Step::cargo(&["check", "--locked", "--manifest-path", "tests/fuzz/Cargo.toml"]));
    }
    steps.push(Step::new("cargo xtask third-party", third_party::run));
    let environment = if deep { DEEP } else { &[] };
    steps.push(Step::with(&["test", "--locked", "--workspace", "--no-fail-fast"], environment));
    Ok(steps)
}

/// An example is a package of its own, checked as its author would.
fn example(manifest: &str, deep: bool) -> Vec<Step> {
    let commands: [&'static [&'static str]; 3] =
        [&["fmt", "--check"], &["clippy", "--locked", "--all-targets"], &["test", "--locked", "--quiet"]];
    let step = |words: &'static [&'static str]| {
        let manifest = manifest.to_owned();
        Step::new(format!("cargo {} ({manifest})", words.join(" ")), move |workspace| {
            let mut command = process::cargo(workspace);
            command.args(words).args(["--manifest-path", &manifest]);
            finish(&mut command, words[0], workspace, deep)
        })
    };
    let mut steps: Vec<Step> = commands.into_iter().map(step).collect();
    steps.extend(["conformance", "verify"].map(|subcommand| orket(subcommand, manifest)));
    steps
}

/// An example keeps the contract that it shows to others, and repeats whatever surrounds it.
fn orket(subcommand: &'static str, manifest: &str) -> Step {
    let manifest = manifest.to_owned();
    Step::new(format!("cargo orket {subcommand} ({manifest})"), move |workspace| {
        let mut command = process::cargo(workspace);
        command.args(["run", "--locked", "--quiet", "--package", "cargo-orket", "--"]);
        command.args([subcommand, "--locked", "--manifest-path", &manifest]);
        process::pass(command.arg("--target-dir").arg(target(workspace)?))
    })
}

fn finish(command: &mut Command, subcommand: &str, workspace: &Workspace, deep: bool) -> Result<()> {
    if subcommand != "fmt" {
        // One target folder for all: what the example and the workspace share is built once.
        command.arg("--target-dir").arg(target(workspace)?);
    }
    if subcommand == "clippy" {
        command.args(["--", "-D", "warnings"]);
    }
    if deep {
        command.envs(DEEP.iter().copied());
    }
    process::pass(command)
}

/// The target folder of the workspace, wherever the configuration puts it.
pub(crate) fn target(workspace: &Workspace) -> Result<String> {
    let mut command = process::cargo(workspace);
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: cargo_metadata::Metadata = serde_json::from_str(&process::stdout(&mut command)?)?;
    Ok(metadata.target_directory.into_string())
}

/// What a packed `cargo-orket` contains: its templates and the pages about codes travel with it.
fn packed(workspace: &Workspace) -> Result<()> {
    let mut command = process::cargo(workspace);
    command.args(["package", "--locked", "--list", "--allow-dirty", "--package", "cargo-orket"]);
    let listed = process::stdout(&mut command)?;
    let files: Vec<&str> = listed.lines().collect();
    let mut findings = Vec::new();
    for file in workspace.files()? {
        let travels = file.starts_with("templates")
            || file.starts_with("docs/codes")
            || file.starts_with("docs/schema");
        let packed = file.strip_prefix("docs").unwrap_or(&file).display().to_string();
        if travels && !files.contains(&packed.as_str()) {
            findings
                .push(crate::error::Finding::new(file.display().to_string(), "is not in the packed crate"));
        }
    }
    crate::error::report("cargo package --list", findings)
}
