//! What a workload says that it uses at most. It lowers the operator's limits for its runs and never raises one.
//!
//! Invariant: no amount is zero, memory is enough for a guest to start, and each is an integer that JSON carries exactly.

use crate::limit::{INTEGER_MAX, MEMORY_BYTES_MIN};
use crate::quantity;
use std::collections::BTreeMap;
use std::fmt;

/// Something that a run uses up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "model", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "model", serde(rename_all = "snake_case"))]
pub enum Resource {
    /// The size of one artifact.
    ArtifactBytes,
    /// The size of all artifacts.
    ArtifactsBytes,
    /// Processor time.
    CpuMs,
    /// Files and folders, at any moment.
    Files,
    /// Memory, at any moment.
    MemoryBytes,
    /// Messages to the host.
    Messages,
    /// What it prints.
    OutputBytes,
    /// Time on the clock, without waits for a person or a service.
    WallMs,
}

/// Why an amount is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is no whole number.
    Number,
    /// It is no size.
    Size,
    /// It is no time.
    Time,
    /// It is nothing, or more than JSON can carry.
    Range,
    /// It is less memory than a program needs to start.
    Memory,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number => write!(f, "an amount is a whole number"),
            Self::Size => write!(f, "{}", quantity::SIZE),
            Self::Time => write!(f, "{}", quantity::TIME),
            Self::Range => write!(f, "an amount is a whole number from 1 to {INTEGER_MAX}"),
            Self::Memory => {
                write!(f, "with less than {} MiB of memory nothing starts", MEMORY_BYTES_MIN >> 20)
            }
        }
    }
}

impl Resource {
    /// Every resource, in the order of the manifest.
    pub const ALL: [Self; 8] = [
        Self::ArtifactBytes,
        Self::ArtifactsBytes,
        Self::CpuMs,
        Self::Files,
        Self::MemoryBytes,
        Self::Messages,
        Self::OutputBytes,
        Self::WallMs,
    ];

    /// Its name in an attribute: that of the operator's flag, `--cpu-limit`, without `limit`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ArtifactBytes => "artifact",
            Self::ArtifactsBytes => "artifacts",
            Self::CpuMs => "cpu",
            Self::Files => "files",
            Self::MemoryBytes => "memory",
            Self::Messages => "messages",
            Self::OutputBytes => "output",
            Self::WallMs => "time",
        }
    }

    /// Its key in a manifest, with the unit at its end.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::ArtifactBytes => "artifact_bytes",
            Self::ArtifactsBytes => "artifacts_bytes",
            Self::CpuMs => "cpu_ms",
            Self::Files => "files",
            Self::MemoryBytes => "memory_bytes",
            Self::Messages => "messages",
            Self::OutputBytes => "output_bytes",
            Self::WallMs => "wall_ms",
        }
    }

    /// Reads an amount as people write it: `64MiB`, `250ms`, `1000`.
    ///
    /// ```
    /// use orket_contract::budget::{Fault, Resource};
    /// assert_eq!(Resource::MemoryBytes.read("64MiB"), Ok(64 << 20));
    /// assert_eq!(Resource::WallMs.read("soon"), Err(Fault::Time));
    /// ```
    ///
    /// # Errors
    /// The [`Fault`] that makes the text no amount.
    pub fn read(self, text: &str) -> Result<u64, Fault> {
        let amount = match self {
            Self::CpuMs | Self::WallMs => quantity::milliseconds(text).ok_or(Fault::Time),
            Self::Files | Self::Messages => text.parse().map_err(|_| Fault::Number),
            _ => quantity::bytes(text).ok_or(Fault::Size),
        }?;
        self.check(amount).map(|()| amount)
    }

    /// Checks an amount in the unit of the manifest.
    ///
    /// # Errors
    /// The [`Fault`] with which nothing could run.
    pub fn check(self, amount: u64) -> Result<(), Fault> {
        match self {
            _ if !(1..=INTEGER_MAX).contains(&amount) => Err(Fault::Range),
            Self::MemoryBytes if amount < MEMORY_BYTES_MIN => Err(Fault::Memory),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The amounts that a workload names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "model", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "model", serde(try_from = "BTreeMap<Resource, u64>", into = "BTreeMap<Resource, u64>"))]
pub struct Budget(BTreeMap<Resource, u64>);

impl Budget {
    /// Whether it names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The amounts, in the order of the manifest.
    pub fn iter(&self) -> impl Iterator<Item = (Resource, u64)> {
        self.0.iter().map(|(resource, amount)| (*resource, *amount))
    }

    /// Adds an amount; of two for one resource the first counts.
    ///
    /// # Errors
    /// The [`Fault`] of the amount.
    pub fn add(&mut self, resource: Resource, amount: u64) -> Result<(), Fault> {
        resource.check(amount)?;
        self.0.entry(resource).or_insert(amount);
        Ok(())
    }
}

impl TryFrom<BTreeMap<Resource, u64>> for Budget {
    type Error = String;

    fn try_from(amounts: BTreeMap<Resource, u64>) -> Result<Self, String> {
        for (resource, amount) in &amounts {
            resource.check(*amount).map_err(|fault| format!("`{}`: {fault}", resource.key()))?;
        }
        Ok(Self(amounts))
    }
}

impl From<Budget> for BTreeMap<Resource, u64> {
    fn from(budget: Budget) -> Self {
        budget.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(resource: Resource, text: &str, expected: Result<u64, Fault>) {
        assert_eq!(resource.read(text), expected, "{resource} {text:?}");
    }

    #[test]
    fn amounts_are_read_in_the_unit_of_their_resource() {
        check(Resource::ArtifactBytes, "5kB", Ok(5000));
        check(Resource::MemoryBytes, "4MiB", Ok(4 << 20));
        check(Resource::MemoryBytes, "3MiB", Err(Fault::Memory));
        check(Resource::MemoryBytes, "much", Err(Fault::Size));
        check(Resource::OutputBytes, "0", Err(Fault::Range));
        check(Resource::CpuMs, "2s", Ok(2000));
        check(Resource::WallMs, "0", Err(Fault::Time));
        check(Resource::Messages, "1000", Ok(1000));
        check(Resource::Messages, "1kB", Err(Fault::Number));
        check(Resource::Files, "0", Err(Fault::Range));
        check(Resource::Files, "9007199254740992", Err(Fault::Range));
    }

    #[test]
    #[cfg(feature = "model")]
    fn keys_are_those_of_the_manifest_and_stand_in_its_order() {
        let keys: Vec<_> = Resource::ALL.map(|resource| format!("\"{}\"", resource.key())).into();
        assert!(keys.is_sorted());
        let written = Resource::ALL.map(|resource| serde_json::to_string(&resource).expect("JSON"));
        assert_eq!(keys, written);
        assert!(serde_json::from_str::<Budget>(r#"{"cpu_ms":0}"#).is_err());
        assert!(serde_json::from_str::<Budget>(r#"{"wall":1}"#).is_err());
        let budget: Budget = serde_json::from_str(r#"{"cpu_ms":1}"#).expect("a budget");
        assert_eq!(budget.iter().collect::<Vec<_>>(), [(Resource::CpuMs, 1)]);
    }
}
