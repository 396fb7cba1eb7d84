//! How close the limits that the host itself keeps come to what is asked for: time on the clock, and messages.
//!
//! The sandbox's own are measured by its tests.

use crate::measure::Result;
use crate::options::Options;
use crate::world::{World, request};
use orket_engine::Policy;
use orket_engine::capability::LineConsole;
use serde_json::{Value, json};
use std::io;

/// How often each is measured.
const ROUNDS: usize = 5;
/// More calls than any of the limits lets through.
const CALLS: u32 = u32::MAX;

type Change = fn(&mut Policy, u64);

pub(crate) fn run(options: &Options) -> Result<Value> {
    let wall: Change = |policy, asked| policy.wall_ms_max = asked;
    let messages: Change = |policy, asked| policy.messages_max = asked;
    let cases = [
        ("wall time", "ms", 100, wall),
        ("wall time", "ms", 1000, wall),
        ("messages", "messages", 10, messages),
        ("messages", "messages", 10_000, messages),
    ];
    let limits = cases.into_iter().map(|(limit, unit, asked, change)| {
        let reached = (0..ROUNDS).map(|_| reached(options, |policy| change(policy, asked)));
        let reached = reached.collect::<Result<Vec<u64>>>()?.into_iter().max().unwrap_or_default();
        let error = (reached as f64 - asked as f64) / asked as f64 * 100.0;
        let error_percent = (error * 100.0).round() / 100.0;
        Ok(json!({ "asked": asked, "error_percent": error_percent, "limit": limit, "reached": reached, "unit": unit }))
    });
    Ok(json!({ "bench": "limits", "limits": limits.collect::<Result<Vec<Value>>>()?, "rounds": ROUNDS }))
}

/// What a guest that calls without end has come to when it was ended, as the refusal says.
fn reached(options: &Options, change: impl FnOnce(&mut Policy)) -> Result<u64> {
    let mut policy = Policy::default();
    change(&mut policy);
    let world = World::under(policy, options)?;
    let console = LineConsole::new(io::BufReader::new(io::repeat(b'\n')), io::sink(), false);
    let asked = request("calls_v1", json!({ "bytes": 1, "count": CALLS }), console);
    let refused = world.manager.execute(asked, None, &mut ()).err().ok_or("it came to its end")?;
    let message = refused.issues().first().map(|issue| issue.message.clone()).unwrap_or_default();
    let number = message.split(' ').find_map(|word| word.parse().ok());
    number.ok_or_else(|| format!("the refusal names no number: {message}").into())
}
