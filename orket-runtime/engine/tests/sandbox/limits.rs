//! Guests that take too much, of each thing that is limited.
#![allow(clippy::print_stdout)] // it says what it leaves out

use crate::bench::{Bench, PATIENCE};
use crate::greedy;
use crate::host;
use crate::runner::Case;
use orket_engine::sandbox::{self, Exit, Guest, Layer, Limits, Program, Reached, Server};
use std::fs::File;
use std::time::{Duration, Instant};

pub(crate) const CASES: &[Case] = &[
    ("limits::what_is_written_in_all_is_limited_while_it_is_written", total_size),
    ("limits::what_was_removed_and_is_held_counts", removed_files),
    ("limits::files_and_folders_are_limited", files),
    ("limits::output_is_limited_and_its_beginning_kept", output),
    ("limits::threads_are_limited", threads),
    ("limits::threads_are_limited_on_one_processor", threads_on_one),
    ("limits::a_guest_over_its_rate_is_stopped_and_goes_on", rate),
    ("limits::what_answers_for_a_guest_is_in_its_account", traced),
    ("limits::a_guest_within_its_limits_is_left_alone", within),
];

/// Starts a greedy guest; what it prints is captured.
pub(crate) fn spawn(bench: &Bench, deed: &str) -> Guest {
    let mut confinement = bench.confinement.clone();
    confinement.arguments = greedy::words(deed);
    confinement.captured = true;
    let program = Program::new(File::open("/proc/self/exe").unwrap());
    sandbox::spawn(&confinement, &program).unwrap()
}

fn ended(guest: &mut Guest) -> Exit {
    guest.wait_for(PATIENCE).unwrap().expect("it is ended")
}

/// It is ended by this limit, at once or later, and never below it.
#[track_caller]
fn check(change: impl FnOnce(&mut Limits), deed: &str, code: &str, max: u64) {
    let mut bench = Bench::new();
    bench.confinement.threads = code == "limit.threads";
    change(&mut bench.confinement.limits);
    let exit = ended(&mut spawn(&bench, deed));
    let reached = exit.reached("", &bench.confinement.limits).unwrap_or_else(|| panic!("{deed}: {exit:?}"));
    assert_eq!((reached.limit.code(), reached.max), (code, max), "{deed}: {reached:?}");
    assert!(reached.value > max, "{deed}: {reached:?}");
}

const MIB: u64 = 1 << 20;

fn total_size() {
    check(|limits| limits.total_bytes_max = 8 * MIB, "fill 100 1048576", "artifact.too-large", 8 * MIB);
}

fn removed_files() {
    let change = |limits: &mut Limits| limits.total_bytes_max = 8 * MIB;
    check(change, "hold-removed 40 1048576", "artifact.too-large", 8 * MIB);
    check(change, "map-removed 40 1048576", "artifact.too-large", 8 * MIB);
}

fn files() {
    let change = |limits: &mut Limits| limits.files_max = 100;
    check(change, "files 1000", "limit.files", 100);
    // Below the limit in number, but too deep to be seen.
    check(change, "deep 90", "limit.files", 100);
}

fn output() {
    check(|limits| limits.output_bytes_max = MIB, "print 4194304", "limit.output", MIB);
    let mut bench = Bench::new();
    bench.confinement.limits.output_bytes_max = 3 * MIB;
    let mut guest = spawn(&bench, "print 4194304");
    ended(&mut guest);
    let (stdout, stderr) = guest.take_output();
    assert_eq!((stdout.len() as u64, stderr.len()), (MIB, 0));
    assert!(stdout.iter().all(|byte| *byte == b'x'));
}

fn threads() {
    check(|limits| limits.threads_max = 8, "threads 64", "limit.threads", 8);
}

fn threads_on_one() {
    host::check_role("on-one-processor");
}

/// The role of a host that has one processor alone.
pub(crate) fn on_one_processor() {
    let itself = None;
    let all = rustix::thread::sched_getaffinity(itself).unwrap();
    let mut one = rustix::thread::CpuSet::new();
    one.set((0..rustix::thread::CpuSet::MAX_CPU).find(|at| all.is_set(*at)).unwrap());
    rustix::thread::sched_setaffinity(itself, &one).unwrap();
    threads();
}

/// The state of a process, as the kernel shows it: `R` runs, `T` is stopped.
fn state(guest: &Guest) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", guest.id())).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn rate() {
    let mut bench = Bench::new();
    bench.confinement.limits.cpu_percent = Some(25);
    let mut guest = spawn(&bench, "spin");
    for wanted in ['T', 'R', 'T', 'R'] {
        while state(&guest) != Some(wanted) {
            assert_eq!(guest.wait_for(Duration::from_micros(100)).unwrap(), None, "it ended");
        }
    }
    guest.end().unwrap();
}

/// Fields of what the kernel shows of a process, from its state on.
pub(crate) fn fields(pid: u32) -> Vec<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(") ").unwrap().1.split(' ').map(str::to_owned).collect()
}

/// The processor time of a process, in milliseconds.
fn cpu_ms(pid: u32) -> u64 {
    const TICK_MS: u64 = 10;
    fields(pid)[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap() * TICK_MS).sum()
}

fn traced() {
    let mut bench = Bench::new();
    bench.confinement.virtual_std = true;
    let mut confinement = bench.confinement.clone();
    confinement.arguments = greedy::words("raise");
    let program = || Program::new(File::open("/proc/self/exe").unwrap());
    let mut server = Server::start(&confinement, &program()).unwrap();
    for mut guest in [sandbox::spawn(&confinement, &program()).unwrap(), server.spawn(60_000).unwrap()] {
        let is_answered =
            |layer| guest.report().iter().any(|status| status.layer == layer && status.is_enforced());
        if ![Layer::StartVector, Layer::Counter].into_iter().all(is_answered) {
            println!("left out: nobody answers for the counter here");
            return;
        }
        let both = [guest.id(), fields(guest.id())[1].parse().unwrap()];
        let before = both.map(cpu_ms);
        let used = || std::array::from_fn::<_, 2, _>(|at| cpu_ms(both[at]) - before[at]);
        let patience = Instant::now() + PATIENCE;
        while used().into_iter().any(|ms| ms < 100) {
            assert!(Instant::now() < patience, "only {:?} ms were used", used());
            assert_eq!(guest.wait_for(Duration::from_millis(1)).unwrap(), None, "it ended");
        }
        let used: u64 = used().into_iter().sum();
        let exit = guest.end().unwrap();
        assert!(exit.cpu_ms + 50 >= used, "{used} ms were used: {exit:?}");
    }
}

fn within() {
    let mut bench = Bench::new();
    bench.confinement.limits.files_max = 10;
    bench.confinement.limits.total_bytes_max = 10 * MIB;
    let mut guest = spawn(&bench, "fill 10 1048576");
    let path = bench.confinement.stage.join("artifacts/9");
    while !std::fs::metadata(&path).is_ok_and(|metadata| metadata.len() == MIB) {
        assert_eq!(guest.wait_for(Duration::from_millis(1)).unwrap(), None, "it ended");
    }
    assert_eq!(guest.end().unwrap().reached("", &bench.confinement.limits), None::<Reached>);
}
