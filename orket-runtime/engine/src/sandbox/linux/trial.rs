//! A guest that tries what no guest may do, so that nobody has to believe a list of layers.
//!
//! The guest is the launcher once more, as canary, confined like any other. Each attempt is harmless and is made a second time by a
//! canary without any layer, because what cannot be done there either shows nothing.

use super::super::{Attempt, Confinement, Ending, Error, Layer, Limits, Outcome, Trial};
use super::order::{BYTES_MAX, FORK};
use super::script::{self, Script};
use super::start::{make_launcher, spawn_here};
use super::{Guest, Program};
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long a canary may take to answer, or to end with its thread; each takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// What attempts are aimed at.
#[derive(Debug, Clone)]
struct Surroundings {
    /// A port that somebody listens on.
    port: u16,
    /// The host's process, name and a descriptor that it lets be inherited.
    host: i32,
    name: Vec<u8>,
    descriptor: i32,
    /// More memory than the limit allows.
    too_much_memory: u64,
}

/// When an attempt is done.
enum Done {
    /// When every call of it succeeds.
    Calls,
    /// When its call gives zero.
    Zero,
    /// When this is then found in memory.
    Found(u64, Vec<u8>),
    /// When this is true of the words that are then in memory.
    Told(u64, fn(&[u64]) -> bool),
}

type Deed = fn(&mut Script, &Surroundings) -> Done;

/// Name, deciding layer, whether a guest may do it, and the deed. The table may be long.
const DEEDS: [(&str, Layer, bool, Deed); 25] = [
    ("read a material", Layer::Files, true, |s, _| open(s, c"workspace/material", libc::O_RDONLY)),
    ("write an artifact", Layer::Files, true, |s, _| open(s, c"artifacts/written", WRITE)),
    ("read /etc/passwd", Layer::Files, false, |s, _| open(s, c"/etc/passwd", libc::O_RDONLY)),
    ("list /dev", Layer::Files, false, |s, _| open(s, c"/dev", libc::O_RDONLY)),
    ("change a material", Layer::Files, false, |s, _| open(s, c"workspace/material", WRITE)),
    ("write beside the artifacts", Layer::Files, false, |s, _| open(s, c"beside", WRITE)),
    ("read past the rights of a file, as root can", Layer::Privileges, false, |s, _| {
        open(s, c"workspace/sealed", libc::O_RDONLY)
    }),
    ("see a descriptor of the host", Layer::Descriptors, false, |s, at| {
        call(s, libc::SYS_fcntl, &[at.descriptor.into(), libc::F_GETFD.into()])
    }),
    ("allocate more memory than the limit", Layer::Limits, false, |s, at| {
        map(s, at.too_much_memory, libc::PROT_READ | libc::PROT_WRITE)
    }),
    ("map memory that is writable and executable", Layer::WriteXorExecute, false, |s, _| {
        map(s, 4096, libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC)
    }),
    ("connect to a TCP port", Layer::Ports, false, |s, at| {
        reach(s, libc::SYS_connect, libc::SOCK_STREAM, at.port)
    }),
    ("signal the host", Layer::Scopes, false, |s, at| call(s, libc::SYS_kill, &[at.host.into(), 0.into()])),
    ("make a socket", Layer::SystemCalls, false, |s, _| {
        call(s, libc::SYS_socket, &[libc::AF_INET.into(), libc::SOCK_DGRAM.into(), 0.into()])
    }),
    ("have memory that no limit counts", Layer::SystemCalls, false, |s, _| {
        let name = s.text(c"canary");
        call(s, libc::SYS_memfd_create, &[name.into(), 0.into()])
    }),
    ("start a process", Layer::SystemCalls, false, |s, _| {
        s.call("", FORK.into(), &[]);
        Done::Calls
    }),
    ("be root", Layer::Identity, false, |s, _| {
        s.call("", libc::SYS_geteuid, &[]);
        Done::Zero
    }),
    ("see the process of the host", Layer::Processes, false, |s, at| {
        call(s, libc::SYS_getpriority, &[libc::PRIO_PROCESS.into(), at.host.into()])
    }),
    ("learn that /etc/passwd exists", Layer::Tree, false, |s, _| {
        let path = s.text(c"/etc/passwd");
        call(s, libc::SYS_faccessat, &[libc::AT_FDCWD.into(), path.into(), libc::F_OK.into()])
    }),
    ("bind to an address of the host", Layer::Network, false, |s, _| {
        reach(s, libc::SYS_bind, libc::SOCK_DGRAM, 0)
    }),
    ("learn the name of the host", Layer::Ipc, false, |s, at| {
        const FIELD: usize = 65;
        let names = s.bytes(&[0; FIELD * 6]);
        s.call("", libc::SYS_uname, &[names.into()]);
        Done::Found(names + FIELD as u64, at.name.clone())
    }),
    ("have its stack where every guest has it", Layer::Layout, true, |s, _| {
        told(s, |words| words.first().is_some_and(|pointer| pointer >> 16 == STACK))
    }),
    ("be told where the vDSO is", Layer::StartVector, false, |s, _| {
        const AT_SYSINFO_EHDR: u64 = 33;
        told(s, |words| start_vector(words).any(|(kind, value)| kind == AT_SYSINFO_EHDR && value != 0))
    }),
    ("read the clock", Layer::Ambient, false, |s, _| {
        let time = s.words(&[0; 2]);
        call(s, libc::SYS_clock_gettime, &[libc::CLOCK_REALTIME.into(), time.into()])
    }),
    ("draw random bytes", Layer::Ambient, false, |s, _| {
        let bytes = s.words(&[0; 2]);
        call(s, libc::SYS_getrandom, &[bytes.into(), 16.into(), 0.into()])
    }),
    ("have no counter of the processor", Layer::Counter, true, |s, _| {
        let mode = s.words(&[0]);
        s.call("", libc::SYS_prctl, &[libc::PR_GET_TSC.into(), mode.into()]);
        Done::Found(mode, libc::PR_TSC_SIGSEGV.to_ne_bytes().to_vec())
    }),
];

