//! What it costs a guest to look at the clock of its standard library, beside the machine's own clock.

use crate::machine;
use crate::measure::{Aim, Case, Result, in_turns, timed};
use crate::options::Options;
use crate::world::{World, request};
use orket_engine::capability::Console;
use serde_json::{Value, json};
use std::hint::black_box;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ROUNDS: usize = 40;
/// How often the clock is looked at in one turn; what is shown is the time of one look.
const LOOKS: u32 = 2_000_000;

pub(crate) fn run(options: &Options) -> Result<Value> {
    let (cores, load) = (machine::cores(), machine::load());
    let pinned = cores.last().is_some_and(|core| machine::pin(*core));
    let world = World::new(options)?;
    let measured = in_turns(
        vec![
            Case::timing(
                "clock read",
                || Ok(looks(&world, LOOKS)?.saturating_sub(looks(&world, 0)?) / LOOKS),
            ),
            Case::timing("clock read of the machine", || Ok(timed(machines)? / LOOKS)),
        ],
        options.rounds(ROUNDS),
    )?;
    let ratios = [
        measured.alone("clock read", Aim::AtMost(0.01)),
        measured.ratio("clock read", "clock read of the machine", Aim::AtMost(1.0)),
    ];
    Ok(json!({
        "bench": "clock",
        "cases": measured.shown(),
        "load": [load, machine::load()],
        "machine": machine::facts(&cores),
        "pinned": pinned,
        "ratios": ratios.into_iter().flatten().collect::<Vec<_>>(),
    }))
}

/// How long a guest takes from one question to the next, and looks at its clock so often meanwhile.
fn looks(world: &World, count: u32) -> Result<Duration> {
    let took = Arc::new(Mutex::new(Duration::ZERO));
    let console = Watch { answered: None, took: Arc::clone(&took) };
    world.manager.execute(request("clock_v1", json!({ "count": count }), console), None, &mut ())?;
    let took = *took.lock().map_err(|error| error.to_string())?;
    Ok(took)
}

fn machines() -> Result<()> {
    for _ in 0..LOOKS {
        black_box(Instant::now());
    }
    Ok(())
}

/// A console that notes how long it takes from its first answer to the second question.
struct Watch {
    answered: Option<Instant>,
    took: Arc<Mutex<Duration>>,
}

impl Console for Watch {
    fn write(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn read_line(&mut self, _: &str) -> io::Result<Option<String>> {
        if let Some(answered) = self.answered {
            *self.took.lock().map_err(|error| io::Error::other(error.to_string()))? = answered.elapsed();
        }
        self.answered = Some(Instant::now());
        Ok(Some(String::new()))
    }
}
