//! A guest that tries what no guest may do, so that nobody has to believe a list of layers.
//!
//! The guest is the host's own binary once more ([`enter`]), confined like any other. Each attempt is harmless and is made a
//! second time in the host, because what cannot be done there either shows nothing.

use super::super::{Attempt, Confinement, Ending, Error, Layer, Limits, Outcome, Trial};
use super::launcher::GUEST_NAME;
use super::{Guest, Launcher, Program, kernel, spawn};
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use rustix::process::Pid;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How long a trial guest may take to answer, or to end with its thread; each takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// An answer is a short list.
const ANSWER_BYTES_MAX: u64 = 64 << 10;

/// What a trial guest is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Surroundings {
    /// The stage, as it is reached from there.
    stage: PathBuf,
    /// A port that somebody listens on.
    port: u16,
    /// The host's process.
    host: i32,
    /// More memory than the limit allows.
    too_much_memory: usize,
}

type Deed = fn(&Surroundings) -> io::Result<()>;

/// Name, deciding layer, whether a guest may do it, and the deed.
const DEEDS: [(&str, Layer, bool, Deed); 15] = [
    ("read a material", Layer::Files, true, |at| open(at, "workspace/material")),
    ("write an artifact", Layer::Files, true, |at| append(at, "artifacts/written")),
    ("read /etc/passwd", Layer::Files, false, |_| File::open("/etc/passwd").map(drop)),
    ("list /", Layer::Files, false, |_| fs::read_dir("/").map(drop)),
    ("change a material", Layer::Files, false, |at| append(at, "workspace/material")),
    ("write beside the artifacts", Layer::Files, false, |at| append(at, "beside")),
    ("read past the rights of a file, as root can", Layer::Privileges, false, |at| {
        open(at, "workspace/sealed")
    }),
    ("see a descriptor of the host", Layer::Descriptors, false, |_| inherited()),
    ("allocate more memory than the limit", Layer::Limits, false, |at| allocate(at.too_much_memory)),
    ("map memory that is writable and executable", Layer::WriteXorExecute, false, |_| {
        kernel::map_writable_executable()
    }),
    ("connect to a TCP port", Layer::Ports, false, |at| TcpStream::connect(("127.0.0.1", at.port)).map(drop)),
    ("signal the host", Layer::Scopes, false, |at| signal(at.host)),
    ("make a socket", Layer::SystemCalls, false, |_| UdpSocket::bind("127.0.0.1:0").map(drop)),
    ("start a process", Layer::SystemCalls, false, |_| start_process()),
    ("start a thread", Layer::SystemCalls, false, |_| {
        std::thread::Builder::new().spawn(|| ()).map(|thread| drop(thread.join()))
    }),
];

/// Serves as trial guest if this process was started as one; else returns at once.
///
/// A host program that offers [`try_out`] calls this in `main`, right after [`launcher::enter`](super::launcher::enter).
pub fn enter() {
    let mut arguments = std::env::args_os();
    let named = arguments.next().is_some_and(|name| name.as_encoded_bytes() == GUEST_NAME.to_bytes());
    if named && arguments.next().is_none() && std::env::vars_os().next().is_none() {
        let served = serve(&kernel::conversation());
        std::process::exit(i32::from(served.is_err()));
    }
}

/// Makes every attempt, says how each went, and waits for the end.
fn serve(mut socket: &UnixStream) -> io::Result<()> {
    let mut reader = BufReader::new(socket).take(ANSWER_BYTES_MAX);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let outcomes = make(&serde_json::from_str(&line)?);
    socket.write_all(format!("{}\n", serde_json::to_string(&outcomes)?).as_bytes())?;
    reader.read_line(&mut line).map(drop)
}

fn make(surroundings: &Surroundings) -> Vec<Outcome> {
    let outcome = |(_, _, _, deed): &(_, _, _, Deed)| match deed(surroundings) {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Refused(error.to_string()),
    };
    DEEDS.iter().map(outcome).collect()
}

