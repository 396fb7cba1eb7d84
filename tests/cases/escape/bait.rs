//! What there is to be got: files, listeners, a process and other things that a suite has made itself, so that an attempt that
//! succeeds harms nobody. Afterwards the bait itself shows whether it was touched.

use crate::sys::call;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;

/// What stands in the secret.
pub(crate) const SECRET: &str = "secret";
/// A variable of the host's environment.
pub(crate) const VARIABLE: &str = "ORKET_ESCAPE_SECRET";
/// Below this every program has descriptors of its own.
const FIRST_DESCRIPTOR: i32 = 20;

/// What an attempt is told of the bait.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Bait {
    /// The folder that holds the stage and what lies beside it.
    pub(crate) root: PathBuf,
    /// A file beside the stage.
    pub(crate) secret: PathBuf,
    pub(crate) tcp4: u16,
    /// None where the machine has no IPv6.
    pub(crate) tcp6: Option<u16>,
    pub(crate) udp4: u16,
    pub(crate) udp6: Option<u16>,
    pub(crate) stream: PathBuf,
    pub(crate) datagram: PathBuf,
    /// Both abstract.
    pub(crate) stream_name: String,
    pub(crate) datagram_name: String,
    /// A process of the same user.
    pub(crate) victim: i32,
    /// The process that started the attempt.
    pub(crate) host: i32,
    /// A segment of shared memory.
    pub(crate) segment: i32,
    /// A key in the session's keyring.
    pub(crate) key: Option<i64>,
    /// A message queue.
    pub(crate) queue: String,
    /// A file in `/dev/shm`.
    pub(crate) shared: PathBuf,
    /// A terminal of the same user.
    pub(crate) terminal: Option<PathBuf>,
    /// Descriptors that a program started now would inherit: a file, a folder and a listener.
    pub(crate) file: i32,
    pub(crate) folder: i32,
    pub(crate) listener: i32,
    /// The conversation with the host.
    pub(crate) socket: i32,
}

/// The bait in the hands of the suite.
pub(crate) struct Baits {
    pub(crate) bait: Bait,
    victim: Child,
    /// How the files looked before.
    before: Vec<String>,
    tcp: Vec<TcpListener>,
    udp: Vec<UdpSocket>,
    streams: Vec<UnixListener>,
    datagrams: Vec<UnixDatagram>,
    _open: Vec<OwnedFd>,
    _folder: TempDir,
}

