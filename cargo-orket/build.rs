//! Embeds the templates and the pages about codes, which lie beside this package and are reached
//! through links in it, so that they are packed with it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let here = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let mut table = String::new();
    for (constant, folder) in [("TEMPLATES", "templates"), ("CODES", "codes"), ("SCHEMA", "schema")] {
        let root = here.join(folder);
        // Cargo watches what is named, not what a link points to.
        let root = root.canonicalize().unwrap_or(root);
        println!("cargo::rerun-if-changed={}", root.display());
        let mut files = Vec::new();
        collect(&root, &mut files);
        files.sort();
        writeln!(table, "pub(crate) const {constant}: &[(&str, &str)] = &[").expect("a string grows");
        for file in files {
            let name = file.strip_prefix(&root).expect("it was found there").to_str().expect("UTF-8 names");
            writeln!(table, "    ({name:?}, include_str!({file:?})),").expect("a string grows");
        }
        table.push_str("];\n");
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    std::fs::write(out.join("embedded.rs"), table).expect("OUT_DIR can be written");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a folder can be listed").path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}
