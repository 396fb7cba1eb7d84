//! The manifest in an artifact: it survives linkers, optimisation and stripping, and what is wrong
//! with it is refused before or as the program starts.

use crate::world::{World, nothing, probe, request, target, tests};
use object::{Object, ObjectSection};
use orket_engine::loader::{Candidate, Resolved, note};
use orket_engine::{ExtensionManager, Policy};
use orket_tests::runner::deep;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Loads a program; the codes of its issues when it is refused.
pub(crate) fn load(program: &Path) -> Result<ExtensionManager, String> {
    let mut manager = ExtensionManager::new(Policy::default());
    let root = program.parent().expect("a folder").to_path_buf();
    let loaded = manager.load(Candidate::new(root, program.to_path_buf())).map(|_: &Resolved| ());
    loaded.map(|()| manager).map_err(|error| error.issues()[0].code.clone())
}

/// Writes a changed copy of the probe into a folder of its own.
pub(crate) fn changed(change: impl FnOnce(&mut Vec<u8>)) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let program = dir.path().join("probe");
    std::fs::copy(probe(), &program).expect("a copy");
    let mut bytes = std::fs::read(&program).expect("the probe");
    change(&mut bytes);
    std::fs::write(&program, bytes).expect("the copy");
    (dir, program)
}

/// Where the note section lies in the probe.
fn section(bytes: &[u8]) -> std::ops::Range<usize> {
    let file = object::File::parse(bytes).expect("an object file");
    let section = file.section_by_name(orket_contract::note::SECTION).expect("the section");
    let (start, size) = section.file_range().expect("a range");
    usize::try_from(start).expect("an offset")..usize::try_from(start + size).expect("an offset")
}

/// Replaces text within the note section by text of the same length.
pub(crate) fn replace(bytes: &mut [u8], old: &str, new: &str) {
    assert_eq!(old.len(), new.len());
    let range = section(bytes);
    let notes = &mut bytes[range];
    let at = notes.windows(old.len()).position(|window| window == old.as_bytes()).expect("the text is there");
    notes[at..at + old.len()].copy_from_slice(new.as_bytes());
}

#[track_caller]
fn run(tool: &str, arguments: &[&str]) {
    let status = Command::new(tool).args(arguments).status();
    let status = status.unwrap_or_else(|error| panic!("`{tool}` is needed by this test: {error}"));
    assert!(status.success(), "{tool} {arguments:?}");
}

#[test]
fn stripped_artifacts_still_show_their_manifest() {
    let (_dir, program) = changed(|_| ());
    let path = program.display().to_string();
    run("strip", &["--strip-all", &path]);
    let manager = load(&program).expect("a manifest");
    let ids: Vec<_> = manager.extensions().map(|extension| extension.manifest().id.to_string()).collect();
    assert_eq!(ids, ["orket.probe"]);
}

/// Linkers, each by the word that makes the C compiler use it.
const LINKERS: [&str; 3] = ["-Clink-arg=-fuse-ld=bfd", "-Clink-arg=-fuse-ld=lld", "-Clink-arg=-fuse-ld=mold"];

/// What keeps rustc from taking its own; elsewhere it has none, and does not know the option.
const FOREIGN: &[&str] =
    if cfg!(all(target_arch = "x86_64", target_os = "linux")) { &["-Clinker-features=-lld"] } else { &[] };

/// Ways to build that leave out what nothing seems to use.
const PROFILES: [(&str, &[&str]); 5] = [
    ("dev", &[]),
    ("fat-lto", &["profile.dev.lto='fat'", "profile.dev.strip=true"]),
    ("release", &["profile.dev.opt-level=3", "profile.dev.debug=false"]),
    ("thin-lto", &["profile.dev.lto='thin'", "profile.dev.opt-level=3"]),
    (
        "smallest",
        &[
            "profile.dev.lto='fat'",
            "profile.dev.opt-level='z'",
            "profile.dev.codegen-units=1",
            "profile.dev.strip=true",
            "profile.dev.panic='abort'",
        ],
    ),
];

#[test]
fn every_linker_and_profile_keeps_the_manifest_and_the_virtual_std() {
    for linker in LINKERS {
        let flags = [FOREIGN, &[linker]].concat();
        let few = if deep() { PROFILES.len() } else { 1 };
        PROFILES[..few]
            .iter()
            .for_each(|(profile, options)| keeps(&format!("{linker}, {profile}"), options, &flags));
    }
    // With the linker that rustc takes by itself.
    let few = if deep() { PROFILES.len() } else { 2 };
    PROFILES[1..few].iter().for_each(|(profile, options)| keeps(profile, options, &[]));
}

