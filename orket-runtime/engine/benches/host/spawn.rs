//! A governed start against a bare one, against other sandboxes, and from a large host.

use crate::machine;
use crate::measure::{Aim, Case, Result, in_turns, timed};
use crate::options::Options;
use crate::peers;
use orket_engine::sandbox::{self, Confinement, Guest, Program};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// A program that does nothing, so that all there is to see is its start and its end.
const EMPTY: &str = "/usr/bin/true";
const ROUNDS: usize = 400;
/// The sizes of hosts that are compared.
const SMALL_MIB: usize = 10;
const LARGE_MIB: usize = 1024;

pub(crate) fn run(options: &Options) -> Result<Value> {
    let (cores, load) = (machine::cores(), machine::load());
    let pinned = cores.last().is_some_and(|core| machine::pin(*core));
    let stage = tempfile::tempdir()?;
    let (empty, greeting) = (Start::of(Path::new(EMPTY), stage.path())?, options.guest.as_path());
    let greeting = Start::of(greeting, stage.path())?;
    let (mut small, mut large) = (Host::start(SMALL_MIB)?, Host::start(LARGE_MIB)?);
    let mut cases = vec![
        Case::new("posix_spawn", || peers::run(&mut Command::new(EMPTY))),
        Case::new("governed", || empty.to_its_end()),
        Case::new("governed, to the greeting", || greeting.to_its_greeting()),
        Case::timing("governed, host of 10 MiB", || small.ask()),
        Case::timing("governed, host of 1 GiB", || large.ask()),
    ];
    let (others, absent) = peers::cases(Path::new(EMPTY));
    cases.extend(others);
    let measured = in_turns(cases, options.rounds(ROUNDS))?;
    let ratios = [
        measured.ratio("governed", "posix_spawn", Aim::AtMost(3.5)),
        measured.ratio("governed", "bwrap", Aim::AtMost(0.5)),
        measured.ratio("governed, host of 1 GiB", "governed, host of 10 MiB", Aim::AtMost(1.5)),
    ];
    Ok(json!({
        "absent": absent,
        "bench": "spawn",
        "cases": measured.shown(),
        "load": [load, machine::load()],
        "machine": machine::facts(&cores),
        "pinned": pinned,
        "ratios": ratios.into_iter().flatten().collect::<Vec<_>>(),
    }))
}

/// All that a start needs.
struct Start {
    confinement: Confinement,
    program: Program,
}

impl Start {
    fn of(program: &Path, stage: &Path) -> Result<Self> {
        Ok(Self {
            confinement: Confinement::new(stage.canonicalize()?),
            program: Program::new(File::open(program)?),
        })
    }

    fn spawn(&self) -> Result<Guest> {
        Ok(sandbox::spawn(&self.confinement, &self.program)?)
    }

    fn to_its_end(&self) -> Result<()> {
        let exit = self.spawn()?.wait()?;
        if exit.ending == sandbox::Ending::Code(0) { Ok(()) } else { Err(format!("{exit:?}").into()) }
    }

    /// The guest is killed after its first byte, which is part of what is measured.
    fn to_its_greeting(&self) -> Result<()> {
        Ok(self.spawn()?.socket().read_exact(&mut [0])?)
    }
}

/// Another process of a certain size that starts guests on demand.
struct Host {
    process: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Host {
    fn start(mib: usize) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["host", "--mib", &mib.to_string()]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let answers = BufReader::new(process.stdout.take().ok_or("no answers")?);
        Ok(Self { orders: process.stdin.take(), process, answers })
    }

    fn ask(&mut self) -> Result<Duration> {
        self.orders.as_mut().ok_or("no orders")?.write_all(b"\n")?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(Duration::from_nanos(line.trim().parse()?))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // It ends with its orders.
        drop(self.orders.take());
        let _ = self.process.wait();
    }
}

/// Serves as such a host: a start for every line, and its nanoseconds as the answer.
pub(crate) fn serve(mib: usize) -> Result<()> {
    // Not zeros: those would be no memory until somebody writes to it.
    let ballast = vec![1_u8; mib << 20];
    let stage = tempfile::tempdir()?;
    let empty = Start::of(Path::new(EMPTY), stage.path())?;
    for order in std::io::stdin().lines() {
        order?;
        let time = timed(|| empty.to_its_end())?;
        writeln!(std::io::stdout(), "{}", time.as_nanos())?;
    }
    std::hint::black_box(&ballast);
    Ok(())
}