/// The upper bits of the address of a stack without chance.
const STACK: u64 = if cfg!(target_arch = "x86_64") { 0x7fff_ffff } else { 0xffff_ffff };
/// The stack pointer, a canary's words, and the beginning of its start-vector; as much as the smallest stack has.
const TOLD_WORDS: usize = 40;

/// What a canary finds on its stack.
fn told(script: &mut Script, is_so: fn(&[u64]) -> bool) -> Done {
    let words = script.words(&[0; TOLD_WORDS]);
    script.recall(words, TOLD_WORDS);
    Done::Told(words, is_so)
}

const WRITE: i32 = libc::O_CREAT | libc::O_WRONLY | libc::O_APPEND;

fn call(script: &mut Script, number: libc::c_long, arguments: &[script::Value]) -> Done {
    script.call("", number, arguments);
    Done::Calls
}

fn open(script: &mut Script, path: &std::ffi::CStr, flags: i32) -> Done {
    let path = script.text(path);
    call(script, libc::SYS_openat, &[libc::AT_FDCWD.into(), path.into(), flags.into(), 0o644.into()])
}

fn map(script: &mut Script, bytes: u64, rights: i32) -> Done {
    let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    call(script, libc::SYS_mmap, &[0.into(), bytes.into(), rights.into(), kind.into(), (-1).into(), 0.into()])
}

/// Connects or binds a new socket to a port of this machine.
fn reach(script: &mut Script, number: libc::c_long, kind: i32, port: u16) -> Done {
    let socket = script.result("", libc::SYS_socket, &[libc::AF_INET.into(), kind.into(), 0.into()]);
    let mut address = [0; 16];
    address[..2].copy_from_slice(&2_u16.to_ne_bytes());
    address[2..4].copy_from_slice(&port.to_be_bytes());
    address[4..8].copy_from_slice(&[127, 0, 0, 1]);
    let address = script.bytes(&address);
    call(script, number, &[socket.into(), address.into(), 16.into()])
}

