//! Says whether the program that this is built into can have a virtual standard library: on Linux, with a
//! glibc that is loaded at run time, and where no interpreter of Rust stands for it.
use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(virtual_std)");
    let is = |name: &str, values: &[&str]| {
        env::var(format!("CARGO_CFG_TARGET_{name}")).is_ok_and(|value| values.contains(&value.as_str()))
    };
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    let is_known = is("OS", &["linux"]) && is("ENV", &["gnu"]) && is("ARCH", &["x86_64", "aarch64"]);
    if is_known && is("POINTER_WIDTH", &["64"]) && !is_static && env::var_os("CARGO_CFG_MIRI").is_none() {
        println!("cargo::rustc-cfg=virtual_std");
    }
}
