//! Present because `links` needs a build script; it builds nothing.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
