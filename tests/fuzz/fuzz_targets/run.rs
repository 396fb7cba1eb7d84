#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

static DIR: LazyLock<PathBuf> = LazyLock::new(|| {
    let dir = std::env::temp_dir().join(format!("orket-fuzz-run-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    dir
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| orket_fuzz::run::run(&DIR, bytes));
