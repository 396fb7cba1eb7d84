//! Single bits of what is recorded, changed one at a time: each is noticed by whoever compares with the record. (`attest` does the same
//! for what is signed.)

use crate::world::{World, copy, scripted};
use orket_engine::Request;
use orket_engine::journal::{case, compare};
use orket_tests::runner::deep;
use serde_json::json;
use std::path::{Path, PathBuf};

/// What a replay is compared with.
const REPLAYED: [&str; 4] = ["artifacts", "blobs", "result.json", "transcript"];
/// What a case is compared with: all of it but its description, whose digest of the program is information.
const CASE: [&str; 6] = ["artifact", "audio", "blobs", "plan.json", "result.json", "transcript"];

/// The files whose path within the folder begins with one of these.
fn files(folder: &Path, beginnings: &[&str]) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(next) = open.pop() {
        let entries = std::fs::read_dir(next).expect("a folder").flatten();
        let (folders, files): (Vec<_>, Vec<_>) =
            entries.map(|entry| entry.path()).partition(|path| path.is_dir());
        open.extend(folders);
        found.extend(files);
    }
    let within = |path: &PathBuf| path.strip_prefix(folder).expect("it lies below").display().to_string();
    found.retain(|path| beginnings.iter().any(|beginning| within(path).starts_with(beginning)));
    found.sort();
    found
}

/// Changes so many bits, spread over all of the files, and gives the places of those that nobody noticed.
fn unnoticed(files: &[PathBuf], count: usize, noticed: impl Fn() -> bool) -> Vec<String> {
    assert!(!noticed(), "as it is there is nothing to notice");
    let whole: Vec<_> = files.iter().map(|path| std::fs::read(path).expect("a file")).collect();
    let bits: Vec<(usize, usize)> = whole
        .iter()
        .enumerate()
        .flat_map(|(file, bytes)| (0..bytes.len() * 8).map(move |bit| (file, bit)))
        .collect();
    // A prime that divides no such number: no bit comes twice before all have come.
    let chosen = (0..count.min(bits.len())).map(|n| bits[n * 1_000_003 % bits.len()]);
    let mut missed = Vec::new();
    for (file, bit) in chosen {
        let mut changed = whole[file].clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&files[file], &changed).expect("written");
        if !noticed() {
            missed.push(format!("bit {} of byte {} of {}", bit % 8, bit / 8, files[file].display()));
        }
        std::fs::write(&files[file], &whole[file]).expect("written");
    }
    missed
}

fn asked() -> Request {
    scripted("everything_v1", json!({ "number": 3 }), "Ann\n").0
}

#[test]
fn a_replay_notices_every_changed_bit_of_its_record() {
    let world = World::new();
    let run = world.run(asked()).expect("published").folder;
    let replayed = || world.manager.repeat(asked(), &run, &mut ());
    let noticed = || replayed().map_or(true, |repeated| repeated.divergence.is_some());
    let files = files(&run, &REPLAYED);
    assert!(files.len() > 5, "{files:?}");
    assert_eq!(unnoticed(&files, if deep() { 2_000 } else { 40 }, noticed), Vec::<String>::new());
}

#[test]
fn a_comparison_notices_every_changed_bit_of_a_case() {
    let world = World::new();
    let finished = world.manager.execute(asked(), None, &mut ()).expect("the run finishes");
    let (case, whole) = (world.dir.path().join("case"), world.dir.path().join("whole"));
    case::record(&finished, &case, false).expect("recorded");
    copy(&case, &whole);
    let noticed = || compare(&case, &whole).map_or(true, |found| found.is_some());
    let files = files(&case, &CASE);
    assert!(files.len() > 4, "{files:?}");
    assert_eq!(unnoticed(&files, if deep() { 12_000 } else { 600 }, noticed), Vec::<String>::new());
}
