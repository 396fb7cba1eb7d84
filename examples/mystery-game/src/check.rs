//! What must hold of a finished game: nobody lied, and the summary tells what
//! happened. The host asks after every run, in a fresh process that sees nothing
//! but the artifacts, so the world is read back from the summary.

use crate::answer::{Decision, renders};
use crate::question::Intent;
use crate::record::{self, Summary, Turn};
use crate::session::Outcome;
use orket_runtime::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Validator: every answer cites a fact that is so, that its speaker knows and does
/// not guard, and that may answer the question; nothing else states a fact.
pub fn truthful(_result: &WorkloadResult, artifacts: &Path) -> Vec<Issue> {
    match read(artifacts) {
        Ok((turns, summary)) => turns.iter().filter_map(|turn| untruth(turn, &summary)).collect(),
        Err(error) => vec![Issue::error("transcript.unreadable", error.message())],
    }
}

/// Validator: the summary agrees with the transcript, with the world that it
/// carries, and with the output of the run.
pub fn consistent(result: &WorkloadResult, artifacts: &Path) -> Vec<Issue> {
    let (turns, summary) = match read(artifacts) {
        Ok(read) => read,
        Err(error) => return vec![Issue::error("summary.unreadable", error.message())],
    };
    let heard: BTreeSet<String> =
        turns.iter().filter_map(|turn| turn.fact_id.as_ref()).map(|id| format!("disc:fact:{id}")).collect();
    let noted: BTreeSet<String> =
        summary.discoveries.iter().filter(|key| key.starts_with("disc:fact:")).cloned().collect();
    let digest = summary.world.digest();
    let agreed = [
        ("turns", turns.len() == summary.turns && turns.iter().map(|turn| turn.turn).eq(1..=turns.len())),
        ("decisions", decisions(&turns) == summary.decisions),
        ("discoveries", heard == noted),
        ("world_digest", digest == summary.header.world_digest && result.output["world_digest"] == digest),
        ("outcome", result.output["outcome"] == summary.outcome),
        ("accusation", accusation_fits(&summary)),
    ];
    let differs = |what: &&str| Issue::error("summary.differs", format!("`{what}` is not what happened"));
    agreed.iter().filter(|(_, same)| !same).map(|(what, _)| differs(what)).collect()
}

/// The run in one line.
///
/// # Errors
/// When `session_summary.json` cannot be read.
pub fn summary(artifacts: &Path) -> Result<Value> {
    let (_, summary) = read(artifacts)?;
    Ok(json!({
        "scene": summary.header.scene,
        "outcome": summary.outcome,
        "accused": summary.accusation.map(|accusation| accusation.accused),
        "turns": summary.turns,
        "hints": summary.hints,
    }))
}

fn read(artifacts: &Path) -> Result<(Vec<Turn>, Summary)> {
    let transcript = fs::read_to_string(artifacts.join(record::TRANSCRIPT))?;
    let turns = transcript.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let summary = serde_json::from_str(&fs::read_to_string(artifacts.join(record::SUMMARY))?)?;
    Ok((turns, summary))
}

fn decisions(turns: &[Turn]) -> BTreeMap<Decision, usize> {
    let mut counts = BTreeMap::new();
    for turn in turns {
        *counts.entry(turn.decision).or_insert(0) += 1;
    }
    counts
}

/// The verdict is on record in one form, and right about who did it.
fn accusation_fits(summary: &Summary) -> bool {
    let culprit = &summary.world.crime.culprit;
    match &summary.accusation {
        None => matches!(summary.outcome.as_str(), "quit" | "out_of_lines"),
        Some(accusation) => {
            let wrong = accusation.outcome == Outcome::Wrong;
            accusation.outcome.name() == summary.outcome
                && accusation.culprit == *culprit
                && wrong == (accusation.accused != *culprit)
        }
    }
}

fn untruth(turn: &Turn, summary: &Summary) -> Option<Issue> {
    let world = &summary.world;
    let npc = &turn.npc;
    let why = match (turn.decision, &turn.fact_id) {
        (Decision::Answer, None) => "an answer without a fact".to_owned(),
        (Decision::Answer, Some(id)) => match world.facts.get(id) {
            None => format!("{id} is not so"),
            Some(_) if !world.knows(npc, id) => format!("{npc} does not know {id}"),
            Some(_) if world.guards(npc, id) => format!("{npc} keeps quiet about {id}"),
            // What is repeated answered another intent before.
            Some(fact) if turn.intent != Intent::MetaRepeat && !renders(turn.intent, fact) => {
                format!("{id} does not answer {}", turn.intent)
            }
            Some(_) => return None,
        },
        (_, Some(id)) => format!("{} states {id}", turn.decision.name()),
        (_, None) => return None,
    };
    Some(Issue::error("transcript.untruthful", format!("turn {}: {why}", turn.turn)))
}
