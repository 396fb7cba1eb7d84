//! In what world a run happens: which of the things that a program may not depend on are how.
//!
//! ```text
//! Dimension      one such thing, with the values that it can take
//! Surroundings   a choice of values: `tz=NPT-5:45 umask=077`; what is not named is as usual
//! hostile        surroundings from a seed, in which as much as possible is unusual
//! World          what a choice means for one run: folders, variables, limits
//! ```
//! Invariants: a choice says everything, so that the same one makes the same world on the same machine; drawing needs no clock
//! and no entropy.

mod dimension;
mod draws;
mod hostile;
mod world;

pub use dimension::Dimension;
pub(crate) use draws::Draws;
pub use hostile::{Mode, hostile};
pub(crate) use world::World;

use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::SystemTime;

/// A choice of values for some dimensions. By default nothing is unusual.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Surroundings(BTreeMap<Dimension, String>);

impl Surroundings {
    /// What is unusual.
    pub fn dimensions(&self) -> impl Iterator<Item = Dimension> {
        self.0.keys().copied()
    }

    /// The value of a dimension, where it is unusual.
    #[must_use]
    pub fn value(&self, dimension: Dimension) -> Option<&str> {
        self.0.get(&dimension).map(String::as_str)
    }

    /// Whether nothing is unusual.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        self.0.is_empty()
    }

    /// The same with these dimensions alone.
    #[must_use]
    pub fn only(&self, dimensions: &[Dimension]) -> Self {
        let kept = self.0.iter().filter(|(dimension, _)| dimensions.contains(dimension));
        Self(kept.map(|(dimension, value)| (*dimension, value.clone())).collect())
    }

    /// The same without these dimensions.
    #[must_use]
    pub fn without(&self, dimensions: &[Dimension]) -> Self {
        let kept = self.0.iter().filter(|(dimension, _)| !dimensions.contains(dimension));
        Self(kept.map(|(dimension, value)| (*dimension, value.clone())).collect())
    }

    fn set(&mut self, dimension: Dimension, value: impl Into<String>) {
        self.0.insert(dimension, value.into());
    }

    fn number<T: FromStr>(&self, dimension: Dimension) -> Option<T> {
        self.value(dimension)?.parse().ok()
    }
}

/// What a run is started in: its surroundings, whether there is a sandbox, and what an earlier run has left.
#[derive(Debug, Clone, Default)]
pub struct Around {
    /// What is unusual.
    pub surroundings: Surroundings,
    /// Whether it runs without a sandbox and without virtual std, as any program of the user's.
    pub ambient: bool,
    /// When an ambient run takes itself to begin: runs that are compared begin at the same time, or at the usual one where there is none.
    pub begins: Option<SystemTime>,
    /// The folder of an earlier run, whose leftovers it finds where `fresh-state` says so.
    pub earlier: Option<PathBuf>,
}

impl fmt::Display for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (dimension, value)) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{dimension}={value}")?;
        }
        Ok(())
    }
}

impl FromStr for Surroundings {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut chosen = Self::default();
        for word in text.split_ascii_whitespace() {
            let (name, value) =
                word.split_once('=').ok_or_else(|| format!("`{word}` is not of the form DIMENSION=VALUE"))?;
            let dimension: Dimension = name.parse()?;
            dimension.check(value)?;
            chosen.set(dimension, value);
        }
        Ok(chosen)
    }
}

impl Serialize for Surroundings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(dimension, value)| (dimension.name(), value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_reads_back_and_what_is_none_is_refused() {
        let text = "tz=NPT-5:45 umask=077";
        let chosen: Surroundings = text.parse().expect("a choice");
        assert_eq!(chosen.to_string(), text);
        assert_eq!(chosen.only(&[Dimension::Umask]).to_string(), "umask=077");
        assert_eq!(chosen.without(&[Dimension::Umask]).to_string(), "tz=NPT-5:45");
        assert!("".parse::<Surroundings>().expect("nothing").is_usual());
        for wrong in ["tz", "zt=UTC", "umask=999", "tz=a,b", "stack=x"] {
            assert!(wrong.parse::<Surroundings>().is_err(), "{wrong}");
        }
        let near = "tzz=UTC".parse::<Surroundings>().expect_err("refused");
        assert!(near.contains("did you mean `tz`?"), "{near}");
    }
}
