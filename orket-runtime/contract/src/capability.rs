//! The vocabulary of capabilities: named powers that an extension declares and a host grants.
//!
//! Source of the table: the capability list of the SDK specification. A capability that the operator has
//! to provide and did not is refused at admission with `capability.unavailable`, never silently ignored.

use std::fmt;

/// What is known of one capability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capability {
    /// Its name, `noun` or `noun.verb`.
    pub name: &'static str,
    /// Its operations, as they appear in calls and transcripts.
    pub operations: &'static [&'static str],
    /// How its answers repeat.
    pub repeats: Repeats,
    /// Where its answers come from.
    pub provider: Provider,
    /// One line for people.
    pub summary: &'static str,
}

/// How the answers of a capability repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeats {
    /// Equal seeds give equal answers.
    BySeed,
    /// The answers are virtual and need no recording to repeat.
    Always,
    /// The answers come from outside and are recorded in the transcript.
    ByTranscript,
}

/// Where the answers of a capability come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    /// The host itself: it is always there.
    Host,
    /// What the operator names with this flag: without, there is none.
    Operator(&'static str),
}

const fn capability(
    name: &'static str,
    operations: &'static [&'static str],
    repeats: Repeats,
    provider: Provider,
    summary: &'static str,
) -> Capability {
    Capability { name, operations, repeats, provider, summary }
}

/// Every capability, sorted by name.
pub const ALL: &[Capability] = {
    use Provider::{Host, Operator};
    use Repeats::{Always, BySeed, ByTranscript};
    &[
        capability(
            "audio_input",
            &["record"],
            ByTranscript,
            Operator("--recorder"),
            "record a clip from a microphone",
        ),
        capability("audio_output", &["play", "stop"], ByTranscript, Host, "play a clip"),
        capability("clock", &["monotonic", "now", "sleep"], Always, Host, "virtual time"),
        capability(
            "console",
            &["read_line", "write"],
            ByTranscript,
            Host,
            "text to and from a person or a script",
        ),
        capability(
            "kv",
            &["delete", "get", "list", "put"],
            Always,
            Host,
            "versioned values under namespaced keys",
        ),
        capability("memory.query", &["query"], Always, Host, "search what was remembered"),
        capability("memory.write", &["delete", "write"], Always, Host, "remember something"),
        capability(
            "model.generate",
            &["generate", "next", "open"],
            ByTranscript,
            Operator("--model"),
            "text from a language model",
        ),
        capability(
            "network.connect",
            &["close", "connect", "read", "shutdown", "write"],
            ByTranscript,
            Operator("--network"),
            "talk to a host of the network",
        ),
        capability("rng", &["stream"], BySeed, Host, "random streams by name, from the seed"),
        capability("screen.render", &["clear", "render", "size"], Always, Host, "panels of text on a screen"),
        capability(
            "speech.transcribe",
            &["transcribe"],
            ByTranscript,
            Operator("--transcriber"),
            "text from speech",
        ),
        capability(
            "tts.speak",
            &["list_voices", "synthesize"],
            ByTranscript,
            Operator("--tts"),
            "speech from text",
        ),
        capability("voice.turn_control", &["control", "state"], Always, Host, "who speaks when"),
    ]
};

/// Names of older manifests and what they stand for now; an empty text stands for "part of the context".
pub const ALIASES: &[(&str, &str)] = &[
    ("artifact.root", ""),
    ("audio.play", "audio_output"),
    ("speech.play_clip", "audio_output"),
    ("time.now", "clock"),
    ("workspace.root", ""),
];

/// The capability of that name.
///
/// ```
/// assert!(orket_contract::capability::find("console").is_some());
/// assert!(orket_contract::capability::find("consol").is_none());
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Capability> {
    ALL.iter().find(|capability| capability.name == name)
}

/// What a name stands for now: itself unless it is an old one, and nothing where it is part of every context.
///
/// ```
/// use orket_contract::capability::current;
/// assert_eq!([current("time.now"), current("workspace.root"), current("kv")], [Some("clock"), None, Some("kv")]);
/// ```
#[must_use]
pub fn current(name: &str) -> Option<&str> {
    let now = ALIASES.iter().find(|(old, _)| *old == name).map_or(name, |(_, now)| now);
    (!now.is_empty()).then_some(now)
}

/// What to write instead of a name that is none of today's.
#[must_use]
pub fn hint(name: &str) -> Option<String> {
    match ALIASES.iter().find(|(old, _)| *old == name) {
        Some((old, "")) => Some(format!("`{old}` is part of every context now: leave it out")),
        Some((old, new)) => Some(format!("`{old}` is called `{new}` now")),
        None => nearest(name).map(|near| format!("did you mean `{near}`?")),
    }
}

/// The known name nearest to `name`, for did-you-mean.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    crate::suggest::nearest(name, ALL.iter().map(|capability| capability.name))
}

/// Whether a name is shaped like a capability: lower-case words joined by `_`, parts by `.`.
#[must_use]
pub fn well_formed(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= crate::id::LENGTH_MAX
        && name.split('.').all(|part| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        })
}

/// The name of a capability, well-formed but not necessarily known to this host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "model", derive(serde::Serialize))]
pub struct CapabilityId(String);

impl CapabilityId {
    /// Parses a name; `None` when it is not [`well_formed`].
    #[must_use]
    pub fn new(name: impl Into<String>) -> Option<Self> {
        let name = name.into();
        well_formed(&name).then_some(Self(name))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The capability that it stands for now, see [`current`].
    #[must_use]
    pub fn current(&self) -> Option<Self> {
        current(&self.0).map(|name| Self(name.to_owned()))
    }

    /// What is known of it.
    #[must_use]
    pub fn known(&self) -> Option<&'static Capability> {
        find(&self.0)
    }
}

impl fmt::Display for CapabilityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(feature = "model")]
impl<'de> serde::Deserialize<'de> for CapabilityId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <String as serde::Deserialize>::deserialize(deserializer)?;
        Self::new(name.clone()).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{name}`: a capability is lower-case words joined by `_` and `.`"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_unique_and_well_formed() {
        assert!(ALL.windows(2).all(|pair| pair[0].name < pair[1].name));
        for capability in ALL {
            assert!(well_formed(capability.name), "{}", capability.name);
            assert!(capability.operations.windows(2).all(|pair| pair[0] < pair[1]), "{}", capability.name);
        }
    }

    #[test]
    fn aliases_lead_to_known_names() {
        for (_, name) in ALIASES {
            assert!(name.is_empty() || find(name).is_some(), "{name}");
        }
    }
}
