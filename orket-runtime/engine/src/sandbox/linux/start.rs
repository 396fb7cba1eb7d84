//! The host's side of a start: an order, a launcher, and what the launcher says.

use super::super::{Confinement, Error, Layer, LayerStatus, State};
use super::course::{self, Choice, Course, Descriptors};
use super::guest::{Guest, Streams};
use super::kernel::{self, Start};
use super::lent::Lent;
use super::process::{Process, Tells};
use super::report::{self, Report};
use super::script::About;
use super::{files, identity, input, spawner};
use rustix::fs::{MemfdFlags, SealFlags, memfd_create};
use rustix::process::Pid;
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// How long a launcher may take to confine itself, and to end where it cannot; it takes about a millisecond.
const START_MAX: Duration = Duration::from_secs(10);
/// The launcher, as the build script compiled it.
const LAUNCHER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/launcher"));
/// The library for ambient guests, likewise.
const PRELOAD: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/preload"));

/// An executable that was checked on this very handle: what was hashed is what runs, whatever happens to its path.
///
/// Opened for reading; the file must not be changed in place between check and start, which only its owner could do.
#[derive(Debug)]
pub struct Program {
    executable: File,
    /// Whether it is a file in memory, which no rule about files concerns.
    is_in_memory: bool,
}

impl Program {
    /// Takes the open, checked executable.
    pub fn new(executable: File) -> Self {
        Program { executable, is_in_memory: false }
    }

    /// Takes a file that lies in memory alone.
    pub(super) fn in_memory(executable: OwnedFd) -> Self {
        Program { executable: executable.into(), is_in_memory: true }
    }
}

/// The launcher as a program that nobody can change.
fn launcher() -> Result<&'static OwnedFd, Error> {
    static MADE: OnceLock<OwnedFd> = OnceLock::new();
    once(&MADE, make_launcher)
}

/// The library for ambient guests, likewise.
fn preload() -> Result<&'static OwnedFd, Error> {
    static MADE: OnceLock<OwnedFd> = OnceLock::new();
    once(&MADE, || in_memory(c"orket-preload", PRELOAD))
}

fn once(
    made: &'static OnceLock<OwnedFd>,
    make: fn() -> io::Result<OwnedFd>,
) -> Result<&'static OwnedFd, Error> {
    if let Some(made) = made.get() {
        return Ok(made);
    }
    let new = make().map_err(|e| Error::failed("the launcher cannot be put into memory", e))?;
    Ok(made.get_or_init(|| new))
}

pub(super) fn make_launcher() -> io::Result<OwnedFd> {
    in_memory(c"orket-launcher", LAUNCHER)
}

/// A file in memory that can be executed and that nobody can change.
fn in_memory(name: &CStr, bytes: &[u8]) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let made = match memfd_create(name, flags | MemfdFlags::EXEC) {
        // Before Linux 6.3 every such file can be executed, and the flag is unknown.
        Err(rustix::io::Errno::INVAL) => memfd_create(name, flags)?,
        other => other?,
    };
    let mut file = File::from(made);
    file.write_all(bytes)?;
    let all = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
    rustix::fs::fcntl_add_seals(&file, all)?;
    // Executing a file that is open for writing is refused.
    Ok(File::open(format!("/proc/self/fd/{}", file.as_raw_fd()))?.into())
}

/// Starts `program` so that it can touch nothing but what `confinement` names. Returns when the program runs.
///
/// The guest lives until it ends, is killed or dropped, or this process ends, whatever becomes of the calling thread.
///
/// # Errors
/// `sandbox.unavailable` where a required layer is missing, `sandbox.failed` for anything else; then nothing has run.
pub fn spawn(confinement: &Confinement, program: &Program) -> Result<Guest, Error> {
    with_strongest(confinement, false, |choice| attempt(choice, program, spawner::start))
}

/// As [`spawn`], by this very thread: the kernel kills the guest when it ends.
///
/// # Errors
/// As [`spawn`].
pub fn spawn_here(confinement: &Confinement, program: &Program) -> Result<Guest, Error> {
    with_strongest(confinement, false, |choice| attempt(choice, program, |start| kernel::start(&start)))
}