/// The start-vector behind the stack pointer, the number of arguments, these, and the environment.
fn start_vector(words: &[u64]) -> impl Iterator<Item = (u64, u64)> {
    let arguments = words.get(1).and_then(|count| usize::try_from(*count).ok()).unwrap_or_default();
    let rest = words.iter().skip(arguments.saturating_add(3));
    let vector: Vec<u64> = rest.copied().skip_while(|address| *address != 0).skip(1).collect();
    let pairs: Vec<_> = vector.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
    pairs.into_iter()
}

/// Starts one guest in the sandbox, lets it try what a guest may and may not do, and tries the same without any layer.
///
/// # Errors
/// As [`spawn`](super::spawn); `sandbox.failed` if there is no room for a stage or the guest does not answer.
pub fn try_out() -> Result<Trial, Error> {
    try_out_in(|_| ())
}

/// As [`try_out`], with a confinement that was changed: another profile, accepted weakenings.
///
/// # Errors
/// As [`try_out`].
pub fn try_out_in(change: impl FnOnce(&mut Confinement)) -> Result<Trial, Error> {
    let no = |e| Error::failed("a trial cannot be set up", e);
    let stage = tempfile::tempdir().map_err(no)?;
    let root = stage.path().canonicalize().map_err(no)?;
    furnish(&root).map_err(no)?;
    let mut confinement = Confinement::new(&root);
    confinement.read_only.push(root.join("workspace"));
    confinement.read_write.push(root.join("artifacts"));
    let uncovered = Confinement { omitted: Layer::ALL.to_vec(), ..confinement.clone() };
    change(&mut confinement);
    let (at, _listener, _kept) = surroundings(&confinement).map_err(no)?;
    // The kernel ends a guest with the thread that started it: these end at once.
    let (mut guest, inside) = on_a_thread(|| ask(&confinement, &at))?;
    let abandoned = ended_with_its_thread(&mut guest, &confinement)?;
    let (_, outside) = on_a_thread(|| ask(&uncovered, &at))?;
    let attempt = |(&(name, layer, allowed, _), (inside, outside)): (&(&str, Layer, bool, Deed), _)| {
        Attempt { name: name.to_owned(), layer, allowed, inside, outside }
    };
    let mut attempts: Vec<Attempt> = DEEDS.iter().zip(inside.into_iter().zip(outside)).map(attempt).collect();
    attempts.push(abandoned);
    Ok(Trial { layers: guest.report().to_vec(), profile: guest.profile(), attempts })
}

fn on_a_thread<T: Send>(work: impl FnOnce() -> Result<T, Error> + Send) -> Result<T, Error> {
    let panicked = |_| Err(Error::failed("the trial has panicked", io::ErrorKind::Other));
    std::thread::scope(|scope| scope.spawn(work).join().unwrap_or_else(panicked))
}

/// The stage of a trial: a material, one that only root could read, and room for artifacts.
fn furnish(root: &Path) -> io::Result<()> {
    // Root's guest is another user, who must get there.
    fs::set_permissions(root, Permissions::from_mode(0o755))?;
    for folder in ["workspace", "artifacts"] {
        fs::create_dir(root.join(folder))?;
    }
    for file in ["workspace/material", "workspace/sealed"] {
        fs::write(root.join(file), "trial")?;
    }
    fs::set_permissions(root.join("workspace/sealed"), Permissions::from_mode(0o000))
}

fn surroundings(confinement: &Confinement) -> io::Result<(Surroundings, Option<TcpListener>, OwnedFd)> {
    let listener = TcpListener::bind("127.0.0.1:0").ok();
    let port = listener.as_ref().and_then(|listener| listener.local_addr().ok());
    // One that a program started now would inherit.
    let kept = fcntl_dupfd_cloexec(File::open("/dev/null")?, 10)?;
    fcntl_setfd(&kept, FdFlags::empty())?;
    let surroundings = Surroundings {
        port: port.map_or(9, |address| address.port()),
        host: rustix::process::getpid().as_raw_pid(),
        name: rustix::system::uname().nodename().to_bytes_with_nul().to_vec(),
        descriptor: kept.as_raw_fd(),
        too_much_memory: confinement.limits.memory_bytes.max(Limits::default().memory_bytes) + (64 << 20),
    };
    Ok((surroundings, listener, kept))
}