impl Baits {
    pub(crate) fn new() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let root = folder.path().canonicalize()?;
        furnish(&root)?;
        let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (stream_name, datagram_name) = (format!("{name}-stream"), format!("{name}-datagram"));
        let tcp: Vec<_> = ["127.0.0.1:0", "[::1]:0"].iter().flat_map(TcpListener::bind).collect();
        let udp: Vec<_> = ["127.0.0.1:0", "[::1]:0"].iter().flat_map(UdpSocket::bind).collect();
        let abstract_address = |name: &str| SocketAddr::from_abstract_name(name);
        let streams = vec![
            UnixListener::bind(root.join("stream"))?,
            UnixListener::bind_addr(&abstract_address(&stream_name)?)?,
        ];
        let datagrams = vec![
            UnixDatagram::bind(root.join("datagram"))?,
            UnixDatagram::bind_addr(&abstract_address(&datagram_name)?)?,
        ];
        quiet(&tcp, &udp, &streams, &datagrams)?;
        let kept = [
            inheritable(File::open(root.join("secret"))?)?,
            inheritable(File::open(&root)?)?,
            inheritable(&streams[0])?,
        ];
        let victim = Command::new("cat")
            .current_dir(root.join("stage"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (terminal, master) = terminal();
        let queue_name = queue(&name)?;
        let bait = Bait {
            secret: root.join("secret"),
            tcp4: tcp[0].local_addr()?.port(),
            tcp6: tcp.get(1).map(|listener| listener.local_addr().map(|at| at.port())).transpose()?,
            udp4: udp[0].local_addr()?.port(),
            udp6: udp.get(1).map(|socket| socket.local_addr().map(|at| at.port())).transpose()?,
            stream: root.join("stream"),
            datagram: root.join("datagram"),
            stream_name,
            datagram_name,
            victim: i32::try_from(victim.id()).map_err(io::Error::other)?,
            host: rustix::process::getpid().as_raw_pid(),
            segment: segment()?,
            key: key(&queue_name),
            queue: queue_name,
            shared: shared(&name)?,
            terminal,
            file: kept[0].as_raw_fd(),
            folder: kept[1].as_raw_fd(),
            listener: kept[2].as_raw_fd(),
            socket: 3,
            root,
        };
        let before = look(&bait.root)?;
        let _open = kept.into_iter().chain(master).collect();
        Ok(Baits { bait, victim, before, tcp, udp, streams, datagrams, _open, _folder: folder })
    }

    pub(crate) fn stage(&self) -> PathBuf {
        self.bait.root.join("stage")
    }

    /// Empties what an attempt may write, and says what it touched that it may not.
    pub(crate) fn disturbed(&mut self) -> Option<String> {
        let cleared = clear(&self.stage().join("artifacts"));
        let now = look(&self.bait.root);
        if cleared.is_err() || now.as_ref().ok() != Some(&self.before) {
            return Some(format!("files beyond the grants: {now:?}"));
        }
        if !self.victim_as_before() {
            return Some("another process".into());
        }
        let mut byte = [0];
        let met = self.tcp.iter().any(|listener| listener.accept().is_ok())
            || self.udp.iter().any(|socket| socket.recv_from(&mut byte).is_ok())
            || self.streams.iter().any(|listener| listener.accept().is_ok())
            || self.datagrams.iter().any(|socket| socket.recv_from(&mut byte).is_ok());
        met.then(|| "a listener".into())
    }

    /// It answers, which it does not before it has seen every signal; and has the priority and the processors that it was given.
    fn victim_as_before(&mut self) -> bool {
        if !self.victim_answers() {
            return false;
        }
        let status = fs::read_to_string(format!("/proc/{}/status", self.victim.id())).unwrap_or_default();
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.victim.id())).unwrap_or_default();
        let own = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let processors =
            |status: &str| status.lines().find(|line| line.starts_with("Cpus_allowed:")).map(str::to_owned);
        let nice = |stat: &str| {
            stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(16).map(str::to_owned))
        };
        let given = fs::read_to_string("/proc/self/stat").unwrap_or_default();
        nice(&stat).is_some() && nice(&stat) == nice(&given) && processors(&status) == processors(&own)
    }

    fn victim_answers(&mut self) -> bool {
        const PATIENCE: Timespec = Timespec { tv_sec: 2, tv_nsec: 0 };
        let (Some(input), Some(output)) = (&mut self.victim.stdin, &mut self.victim.stdout) else {
            return false;
        };
        let mut byte = [0];
        input.write_all(b"x").is_ok()
            && poll(&mut [PollFd::new(&*output, PollFlags::IN)], Some(&PATIENCE)) == Ok(1)
            && output.read(&mut byte).is_ok_and(|count| count == 1)
    }
}

impl Drop for Baits {
    fn drop(&mut self) {
        // What cannot be removed is a small leftover of a failed suite.
        let _ = self.victim.kill().and_then(|()| self.victim.wait());
        let _ = fs::remove_file(&self.bait.shared);
        let _ = call!(libc::SYS_shmctl, self.bait.segment, libc::IPC_RMID, 0);
        let queue = crate::sys::path(&self.bait.queue);
        let _ = call!(libc::SYS_mq_unlink, queue.as_ptr());
        if let Some(key) = self.bait.key {
            let _ = call!(libc::SYS_keyctl, libc::KEYCTL_INVALIDATE, key);
        }
    }
}

