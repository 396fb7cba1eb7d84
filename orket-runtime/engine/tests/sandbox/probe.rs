//! The guest of the sandbox's tests: makes one attempt, named by its argument or by a line from its socket, and says on stdout
//! whether it was done (`done ...`) or refused (`refused ...`). Compiled by the tests themselves with `rustc`, without crates.

use std::ffi::{c_char, c_int, c_long};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::os::fd::FromRawFd;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
    fn fork() -> c_int;
    fn _exit(code: c_int) -> !;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
    fn setsid() -> c_int;
    fn setpgid(pid: c_int, group: c_int) -> c_int;
    fn kill(pid: c_int, signal: c_int) -> c_int;
    fn getppid() -> c_int;
    fn execv(path: *const c_char, arguments: *const *const c_char) -> c_int;
    fn chmod(path: *const c_char, mode: u32) -> c_int;
    fn mmap(at: usize, length: usize, prot: c_int, flags: c_int, fd: c_int, offset: i64) -> isize;
    fn mprotect(at: isize, length: usize, prot: c_int) -> c_int;
    fn signal(number: c_int, handler: usize) -> usize;
    fn geteuid() -> u32;
    fn raise(signal: c_int) -> c_int;
    fn getpid() -> c_int;
    fn isatty(fd: c_int) -> c_int;
    fn getauxval(kind: usize) -> usize;
    fn uname(names: *mut u8) -> c_int;
    fn getrlimit(resource: c_int, limit: *mut u64) -> c_int;
}

#[cfg(target_arch = "x86_64")]
const MEMFD_CREATE: c_long = 319;
#[cfg(target_arch = "aarch64")]
const MEMFD_CREATE: c_long = 279;
#[cfg(target_arch = "x86_64")]
const EXECVEAT: c_long = 322;
#[cfg(target_arch = "aarch64")]
const EXECVEAT: c_long = 281;
const IO_URING_SETUP: c_long = 425;

type Outcome = Result<String, String>;

fn main() {
    let mut argument = std::env::args().nth(1);
    let line = argument.take().unwrap_or_else(line_from_socket);
    let (attempt, rest) = line.split_once(' ').unwrap_or((&line, ""));
    match make(attempt, rest) {
        Ok(text) => println!("done {text}"),
        Err(text) => println!("refused {text}"),
    }
}

fn socket() -> File {
    // SAFETY: the host gives the guest this descriptor, and nothing else here uses it.
    unsafe { File::from_raw_fd(3) }
}

fn line_from_socket() -> String {
    let mut line = Vec::new();
    let mut byte = [0];
    let mut socket = std::mem::ManuallyDrop::new(socket());
    while socket.read_exact(&mut byte).is_ok() && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    String::from_utf8(line).expect("attempts are text")
}

fn make(attempt: &str, rest: &str) -> Outcome {
    match attempt {
        "nothing" => Ok(String::new()),
        "echo" => echo(),
        "read" => text(fs::read_to_string(rest).map(|text| text.len().to_string())),
        "list" => text(fs::read_dir(rest).map(|entries| entries.count().to_string())),
        "write" => text(fs::write(rest, "written").map(|()| String::new())),
        "rename" => rename(rest),
        "copy" => copy(rest),
        "symlink" => text(std::os::unix::fs::symlink("/etc", rest).map(|()| String::new())),
        "truncate" => truncate(rest),
        "chmod" => change_mode(rest),
        "connect" => text(connect(rest)),
        "udp" => text(UdpSocket::bind("127.0.0.1:0").map(|_| String::new())),
        "unix" => text(std::os::unix::net::UnixStream::connect(rest).map(|_| String::new())),
        "environment" => environment(),
        "arguments" => Ok(std::env::args().collect::<Vec<_>>().join(" ")),
        "descriptors" => descriptors(),
        "getcwd" => text(std::env::current_dir().map(|path| path.display().to_string())),
        "current_exe" => text(std::env::current_exe().map(|path| path.display().to_string())),
        "thread" => thread(),
        "fork" => forked(),
        // SAFETY: plain numbers go in, a plain number comes out.
        "setsid" => unsafe { code(setsid().into()) },
        // SAFETY: as above.
        "setpgid" => unsafe { code(setpgid(0, 0).into()) },
        // SAFETY: as above; signal 0 only asks.
        "signal_parent" => unsafe { code(kill(getppid(), 0).into()) },
        // SAFETY: as above.
        "memfd" => unsafe { code(syscall(MEMFD_CREATE, c"x".as_ptr(), 0)) },
        // SAFETY: one entry and 120 bytes of parameters, as the call writes them.
        "io_uring" => unsafe { code(syscall(IO_URING_SETUP, 1, [0_u64; 15].as_mut_ptr())) },
        "execve" => execute(),
        "execveat" => execute_any(rest),
        "memory" => memory(rest),
        "allocate" => Ok(vec![1_u8; rest.parse().expect("a number")].len().to_string()),
        "shared_memory" => mapping(3, 0x21),
        "growing_memory" => mapping(3, 0x122),
        "write_execute" => mapping(7, 0x22),
        "make_executable" => make_executable(),
        "file_size" => file_size(rest),
        "spin" => spin(),
        "abort" => std::process::abort(),
        "raise" => raised(rest),
        "stack" => Ok(deep(rest.parse().unwrap_or(0)).to_string()),
        "std" => ordinary(),
        "surroundings" => Ok(surroundings()),
        "digits" => Ok(digits()),
        "panic" => panic!("as asked"),
        "hostile" => hostile(),
        "ignored" => ignored(),
        "fresh" => fresh(),
        "burn" => burn(rest.parse().expect("a number")),
        // SAFETY: no arguments.
        "euid" => unsafe { Ok(geteuid().to_string()) },
        _ => Err(format!("no such attempt: {attempt}")),
    }
}

