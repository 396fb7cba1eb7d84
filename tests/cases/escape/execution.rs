//! Code that nobody has hashed: other programs, and memory that becomes code.

use crate::attempt::{Attempt, attempt};
use crate::sys::{become_echo, become_echo_of, call, descriptor, execute, map, open, path};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};

const TOOL: &str = "workspace/echo";
const OWN: libc::c_int = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
const READ_WRITE: libc::c_int = libc::PROT_READ | libc::PROT_WRITE;

pub(crate) const PROGRAMS: &[Attempt] = &[
    attempt("run-host-tool", |_| become_echo("/bin/echo")),
    attempt("run-shell", |_| {
        let words = [c"sh".as_ptr(), c"-c".as_ptr(), c"echo done".as_ptr(), std::ptr::null()];
        execute(c"/bin/sh".as_ptr(), &words)
    }),
    attempt("run-material", |_| become_echo(TOOL)),
    attempt("run-open-material", |_| become_echo_of(&open(TOOL, libc::O_RDONLY)?)),
    attempt("run-path-handle", |_| become_echo_of(&open(TOOL, libc::O_PATH)?)),
    attempt("run-at-every-descriptor", |_| run_at_every_descriptor()),
    attempt("run-artifact", |_| copy(TOOL, "artifacts/echo").and_then(|()| become_echo("artifacts/echo"))),
    attempt("run-script", |_| {
        executable("artifacts/script")?.write_all(b"#!/bin/sh\necho done\n")?;
        become_echo("artifacts/script")
    }),
    attempt("run-by-loader", |_| {
        let loader = loader().ok_or(io::ErrorKind::NotFound)?;
        let (loader, tool) = (path(loader), path(TOOL));
        execute(loader.as_ptr(), &[loader.as_ptr(), tool.as_ptr(), c"done".as_ptr(), std::ptr::null()])
    }),
    attempt("run-from-memory", |_| {
        let memory = descriptor(call!(libc::SYS_memfd_create, c"x".as_ptr(), 0))?;
        let mut bytes = Vec::new();
        File::open(TOOL)?.read_to_end(&mut bytes)?;
        File::from(memory.try_clone()?).write_all(&bytes)?;
        become_echo_of(&memory)
    }),
    attempt("run-itself-again", |_| {
        let own = File::open("/proc/self/exe")?;
        become_echo_of(&OwnedFd::from(own))
    }),
    attempt("run-child", |_| child(Command::new("/bin/echo"))),
    attempt("run-child-of-material", |_| child(Command::new(fs::canonicalize(TOOL)?))),
    attempt("run-child-with-vfork", |_| {
        // The mere start, by flags of which no copy of the memory is made: `std` uses it where nothing is set up.
        Command::new("/bin/true").spawn()?.wait().map(drop)
    }),
    attempt("run-privileged-program", |_| {
        let found = ["/bin/su", "/bin/mount", "/usr/bin/passwd"].into_iter().find(|path| {
            fs::metadata(path).is_ok_and(|found| std::os::unix::fs::MetadataExt::mode(&found) & 0o4000 != 0)
        });
        let program = path(found.ok_or(io::ErrorKind::NotFound)?);
        let words = [program.as_ptr(), c"--version".as_ptr(), std::ptr::null()];
        child(Command::new(std::ffi::OsStr::new(program.to_str().unwrap_or_default())))
            .or_else(|_| execute(program.as_ptr(), &words))
    })
    .given("a program that runs as root"),
];

