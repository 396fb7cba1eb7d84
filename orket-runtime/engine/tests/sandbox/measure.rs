//! How close each limit comes to what was asked for: what `cargo xtask bench limits` prints.
//!
//! Each is measured a few times and the worst is told. Rates need a processor that is free.
#![allow(clippy::print_stdout)] // JSON, for whoever asked

use crate::bench::{Bench, PATIENCE};
use crate::greedy;
use crate::limits::spawn;
use orket_engine::sandbox::{self, Guest, Limits, Program};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

/// How often each is measured.
const ROUNDS: usize = 5;
/// How long a rate is watched.
const RATE_SPAN: Duration = Duration::from_secs(2);
const MIB: u64 = 1 << 20;

/// Prints one JSON object.
pub(crate) fn print() {
    let mut all = Vec::new();
    all.extend([64, 256, 1024].map(|mib| worst("memory", "bytes", mib * MIB, memory)));
    all.extend([100, 250, 1000].map(|ms| worst("processor time", "ms", ms, cpu_time)));
    all.extend([10, 25, 50, 100].map(|percent| worst("processor rate", "percent", percent, cpu_rate)));
    all.push(worst("one file", "bytes", MIB, one_file));
    all.push(worst("all files", "bytes", 128 * MIB, |asked| {
        reached("fill 512 1048576", |limits| limits.total_bytes_max = asked)
    }));
    all.push(worst("files and folders", "files", 20_000, |asked| {
        reached("files 60000", |limits| limits.files_max = asked)
    }));
    all.push(worst("output", "bytes", 16 * MIB, |asked| {
        reached("print 67108864", |limits| limits.output_bytes_max = asked)
    }));
    all.push(worst("threads", "threads", 256, threads));
    let note = "the worst of a few; a rate needs a processor that is free, the aim is 5 percent for memory and processor";
    println!("{:#}", json!({ "limits": all, "note": note, "rounds": ROUNDS }));
}

/// Of a few measurements the one that is farthest from what was asked for.
fn worst(limit: &str, unit: &str, asked: u64, measure: fn(u64) -> f64) -> Value {
    let error = |reached: f64| (reached - asked as f64) / asked as f64 * 100.0;
    let far = |one: &f64, other: &f64| error(*one).abs().total_cmp(&error(*other).abs());
    let reached = (0..ROUNDS).map(|_| measure(asked)).max_by(far).unwrap_or_default();
    let short = |value: f64| (value * 100.0).round() / 100.0;
    json!({
        "asked": asked,
        "error_percent": short(error(reached)),
        "limit": limit,
        "reached": short(reached),
        "unit": unit,
    })
}

/// What the guest came to before it was ended for a limit.
fn reached(deed: &str, change: impl FnOnce(&mut Limits)) -> f64 {
    let mut bench = Bench::new();
    change(&mut bench.confinement.limits);
    let mut guest = spawn(&bench, deed);
    let exit = guest.wait_for(PATIENCE).unwrap().expect("it is ended");
    exit.reached("", &bench.confinement.limits).unwrap_or_else(|| panic!("{deed}: {exit:?}")).value as f64
}

fn cpu_time(asked: u64) -> f64 {
    reached("spin", |limits| limits.cpu_ms = asked)
}

/// A guest that starts as many as fast as it can.
fn threads(asked: u64) -> f64 {
    let mut bench = Bench::new();
    bench.confinement.threads = true;
    bench.confinement.limits.threads_max = asked;
    let exit = spawn(&bench, "threads 2000").wait_for(PATIENCE).unwrap().expect("it is ended");
    exit.reached("", &bench.confinement.limits).unwrap_or_else(|| panic!("{exit:?}")).value as f64
}

fn one_file(asked: u64) -> f64 {
    let mut bench = Bench::new();
    bench.confinement.limits.file_bytes_max = asked;
    let exit = spawn(&bench, "fill 1 4194304").wait().unwrap();
    let file = std::fs::metadata(bench.confinement.stage.join("artifacts/0")).unwrap();
    assert!(exit.reached("", &bench.confinement.limits).is_some());
    file.len() as f64
}

/// A guest whose output is read here, and the first line of it.
fn begun(bench: &Bench, deed: &str) -> (Guest, String) {
    let mut confinement = bench.confinement.clone();
    confinement.arguments = greedy::words(deed);
    let program = Program::new(File::open("/proc/self/exe").unwrap());
    let mut guest = sandbox::spawn(&confinement, &program).unwrap();
    let mut line = String::new();
    BufReader::new(guest.take_stdout().unwrap()).read_line(&mut line).unwrap();
    (guest, line)
}

fn memory(asked: u64) -> f64 {
    let mut bench = Bench::new();
    bench.confinement.limits.memory_bytes = asked;
    let (_guest, line) = begun(&bench, "memory");
    line.trim().parse().expect("a number")
}

fn cpu_rate(asked: u64) -> f64 {
    let mut bench = Bench::new();
    bench.confinement.limits.cpu_percent = Some(asked);
    let (mut guest, _) = begun(&bench, "spin");
    let start = Instant::now();
    assert_eq!(guest.wait_for(RATE_SPAN).unwrap(), None);
    let exit = guest.end().unwrap();
    exit.cpu_ms as f64 / start.elapsed().as_secs_f64() / 10.0
}
