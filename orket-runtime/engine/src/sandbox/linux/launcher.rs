//! The process between host and guest: it confines itself and becomes the guest.
//!
//! It is the host's own binary, started anew, because that needs neither a privilege nor a second file. It is single-threaded,
//! takes its order from its stdin alone and never returns to the host's `main`.

use super::super::confinement::Words;
use super::super::{Confinement, Layer, LayerStatus, State};
use super::handover::{self, Enclosed, Order, Report};
use super::{SOCKET_FD, files, kernel, limits, privileges, seccomp};
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd};
use rustix::process::{Pid, Signal};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};

/// The name under which a launcher is started; no path looks like this.
pub(super) const MARK: &str = "[orket-launcher]";
/// The name under which every guest runs: absolute, because an interpreter looks for itself, and nothing lies there.
pub(super) const GUEST_NAME: &std::ffi::CStr = c"/extension";
/// The exit code of a launcher that stopped before the guest began.
const EXIT_STOPPED: i32 = 126;

pub(super) static ENTERED: AtomicBool = AtomicBool::new(false);

/// Serves as launcher if this process was started as one; else returns at once.
///
/// Every host program calls this first thing in `main`, before it opens a file or starts a thread.
pub fn enter() {
    ENTERED.store(true, Ordering::Relaxed);
    let mut arguments = std::env::args_os();
    if arguments.next().is_some_and(|name| name == MARK) && arguments.next().is_none() {
        launch();
    }
}

fn launch() -> ! {
    let closed = kernel::close_from(3);
    let (order, program) = match accept().and_then(arrange) {
        Ok(arranged) => arranged,
        Err(error) => stop(&format!("a launcher got no usable order: {error}")),
    };
    let words = order.confinement.words();
    let confined = confine(&order, closed, &program.executable);
    let reason = match (confined, words) {
        (Ok(layers), Ok(words)) => execute(&program, &words, layers),
        (Err(reason), _) => reason,
        (_, Err(error)) => failed("the words of the guest", &io::Error::other(error)),
    };
    match handover::report(&program.report, &reason) {
        Ok(()) => std::process::exit(EXIT_STOPPED),
        Err(error) => stop(&format!("a launcher lost its host: {error}")),
    }
}

/// The last resort: the host shows what a silent launcher wrote to stderr.
fn stop(message: &str) -> ! {
    // stderr may be gone as well, which must not become a panic.
    let _ = rustix::io::write(rustix::stdio::stderr(), message.as_bytes());
    std::process::exit(EXIT_STOPPED)
}

fn accept() -> io::Result<(Order, Enclosed)> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let (order, enclosed) = handover::receive(&socket)?;
    if order.version != handover::VERSION {
        return Err(io::Error::other("host and launcher are different versions"));
    }
    order.confinement.check().map_err(io::Error::other)?;
    Ok((order, enclosed))
}

/// What is to be executed, and where to say why it was not.
struct Program {
    executable: OwnedFd,
    report: File,
}

/// Puts every descriptor in its place: null on 0, the socket on 3, and those that must not survive where the guest can never
/// have one: at or above its own limit of open files. So the one descriptor that the filter lets be executed cannot be had again.
fn arrange((order, enclosed): (Order, Enclosed)) -> io::Result<(Order, Program)> {
    limits::open_all_files()?;
    let first = i32::try_from(order.confinement.limits.open_files).map_err(io::Error::other)?;
    let program = Program {
        executable: fcntl_dupfd_cloexec(&enclosed.executable, first)?,
        report: fcntl_dupfd_cloexec(&enclosed.report, first)?.into(),
    };
    drop(enclosed);
    let socket = fcntl_dupfd_cloexec(io::stdin(), SOCKET_FD)?;
    if socket.as_raw_fd() != SOCKET_FD {
        return Err(io::Error::other("the socket's place is taken"));
    }
    fcntl_setfd(&socket, FdFlags::empty())?;
    // From here on it belongs to the guest.
    let _ = socket.into_raw_fd();
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok((order, program))
}

