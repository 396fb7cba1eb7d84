//! What the attributes cost: crates of 1, 10 and 100 workloads, against the same code with its table written by hand.
//!
//! Both are checked and built in turns, with everything that they depend on built before. The expansion alone is timed in this
//! process, by the function of tokens that the compiler calls.

use super::run::{median, time};
use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;
use proc_macro2::TokenStream;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const COUNTS: [usize; 3] = [1, 10, 100];
const NOTE: &str = "medians in milliseconds, measured in turns; `plain` is the same code with a table of functions instead of \
                    attributes; `expansion_ms` is the time of all expansions by the library alone, unoptimised";

/// A crate with attributes and one without.
struct Pair {
    attributes: PathBuf,
    plain: PathBuf,
}

/// Prints, for each number of workloads, what expansion, check and build take, and the ratios.
pub(crate) fn macros(workspace: &Workspace, rounds: usize) -> Result<()> {
    let rounds = rounds.max(1);
    let folder = tempfile::tempdir().map_err(Error::file("create", Path::new("a temporary folder")))?;
    let mut measured = Vec::new();
    for count in COUNTS {
        let pair = Pair {
            attributes: package(
                workspace,
                folder.path(),
                &format!("attributes-{count}"),
                &with_attributes(count),
            )?,
            plain: package(workspace, folder.path(), &format!("plain-{count}"), &without(count))?,
        };
        measured.push(json!({
            "workloads": count,
            "expansion_ms": expansion(count, rounds)?,
            "check": compared(workspace, &pair, "check", rounds)?,
            "build": compared(workspace, &pair, "build", rounds)?,
        }));
    }
    println!("{:#}", json!({ "macros": measured, "rounds": rounds, "load": load(), "note": NOTE }));
    Ok(())
}

/// The load of the machine, where it says so: above 1 the numbers say little.
fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// A command of cargo over both crates, in turns, after one round that builds what they depend on.
fn compared(workspace: &Workspace, pair: &Pair, command: &str, rounds: usize) -> Result<Value> {
    let (mut attributes, mut plain) = (Vec::new(), Vec::new());
    for round in 0..=rounds {
        let pair = (
            changed(workspace, &pair.attributes, command, round)?,
            changed(workspace, &pair.plain, command, round)?,
        );
        let times = (time((pair.0, 0))?, time((pair.1, 0))?);
        if round > 0 {
            attributes.push(times.0);
            plain.push(times.1);
        }
    }
    let (attributes, plain) = (median(attributes), median(plain));
    Ok(json!({ "attributes_ms": attributes, "plain_ms": plain, "ratio": hundredths(attributes / plain) }))
}

fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The command, after a change of the sources that makes cargo compile them again.
fn changed(workspace: &Workspace, package: &Path, command: &str, round: usize) -> Result<Command> {
    let source = package.join("src/lib.rs");
    let text = fs::read_to_string(&source).map_err(Error::file("read", &source))?;
    let kept = text.split("\n// round ").next().unwrap_or_default();
    write(&source, &format!("{kept}\n// round {command} {round}\n"))?;
    let mut cargo = process::cargo(workspace);
    cargo.args([command, "--quiet", "--offline", "--manifest-path"]).arg(package.join("Cargo.toml"));
    cargo.arg("--target-dir").arg(workspace.root.join("target/bench-macros"));
    Ok(cargo)
}

/// Writes a package, with the versions that the workspace is locked to.
fn package(workspace: &Workspace, folder: &Path, name: &str, sources: &Sources) -> Result<PathBuf> {
    let root = folder.join(name);
    let source = root.join("src");
    fs::create_dir_all(&source).map_err(Error::file("create", &source))?;
    let sdk = workspace.root.join("orket-runtime");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         orket-runtime = {{ path = {sdk:?} }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\nserde_json = \"1\"\n"
    );
    write(&root.join("Cargo.toml"), &manifest)?;
    let lock = workspace.root.join("Cargo.lock");
    fs::copy(&lock, root.join("Cargo.lock")).map_err(Error::file("copy", &lock))?;
    write(&source.join("lib.rs"), &sources.library)?;
    write(&source.join("main.rs"), &sources.program.replace("LIBRARY", &name.replace('-', "_")))?;
    Ok(root)
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(Error::file("write", path))
}

