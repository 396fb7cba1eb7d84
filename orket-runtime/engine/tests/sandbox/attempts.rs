//! What a guest tries, what it must be able to do, and how its limits end it.

use crate::bench::{Attempt, Bench};
use crate::runner::Case;
use orket_engine::sandbox::{Ending, Limit, Limits, Reached};
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};

pub(crate) const CASES: &[Case] = &[
    ("attempts::what_a_guest_needs_works", what_a_guest_needs_works),
    ("attempts::files_beyond_the_grants_are_refused", files_beyond_the_grants),
    ("attempts::the_network_is_refused", network),
    ("attempts::other_processes_are_refused", processes),
    ("attempts::other_programs_are_refused", programs),
    ("attempts::memory_that_no_limit_counts_is_refused", memory),
    ("attempts::nothing_of_the_host_shows", surroundings),
    ("attempts::threads_only_if_allowed", threads),
    ("attempts::memory_is_limited", memory_limit),
    ("attempts::processor_time_is_limited", cpu_limit),
    ("attempts::file_size_is_limited", file_limit),
    ("attempts::endings_are_told_apart", endings),
    ("attempts::roots_privileges_are_gone", privileges),
];

/// Refused inside; done outside, which shows that the attempt is a real one.
#[track_caller]
fn check_refused(bench: &Bench, attempt: &str) {
    let inside = bench.inside(attempt);
    assert!(inside.said.starts_with("refused"), "{attempt}: {inside:?}");
    let outside = bench.outside(attempt);
    assert!(outside.starts_with("done"), "control of {attempt}: {outside}");
}

#[track_caller]
fn check_done(bench: &Bench, attempt: &str) -> Attempt {
    let inside = bench.inside(attempt);
    assert!(inside.done() && inside.exit.success(), "{attempt}: {inside:?}");
    inside
}

fn what_a_guest_needs_works() {
    Bench::each().iter().for_each(check_needs);
}

fn check_needs(bench: &Bench) {
    for attempt in [
        "nothing",
        "echo",
        "read workspace/material",
        "list workspace",
        "write artifacts/new",
        "read artifacts/new",
        "rename artifacts/new artifacts/old",
        "copy workspace/material artifacts/copied",
        "truncate artifacts/old",
        "list artifacts",
        "memory 1048576",
        "stack 1000",
        "std",
    ] {
        check_done(bench, attempt);
    }
    let copied = bench.confinement.stage.join("artifacts/copied");
    assert_eq!(std::fs::read_to_string(copied).unwrap(), "material");
    let panicked = bench.inside("panic");
    assert_eq!(panicked.exit.ending, Ending::Code(101), "{panicked:?}");
    assert!(panicked.stderr.contains("as asked"));
    assert_eq!(check_done(bench, "arguments").said, "done /extension\n");
}

fn files_beyond_the_grants() {
    Bench::each().iter().for_each(check_files);
}

fn check_files(bench: &Bench) {
    let secret = bench.secret();
    for attempt in [
        "read /etc/passwd",
        "read /proc/self/environ",
        "read /proc/self/maps",
        "list /",
        "list .",
        "write workspace/material",
        "write workspace/new",
        "truncate workspace/material",
        "chmod workspace/material",
        "write outside",
        "symlink artifacts/link",
        "copy artifacts/none workspace/material",
        &format!("read {secret}"),
        "read ../secret",
        &format!("write {secret}"),
        &format!("truncate {secret}"),
        &format!("chmod {secret}"),
        "rename workspace/material artifacts/stolen",
    ] {
        if attempt.starts_with("copy") {
            std::fs::write(bench.confinement.stage.join("artifacts/none"), "x").unwrap();
        }
        check_refused(bench, attempt);
    }
}

/// A file that its owner may not read, either, opens for root outside, and for no guest.
fn privileges() {
    use std::os::unix::fs::PermissionsExt;
    let bench = Bench::new();
    let path = bench.confinement.stage.join("workspace/material");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o000)).unwrap();
    let attempt = "read workspace/material";
    match bench.outside("euid").as_str() {
        "done 0\n" => check_refused(&bench, attempt),
        _ => assert!(!bench.inside(attempt).done()),
    }
}