/// Starts a canary and lets it make every attempt.
fn ask(confinement: &Confinement, at: &Surroundings) -> Result<(Guest, Vec<Outcome>), Error> {
    let no = |e| Error::failed("a trial cannot be set up", e);
    let mut script = Script::new();
    let mut done = Vec::new();
    for (_, _, _, deed) in DEEDS {
        let first = script.len();
        let how = deed(&mut script, at);
        done.push((first..script.len(), how));
    }
    let (order, steps) = script.finish(0, 0).map_err(no)?;
    let program = Program::in_memory(make_launcher().map_err(no)?);
    let mut guest = spawn_here(confinement, &program)?;
    let answer = converse(guest.socket(), &order).map_err(|error| unanswered(&mut guest, error))?;
    let results = script::results(&answer, steps.len()).unwrap_or_default();
    let outcomes = done.into_iter().map(|(steps, how)| outcome(&answer, &results[steps], &how)).collect();
    Ok((guest, outcomes))
}

fn outcome(answer: &[u8], results: &[i64], how: &Done) -> Outcome {
    let failed = results.iter().find(|result| (-4095..0).contains(*result));
    if let Some(errno) = failed {
        let errno = i32::try_from(-errno).unwrap_or(libc::EIO);
        return Outcome::Refused(io::Error::from_raw_os_error(errno).to_string());
    }
    let done = match how {
        Done::Calls => true,
        Done::Zero => results == [0],
        Done::Found(address, expected) => {
            script::at(answer, *address, expected.len()) == Some(expected.as_slice())
        }
        Done::Told(address, is_so) => {
            let bytes = script::at(answer, *address, TOLD_WORDS * size_of::<u64>()).unwrap_or_default();
            let words = bytes.chunks_exact(size_of::<u64>());
            is_so(
                &words.filter_map(|word| Some(u64::from_ne_bytes(*word.first_chunk()?))).collect::<Vec<_>>(),
            )
        }
    };
    if done { Outcome::Done } else { Outcome::Refused("it is not so".to_owned()) }
}

/// What a guest that does not answer has said otherwise.
fn unanswered(guest: &mut Guest, error: io::Error) -> Error {
    let ended = guest.end();
    let mut said = String::new();
    if let (Ok(_), Some(stderr)) = (&ended, guest.take_stderr()) {
        // Its only writer is gone, so this ends; what is not text is not shown.
        let _ = stderr.take(4096).read_to_string(&mut said);
    }
    let ended = ended.map(|exit| format!("{:?}", exit.ending)).unwrap_or_default();
    Error::failed(format!("the trial does not answer ({ended}: {})", said.trim()), error)
}

/// Sends an order and receives it back, with what came of it.
fn converse(socket: &mut UnixStream, order: &[u8]) -> io::Result<Vec<u8>> {
    debug_assert!(order.len() <= BYTES_MAX);
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.write_all(order)?;
    let mut answer = vec![0; order.len()];
    socket.read_exact(&mut answer)?;
    Ok(answer)
}

/// Whether the guest, which waits for a word that never comes, was killed by the kernel.
fn ended_with_its_thread(guest: &mut Guest, confinement: &Confinement) -> Result<Attempt, Error> {
    let patience = if confinement.leaves_out(Layer::ParentDeath) { Duration::ZERO } else { PATIENCE };
    let inside = match guest.wait_for(patience)? {
        Some(exit) if exit.ending == Ending::Signal(libc::SIGKILL) => Outcome::Refused("killed".into()),
        _ => Outcome::Done,
    };
    Ok(Attempt {
        name: "outlive the host's thread".to_owned(),
        layer: Layer::ParentDeath,
        allowed: false,
        inside,
        // Threads end all the time without taking a process with them.
        outside: Outcome::Done,
    })
}