fn text(result: std::io::Result<String>) -> Outcome {
    result.map_err(|error| error.to_string())
}

fn code(result: c_long) -> Outcome {
    match result {
        -1 => Err(std::io::Error::last_os_error().to_string()),
        number => Ok(number.to_string()),
    }
}

fn echo() -> Outcome {
    let mut socket = socket();
    let mut message = [0; 4];
    text(socket.read_exact(&mut message).and_then(|()| socket.write_all(&message)).map(|()| String::new()))
}

fn connect(address: &str) -> std::io::Result<String> {
    let address = address.parse().expect("an address");
    TcpStream::connect_timeout(&address, Duration::from_secs(5)).map(|_| String::new())
}

fn rename(rest: &str) -> Outcome {
    let (from, to) = rest.split_once(' ').expect("two paths");
    text(fs::rename(from, to).map(|()| String::new()))
}

fn copy(rest: &str) -> Outcome {
    let (from, to) = rest.split_once(' ').expect("two paths");
    text(fs::copy(from, to).map(|count| count.to_string()))
}

fn truncate(path: &str) -> Outcome {
    let file = fs::OpenOptions::new().write(true).truncate(true).open(path);
    text(file.map(|_| String::new()))
}

fn change_mode(path: &str) -> Outcome {
    let path = std::ffi::CString::new(path).expect("no null byte");
    // SAFETY: the string lives during the call.
    unsafe { code(chmod(path.as_ptr(), 0o600).into()) }
}

fn environment() -> Outcome {
    let names = std::env::vars_os().map(|(name, _)| name);
    let names: Vec<_> = names.filter(|name| name != "GLIBC_TUNABLES").collect();
    if names.is_empty() {
        return Err("empty".into());
    }
    Ok(format!("{names:?}"))
}

/// What is open besides 0 to 3.
fn descriptors() -> Outcome {
    let open = |fd: &c_int| {
        // SAFETY: F_GETFD touches no memory.
        unsafe { syscall(if cfg!(target_arch = "x86_64") { 72 } else { 25 }, *fd, 1) != -1 }
    };
    let found: Vec<c_int> = (4..4096).filter(open).collect();
    match found.is_empty() {
        true => Err("none".into()),
        false => Ok(format!("{found:?}")),
    }
}

fn thread() -> Outcome {
    let builder = std::thread::Builder::new();
    let handle = builder.spawn(|| 7).map_err(|error| error.to_string())?;
    Ok(format!("{:?}", handle.join()))
}

fn forked() -> Outcome {
    // SAFETY: this program has one thread, and the child ends at once.
    match unsafe { fork() } {
        0 => unsafe { _exit(0) },
        -1 => code(-1),
        pid => {
            let mut status = 0;
            // SAFETY: the status lives during the call.
            unsafe { waitpid(pid, &mut status, 0) };
            Ok(pid.to_string())
        }
    }
}

fn execute() -> Outcome {
    let arguments = [c"sh".as_ptr(), c"-c".as_ptr(), c"echo done by the shell".as_ptr(), std::ptr::null()];
    // SAFETY: the array ends with null, and all of it lives during the call.
    code(unsafe { execv(c"/bin/sh".as_ptr(), arguments.as_ptr()).into() })
}