struct Sources {
    library: String,
    program: String,
}

fn with_attributes(count: usize) -> Sources {
    let library = format!("#[orket_runtime::extension(id = \"bench\")]\n{}", module(count));
    Sources { library, program: "orket_runtime::main!(LIBRARY::work);\n".to_owned() }
}

/// The same code, with the table that whoever has no attributes writes.
fn without(count: usize) -> Sources {
    let module = module(count).replace(", Schema)]", ")]").replace(WORKLOAD, "");
    let mut table = String::new();
    for at in 0..count {
        let _ = writeln!(table, "    |ctx, input| work::work_{at}(ctx, serde_json::from_value(input)?),");
    }
    let library = format!(
        "{module}\nuse orket_runtime::prelude::*;\n\npub static ALL: &[fn(&mut WorkloadContext, Value) -> Result<WorkloadResult>] = &[\n{table}];\n"
    );
    let program = "fn main() {\n    std::hint::black_box(LIBRARY::ALL);\n}\n".to_owned();
    Sources { library, program }
}

/// The attribute of each workload.
const WORKLOAD: &str = "    #[workload(capabilities = [\"console\"], budget(time = \"5s\"))]\n";

fn module(count: usize) -> String {
    let mut text = "pub mod work {\n    use orket_runtime::prelude::*;\n".to_owned();
    for at in 0..count {
        let _ = writeln!(text, "\n{}\n    /// Work.\n{WORKLOAD}{}", input(at), function(at));
    }
    text + "}\n"
}

fn input(at: usize) -> String {
    format!(
        "    /// What it takes.\n    #[derive(serde::Deserialize, Schema)]\n    pub struct Input{at} {{\n        /// How many.\n        \
         pub count: u8,\n        #[serde(default)]\n        pub names: Vec<String>,\n    }}"
    )
}

fn function(at: usize) -> String {
    format!(
        "    pub fn work_{at}(_ctx: &mut WorkloadContext, input: Input{at}) -> Result<WorkloadResult> {{\n        \
         WorkloadResult::ok(json!({{ \"count\": input.count, \"names\": input.names }}))\n    }}"
    )
}

/// How long all expansions of one crate take.
fn expansion(count: usize, rounds: usize) -> Result<f64> {
    let tokens = |text: &str| -> Result<TokenStream> {
        text.parse().map_err(|error| Error::Other(format!("the source of the benchmark is no Rust: {error}")))
    };
    let args = tokens("capabilities = [\"console\"], budget(time = \"5s\")")?;
    let (extension, module) = (tokens("id = \"bench\"")?, tokens(&module(count))?);
    let parts: Vec<_> =
        (0..count).map(|at| Ok((tokens(&function(at))?, tokens(&input(at))?))).collect::<Result<_>>()?;
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        std::hint::black_box(orket_expansion::extension(extension.clone(), module.clone()));
        for (function, input) in &parts {
            std::hint::black_box(orket_expansion::workload(args.clone(), function.clone()));
            std::hint::black_box(orket_expansion::schema(input.clone()));
        }
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(hundredths(median(times)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sources_are_the_same_code_but_for_attributes_and_table() {
        let (attributes, plain) = (with_attributes(2).library, without(2).library);
        assert_eq!(attributes.matches("#[workload(").count(), 2);
        assert_eq!(plain.matches("workload(").count() + plain.matches("Schema").count(), 0);
        let functions = |text: &str| {
            text.lines().filter(|line| line.contains("pub fn work_")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(functions(&attributes), functions(&plain));
        assert!(expansion(2, 1).is_ok());
    }
}