/// Applies every layer, or says which required one is missing.
fn confine(order: &Order, closed: io::Result<()>, executable: &OwnedFd) -> Result<Vec<LayerStatus>, Report> {
    let confinement = &order.confinement;
    let mut layers = Layers::new(confinement);
    layers.settle(Layer::ParentDeath, || die_with(order.host), "PR_SET_PDEATHSIG, getppid")?;
    layers.settle(Layer::Descriptors, || closed, "close_range")?;
    kernel::reset_signals().map_err(|e| failed("signals cannot be reset", &e))?;
    own_group().map_err(|e| failed("no process group of its own", &e.into()))?;
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    let stage = &confinement.stage;
    rustix::process::chdir(stage)
        .map_err(|e| failed(&format!("cannot enter {}", stage.display()), &e.into()))?;
    let filter = seccomp::filter(&seccomp::Subject {
        pid: std::process::id(),
        executable: executable.as_raw_fd().unsigned_abs(),
        threads: confinement.threads,
    });
    let rules = files::rules(confinement, executable.as_fd())?;

    let limit = || limits::apply(&confinement.limits, confinement.threads);
    layers.settle(Layer::Limits, limit, "setrlimit")?;
    layers.settle(Layer::Privileges, privileges::renounce, "PR_SET_NO_NEW_PRIVS, capset")?;
    layers.settle(Layer::WriteXorExecute, kernel::refuse_exec_gain, "PR_SET_MDWE")?;
    rules.restrict(&mut layers)?;
    layers.settle(Layer::SystemCalls, || kernel::install_filter(&filter), "seccomp")?;
    Ok(layers.statuses)
}

/// Returns only if the program was not executed.
fn execute(program: &Program, words: &Words, layers: Vec<LayerStatus>) -> Report {
    match handover::report(&program.report, &Report::Ready { layers }) {
        Ok(()) => {
            let error = kernel::execute(program.executable.as_fd(), GUEST_NAME, words);
            failed("the program cannot be executed", &error)
        }
        Err(error) => failed("the host cannot be told", &error),
    }
}

/// Ends with the thread that started this process; if that happened already, there is nobody to end with.
fn die_with(host: i32) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let parent = rustix::process::getppid().map(Pid::as_raw_pid);
    if parent != Some(host) {
        return Err(io::Error::from_raw_os_error(libc::ESRCH));
    }
    Ok(())
}

fn own_group() -> rustix::io::Result<()> {
    if rustix::process::getpgrp() == rustix::process::getpid() {
        return Ok(());
    }
    rustix::process::setpgid(None, None)
}

/// The layers so far. What is missing and not accepted as missing ends the start.
pub(super) struct Layers<'a> {
    confinement: &'a Confinement,
    statuses: Vec<LayerStatus>,
}

impl<'a> Layers<'a> {
    fn new(confinement: &'a Confinement) -> Self {
        Layers { confinement, statuses: Vec::new() }
    }

    pub(super) fn accepts_missing(&self, layer: Layer) -> bool {
        self.confinement.accepts_missing(layer)
    }

    pub(super) fn leaves_out(&self, layer: Layer) -> bool {
        self.confinement.leaves_out(layer)
    }

    pub(super) fn settle(
        &mut self,
        layer: Layer,
        apply: impl FnOnce() -> io::Result<()>,
        call: &str,
    ) -> Result<(), Report> {
        if self.leaves_out(layer) {
            let state = State::Missing { errno: 0, message: "left out".to_owned() };
            self.statuses.push(LayerStatus { layer, state });
            return Ok(());
        }
        let state = match apply() {
            Ok(()) => State::Enforced,
            Err(error) => {
                let errno = error.raw_os_error().unwrap_or_default();
                let message = format!("{call}: {error}");
                if !self.accepts_missing(layer) {
                    return Err(Report::Unavailable { layer, errno, message });
                }
                State::Missing { errno, message }
            }
        };
        self.statuses.push(LayerStatus { layer, state });
        Ok(())
    }
}

pub(super) fn failed(step: &str, error: &io::Error) -> Report {
    Report::Failed { step: step.to_owned(), errno: error.raw_os_error().unwrap_or(libc::EIO) }
}
