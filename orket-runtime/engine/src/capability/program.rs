//! Programs of the operator that the host starts: a recorder, a player, a voice.
//!
//! Invariants: a program is started by name with its arguments, never through a shell; it sees four
//! variables of the environment and no descriptor but its streams; it ends with the call that needs
//! it, or with the run, and everything of its process group with it.

use crate::group;
use crate::kernel::Interrupt;
use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// What a program may see of the host's environment.
const ENVIRONMENT: [&str; 4] = ["HOME", "LANG", "PATH", "XDG_RUNTIME_DIR"];

/// A program and its arguments. In arguments `{name}` stands for what a call says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    words: Vec<String>,
}

/// How much a program may give, and how long it may take.
pub(super) struct Bounds {
    pub(super) bytes_max: usize,
    pub(super) wall_max: Duration,
    /// Whether what came by then is enough; otherwise too much and too long are failures.
    pub(super) cut: bool,
}

impl Program {
    /// A program and its arguments; `None` without a program.
    #[must_use]
    pub fn new(words: Vec<String>) -> Option<Self> {
        (!words.is_empty()).then_some(Self { words })
    }

    /// Reads a command line: words between spaces, in quotes where they have spaces themselves.
    ///
    /// # Errors
    /// A quote that does not end, or no word at all.
    pub fn parse(line: &str) -> Result<Self, String> {
        let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
        for c in line.chars() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => {
                    quote = Some(c);
                    word.get_or_insert_default();
                }
                (None, c) if c.is_whitespace() => words.extend(word.take()),
                (_, c) => word.get_or_insert_default().push(c),
            }
        }
        words.extend(word);
        match quote {
            Some(quote) => Err(format!("`{line}`: the {quote} is not closed")),
            None => Self::new(words).ok_or_else(|| "the command is empty".to_owned()),
        }
    }

    /// The name of the program, without its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.words.first().map_or("", String::as_str);
        name.rsplit('/').next().unwrap_or(name)
    }

    /// Whether it is given without arguments.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.words.len() == 1
    }

    /// The same program with these arguments.
    pub(super) fn with(&self, arguments: &[&str]) -> Self {
        let words = self.words.iter().take(1).cloned().chain(arguments.iter().map(ToString::to_string));
        Self { words: words.collect() }
    }

    fn command(&self, fill: &[(&str, &str)]) -> Command {
        let filled = |word: &String| {
            fill.iter().fold(word.clone(), |word, (name, value)| word.replace(&format!("{{{name}}}"), value))
        };
        let mut command = Command::new(self.words.first().map_or("", String::as_str));
        command.args(self.words.iter().skip(1).map(filled)).env_clear();
        let seen = ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        command.envs(seen.collect::<Vec<(_, OsString)>>());
        command.stdin(Stdio::piped()).stderr(Stdio::null());
        command
    }

    /// Runs the program to its end, with bytes on its standard input: what it writes.
    ///
    /// # Errors
    /// It cannot be started, fails, or gives or takes too much.
    pub(super) fn run(
        &self,
        fill: &[(&str, &str)],
        input: Vec<u8>,
        bounds: &Bounds,
        interrupt: &Interrupt,
    ) -> io::Result<Vec<u8>> {
        let deadline = Instant::now() + bounds.wall_max;
        let mut running = self.start(fill, input, Stdio::piped(), interrupt)?;
        let stdout = running.child.stdout.take();
        let mut output = Vec::new();
        let ended = read_until(deadline, bounds.bytes_max, stdout, &mut output);
        let (name, seconds) = (self.name(), bounds.wall_max.as_secs());
        match ended {
            Ended::TooLong if !bounds.cut => {
                Err(io::Error::other(format!("`{name}` took longer than {seconds} s")))
            }
            Ended::TooMuch if !bounds.cut => {
                Err(io::Error::other(format!("`{name}` wrote more than {} bytes", bounds.bytes_max)))
            }
            Ended::TooLong | Ended::TooMuch => Ok(output),
            Ended::Closed if !running.ends_by(deadline) => {
                Err(io::Error::other(format!("`{name}` took longer than {seconds} s")))
            }
            Ended::Closed => match running.end()? {
                status if status.success() => Ok(output),
                status => Err(io::Error::other(format!("`{name}` failed: {status}"))),
            },
        }
    }

    /// Starts the program and feeds it, without waiting for it.
    pub(super) fn start(
        &self,
        fill: &[(&str, &str)],
        input: Vec<u8>,
        stdout: Stdio,
        interrupt: &Interrupt,
    ) -> io::Result<Running> {
        let mut command = self.command(fill);
        command.stdout(stdout);
        group::own(&mut command);
        let mut child = command.spawn().map_err(|error| {
            io::Error::new(error.kind(), format!("cannot start `{}`: {error}", self.name()))
        })?;
        let stdin = child.stdin.take();
        let id = child.id();
        let guard = interrupt.child(move || group::kill(id));
        let running = Running { child, guard: Some(guard) };
        // A program that stops listening is no failure; the thread ends with the pipe.
        std::thread::Builder::new().spawn(move || stdin.map(|mut stdin| stdin.write_all(&input)))?;
        Ok(running)
    }
}

enum Ended {
    Closed,
    TooMuch,
    TooLong,
}