/// The stage with materials, a link and a tool, and a secret beside it.
fn furnish(root: &Path) -> io::Result<()> {
    for folder in ["stage/workspace/folder", "stage/artifacts", "hidden"] {
        fs::create_dir_all(root.join(folder))?;
    }
    let workspace = root.join("stage/workspace");
    fs::write(root.join("secret"), SECRET)?;
    fs::write(workspace.join("material"), "material")?;
    fs::write(workspace.join("sealed"), "sealed")?;
    fs::set_permissions(workspace.join("sealed"), Permissions::from_mode(0o000))?;
    std::os::unix::fs::symlink(root.join("secret"), workspace.join("link"))?;
    fs::copy("/bin/echo", workspace.join("echo")).map(drop)
}

/// Every file below a folder but the artifacts: path, kind and mode, owner, size, time of the last change.
fn look(folder: &Path) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.ends_with("stage/artifacts") {
            continue;
        }
        let found = fs::symlink_metadata(&path)?;
        let changed = (found.ctime(), found.ctime_nsec());
        lines.push(format!(
            "{} {:o} {} {} {changed:?}",
            path.display(),
            found.mode(),
            found.uid(),
            found.size()
        ));
        if found.is_dir() {
            lines.extend(look(&path)?);
        }
    }
    lines.sort();
    Ok(lines)
}

/// Removes what is in a folder, and leaves the folder itself as it is.
fn clear(folder: &Path) -> io::Result<()> {
    fs::read_dir(folder)?.try_for_each(|entry| {
        let path = entry?.path();
        match path.symlink_metadata()?.is_dir() {
            true => fs::remove_dir_all(path),
            false => fs::remove_file(path),
        }
    })
}

fn quiet(
    tcp: &[TcpListener],
    udp: &[UdpSocket],
    streams: &[UnixListener],
    datagrams: &[UnixDatagram],
) -> io::Result<()> {
    tcp.iter().try_for_each(|socket| socket.set_nonblocking(true))?;
    udp.iter().try_for_each(|socket| socket.set_nonblocking(true))?;
    streams.iter().try_for_each(|socket| socket.set_nonblocking(true))?;
    datagrams.iter().try_for_each(|socket| socket.set_nonblocking(true))
}

/// A descriptor that a program started now would inherit.
fn inheritable(of: impl AsFd) -> io::Result<OwnedFd> {
    let kept = fcntl_dupfd_cloexec(of, FIRST_DESCRIPTOR)?;
    fcntl_setfd(&kept, FdFlags::empty())?;
    Ok(kept)
}

/// Shared memory of the older kind that holds the secret.
fn segment() -> io::Result<i32> {
    let id = call!(libc::SYS_shmget, libc::IPC_PRIVATE, 4096, libc::IPC_CREAT | 0o600)?;
    i32::try_from(id).map_err(io::Error::other)
}

/// It is called as the queue is.
fn key(name: &str) -> Option<i64> {
    let (kind, name) = (c"user", crate::sys::path(name));
    let keyring = libc::KEY_SPEC_SESSION_KEYRING;
    call!(libc::SYS_add_key, kind.as_ptr(), name.as_ptr(), SECRET.as_ptr(), SECRET.len(), keyring).ok()
}

/// The kernel takes the name without the slash that libc wants.
fn queue(name: &str) -> io::Result<String> {
    let name = format!("orket-{}", name.trim_start_matches('.'));
    let path = crate::sys::path(&name);
    let flags = libc::O_CREAT | libc::O_RDWR;
    crate::sys::descriptor(call!(libc::SYS_mq_open, path.as_ptr(), flags, 0o600, 0))?;
    Ok(name)
}

fn shared(name: &str) -> io::Result<PathBuf> {
    let path = Path::new("/dev/shm").join(format!("orket-{name}"));
    fs::write(&path, SECRET)?;
    Ok(path)
}

/// A terminal and the end that keeps it; none where the machine gives none.
fn terminal() -> (Option<PathBuf>, Option<OwnedFd>) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let made = || -> rustix::io::Result<_> {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)?;
        grantpt(&master)?;
        unlockpt(&master)?;
        let name = ptsname(&master, Vec::new())?;
        Ok((PathBuf::from(name.to_string_lossy().into_owned()), master))
    };
    made().map_or((None, None), |(path, master)| (Some(path), Some(master)))
}