/// Starts one guest in the sandbox, lets it try what a guest may and may not do, and tries the same outside.
///
/// # Errors
/// As [`spawn`]; `sandbox.failed` if there is no room for a stage or the guest does not answer.
pub fn try_out(launcher: &Launcher) -> Result<Trial, Error> {
    let stage = tempfile::tempdir().map_err(|e| Error::failed("no folder for a trial", e))?;
    let root = stage.path().canonicalize().map_err(|e| Error::failed("no folder for a trial", e))?;
    furnish(&root).map_err(|e| Error::failed("a trial cannot be set up", e))?;
    let listener = TcpListener::bind("127.0.0.1:0");
    let port = listener.as_ref().ok().and_then(|listener| listener.local_addr().ok());
    let surroundings = Surroundings {
        stage: ".".into(),
        port: port.map_or(9, |address| address.port()),
        host: rustix::process::getpid().as_raw_pid(),
        too_much_memory: usize::try_from(Limits::default().memory_bytes + (64 << 20)).unwrap_or(usize::MAX),
    };
    // The kernel ends a guest with the thread that started it: this one ends at once.
    let started = std::thread::scope(|scope| {
        scope
            .spawn(|| ask(&root, launcher, &surroundings))
            .join()
            .unwrap_or_else(|_| Err(Error::failed("the trial has panicked", io::ErrorKind::Other)))
    });
    let (mut guest, inside) = started?;
    let abandoned = ended_with_its_thread(&mut guest)?;
    let outside = make(&Surroundings { stage: root.clone(), ..surroundings });
    let mut attempts: Vec<Attempt> = DEEDS
        .iter()
        .zip(inside.into_iter().zip(outside))
        .map(|(&(name, layer, allowed, _), (inside, outside))| Attempt {
            name: name.to_owned(),
            layer,
            allowed,
            inside,
            outside,
        })
        .collect();
    attempts.push(abandoned);
    Ok(Trial { layers: guest.report().to_vec(), attempts })
}

/// The stage of a trial: a material, one that only root could read, and room for artifacts.
fn furnish(root: &Path) -> io::Result<()> {
    for folder in ["workspace", "artifacts"] {
        fs::create_dir(root.join(folder))?;
    }
    for file in ["workspace/material", "workspace/sealed"] {
        fs::write(root.join(file), "trial")?;
    }
    fs::set_permissions(root.join("workspace/sealed"), Permissions::from_mode(0o000))
}

fn ask(
    root: &Path,
    launcher: &Launcher,
    surroundings: &Surroundings,
) -> Result<(Guest, Vec<Outcome>), Error> {
    let mut confinement = Confinement::new(root);
    confinement.read_only.push(root.join("workspace"));
    confinement.read_write.push(root.join("artifacts"));
    let executable = File::open("/proc/self/exe").map_err(|e| Error::failed("no program for a trial", e))?;
    let kept = inheritable().map_err(|e| Error::failed("no descriptor for a trial", e))?;
    let guest = spawn(&confinement, &Program::new(executable), launcher);
    drop(kept);
    let mut guest = guest?;
    let inside = converse(guest.socket(), surroundings).map_err(|error| unanswered(&mut guest, error))?;
    if inside.len() != DEEDS.len() {
        return Err(Error::failed("the trial's answer is not whole", io::ErrorKind::InvalidData));
    }
    Ok((guest, inside))
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

fn converse(socket: &mut UnixStream, surroundings: &Surroundings) -> io::Result<Vec<Outcome>> {
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.write_all(format!("{}\n", serde_json::to_string(surroundings)?).as_bytes())?;
    let mut line = String::new();
    BufReader::new(socket.take(ANSWER_BYTES_MAX)).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

/// Whether the guest, which waits for a word that never comes, was killed by the kernel.
fn ended_with_its_thread(guest: &mut Guest) -> Result<Attempt, Error> {
    let inside = match guest.wait_for(PATIENCE)? {
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

/// A descriptor that a program started now would inherit.
fn inheritable() -> io::Result<OwnedFd> {
    let kept = fcntl_dupfd_cloexec(File::open("/dev/null")?, 10)?;
    fcntl_setfd(&kept, FdFlags::empty())?;
    Ok(kept)
}

fn open(at: &Surroundings, path: &str) -> io::Result<()> {
    File::open(at.stage.join(path)).map(drop)
}

fn append(at: &Surroundings, path: &str) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).open(at.stage.join(path)).map(drop)
}

/// Standard input, output, errors and the conversation are the guest's own.
fn inherited() -> io::Result<()> {
    let first = (super::SOCKET_FD + 1..64).find(|descriptor| kernel::is_open(*descriptor));
    first.map(drop).ok_or_else(|| io::Error::other("there is none"))
}

fn allocate(bytes: usize) -> io::Result<()> {
    let mut block = Vec::<u8>::new();
    block.try_reserve_exact(bytes).map_err(|_| io::ErrorKind::OutOfMemory.into())
}

fn signal(process: i32) -> io::Result<()> {
    let process = Pid::from_raw(process).ok_or(io::ErrorKind::NotFound)?;
    // Asks, and sends nothing.
    Ok(rustix::process::test_kill_process(process)?)
}

fn start_process() -> io::Result<()> {
    // Nothing is redirected: to open /dev/null would be refused first, by another layer.
    Command::new("/bin/true").spawn()?.wait().map(drop)
}