pub(super) type Starter = fn(Start) -> io::Result<spawner::Started>;

/// Starts with the strongest layers that are there: where one of two stacks is missing, with the other.
pub(super) fn with_strongest<T>(
    confinement: &Confinement,
    serves: bool,
    attempt: impl Fn(&Choice<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    confinement.check()?;
    let mut choice = Choice { confinement, identity: identity::identity(), serves, missing: Vec::new() };
    let known = MISSING.lock().unwrap_or_else(PoisonError::into_inner).clone();
    for status in known {
        if may_go_without(&choice, status.layer)
            || choice.missing.iter().any(|other| goes_with(other.layer, status.layer))
        {
            choice.missing.push(status);
        }
    }
    loop {
        match attempt(&choice) {
            Err(Error::Unavailable { layer, errno, message, .. }) if may_go_without(&choice, layer) => {
                choice.missing.extend(without(layer, errno, &message));
            }
            other => return other,
        }
    }
}

/// Layers that this machine was found not to have.
static MISSING: Mutex<Vec<LayerStatus>> = Mutex::new(Vec::new());

/// Whether a start without a layer is worth it: one of the two stacks may be missing, and what was accepted as missing.
fn may_go_without(choice: &Choice<'_>, layer: Layer) -> bool {
    let confinement = choice.confinement;
    let is_stack = |layer: Layer| layer.is_namespace() || layer.is_landlock();
    let is_missing = choice.missing.iter().any(|status| match is_stack(layer) {
        true => is_stack(status.layer),
        false => status.layer == layer,
    });
    let may_be = match is_stack(layer) {
        true => {
            confinement.ambient().is_none()
                && (confinement.profile.is_none() || confinement.weakenings.contains(&layer))
        }
        false => layer == Layer::StartVector && confinement.accepts_missing(layer),
    };
    may_be && !is_missing
}

/// Whether a layer is missing with another: those of one stack are, and the parent that traces a guest answers for the counter.
fn goes_with(layer: Layer, other: Layer) -> bool {
    layer == other
        || (layer.is_namespace() && other.is_namespace())
        || (layer.is_landlock() && other.is_landlock())
        || (layer == Layer::StartVector && other == Layer::Counter)
}

/// Everything that is missing with a layer. What this machine will never have is remembered.
fn without(layer: Layer, errno: i32, message: &str) -> Vec<LayerStatus> {
    let status = |layer| LayerStatus { layer, state: State::Missing { errno, message: message.to_owned() } };
    let missing: Vec<_> =
        Layer::ALL.into_iter().filter(|other| goes_with(layer, *other)).map(status).collect();
    if !layer.is_landlock() && [libc::EPERM, libc::EACCES, libc::ENOSYS, libc::EINVAL].contains(&errno) {
        let mut known = MISSING.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|status| !goes_with(layer, status.layer));
        known.extend(missing.iter().cloned());
    }
    missing
}

/// The ends of a guest's streams, or what is to lie in their places.
pub(super) struct Ends<'a> {
    pub(super) socket: BorrowedFd<'a>,
    pub(super) stdout: BorrowedFd<'a>,
    pub(super) stderr: BorrowedFd<'a>,
    pub(super) status: BorrowedFd<'a>,
}

/// A launcher that has been started.
pub(super) struct Launched {
    pub(super) started: spawner::Started,
    pub(super) about: Vec<About>,
    pub(super) lent: Lent,
    pub(super) notes: Vec<LayerStatus>,
    report: OwnedFd,
}

pub(super) fn no(what: &'static str) -> impl Fn(io::Error) -> Error {
    move |error| Error::failed(what, error)
}

/// What always lies at the standard input.
pub(super) fn nothing() -> Result<File, Error> {
    File::open("/dev/null").map_err(no("no /dev/null"))
}