pub(crate) const CODE: &[Attempt] = &[
    attempt("map-writable-executable", |_| map(4096, READ_WRITE | libc::PROT_EXEC, OWN, -1).map(drop)),
    attempt("map-executable-without-file", |_| {
        map(4096, libc::PROT_READ | libc::PROT_EXEC, OWN, -1).map(drop)
    }),
    attempt("make-memory-executable", |_| {
        let at = map(4096, READ_WRITE, OWN, -1)?;
        call!(libc::SYS_mprotect, at, 4096, libc::PROT_READ | libc::PROT_EXEC).map(drop)
    }),
    attempt("make-memory-executable-by-key", |_| {
        let at = map(4096, READ_WRITE, OWN, -1)?;
        call!(libc::SYS_pkey_mprotect, at, 4096, libc::PROT_READ | libc::PROT_EXEC, -1).map(drop)
    }),
    attempt("make-code-writable", |_| {
        let page = (some_code as *const () as usize) & !4095;
        call!(libc::SYS_mprotect, page, 4096, READ_WRITE | libc::PROT_EXEC).map(drop)
    }),
    attempt("make-constants-executable", |_| {
        let page = (&raw const PAGE).addr() & !4095;
        call!(libc::SYS_mprotect, page, 4096, READ_WRITE | libc::PROT_EXEC).map(drop)
    }),
    attempt("run-own-bytes", |_| run_own_bytes(map(4096, READ_WRITE, OWN, -1)?)),
    attempt("map-artifact-executable", |_| {
        File::create("artifacts/code")?.write_all(&[0xc3; 4096])?;
        let code = File::open("artifacts/code")?;
        map(4096, libc::PROT_READ | libc::PROT_EXEC, libc::MAP_PRIVATE, code.as_raw_fd()).map(drop)
    }),
    attempt("map-artifact-executable-and-shared", |_| {
        let code = open("artifacts/code", libc::O_RDWR | libc::O_CREAT)?;
        let rights = READ_WRITE | libc::PROT_EXEC;
        map(4096, rights, libc::MAP_SHARED, code.as_raw_fd()).map(drop)
    }),
    attempt("map-material-executable", |_| {
        let code = File::open(TOOL)?;
        map(4096, libc::PROT_READ | libc::PROT_EXEC, libc::MAP_PRIVATE, code.as_raw_fd()).map(drop)
    }),
    attempt("make-memory-file", |_| call!(libc::SYS_memfd_create, c"x".as_ptr(), 0).map(drop)),
    attempt("make-secret-memory", |_| call!(libc::SYS_memfd_secret, 0).map(drop)).given("secret memory"),
    attempt("read-implies-executable", |_| call!(libc::SYS_personality, libc::READ_IMPLIES_EXEC).map(drop)),
    attempt("no-random-addresses", |_| call!(libc::SYS_personality, libc::ADDR_NO_RANDOMIZE).map(drop)),
    attempt("faults-handled-by-itself", |_| call!(libc::SYS_userfaultfd, 1).map(drop)).given("userfaultfd"),
    attempt("rearrange-file-pages", |_| {
        let file = open("artifacts/pages", libc::O_RDWR | libc::O_CREAT)?;
        call!(libc::SYS_ftruncate, file.as_raw_fd(), 8192)?;
        let at = map(8192, READ_WRITE, libc::MAP_SHARED, file.as_raw_fd())?;
        call!(libc::SYS_remap_file_pages, at, 4096, 0, 1, 0).map(drop)
    })
    .given("remap_file_pages"),
    attempt("seal-memory", |_| {
        let at = map(4096, READ_WRITE, OWN, -1)?;
        call!(462, at, 4096, 0).map(drop)
    })
    .given("Linux 6.10"),
    attempt("protection-key", |_| call!(libc::SYS_pkey_alloc, 0, 0).map(drop)).given("protection keys"),
];

static PAGE: [u64; 1] = [0];

fn some_code() {}

fn loader() -> Option<&'static str> {
    let known = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-x86_64.so.1"];
    known.into_iter().find(|path| fs::metadata(path).is_ok())
}

fn executable(path: &str) -> io::Result<File> {
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o755).open(path)
}

fn copy(from: &str, to: &str) -> io::Result<()> {
    io::copy(&mut File::open(from)?, &mut executable(to)?).map(drop)
}

fn child(mut command: Command) -> io::Result<()> {
    let (input, output) = (Stdio::inherit(), Stdio::inherit());
    command.arg("child").stdin(input).stdout(output).stderr(Stdio::inherit()).status().map(drop)
}

/// A filter may know the one descriptor that was to be executed by its number.
fn run_at_every_descriptor() -> io::Result<()> {
    let mut held = Vec::new();
    let mut last = Err(io::ErrorKind::NotFound.into());
    for _ in 0..200 {
        let Ok(file) = open(TOOL, libc::O_RDONLY) else { break };
        last = become_echo_of(&file);
        held.push(file);
    }
    last
}

/// Writes "return" in the machine's words, makes it code and calls it.
fn run_own_bytes(at: *mut u8) -> io::Result<()> {
    let code: &[u8] = if cfg!(target_arch = "x86_64") { &[0xc3] } else { &[0xc0, 0x03, 0x5f, 0xd6] };
    // SAFETY: the page is new, writable and larger.
    unsafe { std::ptr::copy_nonoverlapping(code.as_ptr(), at, code.len()) };
    call!(libc::SYS_mprotect, at, 4096, libc::PROT_READ | libc::PROT_EXEC)?;
    // SAFETY: the page is executable now and holds a function that returns at once.
    unsafe { std::mem::transmute::<*mut u8, extern "C" fn()>(at)() };
    Ok(())
}
