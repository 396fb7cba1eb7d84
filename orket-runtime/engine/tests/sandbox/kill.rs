//! Guests that do all they can to stay: after their end nothing of them is left, whoever ends them and however.
//!
//! What is left is looked for in the whole machine: every process carries the mark of its guest in its environment. A few
//! hundred ends by default, ten thousand with ORKET_DEEP.
#![allow(clippy::print_stdout)] // the role answers there, and it says what it leaves out

use crate::bench::{Bench, PATIENCE};
use crate::greedy;
use crate::host;
use crate::limits::fields;
use crate::runner::Case;
use orket_engine::sandbox::{self, Confinement, Error, Guest, Layer, Profile, Program, Server};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

pub(crate) const CASES: &[Case] = &[
    ("kill::nothing_is_left_of_hostile_guests", nothing_is_left),
    ("kill::nothing_is_left_of_hostile_guests_in_boxes_that_stay", nothing_is_left_in_boxes),
    ("kill::nothing_is_left_with_a_host_that_takes_in_orphans", nothing_is_left_as_an_orphan),
    ("kill::nothing_is_left_when_the_host_is_killed", nothing_is_left_of_a_killed_host),
    ("kill::a_guest_that_the_kernel_holds_is_reported", what_cannot_be_reaped),
];

/// What the guests do. Only with the filter left out can they start processes; those that leave their group as well die with
/// their namespace alone.
const STAYING: [&str; 6] = ["wait", "mask", "stop", "spin", "storm", "crash"];
const FORKING: &str = "fork 3";
const LEAVING: &str = "comet 3";

/// The variable that carries the mark.
const MARK: &str = "ORKET_TEST_MARK";

fn rounds(usually: usize, deep: usize) -> usize {
    if std::env::var_os("ORKET_DEEP").is_some() { deep } else { usually }
}

/// A guest that has begun with its deed.
fn begun(bench: &Bench, mark: &str, deed: &str) -> Guest {
    let mut guest =
        sandbox::spawn(&confinement(bench, mark, deed), &Program::new(File::open("/proc/self/exe").unwrap()))
            .unwrap();
    await_deed(&mut guest, deed);
    guest
}

#[track_caller]
fn await_deed(guest: &mut Guest, deed: &str) {
    let mut first = [0];
    let said = guest.take_stdout().unwrap().read(&mut first).unwrap();
    assert_eq!(said, 1, "{deed}");
}

fn confinement(bench: &Bench, mark: &str, deed: &str) -> Confinement {
    let mut confinement = bench.confinement.clone();
    confinement.arguments = greedy::words(deed);
    confinement.environment.insert(MARK.to_owned(), mark.to_owned());
    if [FORKING, LEAVING].contains(&deed) {
        confinement.omitted.push(Layer::SystemCalls);
        // Else the limit of processes would refuse what the filter does not.
        confinement.threads = true;
    }
    confinement
}

/// Every deed of which an end is promised on this machine.
fn deeds(bench: &Bench) -> Vec<&'static str> {
    let guest = begun(bench, "probe", "wait");
    let contained = guest.report().iter().any(|status| status.layer.is_namespace() && status.is_enforced());
    STAYING.into_iter().chain([FORKING]).chain(contained.then_some(LEAVING)).collect()
}

/// The ways of an end that a host has.
const ENDS: [fn(Guest); 4] = [
    drop,
    |mut guest| assert_eq!(guest.end().unwrap(), guest.wait().unwrap()),
    // As an interrupt does it, from another thread.
    |mut guest| {
        guest.killer().unwrap().kill().unwrap();
        assert!(guest.wait_for(PATIENCE).unwrap().is_some());
    },
    // It was stopped before, as one over its rate is.
    |mut guest| {
        let pid = Pid::from_raw(guest.id().try_into().unwrap()).unwrap();
        let _ = rustix::process::kill_process(pid, Signal::STOP);
        guest.end().unwrap();
    },
];

fn nothing_is_left() {
    let bench = Bench::new();
    let deeds = deeds(&bench);
    let mark = format!("kill-{}", std::process::id());
    let before = Traces::of(&bench);
    for round in 0..rounds(200, 10_000) {
        let guest = begun(&bench, &mark, deeds[round % deeds.len()]);
        ENDS[(round / deeds.len()) % ENDS.len()](guest);
    }
    check_nobody(&mark);
    assert_eq!(Traces::of(&bench), before);
}