fn attempt(choice: &Choice<'_>, program: &Program, starter: Starter) -> Result<Guest, Error> {
    let columns = choice.confinement.ambient().and_then(|ambient| ambient.columns);
    let (streams, ends) = Streams::new(columns)?;
    let (status, guest_status) = io::pipe().map_err(no("no pipe"))?;
    let [stdout, stderr, socket] = ends.each_ref().map(AsFd::as_fd);
    let given = Ends { socket, stdout, stderr, status: guest_status.as_fd() };
    let launched = launch(choice, program, &given, starter)?;
    drop((ends, guest_status));
    let tells = match choice.has_parent() {
        true => Tells::Once(File::from(OwnedFd::from(status))),
        false => Tells::Itself,
    };
    let heard = launched.hear(choice);
    let process = Arc::new(Process::new(launched.started, tells, launched.lent));
    match &heard {
        Ok((Some(_), _)) => {}
        // It has had its time.
        Err(Error::Failed { source, .. }) if source.kind() == io::ErrorKind::TimedOut => {}
        // It ends by itself, after what it has started.
        _ => drop(process.await_end(Instant::now() + START_MAX)),
    }
    // Dropped on the way out of here, it is killed.
    let guest = Guest::new(process, streams, &choice.confinement.limits);
    let (number, notes) = heard?;
    guest.begun(number, choice, &notes)
}

/// Starts the launcher with all that it needs.
pub(super) fn launch(
    choice: &Choice<'_>,
    program: &Program,
    ends: &Ends<'_>,
    starter: Starter,
) -> Result<Launched, Error> {
    let confinement = choice.confinement;
    if !confinement.stage.is_dir() {
        let step = format!("cannot enter {}", confinement.stage.display());
        return Err(Error::failed(step, io::Error::from(io::ErrorKind::NotFound)));
    }
    let (rules, notes) = landlock(choice, program)?;
    let preload = confinement.ambient().map(|_| preload()).transpose()?;
    let (report, guest_report) = report::channel().map_err(no("no socket pair"))?;
    let stdin = match confinement.ambient() {
        Some(ambient) => input::input(ambient.piece_bytes).map_err(no("no input"))?,
        None => nothing()?,
    };
    let given = Descriptors {
        executable: program.executable.as_raw_fd(),
        socket: ends.socket.as_raw_fd(),
        stdin: stdin.as_raw_fd(),
        stdout: ends.stdout.as_raw_fd(),
        stderr: ends.stderr.as_raw_fd(),
        report: guest_report.as_raw_fd(),
        status: ends.status.as_raw_fd(),
        rules: rules.as_ref().map(AsRawFd::as_raw_fd),
        preload: preload.map(AsRawFd::as_raw_fd),
    };
    let course = course::course(choice, &given, &confinement.words()?)?;
    let lent = Lent::new(&confinement.read_write, choice.stranger(), choice.identity)?;
    let started = begin(choice, &given, &course, starter)?;
    Ok(Launched { started, about: course.about, lent, notes, report })
}

/// Starts the launcher, in its namespaces.
fn begin(
    choice: &Choice<'_>,
    given: &Descriptors,
    course: &Course,
    starter: Starter,
) -> Result<spawner::Started, Error> {
    let order = order(&course.image).map_err(|e| Error::failed("no memory for an order", e))?;
    let mut inherited: Vec<_> = given.places().into_iter().map(|(from, _)| from).collect();
    inherited.push(order.as_raw_fd());
    let namespaces = choice.namespaces();
    let text = |text: String| CString::new(text).unwrap_or_default();
    let ([user, group], identity) = (choice.inside(), choice.identity);
    let maps = [(user, identity.user), (group, identity.group)];
    let maps = maps.map(|(inside, outside)| text(course::map(inside, outside)));
    let start = Start {
        namespaces,
        launcher: launcher()?.as_raw_fd(),
        order: text(order.as_raw_fd().to_string()),
        inherited,
        maps: (namespaces & libc::CLONE_NEWUSER != 0).then_some(maps),
    };
    starter(start).map_err(|error| match namespaces {
        0 => Error::failed("the launcher cannot be started", error),
        _ => {
            let mut layers = Layer::ALL.into_iter();
            let layer = layers.rfind(|layer| layer.is_namespace() && choice.applies(*layer));
            let errno = error.raw_os_error().unwrap_or_default();
            Error::unavailable(
                layer.unwrap_or(Layer::Processes),
                errno,
                format!("clone with namespaces: {error}"),
            )
        }
    })
}

