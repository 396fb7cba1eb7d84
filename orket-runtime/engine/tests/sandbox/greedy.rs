//! A guest that takes more than it may, or will not go. It is this very binary once more; its arguments name what it does.
//!
//! Who starts one with [`words`] sees it do so until it is ended, so nothing here waits for an answer.
#![allow(unsafe_code, clippy::print_stdout)] // it is hostile, and says on stdout how far it came

use std::ffi::CStr;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::time::Duration;

/// The first argument of such a guest.
const MARK: &str = "greedy";

/// The arguments with which a guest does `deed`.
pub(crate) fn words(deed: &str) -> Vec<String> {
    [MARK].into_iter().chain(deed.split(' ')).map(str::to_owned).collect()
}

/// Serves as such a guest if this process was started as one; else returns at once.
pub(crate) fn enter() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((MARK, deed)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) else {
        return;
    };
    let words: Vec<&str> = deed.iter().map(String::as_str).collect();
    let number = |at: usize| words[at].parse().expect("a number");
    match words[0] {
        "fill" => fill(number(1), number(2)),
        "hold-removed" => hold_removed(number(1), number(2)),
        "map-removed" => map_removed(number(1), number(2)),
        "files" => files(number(1)),
        "deep" => deep(number(1)),
        "print" => print(number(1)),
        "threads" => threads(number(1)),
        "memory" => memory(),
        "spin" => spin(),
        "raise" => raise(),
        "wait" => {}
        "mask" => mask(),
        "stop" => stop(),
        "crash" => crash(),
        "storm" => storm(),
        "fork" => fork(number(1), false),
        "comet" => fork(number(1), true),
        other => panic!("no such deed: {other}"),
    }
    ready();
    wait()
}

/// Whoever waits for it goes on.
fn ready() {
    println!("ready");
}

fn crash() -> ! {
    ready();
    std::process::abort()
}

fn wait() -> ! {
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

fn spin() -> ! {
    ready();
    loop {
        std::hint::spin_loop();
    }
}

/// Signals without end, each of which its parent sees first if it traces it.
fn raise() -> ! {
    ready();
    loop {
        // SAFETY: nothing happens by default.
        unsafe { libc::raise(libc::SIGURG) };
    }
}

fn write(at: usize, bytes: usize) -> File {
    let path = format!("artifacts/{at}");
    let mut file =
        File::options().create(true).truncate(true).read(true).write(true).open(path).expect("a file");
    file.write_all(&vec![1; bytes]).expect("written");
    file
}

fn fill(count: usize, bytes: usize) {
    (0..count).for_each(|at| drop(write(at, bytes)));
}

fn remove(at: usize) {
    fs::remove_file(format!("artifacts/{at}")).expect("removed");
}

fn hold_removed(count: usize, bytes: usize) {
    let hold = |at| {
        let file = write(at, bytes);
        remove(at);
        file
    };
    std::mem::forget((0..count).map(hold).collect::<Vec<_>>());
}

fn map_removed(count: usize, bytes: usize) {
    for at in 0..count {
        let file = write(at, bytes);
        // SAFETY: a new mapping that nothing refers to.
        let page = unsafe {
            libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ, libc::MAP_SHARED, file.as_raw_fd(), 0)
        };
        assert_ne!(page, libc::MAP_FAILED);
        remove(at);
    }
}

fn files(count: usize) {
    (0..count).for_each(|at| drop(write(at, 0)));
}

/// Folders, each in the one before, so that the last has no path that could be opened.
fn deep(count: usize) {
    let name: &CStr = c"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let mut folder = File::open("artifacts").expect("a folder");
    for _ in 0..count {
        // SAFETY: the name lives during the calls.
        unsafe {
            assert_eq!(libc::mkdirat(folder.as_raw_fd(), name.as_ptr(), 0o700), 0);
            let next = libc::openat(folder.as_raw_fd(), name.as_ptr(), libc::O_RDONLY | libc::O_DIRECTORY);
            assert!(next >= 0);
            folder = std::os::fd::FromRawFd::from_raw_fd(next);
        }
    }
}

fn print(bytes: usize) {
    let block = [b'x'; 4096];
    for _ in 0..bytes.div_ceil(block.len()) {
        // Nobody has to read it.
        let _ = std::io::stdout().write_all(&block);
    }
}

fn threads(count: usize) {
    for _ in 0..count {
        let thread = std::thread::Builder::new().stack_size(64 << 10);
        thread.spawn(|| wait()).expect("a thread");
    }
    spin()
}

/// Takes memory in small steps until there is no more, and says how much there was.
fn memory() {
    const STEP: usize = 256 << 10;
    // So that its own growth does not count.
    let mut held: Vec<Vec<u8>> = Vec::with_capacity(16 << 10);
    loop {
        let mut step = Vec::new();
        if step.try_reserve_exact(STEP).is_err() {
            break;
        }
        step.resize(STEP, 1);
        held.push(black_box(step));
    }
    println!("{}", held.len() * STEP);
}

/// Blocks every signal that can be.
fn mask() {
    // SAFETY: the set is initialised by the first call.
    unsafe {
        let mut all = std::mem::zeroed::<libc::sigset_t>();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &all, std::ptr::null_mut());
        for number in 1..65 {
            libc::signal(number, libc::SIG_IGN);
        }
    }
}

fn stop() {
    ready();
    // SAFETY: plain numbers.
    unsafe { libc::kill(libc::getpid(), libc::SIGSTOP) };
}

/// Everything at once, without end.
fn storm() -> ! {
    for at in 0.. {
        drop(write(at % 64, 4096));
        print(4096);
        remove(at % 64);
    }
    wait()
}

/// Starts so many processes that start others in turn, without end, and that leave their group if they are told to.
fn fork(count: usize, leave: bool) {
    for _ in 0..count {
        // SAFETY: this program has one thread.
        if unsafe { libc::fork() } == 0 {
            mask();
            loop {
                // SAFETY: as above; a child that has a child ends, so the last is never where it was looked for.
                unsafe {
                    if leave {
                        libc::setsid();
                    }
                    match libc::fork() {
                        0 => libc::sched_yield(),
                        -1 => libc::usleep(1000),
                        _ => libc::_exit(0),
                    };
                }
            }
        }
    }
}