/// The box is taken along by a run that is killed, and ends with its handle after any other.
fn nothing_is_left_in_boxes() {
    let bench = Bench::new();
    let deeds = deeds(&bench);
    let mark = format!("box-{}", std::process::id());
    let program = || Program::new(File::open("/proc/self/exe").unwrap());
    // What is kept for all boxes is there before the count.
    drop(Server::start(&confinement(&bench, &mark, "wait"), &program()).unwrap());
    let before = Traces::of(&bench);
    for round in 0..rounds(60, 10_000) {
        let deed = deeds[round % deeds.len()];
        let mut server = Server::start(&confinement(&bench, &mark, deed), &program()).unwrap();
        let mut guest = server.spawn(60_000).unwrap();
        await_deed(&mut guest, deed);
        ENDS[(round / deeds.len()) % ENDS.len()](guest);
    }
    check_nobody(&mark);
    assert_eq!(Traces::of(&bench), before);
}

fn nothing_is_left_as_an_orphan() {
    host::check_role("taking-in");
}

/// The role of a host that gets the orphans of its children, as the first process of a container does, and waits for none.
pub(crate) fn take_in() {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).unwrap();
    let mut bench = Bench::new();
    bench.confinement.profile = Some(Profile::Landlock);
    let mark = format!("orphan-{}", std::process::id());
    let (deeds, ends) = (&STAYING, &ENDS);
    let before = Traces::of(&bench);
    for round in 0..rounds(deeds.len() * ends.len(), 1000) {
        let guest = begun(&bench, &mark, deeds[round % deeds.len()]);
        ends[(round / deeds.len()) % ends.len()](guest);
        let text = Program::new(File::open(bench.folder.path().join("secret")).unwrap());
        sandbox::spawn(&bench.confinement, &text).unwrap_err();
        assert_eq!(Traces::of(&bench).children, before.children);
    }
    for harm in [kill_parent, stop_parent] {
        let mut guest = begun(&bench, &mark, "wait");
        let parent = fields(guest.id())[1].parse().unwrap();
        if parent == rustix::process::getpid().as_raw_pid() {
            println!("left out: guests have no parent here");
            break;
        }
        let parent = pidfd_open(Pid::from_raw(parent).unwrap(), PidfdFlags::empty()).unwrap();
        harm(&mut guest, &parent);
        assert_eq!(Traces::of(&bench).children, before.children);
    }
    check_nobody(&mark);
}

/// Who would remove the guest from the process table is gone before.
fn kill_parent(guest: &mut Guest, parent: &OwnedFd) {
    pidfd_send_signal(parent, Signal::KILL).unwrap();
    guest.end().unwrap();
}

/// Who would remove the guest from the process table is stopped again and again.
fn stop_parent(guest: &mut Guest, parent: &OwnedFd) {
    let is_over = AtomicBool::new(false);
    let ended = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Relaxed) && pidfd_send_signal(parent, Signal::STOP).is_ok() {
                std::thread::yield_now();
            }
        });
        let ended = guest.end_within(Duration::from_millis(50));
        is_over.store(true, Relaxed);
        ended
    });
    ended.unwrap();
}

/// No process in the machine carries the mark. What was killed may take a moment to end.
#[track_caller]
fn check_nobody(mark: &str) {
    let wanted = format!("{MARK}={mark}");
    let patience = Instant::now() + PATIENCE;
    loop {
        let survivors = marked(&wanted);
        if survivors.is_empty() {
            return;
        }
        assert!(Instant::now() < patience, "survivors: {survivors:?}");
        std::thread::yield_now();
    }
}

/// The processes with that in their environment. One that has ended has none.
fn marked(wanted: &str) -> Vec<PathBuf> {
    let holds = |process: &PathBuf| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == wanted.as_bytes())
    };
    let entries = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    entries.filter(holds).collect()
}