/// The image of an order, as a file in memory.
fn order(image: &[u8]) -> io::Result<File> {
    let mut order = File::from(memfd_create(c"orket-order", MemfdFlags::CLOEXEC)?);
    order.write_all(image)?;
    Ok(order)
}

/// The ruleset, and what Landlock has not on this machine.
fn landlock(choice: &Choice<'_>, program: &Program) -> Result<(Option<OwnedFd>, Vec<LayerStatus>), Error> {
    let confinement = choice.confinement;
    let executable = (!program.is_in_memory).then(|| program.executable.as_fd());
    let rules = files::rules(confinement, executable)?;
    let mut notes = Vec::new();
    if !choice.applies(Layer::Files) {
        return Ok((None, notes));
    }
    let lenient = confinement.accepts_missing(Layer::Files);
    let made = rules.ruleset(lenient, files::LATER.map(|(layer, _)| choice.applies(layer)));
    let available = kernel::landlock_version().unwrap_or_default();
    let mut miss = |layer: Layer, errno: i32, message: String| {
        if !confinement.accepts_missing(layer) {
            return Err(Error::unavailable(layer, errno, message));
        }
        notes.push(LayerStatus { layer, state: State::Missing { errno, message } });
        Ok(())
    };
    if let Err(error) = &made {
        miss(Layer::Files, error.raw_os_error().unwrap_or_default(), format!("Landlock: {error}"))?;
    }
    for (layer, since) in files::LATER {
        if made.is_err() || available < since {
            let message = format!("Landlock {since} is needed, the kernel has {available}");
            miss(layer, libc::EOPNOTSUPP, message)?;
        }
    }
    Ok((made.ok(), notes))
}

impl Launched {
    /// Listens to the launcher until it is ready: the number of its process, and what it could not do.
    pub(super) fn hear(&self, choice: &Choice<'_>) -> Result<(Option<Pid>, Vec<LayerStatus>), Error> {
        let mut notes = self.notes.clone();
        let number = hear(&self.report, choice, &self.about, &mut notes)?;
        Ok((number, notes))
    }
}

/// Listens to a report to its end.
pub(super) fn hear(
    report: &OwnedFd,
    choice: &Choice<'_>,
    about: &[About],
    notes: &mut Vec<LayerStatus>,
) -> Result<Option<Pid>, Error> {
    let report = report::listen(report, course::READY, Instant::now() + START_MAX)
        .map_err(|e| Error::failed("the launcher does not answer", e))?;
    judge(choice, about, &report, notes)?;
    Ok(report.guest.and_then(Pid::from_raw))
}

/// What the failures mean: a layer that may be missing goes on record, anything else is an error.
fn judge(
    choice: &Choice<'_>,
    about: &[About],
    report: &Report,
    notes: &mut Vec<LayerStatus>,
) -> Result<(), Error> {
    for (step, errno) in &report.failures {
        let Some(about) = about.get(*step as usize) else {
            return Err(Error::failed(
                "the launcher reports a step that is none",
                io::ErrorKind::InvalidData,
            ));
        };
        let error = io::Error::from_raw_os_error(*errno);
        let Some(layer) = about.layer else {
            return Err(Error::failed(about.what.to_string(), error));
        };
        let message = format!("{}: {error}", about.what);
        // Both need another order where they may be missing.
        let is_of_the_order = layer.is_namespace() || layer == Layer::StartVector;
        if is_of_the_order || !choice.confinement.accepts_missing(layer) {
            return Err(Error::unavailable(layer, *errno, message));
        }
        let missing =
            |layer| LayerStatus { layer, state: State::Missing { errno: *errno, message: message.clone() } };
        // What Landlock has later is part of the same rules.
        let with_it = Layer::ALL.into_iter().filter(|other| layer == Layer::Files && other.is_landlock());
        notes.extend(with_it.map(missing));
        notes.push(missing(layer));
    }
    Ok(())
}
