//~ build.script: source
//! Generates source that names what it may not.

fn main() {
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let source = "//~ import.internal: compiler source\npub const GENERATED: &str = orket_runtime::internal::SDK_VERSION;\n";
    std::fs::write(out.join("matrix_generated.rs"), source).expect("OUT_DIR can be written");
}
