//! What a game leaves behind: the three artifacts. No clock, no machine, nothing
//! that could differ between two games with the same seed and the same lines.

use crate::answer::Decision;
use crate::case::Case;
use crate::hint::{Hint, Trigger, Withheld};
use crate::ids::{FactId, NpcId, SceneId};
use crate::question::Intent;
use crate::session::{Ending, Outcome, Session};
use crate::world::{GENERATOR_VERSION, World};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The turns, one JSON object a line.
pub const TRANSCRIPT: &str = "transcript.jsonl";
/// What the game came to, and the world behind it.
pub const SUMMARY: &str = "session_summary.json";
/// The rules of the game, and its hints.
pub const PATTERN: &str = "pattern_used.json";

/// One line of `transcript.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// Counts from 1.
    pub turn: usize,
    pub npc: NpcId,
    /// As typed.
    pub question: String,
    pub intent: Intent,
    /// What the question was taken to be about.
    pub surface: String,
    pub decision: Decision,
    /// The fact that an answer rests on.
    pub fact_id: Option<FactId>,
    pub response: String,
    pub hint: Option<String>,
}

/// `session_summary.json`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub header: Header,
    pub turns: usize,
    pub decisions: BTreeMap<Decision, usize>,
    /// Discovery keys and hint markers, sorted.
    pub discoveries: BTreeSet<String>,
    pub hints: usize,
    pub accusation: Option<Accusation>,
    /// How it ended: `solved`, `unproven`, `wrong`, `quit` or `out_of_lines`.
    pub outcome: String,
    /// The truth of the case, so that every answer can be checked against it.
    pub world: World,
}

/// What the case was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Decimal: a 64-bit seed does not fit a JSON number.
    pub seed: String,
    pub scene: SceneId,
    pub content_version: String,
    pub generator_version: String,
    pub world_digest: String,
}

/// Who was accused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accusation {
    pub accused: NpcId,
    pub culprit: NpcId,
    pub outcome: Outcome,
}

/// `transcript.jsonl`: one JSON object a line.
pub fn transcript(session: &Session<'_>) -> String {
    let line = |turn: &Turn| {
        let json = serde_json::to_value(turn).expect("a turn has only string keys");
        format!("{json}\n")
    };
    session.turns().iter().map(line).collect()
}

/// `session_summary.json`
pub fn summary(case: &Case, session: &Session<'_>) -> Summary {
    let mut decisions = BTreeMap::new();
    for turn in session.turns() {
        *decisions.entry(turn.decision).or_insert(0) += 1;
    }
    let accusation = match session.ending() {
        Some(Ending::Accused { npc, outcome }) => Some(Accusation {
            accused: npc.clone(),
            culprit: case.world.crime.culprit.clone(),
            outcome: *outcome,
        }),
        _ => None,
    };
    Summary {
        header: Header {
            seed: case.seed.to_string(),
            scene: case.world.scene.clone(),
            content_version: case.content.setting.content_version.clone(),
            generator_version: GENERATOR_VERSION.to_owned(),
            world_digest: case.digest.clone(),
        },
        turns: session.turns().len(),
        decisions,
        discoveries: session.notebook().keys().clone(),
        hints: session.hints().given().len(),
        accusation,
        outcome: outcome(session).to_owned(),
        world: case.world.clone(),
    }
}

/// How the game ended, in one word.
pub fn outcome(session: &Session<'_>) -> &'static str {
    match session.ending() {
        Some(Ending::Accused { outcome, .. }) => outcome.name(),
        Some(Ending::Quit) => "quit",
        Some(Ending::OutOfLines) | None => "out_of_lines",
    }
}

/// The rules that this version of the game plays by, with their versions.
const POLICIES: [(&str, &str); 4] =
    [("truth_or_silence", "1"), ("render_gate", "1"), ("hint_leads", "1"), ("disambiguation", "1")];

/// The policies by name, with their versions.
pub fn pattern_versions() -> BTreeMap<&'static str, &'static str> {
    POLICIES.into_iter().collect()
}

/// `pattern_used.json`: the policies, and the hints given and kept back.
pub fn pattern(session: &Session<'_>) -> Value {
    let emitted: Vec<Emitted<'_>> = session.hints().given().iter().map(Emitted::of).collect();
    let suppressed: &[Withheld] = session.hints().withheld();
    json!({
        "policies": pattern_versions(),
        "hints": { "emitted": emitted, "suppressed": suppressed },
    })
}

#[derive(Serialize)]
struct Emitted<'a> {
    turn: usize,
    trigger: Trigger,
    kind: crate::hint::LeadKind,
    lead: String,
    target: &'a NpcId,
    fact_id: &'a FactId,
}

impl<'a> Emitted<'a> {
    fn of(hint: &'a Hint) -> Self {
        Self {
            turn: hint.turn,
            trigger: hint.trigger,
            kind: hint.lead.kind,
            lead: hint.lead.question.key(),
            target: &hint.target,
            fact_id: &hint.lead.fact,
        }
    }
}
