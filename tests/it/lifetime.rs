//! What is left when a run is ended from outside: no process, no half publication.

use crate::world::{copy, target, tests, tool};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The tool while it runs the probe, and the probe's process.
struct Running {
    dir: TempDir,
    host: Child,
    guest: u32,
}

/// Starts `cargo-orket run ask_v1` in a copy of the probe and waits until the probe asks.
fn start() -> Running {
    let dir = tempfile::tempdir().expect("a folder");
    copy(&tests().join("fixtures/probe"), dir.path());
    let manifest = dir.path().join("Cargo.toml");
    let sdk = crate::world::root().join("orket-runtime");
    let text = std::fs::read_to_string(&manifest).expect("the manifest");
    let text = text.replace("../../../orket-runtime", &sdk.display().to_string());
    std::fs::write(&manifest, text).expect("the manifest");
    let mut host = Command::new(tool())
        .args(["orket", "run", "ask_v1", "--manifest-path"])
        .arg(&manifest)
        .arg("--target-dir")
        .arg(target())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .expect("the tool starts");
    let mut line = String::new();
    BufReader::new(host.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert_eq!(line, "ready\n");
    let guest = child_of(host.id()).expect("the host has a guest");
    Running { dir, host, guest }
}

/// A living process whose parent is `parent`.
fn child_of(parent: u32) -> Option<u32> {
    let ids = std::fs::read_dir("/proc")
        .ok()?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.into_iter().find(|id: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        fields.get(1) == Some(&parent.to_string().as_str()) && fields.first() != Some(&"Z")
    })
}

/// Whether a process is there and not a zombie.
fn alive(id: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.trim_start().starts_with('Z'))
}

/// Waits, at most ten seconds, until a process is gone.
fn gone(id: u32) -> bool {
    let end = Instant::now() + Duration::from_secs(10);
    while alive(id) && Instant::now() < end {
        std::thread::yield_now();
    }
    !alive(id)
}

fn signal(host: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &host.id().to_string()]).status().expect("kill runs");
    assert!(sent.success());
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn ended(mut running: Running, name: &str) -> (TempDir, ExitStatus) {
    // Waiting closes the console's input, and a run that is told so may end by itself before the signal does it.
    let console = running.host.stdin.take();
    signal(&running.host, name);
    let status = running.host.wait().expect("the host ends");
    drop(console);
    assert!(gone(running.guest), "the guest ends with its host");
    assert_eq!(entries(&running.dir.path().join(".orket/runs/ask_v1")), Vec::<PathBuf>::new());
    (running.dir, status)
}

#[test]
fn ctrl_c_leaves_nothing() {
    let (dir, status) = ended(start(), "-INT");
    assert_eq!(status.code(), Some(130));
    assert_eq!(entries(&dir.path().join(".orket/stage")), Vec::<PathBuf>::new());
}

#[test]
fn a_killed_host_leaves_no_child_and_no_publication() {
    let (dir, status) = ended(start(), "-KILL");
    assert_eq!(status.code(), None);
    // What it could not remove itself is swept by the next run in the same project.
    assert_ne!(entries(&dir.path().join(".orket/stage")), Vec::<PathBuf>::new());
    let store = orket_engine::store::Store::of(dir.path());
    drop(store.stage().expect("a stage"));
    assert_eq!(entries(&dir.path().join(".orket/stage")), Vec::<PathBuf>::new());
}
