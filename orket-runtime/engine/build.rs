//! Compiles the launcher of the Linux sandbox: a static program without libc, which the engine carries in itself.
//!
//! It needs what every build for the target needs and nothing else: this `rustc`, `core` and the linker. No wrapper and no flags of
//! the outer build reach it, because it must neither be instrumented nor linked to anything.

use std::env;
use std::path::Path;
use std::process::Command;

const SOURCES: [&str; 2] = ["src/sandbox/linux/launcher/main.rs", "src/sandbox/linux/launcher/order.rs"];
/// A static program at a fixed address, without a start of libc's.
const ARGUMENTS: [&str; 14] = [
    "--edition=2024",
    "--crate-name=launcher",
    "--crate-type=bin",
    "-Cpanic=abort",
    "-Copt-level=s",
    "-Ccodegen-units=1",
    "-Cdebuginfo=0",
    "-Cstrip=symbols",
    "-Crelocation-model=static",
    "-Cdefault-linker-libraries=no",
    "-Clink-arg=-nostdlib",
    "-Clink-arg=-static",
    "-Clink-arg=-no-pie",
    "-Clink-arg=-Wl,--build-id=none",
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for source in SOURCES {
        println!("cargo::rerun-if-changed={source}");
    }
    let target = |what: &str| env::var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    if target("OS") == "linux" && ["x86_64", "aarch64"].contains(&target("ARCH").as_str()) {
        compile();
    }
}

fn compile() {
    let variable = |name: &str| env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"));
    let launcher = Path::new(&variable("OUT_DIR")).join("launcher");
    let mut rustc = Command::new(variable("RUSTC"));
    rustc.args(ARGUMENTS).arg("--target").arg(variable("TARGET")).arg("-o").arg(launcher).arg(SOURCES[0]);
    if let Ok(linker) = env::var("RUSTC_LINKER") {
        rustc.arg(format!("-Clinker={linker}"));
    }
    // Jobs are not shared with it: it is one small crate.
    let status = rustc.env_remove("CARGO_MAKEFLAGS").status();
    let done = status.unwrap_or_else(|error| panic!("rustc cannot be started: {error}"));
    assert!(done.success(), "the launcher of the sandbox cannot be compiled; it needs the target's linker");
}
