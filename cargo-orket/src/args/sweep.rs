//! Which seeds `verify` sweeps over, and how.

use std::fmt;

/// What of `verify` is about many seeds.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Sweeps over seeds")]
pub(crate) struct SweepArgs {
    /// Run each of these seeds twice and compare, such as 0..100000; the last one is left out
    #[arg(long, value_name = "A..B", requires = "workload", conflicts_with_all = ["case", "bless", "seed"])]
    pub(crate) seeds: Option<Seeds>,
    /// Only this part of the seeds, such as 1/4: for machines that share them
    #[arg(long, value_name = "K/N", requires = "seeds")]
    pub(crate) partition: Option<Partition>,
    /// Go on where the same sweep was interrupted
    #[arg(long, requires = "seeds")]
    pub(crate) resume: bool,
    /// Look at all seeds, whatever was found at some
    #[arg(long, requires = "seeds")]
    pub(crate) no_fail_fast: bool,
}

/// Seeds in a row, the last one left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seeds {
    first: u64,
    end: u64,
}

impl std::str::FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bounds = text.split_once("..").and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        let seeds = bounds.map(|(first, end)| Self { first, end }).filter(|seeds| seeds.first < seeds.end);
        seeds.ok_or_else(|| "seeds are two numbers, the lower one first, such as 0..1000".to_owned())
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.first, self.end)
    }
}

/// One of several parts, counted from 1. Seeds go to the parts in turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partition {
    part: u64,
    of: u64,
}

impl Default for Partition {
    fn default() -> Self {
        Self { part: 1, of: 1 }
    }
}

impl std::str::FromStr for Partition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
        let partition = numbers.map(|(part, of)| Self { part, of });
        let partition = partition.filter(|partition| (1..=partition.of).contains(&partition.part));
        partition.ok_or_else(|| "a part is its number and how many there are, such as 1/4".to_owned())
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// The seeds of one part, by their place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Share {
    seeds: Seeds,
    partition: Partition,
}

impl Share {
    pub(crate) fn new(seeds: Seeds, partition: Partition) -> Self {
        Self { seeds, partition }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        let all = self.seeds.end - self.seeds.first;
        let (whole, left) = (all / self.partition.of, all % self.partition.of);
        whole + u64::from(self.partition.part <= left)
    }

    /// The seed at a place below [`Share::count`].
    pub(crate) fn at(&self, place: u64) -> u64 {
        self.seeds.first + place * self.partition.of + (self.partition.part - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn every_seed_is_in_exactly_one_part(first in any::<u64>(), count in 1_u64..200, of in 1_u64..20) {
            let first = first.min(u64::MAX - count);
            let seeds = Seeds { first, end: first + count };
            let mut found = Vec::new();
            for part in 1..=of {
                let share = Share::new(seeds, Partition { part, of });
                found.extend((0..share.count()).map(|place| share.at(place)));
            }
            prop_assert_eq!(found.len() as u64, count);
            prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), (first..first + count).collect());
        }
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let seeds: Seeds = format!("0..{}", u64::MAX).parse().unwrap();
        let share = |part| Share::new(seeds, Partition { part, of: u64::MAX });
        assert_eq!((share(1).count(), share(u64::MAX).count(), share(u64::MAX).at(0)), (1, 1, u64::MAX - 1));
        assert_eq!(Share::new(seeds, Partition::default()).count(), u64::MAX);
    }

    #[test]
    fn words_are_read_exactly_or_not_at_all() {
        assert_eq!("3..7".parse::<Seeds>().unwrap().to_string(), "3..7");
        assert_eq!("2/4".parse::<Partition>().unwrap().to_string(), "2/4");
        for wrong in ["", "3", "3..", "..3", "3..3", "4..3", "-1..3", "0...3", "0..=3", "a..b"] {
            assert!(wrong.parse::<Seeds>().is_err(), "{wrong:?}");
        }
        for wrong in ["", "1", "0/4", "5/4", "1/0", "1/-1", "a/b", "1/2/3"] {
            assert!(wrong.parse::<Partition>().is_err(), "{wrong:?}");
        }
    }
}
