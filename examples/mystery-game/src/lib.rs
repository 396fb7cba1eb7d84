//! A TextMystery game as an Orket extension.
//!
//! One thing is gone, a handful of people know something, nobody lies, and one of
//! them did it. The game itself is plain Rust that knows nothing of Orket: a world
//! from a seed ([`world`]), truth or silence ([`answer`]), a session with lines in
//! and lines out ([`session`]). What touches Orket is this file, [`play`] and
//! [`check`].

pub mod answer;
pub mod case;
pub mod check;
pub mod chime;
pub mod content;
pub mod dice;
pub mod fact;
pub mod hint;
pub mod ids;
pub mod notebook;
pub mod play;
pub mod prose;
pub mod question;
pub mod record;
pub mod session;
#[cfg(test)]
mod testing;
pub mod world;

/// Talk to the people of Halden House and find out who did it.
#[orket_runtime::extension(
    id = "mystery.game",
    capabilities = ["console", "audio_output", "rng"],
    runtime = ">=0.1, <0.2"
)]
pub mod mystery {
    use orket_runtime::prelude::*;

    /// How to play.
    #[derive(serde::Deserialize, Schema)]
    pub struct Input {
        /// How many people there are: 4 to 6, in the hard game 5 or 6. 0 means the fewest.
        #[serde(default)]
        pub npcs: u8,
        /// Fewer talk, more keep quiet.
        #[serde(default)]
        pub hard: bool,
    }

    /// Play one case: question people, then name the culprit.
    #[workload(
        id = "mystery_v1",
        materials = ["content/*.yaml"],
        plan = crate::play::plan,
        validators = [crate::check::truthful, crate::check::consistent],
        summarize = crate::check::summary
    )]
    pub fn mystery_v1(ctx: &mut WorkloadContext, input: Input) -> Result<WorkloadResult> {
        crate::play::play(ctx, &input)
    }
}
