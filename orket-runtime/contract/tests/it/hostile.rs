//! Hostile input: the bodies of the fuzz targets, run over their corpus, the cases and many mutations
//! of both. Deterministic: a failure repeats, and its message holds the input.

use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "../../../../tests/fuzz/src/target.rs"]
#[expect(unreachable_pub, reason = "the fuzz package shares this file as a library")]
mod target;

/// How many mutations of each seed are tried: more with `ORKET_DEEP`.
fn mutations() -> u64 {
    if std::env::var_os("ORKET_DEEP").is_some() { 200 } else { 16 }
}

/// Seeds over this size are mutated once only.
const LARGE: usize = 64 << 10;

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(self::files(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}

#[expect(clippy::disallowed_methods, reason = "the contract is pure, its tests read their corpus")]
fn seeds(folder: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests").join(folder);
    let seeds: Vec<_> = files(&root).iter().map(|path| fs::read(path).expect("a seed")).collect();
    assert!(!seeds.is_empty(), "{folder} has no seeds");
    seeds
}

fn check(target: fn(&[u8]), seeds: &[Vec<u8>]) {
    let most = mutations();
    for (at, seed) in seeds.iter().enumerate() {
        target(seed);
        let mutations = if seed.len() > LARGE { 1 } else { most };
        for round in 0..mutations {
            target(&target::mutated(seed, seeds, at as u64 * most + round));
        }
    }
}

#[test]
fn manifests() {
    check(target::manifest, &seeds("cases/manifest"));
    check(target::manifest, &seeds("fuzz/corpus/manifest"));
}

#[test]
fn frames() {
    check(target::frames, &seeds("fuzz/corpus/frames"));
}

#[test]
fn canonical_json() {
    check(target::canonical, &seeds("fuzz/corpus/canonical"));
}

#[test]
fn targets_of_connections() {
    check(target::network, &seeds("fuzz/corpus/network"));
}

#[test]
fn transcripts() {
    check(target::transcript, &seeds("fuzz/corpus/transcript"));
}

proptest! {
    #[test]
    fn arbitrary_text_is_no_manifest_and_no_panic(text: String) {
        target::manifest(text.as_bytes());
        target::canonical(text.as_bytes());
    }

    #[test]
    fn arbitrary_structure_is_no_panic(text in r#"([\[\]{}"':,=#&*!|>\\~.\-? \n\t]|\[\[|id|[0-9]|<<|workloads){0,60}"#) {
        target::manifest(text.as_bytes());
        target::canonical(text.as_bytes());
    }
}