/// Collects what comes out of a pipe until it closes, or something is used up.
fn read_until(
    deadline: Instant,
    bytes_max: usize,
    pipe: Option<impl Read + Send + 'static>,
    output: &mut Vec<u8>,
) -> Ended {
    let (sender, receiver) = sync_channel::<Vec<u8>>(4);
    let reader = move || {
        let Some(mut pipe) = pipe else { return };
        let mut buffer = vec![0; 64 << 10];
        while let Ok(read @ 1..) = pipe.read(&mut buffer) {
            if sender.send(buffer[..read].to_vec()).is_err() {
                return;
            }
        }
    };
    // Not joined: a grandchild that left its group could hold the pipe for ever.
    if std::thread::Builder::new().spawn(reader).is_err() {
        return Ended::Closed;
    }
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match receiver.recv_timeout(left) {
            Ok(bytes) => output.extend(bytes),
            Err(RecvTimeoutError::Disconnected) => return Ended::Closed,
            Err(RecvTimeoutError::Timeout) => return Ended::TooLong,
        }
        if output.len() > bytes_max {
            output.truncate(bytes_max);
            return Ended::TooMuch;
        }
    }
}

/// A program that runs. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    guard: Option<crate::kernel::Guard>,
}

impl Running {
    /// Waits for its end; false when it still runs then.
    pub(super) fn ends_by(&mut self, deadline: Instant) -> bool {
        ends_by(&self.child, deadline)
    }

    /// Ends it and everything that it started.
    pub(super) fn end(mut self) -> io::Result<std::process::ExitStatus> {
        self.kill();
        self.child.wait()
    }

    fn kill(&mut self) {
        // Before it is waited for: until then its number belongs to no other process.
        if self.guard.take().is_some() {
            group::kill(self.child.id());
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
        let _ = self.child.wait();
    }
}

/// Waits for the end of a child without taking its status, so that its number stays its own.
#[cfg(target_os = "linux")]
fn ends_by(child: &Child, deadline: Instant) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::process::{Pid, PidfdFlags, pidfd_open};
    let Ok(handle) = pidfd_open(Pid::from_child(child), PidfdFlags::empty()) else { return false };
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).ok();
        match poll(&mut [PollFd::new(&handle, PollFlags::IN)], timeout.as_ref()) {
            Ok(0) => return false,
            Ok(_) => return true,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

// Nothing runs elsewhere yet: the sandbox refuses first.
#[cfg(not(target_os = "linux"))]
fn ends_by(_: &Child, _: Instant) -> bool {
    false
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn run(line: &str, input: &str, bounds: &Bounds) -> Result<String, String> {
        let program = Program::parse(line).expect("a command");
        let output = program.run(&[("word", "$HOME `id`")], input.into(), bounds, &Interrupt::default());
        output.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).map_err(|error| error.to_string())
    }

    fn bounds(bytes_max: usize, ms: u64, cut: bool) -> Bounds {
        Bounds { bytes_max, wall_max: Duration::from_millis(ms), cut }
    }

    #[test]
    fn words_are_split_and_never_reach_a_shell() {
        let wide = bounds(1 << 20, 60_000, false);
        assert_eq!(run("echo '{word}' a", "", &wide).as_deref(), Ok("$HOME `id` a\n"));
        assert_eq!(run("cat", "text", &wide).as_deref(), Ok("text"));
        assert!(Program::parse("a 'b").is_err() && Program::parse("  ").is_err());
        assert_eq!(Program::parse("/usr/bin/x 'a b' \"\"").expect("words").words, ["/usr/bin/x", "a b", ""]);
    }

    #[test]
    fn a_program_sees_nothing_of_the_environment_but_what_it_needs() {
        let seen = run("env", "", &bounds(1 << 20, 60_000, false)).expect("variables");
        let names = seen.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name);
        assert_eq!(names.filter(|name| !ENVIRONMENT.contains(name)).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn failures_too_much_and_too_long_are_told_apart() {
        let wide = bounds(1 << 20, 60_000, false);
        assert!(run("false", "", &wide).expect_err("it fails").contains("failed"));
        assert!(run("/nonexistent/program", "", &wide).expect_err("there is none").contains("cannot start"));
        assert!(
            run("cat /dev/zero", "", &bounds(1000, 60_000, false)).expect_err("much").contains("1000 bytes")
        );
        assert_eq!(run("cat /dev/zero", "", &bounds(1000, 60_000, true)).map(|text| text.len()), Ok(1000));
        assert!(run("sleep 600", "", &bounds(1000, 50, false)).expect_err("long").contains("longer"));
        assert_eq!(run("sleep 600", "", &bounds(1000, 50, true)).as_deref(), Ok(""));
    }

    #[test]
    fn an_interrupt_ends_what_runs() {
        let (interrupt, sleeper) = (Interrupt::default(), Program::parse("sleep 600").expect("a command"));
        let mut running = sleeper.start(&[], Vec::new(), Stdio::null(), &interrupt).expect("it starts");
        interrupt.fire();
        assert!(running.ends_by(Instant::now() + Duration::from_secs(60)));
        let mut late = sleeper.start(&[], Vec::new(), Stdio::null(), &interrupt).expect("it starts");
        assert!(late.ends_by(Instant::now() + Duration::from_secs(60)), "and what would start later");
    }
}
