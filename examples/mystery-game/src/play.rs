//! Where the game meets Orket: materials, console, sound, artifacts, the plan.

use crate::case::{Case, terms};
use crate::chime::{Chime, SAMPLE_RATE};
use crate::content::Content;
use crate::dice::Dice;
use crate::mystery::Input;
use crate::record;
use crate::session::{Beat, Ending, Session};
use crate::world::{GENERATOR_VERSION, Graph};
use orket_runtime::capabilities::{AudioOutput, Console, RandomStream};
use orket_runtime::prelude::*;
use std::path::Path;

/// The host's stream of random numbers, as dice.
struct HostDice(RandomStream);

impl Dice for HostDice {
    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.0.below(n as u64)).expect("below n, which is a usize")
    }
}

/// Fixes the case before a turn is played: the plan holds the whole game as a
/// graph, with a digest of its world.
///
/// # Errors
/// `mystery.content` for materials that make no sense, `input.npcs` for a number
/// of people that cannot be.
pub fn plan(ctx: &PlanContext, input: &Input) -> Result<RunPlan> {
    let case = compile(&ctx.workspace_dir, ctx.seed, input)?;
    let mut plan = ctx.plan();
    let versions = json!({
        "content": case.content.setting.content_version,
        "generator": GENERATOR_VERSION,
        "pattern": record::pattern_versions(),
    });
    plan.metadata.insert("graph".to_owned(), serde_json::to_value(Graph::of(&case.world))?);
    plan.metadata.insert("versions".to_owned(), versions);
    plan.metadata.insert("world_digest".to_owned(), json!(case.digest));
    Ok(plan)
}

/// Plays a case to its end and leaves the three artifacts behind.
///
/// Status `ok` when somebody was accused, `stop` when the player left before.
///
/// # Errors
/// As [`plan`], and whatever the console, the sound or the artifacts answer.
pub fn play(ctx: &mut WorkloadContext, input: &Input) -> Result<WorkloadResult> {
    let case = compile(&ctx.workspace_dir, ctx.seed, input)?;
    let console = ctx.capabilities.console()?;
    let sound = ctx.capabilities.audio_output()?;
    let mut dice = HostDice(ctx.capabilities.rng()?.stream("phrasing")?);
    let mut session = Session::new(&case);
    perform(&session.open(), &console, &sound)?;
    while session.ending().is_none() {
        let line = console.read_line(&session.prompt())?;
        let beat = session.hear(line.as_deref(), &mut dice);
        perform(&beat, &console, &sound)?;
    }
    let summary = record::summary(&case, &session);
    ctx.artifacts.write_text(record::TRANSCRIPT, &record::transcript(&session))?;
    ctx.artifacts.write_json(record::SUMMARY, &summary)?;
    ctx.artifacts.write_json(record::PATTERN, &record::pattern(&session))?;
    ctx.trace.emit("mystery.ended", json!({ "outcome": summary.outcome, "turns": summary.turns }))?;
    let output = json!({
        "outcome": summary.outcome,
        "accused": summary.accusation.as_ref().map(|accusation| &accusation.accused),
        "turns": summary.turns,
        "facts": session.notebook().heard().len(),
        "world_digest": case.digest,
    });
    match session.ending() {
        Some(Ending::Accused { .. }) => WorkloadResult::ok(output),
        _ => WorkloadResult::stop(output),
    }
}

fn compile(workspace: &Path, seed: u64, input: &Input) -> Result<Case> {
    let content = Content::load(&workspace.join("content"))
        .map_err(|error| Error::new("mystery.content", error.to_string()))?;
    let terms = terms(&content, usize::from(input.npcs), input.hard)
        .map_err(|problem| Error::new("input.npcs", problem))?;
    Ok(Case::compile(content, seed, terms))
}

fn perform(beat: &Beat, console: &Console, sound: &AudioOutput) -> Result<()> {
    for line in &beat.lines {
        console.write_line(line)?;
    }
    beat.chime.map_or(Ok(()), |chime| sound.play(&clip(chime), false))
}

fn clip(chime: Chime) -> AudioClip {
    AudioClip { sample_rate: SAMPLE_RATE, channels: 1, samples: chime.samples() }
}