/// What a host could keep of its guests.
#[derive(Debug, PartialEq, Eq)]
struct Traces {
    descriptors: usize,
    threads: usize,
    children: BTreeSet<PathBuf>,
    mounts: Vec<String>,
    control_groups: BTreeSet<PathBuf>,
    files: BTreeSet<PathBuf>,
}

impl Traces {
    fn of(bench: &Bench) -> Self {
        let count = |path: &str| fs::read_dir(path).unwrap().count();
        let mut files = BTreeSet::new();
        let artifacts = bench.confinement.stage.join("artifacts");
        collect(bench.folder.path(), &artifacts, usize::MAX, &mut files);
        let mut control_groups = BTreeSet::new();
        collect(Path::new("/sys/fs/cgroup"), &artifacts, 2, &mut control_groups);
        // Others have theirs, which come and go.
        let (itself, folder) = (std::process::id().to_string(), bench.folder.path().to_str().unwrap());
        let is_own =
            |path: &PathBuf| ["orket", &itself].into_iter().all(|part| path.to_string_lossy().contains(part));
        control_groups.retain(is_own);
        let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
        Traces {
            descriptors: count("/proc/self/fd"),
            threads: count("/proc/self/task"),
            children: children(&itself),
            mounts: mounts.lines().filter(|mount| mount.contains(folder)).map(str::to_owned).collect(),
            control_groups,
            files,
        }
    }
}

/// The children of a process, the ended ones included.
fn children(of: &str) -> BTreeSet<PathBuf> {
    let is_child = |process: &PathBuf| {
        let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, fields)| fields.split(' ').nth(1) == Some(of))
    };
    let entries = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    entries.filter(is_child).collect()
}

/// Everything below a folder but what is below `without`.
fn collect(folder: &Path, without: &Path, depth: usize, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if depth > 0 && path != without && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&path, without, depth - 1, found);
        }
        found.insert(path);
    }
}

/// The role of a host with guests that do everything.
pub(crate) fn hoard(mark: &str) {
    let bench = Bench::new();
    let guests: Vec<Guest> = deeds(&bench)
        .into_iter()
        .filter(|deed| ![FORKING, "crash"].contains(deed))
        .map(|deed| begun(&bench, mark, deed))
        .collect();
    println!("ready");
    let mut nothing = Vec::new();
    std::io::stdin().read_to_end(&mut nothing).unwrap();
    drop(guests);
}

fn nothing_is_left_of_a_killed_host() {
    let mark = format!("host-{}", std::process::id());
    for _ in 0..rounds(8, 400) {
        // What it cannot remove itself is removed with this.
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("/proc/self/exe");
        command.args([host::MARK, "hoard", &mark]).env("TMPDIR", folder.path());
        let mut host = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(host.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        host.kill().unwrap();
        host.wait().unwrap();
        check_nobody(&mark);
    }
}

/// Only a frozen control group makes such a guest without a broken device, and only root can freeze one.
fn what_cannot_be_reaped() {
    let group = PathBuf::from(format!("/sys/fs/cgroup/freezer/orket-test-{}", std::process::id()));
    if let Err(error) = fs::create_dir(&group) {
        println!("left out: {}: {error}", group.display());
        return;
    }
    for profile in [Profile::Full, Profile::Landlock] {
        check_frozen(&group, profile);
    }
    fs::remove_dir(&group).unwrap();
}

#[track_caller]
fn check_frozen(group: &Path, profile: Profile) {
    let mut bench = Bench::new();
    bench.confinement.profile = Some(profile);
    let mut guest = begun(&bench, "frozen", "wait");
    fs::write(group.join("cgroup.procs"), guest.id().to_string()).unwrap();
    let set = |state: &str| fs::write(group.join("freezer.state"), state).unwrap();
    set("FROZEN");
    let frozen = Instant::now() + PATIENCE;
    while fs::read_to_string(group.join("freezer.state")).unwrap() != "FROZEN\n" {
        assert!(Instant::now() < frozen, "it was not frozen");
    }
    let error = guest.end_within(Duration::from_millis(1)).unwrap_err();
    assert_eq!(error.code(), "sandbox.unreapable");
    assert!(matches!(error, Error::Unreapable { pid } if pid == guest.id()), "{error}");
    set("THAWED");
    guest.end().unwrap();
}
