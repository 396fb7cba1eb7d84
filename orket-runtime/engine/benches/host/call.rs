//! One capability call, all the way: SDK, host, authorisation, record, answer, SDK.

use crate::echo::{BYTES, Echo};
use crate::machine;
use crate::measure::{Aim, Measured, Result, Samples};
use crate::options::Options;
use crate::world::{World, request};
use orket_engine::capability::Console;
use serde_json::{Value, json};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often both are measured, and how many calls that is each time.
const BLOCKS: usize = 40;
const CALLS: usize = 500;
/// How many calls of each block do not count.
const WARM_UP: usize = 50;

pub(crate) fn run(options: &Options) -> Result<Value> {
    let (cores, load) = (machine::cores(), machine::load());
    let world = World::new(options)?;
    let one = *cores.last().ok_or("no core")?;
    let other = cores.iter().copied().find(|core| *core != one);
    let mut placements = vec![placement("one core", &world, options, one, one)?];
    if let Some(other) = other {
        placements.push(placement("two cores", &world, options, one, other)?);
    }
    Ok(json!({
        "bench": "call",
        "load": [load, machine::load()],
        "machine": machine::facts(&cores),
        "message_bytes": BYTES,
        "placements": placements,
    }))
}

/// Measures with the guest on one core and the host on another or the same.
fn placement(name: &str, world: &World, options: &Options, guest: usize, host: usize) -> Result<Value> {
    let (mut echo, mut call) = (Samples::default(), Samples::default());
    let mut pinned = machine::pin(guest);
    let mut peer = Echo::start()?;
    for _ in 0..options.rounds(BLOCKS) {
        pinned &= machine::pin(host);
        peer.ask(WARM_UP, &mut Samples::default())?;
        peer.ask(CALLS - WARM_UP, &mut echo)?;
        // What is started inherits the core of whoever starts it.
        pinned &= machine::pin(guest);
        calls(world, host)?.into_iter().skip(WARM_UP).for_each(|time| call.push(time));
    }
    let measured = Measured::of([("echo", echo), ("call", call)]);
    let ratio = measured.ratio("call", "echo", Aim::AtMost(1.5));
    Ok(json!({ "cases": measured.shown(), "name": name, "pinned": pinned, "ratios": [ratio] }))
}

/// The times of the calls of one run.
fn calls(world: &World, host: usize) -> Result<Vec<Duration>> {
    let times = Arc::new(Mutex::new(Vec::with_capacity(CALLS)));
    let console = Watch { answer: "!".repeat(BYTES), host, last: None, times: Arc::clone(&times) };
    let input = json!({ "bytes": BYTES, "count": CALLS });
    world.manager.execute(request("calls_v1", input, console), None, &mut ())?;
    let times = std::mem::take(&mut *times.lock().map_err(|error| error.to_string())?);
    Ok(times)
}

/// A console that notes how long it takes from its answer to the next question.
struct Watch {
    answer: String,
    host: usize,
    last: Option<Instant>,
    times: Arc<Mutex<Vec<Duration>>>,
}

impl Console for Watch {
    fn write(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn read_line(&mut self, _: &str) -> io::Result<Option<String>> {
        let now = Instant::now();
        match self.last {
            Some(last) => {
                self.times.lock().map_err(|error| io::Error::other(error.to_string()))?.push(now - last);
            }
            // The guest is there: the host may move.
            None => drop(machine::pin(self.host)),
        }
        let answer = Some(self.answer.clone());
        self.last = Some(Instant::now());
        Ok(answer)
    }
}
