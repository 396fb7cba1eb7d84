//! What a trial guest tries, and how it went: inside of the sandbox, and outside as a control.

use super::{Layer, LayerStatus, Profile};
use serde::{Deserialize, Serialize};

/// One guest's attempts at what a guest may and may not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// Every layer, as the launcher reports it for this guest.
    pub layers: Vec<LayerStatus>,
    /// The profile that they amount to; none where a layer is missing that was accepted as missing.
    pub profile: Option<Profile>,
    /// Every attempt, in the order in which they were made.
    pub attempts: Vec<Attempt>,
}

/// One attempt, made twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// What was tried, such as `read /etc/passwd`.
    pub name: String,
    /// The layer that decides about it.
    pub layer: Layer,
    /// Whether a guest may do it.
    pub allowed: bool,
    /// How it went in the guest.
    pub inside: Outcome,
    /// How it went in a guest without any layer.
    pub outside: Outcome,
}

/// How an attempt went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, with this answer.
    Refused(String),
}

/// What an attempt shows of its layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Showing {
    /// The guest was kept to what it may do, and one without any layer was not.
    Holds,
    /// Nothing: one without any layer cannot do it either.
    Nothing,
    /// The guest did what it may not, or could not do what it may.
    Broken,
}

impl Attempt {
    /// What the attempt shows.
    ///
    /// # Example
    /// ```
    /// # use orket_engine::sandbox::{Attempt, Layer, Outcome, Showing};
    /// let refused = Outcome::Refused("Permission denied".into());
    /// let attempt = Attempt {
    ///     name: "read /etc/passwd".into(),
    ///     layer: Layer::Files,
    ///     allowed: false,
    ///     inside: refused.clone(),
    ///     outside: Outcome::Done,
    /// };
    /// assert_eq!(attempt.showing(), Showing::Holds);
    /// assert_eq!(Attempt { outside: refused, ..attempt.clone() }.showing(), Showing::Nothing);
    /// assert_eq!(Attempt { inside: Outcome::Done, ..attempt }.showing(), Showing::Broken);
    /// ```
    #[must_use]
    pub fn showing(&self) -> Showing {
        match (self.allowed, &self.inside, &self.outside) {
            (true, Outcome::Done, _) | (false, Outcome::Refused(_), Outcome::Done) => Showing::Holds,
            (false, Outcome::Refused(_), Outcome::Refused(_)) => Showing::Nothing,
            (true, Outcome::Refused(_), _) | (false, Outcome::Done, _) => Showing::Broken,
        }
    }
}

impl Trial {
    /// The attempts that concern a layer.
    pub fn of(&self, layer: Layer) -> impl Iterator<Item = &Attempt> {
        self.attempts.iter().filter(move |attempt| attempt.layer == layer)
    }
}