/// Tries to have an executable at the descriptor that the filter once let be executed.
fn execute_any(path: &str) -> Outcome {
    let mut held = Vec::new();
    let mut last = String::from("no descriptor");
    for _ in 0..200 {
        let Ok(file) = File::open(path) else { break };
        let fd = std::os::fd::AsRawFd::as_raw_fd(&file);
        held.push(file);
        let arguments =
            [c"sh".as_ptr(), c"-c".as_ptr(), c"echo done by the shell".as_ptr(), std::ptr::null()];
        // SAFETY: the array ends with null, and all of it lives during the call.
        let result = unsafe {
            syscall(EXECVEAT, fd, c"".as_ptr(), arguments.as_ptr(), arguments[3..].as_ptr(), 0x1000)
        };
        last = code(result).unwrap_err();
    }
    Err(format!("{} tries, {last}", held.len()))
}

fn memory(bytes: &str) -> Outcome {
    let bytes: usize = bytes.parse().expect("a number");
    let mut memory: Vec<u8> = Vec::new();
    memory.try_reserve_exact(bytes).map_err(|error| error.to_string())?;
    memory.resize(bytes, 1);
    Ok(std::hint::black_box(memory).len().to_string())
}

/// What a process finds, all of which it then changes.
fn fresh() -> Outcome {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    static HEAP: Mutex<Vec<u64>> = Mutex::new(Vec::new());
    let (mut found, mut heap) = (Vec::new(), HEAP.lock().expect("one thread"));
    // SAFETY: no arguments.
    let (pid, parent, user) = unsafe { (std::process::id(), getppid(), geteuid()) };
    found.push(format!("process {pid} of {parent}, user {user}"));
    found.push(format!("count {}, heap {heap:?}", COUNT.fetch_add(1, Ordering::Relaxed)));
    found.push(format!("open {:?}, ignored {:?}", descriptors(), ignored()));
    found.push(format!("environment {:?}, words {:?}", environment(), std::env::args().count()));
    for folder in ["artifacts", "workspace"] {
        let mut names: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().collect();
        names.sort_by_key(fs::DirEntry::file_name);
        found.push(format!("{folder} {names:?}"));
    }
    heap.push(7);
    std::mem::forget(text_file("artifacts/left"));
    for number in 1..32 {
        // SAFETY: no handler is installed.
        unsafe { signal(number, 1) };
    }
    Ok(found.join("; "))
}

/// Uses so many milliseconds of processor time, by its own clock.
fn burn(ms: u64) -> Outcome {
    const CLOCK_GETTIME: c_long = if cfg!(target_arch = "x86_64") { 228 } else { 113 };
    const PROCESS_CLOCK: c_int = 2;
    let mut time = [0_i64; 2];
    while time[0] * 1000 + time[1] / 1_000_000 < ms.cast_signed() {
        // SAFETY: the call writes two numbers.
        unsafe { syscall(CLOCK_GETTIME, PROCESS_CLOCK, time.as_mut_ptr()) };
    }
    Ok(String::new())
}

fn mapping(prot: c_int, flags: c_int) -> Outcome {
    // SAFETY: a new mapping, at no fixed place.
    code(unsafe { mmap(0, 65_536, prot, flags, -1, 0) as c_long })
}

fn make_executable() -> Outcome {
    // SAFETY: a new mapping of its own, of which nothing is executed.
    unsafe {
        let at = mmap(0, 65_536, 3, 0x22, -1, 0);
        code(mprotect(at, 65_536, 5).into())
    }
}

fn file_size(rest: &str) -> Outcome {
    let (path, bytes) = rest.split_once(' ').expect("a path and a number");
    let mut file = text_file(path)?;
    let block = vec![0; 65_536];
    for _ in 0..bytes.parse::<usize>().expect("a number") / block.len() {
        file.write_all(&block).map_err(|error| error.to_string())?;
    }
    Ok(String::new())
}

fn text_file(path: &str) -> Result<File, String> {
    File::create(path).map_err(|error| error.to_string())
}

/// Ignores the kernel's warning, so that only the hard limit ends it.
fn spin() -> Outcome {
    const SIGXCPU: c_int = 24;
    const IGNORE: usize = 1;
    // SAFETY: no handler is installed.
    unsafe { signal(SIGXCPU, IGNORE) };
    loop {
        std::hint::spin_loop();
    }
}

/// Says so and then stays, whatever becomes of the socket.
fn wait() -> Outcome {
    println!("waiting");
    loop {
        std::thread::sleep(Duration::from_secs(3600));
    }
}

fn raised(number: &str) -> Outcome {
    // SAFETY: a plain number.
    code(unsafe { raise(number.parse().expect("a number")) }.into())
}