fn network() {
    let bench = Bench::new();
    let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    check_refused(&bench, &format!("connect {}", tcp.local_addr().unwrap()));
    check_refused(&bench, "udp");
    let path = bench.confinement.stage.join("artifacts/socket");
    let _unix = std::os::unix::net::UnixListener::bind(path).unwrap();
    check_refused(&bench, "unix artifacts/socket");
}

fn processes() {
    for bench in Bench::each() {
        for attempt in ["fork", "setsid", "setpgid", "signal_parent"] {
            check_refused(&bench, attempt);
        }
    }
}

fn programs() {
    for mut bench in Bench::each() {
        check_refused(&bench, "execve");
        // Even where the files layer would allow it: the descriptor that the filter names cannot be had again.
        bench.confinement.libraries.push("/bin".into());
        check_refused(&bench, "execve");
        check_refused(&bench, "execveat /bin/sh");
        check_refused(&bench, "memfd");
        check_refused(&bench, "write_execute");
        check_refused(&bench, "make_executable");
    }
}

fn memory() {
    for bench in Bench::each() {
        check_refused(&bench, "shared_memory");
        check_refused(&bench, "growing_memory");
    }
}

fn surroundings() {
    for bench in Bench::each() {
        check_refused(&bench, "environment");
        check_refused(&bench, "getcwd");
        check_refused(&bench, "current_exe");
        // A descriptor that the host lets be inherited: it shows outside.
        let kept = fcntl_dupfd_cloexec(std::io::stderr(), 10).unwrap();
        fcntl_setfd(&kept, FdFlags::empty()).unwrap();
        check_refused(&bench, "descriptors");
        drop(kept);
    }
}

fn threads() {
    for mut bench in Bench::each() {
        check_refused(&bench, "thread");
        bench.confinement.threads = true;
        check_done(&bench, "thread");
        check_refused(&bench, "fork");
    }
}

fn memory_limit() {
    for mut bench in Bench::each() {
        bench.confinement.limits.memory_bytes = 64 << 20;
        check_done(&bench, &format!("memory {}", 56 << 20));
        check_refused(&bench, &format!("memory {}", 72 << 20));
        bench.confinement.limits.memory_bytes = 4 << 20;
        check_done(&bench, "nothing");
        let allocated = bench.inside(&format!("allocate {}", 72 << 20));
        let limits = &bench.confinement.limits;
        let expected = Reached { limit: Limit::Memory, max: 4 << 20, value: 72 << 20 };
        assert_eq!(allocated.exit.reached(&allocated.stderr, limits), Some(expected), "{allocated:?}");
        let deep = bench.inside("stack 1000000");
        assert!(!deep.done(), "{deep:?}");
    }
}

/// The limit that ended it, if one did.
fn limit(attempt: &Attempt) -> Option<Reached> {
    attempt.exit.reached("", &Limits::default())
}

fn cpu_limit() {
    for mut bench in Bench::each() {
        bench.confinement.limits.cpu_ms = 200;
        let spun = bench.inside("spin");
        let reached = limit(&spun).unwrap_or_else(|| panic!("{spun:?}"));
        assert_eq!((reached.limit, reached.max), (Limit::CpuTime, 200));
        assert!(reached.value >= 200 && reached.value == spun.exit.cpu_ms, "{spun:?}");
    }
}

fn file_limit() {
    for mut bench in Bench::each() {
        bench.confinement.limits.file_bytes_max = 1 << 20;
        check_done(&bench, "file_size artifacts/fits 1048576");
        let wrote = bench.inside("file_size artifacts/large 2097152");
        assert_eq!(limit(&wrote).map(|reached| reached.limit.code()), Some("limit.file-size"), "{wrote:?}");
        let path = bench.confinement.stage.join("artifacts/large");
        assert_eq!(std::fs::metadata(path).unwrap().len(), 1 << 20);
        assert!(bench.outside("file_size artifacts/large 2097152").starts_with("done"));
    }
}

fn endings() {
    for bench in Bench::each() {
        let aborted = bench.inside("abort");
        assert_eq!(aborted.exit.ending, Ending::Signal(6), "{aborted:?}");
        assert_eq!(aborted.exit.cause, None);
        let refused = bench.inside("no-such-attempt");
        assert_eq!(refused.exit.ending, Ending::Code(0));
    }
}
