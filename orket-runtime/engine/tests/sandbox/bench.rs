//! The bench on which attempts are made: a compiled probe, a stage, and one run inside or outside of the sandbox.

use orket_engine::sandbox::{self, Confinement, Exit, Guest, Program, Server};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tempfile::{TempDir, tempdir};

/// Far more than any attempt takes; reached only if something hangs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The probe's executable.
pub(crate) fn probe() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("sandbox-probe")
}

/// Compiles the probe. Once, before the first case.
pub(crate) fn compile_probe() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sandbox/probe.rs");
    let status = Command::new(rustc).args(["--edition=2024", "-O", source, "-o"]).arg(probe()).status();
    assert!(status.expect("rustc can be started").success());
}

/// Workspace and artifacts of one guest, and a secret beside them.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) confinement: Confinement,
    /// Where guests are served from, if they are, and what it was built for.
    server: Option<Mutex<Option<(Confinement, Server)>>>,
}

/// What came of one attempt.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) said: String,
    pub(crate) stderr: String,
    pub(crate) exit: Exit,
}

impl Attempt {
    pub(crate) fn done(&self) -> bool {
        self.said.starts_with("done")
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempdir().unwrap();
        let stage = folder.path().join("stage");
        let (workspace, artifacts) = (stage.join("workspace"), stage.join("artifacts"));
        std::fs::create_dir_all(&workspace).unwrap();
        std::fs::create_dir_all(&artifacts).unwrap();
        std::fs::write(workspace.join("material"), "material").unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        let mut confinement = Confinement::new(stage);
        // The probe's library is the system's.
        confinement.virtual_std = false;
        confinement.read_only.push(workspace);
        confinement.read_write.push(artifacts);
        Bench { folder, confinement, server: None }
    }

    /// One whose guests run one after the other in a box that stays.
    pub(crate) fn serving() -> Self {
        Bench { server: Some(Mutex::default()), ..Bench::new() }
    }

    /// One of either kind.
    pub(crate) fn each() -> [Self; 2] {
        [Bench::new(), Bench::serving()]
    }

    pub(crate) fn serves(&self) -> bool {
        self.server.is_some()
    }

    pub(crate) fn secret(&self) -> String {
        self.folder.path().join("secret").display().to_string()
    }

    pub(crate) fn spawn(&self) -> Result<Guest, sandbox::Error> {
        let program = Program::new(File::open(probe()).unwrap());
        let Some(server) = &self.server else {
            return sandbox::spawn(&self.confinement, &program);
        };
        let (mut server, cpu_ms) = (server.lock().unwrap(), self.confinement.limits.cpu_ms);
        let standing = server.as_mut().filter(|(of, _)| *of == self.confinement);
        if let Some(Ok(guest)) = standing.map(|(_, server)| server.spawn(cpu_ms)) {
            return Ok(guest);
        }
        let built = server.insert((self.confinement.clone(), Server::start(&self.confinement, &program)?));
        built.1.spawn(cpu_ms)
    }

    /// Makes one attempt in the sandbox.
    pub(crate) fn inside(&self, attempt: &str) -> Attempt {
        let mut guest = self.spawn().unwrap_or_else(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            panic!("{error}: {source:?}")
        });
        guest.socket().write_all(format!("{attempt}\nping").as_bytes()).unwrap();
        let killer = guest.killer().unwrap();
        let watch = Watchdog::new(move || killer.kill().unwrap());
        let (mut said, mut stderr) = (String::new(), String::new());
        guest.take_stdout().unwrap().read_to_string(&mut said).unwrap();
        guest.take_stderr().unwrap().read_to_string(&mut stderr).unwrap();
        let exit = guest.wait().unwrap();
        drop(watch);
        Attempt { said, stderr, exit }
    }

    /// Makes the same attempt without a sandbox, as the control.
    pub(crate) fn outside(&self, attempt: &str) -> String {
        let output =
            Command::new(probe()).arg(attempt).current_dir(&self.confinement.stage).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Kills what hangs, after [`PATIENCE`], unless dropped before.
struct Watchdog {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    fn new(bite: impl FnOnce() + Send + 'static) -> Self {
        let (done, waiting) = channel::<()>();
        let thread = std::thread::spawn(move || {
            if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                bite();
            }
        });
        Watchdog { done: Some(done), thread: Some(thread) }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.done.take();
        self.thread.take().map(JoinHandle::join);
    }
}
