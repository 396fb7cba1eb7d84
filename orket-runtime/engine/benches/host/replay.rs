//! Replays of a tiny recorded run, as `verify` does them, against bare starts of the same program.

use crate::machine;
use crate::measure::{Aim, Case, Result, in_turns};
use crate::options::Options;
use crate::world::{World, request};
use orket_engine::capability::LineConsole;
use orket_engine::registry::Finished;
use orket_engine::{Repeated, Request};
use serde_json::{Value, json};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

const ROUNDS: usize = 400;
/// What an extension exits with when no host started it.
const UNHOSTED: i32 = 2;

pub(crate) fn run(options: &Options) -> Result<Value> {
    let (cores, load) = (machine::cores(), machine::load());
    let pinned = cores.last().is_some_and(|core| machine::pin(*core));
    let world = World::new(options)?;
    let recorded = execute(&world)?;
    let folder = recorded.folder();
    let mut series = world.manager.replays("tiny_v1")?;
    let rounds = options.rounds(ROUNDS);
    let measured = in_turns(
        vec![
            Case::new("fork_exec", || bare(&options.guest)),
            Case::new("replay", || repeats(series.repeat(asked(), folder, &mut ())?)),
        ],
        rounds,
    )?;
    // Not in turns with the others: some file systems are slow to make files where many were just removed.
    let beside = in_turns(
        vec![
            Case::new("run", || execute(&world).map(drop)),
            Case::new("replay alone", || repeats(world.manager.repeat(asked(), folder, &mut ())?)),
        ],
        rounds,
    )?;
    Ok(json!({
        "bench": "replay",
        "beside": beside.shown(),
        "cases": measured.shown(),
        "load": [load, machine::load()],
        "machine": machine::facts(&cores),
        "pinned": pinned,
        "without_box": series.without_box(),
        "ratios": [measured.rate("replay", "fork_exec", Aim::AtLeast(0.5))],
        "replays_per_second_and_core": measured.per_second("replay"),
    }))
}

fn asked() -> Request {
    request("tiny_v1", json!({}), LineConsole::new(&b"Ada\n"[..], io::sink(), false))
}

fn execute(world: &World) -> Result<Finished> {
    Ok(world.manager.execute(asked(), None, &mut ())?)
}

fn repeats(replay: Repeated) -> Result<()> {
    match replay.divergence {
        None => Ok(()),
        Some(divergence) => Err(format!("it does not repeat: {}", divergence.issue().message).into()),
    }
}

/// Starts the program without a host, which it refuses before it does any work.
fn bare(program: &Path) -> Result<()> {
    let mut command = Command::new(program);
    let status =
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    if status.code() == Some(UNHOSTED) { Ok(()) } else { Err(status.to_string().into()) }
}