/// What an author may expect of `std` in one thread.
fn ordinary() -> Outcome {
    use std::collections::HashMap;
    use std::sync::{Mutex, OnceLock, mpsc};
    use std::time::{Instant, SystemTime};
    static ONCE: OnceLock<Mutex<u8>> = OnceLock::new();
    let start = Instant::now();
    let map: HashMap<u64, String> = (0..1000).map(|n| (n, n.to_string())).collect();
    let caught = std::panic::catch_unwind(|| panic!("caught"));
    let (sender, receiver) = mpsc::channel();
    sender.send(*ONCE.get_or_init(|| Mutex::new(7)).lock().unwrap()).unwrap();
    std::thread::sleep(Duration::from_millis(1));
    let mut input = String::new();
    let read = std::io::stdin().read_to_string(&mut input);
    let folders = fs::create_dir_all("artifacts/a/b").and_then(|()| fs::remove_dir_all("artifacts/a"));
    let holds = map.len() == 1000
        && caught.is_err()
        && receiver.recv() == Ok(7)
        && start.elapsed() >= Duration::from_millis(1)
        && SystemTime::now() > SystemTime::UNIX_EPOCH
        && matches!(read, Ok(0));
    folders.map_err(|error| error.to_string())?;
    if holds { Ok(String::new()) } else { Err("something".into()) }
}

/// All that a process finds without asking for the moment: one fact a line.
fn surroundings() -> String {
    let mut facts = vec![format!("words {:?}", std::env::args_os().collect::<Vec<_>>())];
    facts.push(format!("environment {:?}", std::env::vars_os().collect::<Vec<_>>()));
    facts.push(format!("folder {:?}", std::env::current_dir().is_ok()));
    let (stack, heap) = (0_u8, Box::new(0_u8));
    let places = [&raw const stack as usize, &raw const *heap as usize];
    let code = [surroundings as *const () as usize, raise as *const () as usize];
    facts.push(format!("addresses {places:x?} {code:x?}"));
    // SAFETY: plain numbers; what is not there is 0.
    facts.extend((2..64).map(|kind| format!("start-vector {kind} {:x}", unsafe { getauxval(kind) })));
    let mut names = [0_u8; 390];
    // SAFETY: six fields of 65 bytes are written.
    unsafe { uname(names.as_mut_ptr()) };
    facts.extend(names.chunks(65).map(|name| format!("name {}", String::from_utf8_lossy(name).trim_end_matches('\0'))));
    for resource in 0..16 {
        let mut limit = [0_u64; 2];
        // SAFETY: two numbers are written.
        let known = unsafe { getrlimit(resource, limit.as_mut_ptr()) };
        facts.push(format!("limit {resource} {known} {limit:?}"));
    }
    // SAFETY: plain numbers.
    facts.push(format!("terminal {:?}", [0, 1, 2].map(|fd| unsafe { isatty(fd) })));
    facts.push(format!("descriptors {:?}", descriptors()));
    facts.push(format!("ignored {:?}", ignored()));
    let made = File::create("artifacts/made").and_then(|file| file.metadata()).map(|found| found.permissions().mode());
    facts.push(format!("mode {:o}", made.unwrap_or_default()));
    // SAFETY: no arguments.
    facts.push(format!("process {:?}", unsafe { (getpid(), getppid()) }));
    // SAFETY: as above.
    facts.push(format!("user {}", unsafe { geteuid() }));
    facts.join("\n")
}

/// What the mathematics of libc comes to, as bits.
fn digits() -> String {
    let sum = (1..4000_u32).fold(0_u64, |sum, n| {
        let x = f64::from(n) * 0.731;
        let all = [x.sin(), x.cos(), x.tan(), (-x / 100.0).exp(), x.ln(), x.powf(1.37), x.atan(), x.sqrt().sinh()];
        all.iter().fold(sum, |sum, value| (sum ^ value.to_bits()).wrapping_mul(0x0100_0000_01b3))
    });
    format!("{sum:016x}")
}

/// Which signals it was born ignoring, besides the one that Rust itself ignores.
fn ignored() -> Outcome {
    const SIGPIPE: c_int = 13;
    // SAFETY: no handler is installed.
    let found: Vec<c_int> = (1..32).filter(|n| *n != SIGPIPE && unsafe { signal(*n, 0) } == 1).collect();
    match found.is_empty() {
        true => Err("none".into()),
        false => Ok(format!("{found:?}")),
    }
}

/// Ignores every signal it can and tries to leave its group, then waits.
fn hostile() -> Outcome {
    for number in 1..65 {
        // SAFETY: no handler is installed.
        unsafe { signal(number, 1) };
    }
    // SAFETY: plain numbers.
    unsafe {
        setsid();
        setpgid(0, 0);
    }
    wait()
}

#[inline(never)]
fn deep(levels: u64) -> u64 {
    let block = std::hint::black_box([levels; 128]);
    match levels {
        0 => 0,
        _ => deep(levels - 1) + u64::from(block[7] > 0),
    }
}