/// Builds the probe so, and lets it run in Reliable Mode.
fn keeps(name: &str, options: &[&str], flags: &[&str]) {
    let manifest = tests().join("fixtures/probe/Cargo.toml").display().to_string();
    let folder = target().join("linkers");
    let mut command = Command::new(env!("CARGO"));
    command.args(["rustc", "--quiet", "--manifest-path", &manifest, "--target-dir"]).arg(&folder);
    options.iter().for_each(|option| _ = command.args(["--config", option]));
    let output = command.arg("--").args(flags).output().expect("cargo runs");
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    // Beside what another build has left, no run is the second of its kind.
    let dir = tempfile::tempdir().expect("a folder");
    let program = dir.path().join("probe");
    std::fs::copy(folder.join("debug/probe"), &program).expect("it was built");
    let manager = load(&program).unwrap_or_else(|code| panic!("{name}: {code}"));
    assert!(manager.find("everything_v1").is_ok(), "{name}");
    let (extension, _) = manager.find("stop_v1").expect("it is there");
    if cfg!(all(target_os = "linux", target_env = "gnu")) {
        assert_eq!(extension.machine_std(), None, "{name}");
    }
    let ran = manager.run(request("stop_v1", nothing()), &mut ());
    assert!(ran.is_ok(), "{name}: {:?}", ran.map(|_| ()));
}

#[test]
fn a_damaged_note_is_refused() {
    let (_dir, program) = changed(|bytes| {
        let start = section(bytes).start;
        bytes[start + 4..start + 8].copy_from_slice(&u32::MAX.to_ne_bytes());
    });
    assert_eq!(load(&program).err().as_deref(), Some("note.damaged"));
    let (_dir, program) = changed(|bytes| replace(bytes, "\"manifest_version\":1", "\"manifest_version\";1"));
    assert_eq!(load(&program).err().as_deref(), Some("note.damaged"));
}

#[test]
fn a_note_that_lacks_a_workload_is_refused() {
    let (_dir, program) = changed(|bytes| replace(bytes, "\"stop_v1\"", "\"stop_v9\""));
    assert_eq!(load(&program).err().as_deref(), Some("note.incomplete"));
}

#[test]
fn a_program_without_a_note_is_refused() {
    let (dir, program) = changed(|_| ());
    let bare = dir.path().join("bare").display().to_string();
    run("objcopy", &["--remove-section", ".note.orket", &program.display().to_string(), &bare]);
    assert!(matches!(load(Path::new(&bare)).err().as_deref(), Some("note.missing" | "note.damaged")));
    let tool = crate::world::tool();
    assert_eq!(load(tool).err().as_deref(), Some("note.missing"));
}

#[test]
fn a_tampered_manifest_is_refused_at_the_handshake() {
    let (_dir, program) =
        changed(|bytes| replace(bytes, "Leaves a trace of having", "Leaves no traces at all "));
    let manager = load(&program).expect("the form is right");
    let error = manager.run(request("stop_v1", nothing()), &mut ()).expect_err("refused");
    assert_eq!(error.issues()[0].code, "handshake.mismatch");
}

#[test]
fn an_old_or_new_host_is_refused_with_one_code() {
    for wrong in [">9.9.9", "<0.0.9", "=9.9.9"] {
        let (_dir, program) =
            changed(|bytes| replace(bytes, "\"runtime\":\"^0.1.0\"", &format!("\"runtime\":\"{wrong}\"")));
        let manager = load(&program).expect("the form is right");
        let error = manager.admit("stop_v1").map(|_| ()).expect_err("refused");
        assert_eq!(error.issues()[0].code, "compat.runtime", "{wrong}");
    }
}

#[test]
fn no_program_makes_the_reader_panic() {
    let mut read = 0;
    for entry in std::fs::read_dir(tests().join("fuzz/corpus/note")).expect("the corpus").flatten() {
        let bytes = std::fs::read(entry.path()).expect("a program");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0xff;
            for program in [&changed[..], &bytes[..at]] {
                if let Ok(notes) = note::read(program) {
                    // What was read is a manifest or is refused; nothing else can come of it.
                    read += usize::from(note::manifest(&notes).is_ok());
                }
            }
        }
    }
    assert!(read > 0, "changes outside of the notes leave them readable");
}

#[test]
fn a_world_is_not_touched_by_a_refused_program() {
    let world = World::new();
    assert_eq!(world.refused("canary_v1", nothing()), "material.missing");
    let stages = std::fs::read_dir(world.dir.path().join(".orket/stage")).expect("the folder");
    assert_eq!(stages.count(), 0, "a refused run leaves no stage");
}
