//! Compiles what the engine carries in itself for the Linux sandbox: the launcher, a static program without libc, and the library
//! that is loaded into guests without a sandbox.
//!
//! They need what every build for the target needs and nothing else: this `rustc`, `core` and the linker. No wrapper and no flags of
//! the outer build reach them, because they must neither be instrumented nor linked to anything.

use std::env;
use std::path::Path;
use std::process::Command;

const LAUNCHER: &str = "src/sandbox/linux/launcher/main.rs";
const PRELOAD: &str = "src/sandbox/linux/preload/lib.rs";
const SOURCES: [&str; 5] = [
    LAUNCHER,
    "src/sandbox/linux/launcher/kernel.rs",
    "src/sandbox/linux/launcher/order.rs",
    "src/sandbox/linux/launcher/vector.rs",
    PRELOAD,
];
const ARGUMENTS: [&str; 9] = [
    "--edition=2024",
    "-Cpanic=abort",
    "-Copt-level=s",
    "-Ccodegen-units=1",
    "-Cdebuginfo=0",
    "-Cstrip=symbols",
    "-Cdefault-linker-libraries=no",
    "-Clink-arg=-nostdlib",
    "-Clink-arg=-Wl,--build-id=none",
];
/// A static program at a fixed address, without a start of libc's.
const PROGRAM: [&str; 4] =
    ["--crate-type=bin", "-Crelocation-model=static", "-Clink-arg=-static", "-Clink-arg=-no-pie"];
const LIBRARY: [&str; 2] = ["--crate-type=cdylib", "-Crelocation-model=pic"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && ["x86_64", "aarch64"].contains(&target("ARCH").as_str()) {
        compile("launcher", LAUNCHER, &PROGRAM);
        compile("preload", PRELOAD, &LIBRARY);
    }
}

fn compile(name: &str, source: &str, kind: &[&str]) {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    let made = Path::new(&variable("OUT_DIR")).join(name);
    let mut rustc = Command::new(variable("RUSTC"));
    rustc.args(ARGUMENTS).args(kind).arg(format!("--crate-name={name}"));
    rustc.arg("--target").arg(variable("TARGET")).arg("-o").arg(made).arg(source);
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg(format!("-Clinker={linker}"));
    }
    // Jobs are not shared with it: each is one small crate.
    let status = rustc.env_remove("CARGO_MAKEFLAGS").status();
    let done = status.unwrap_or_else(|error| panic!("rustc cannot be started: {error}"));
    assert!(done.success(), "the {name} of the sandbox cannot be compiled; it needs the target's linker");
}
