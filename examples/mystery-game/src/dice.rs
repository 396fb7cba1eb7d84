//! Where chance comes from: everything random in the game asks a [`Dice`].
//!
//! The world of a case is thrown with [`SeedDice`], which needs nothing but the
//! seed: the plan is made before any capability exists, and must yield the same
//! world as the run. The variants of what people say come from the host's
//! `rng` capability instead (see `play`).

/// A source of chance that repeats for the same seed.
pub trait Dice {
    /// A number in `0..n`. `n` must not be zero.
    fn below(&mut self, n: usize) -> usize;
}

/// One of `items`; `None` when there are none.
pub fn pick<'a, T>(dice: &mut dyn Dice, items: &'a [T]) -> Option<&'a T> {
    (!items.is_empty()).then(|| &items[dice.below(items.len())])
}

/// True in `wins` of `out_of` cases.
pub fn chance(dice: &mut dyn Dice, wins: usize, out_of: usize) -> bool {
    dice.below(out_of) < wins
}

/// Puts `items` in a random order (Fisher and Yates).
pub fn shuffle<T>(dice: &mut dyn Dice, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, dice.below(last + 1));
    }
}

/// Dice that know only a seed: the SplitMix64 generator of Steele, Lea and Flood.
#[derive(Clone, Debug)]
pub struct SeedDice(u64);

impl SeedDice {
    /// Dice that throw the same sequence whenever the seed is the same.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Dice for SeedDice {
    /// Multiply and shift: the bias is below n / 2^64, far under what a game can show.
    fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "dice need at least one side");
        let scaled = (u128::from(self.next()) * n as u128) >> 64;
        usize::try_from(scaled).expect("scaled below n, which is a usize")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same_sequence() {
        let throw = |seed| {
            let mut dice = SeedDice::new(seed);
            (0..32).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(throw(7), throw(7));
        assert_ne!(throw(7), throw(8));
    }

    #[test]
    fn every_side_comes_up() {
        let mut dice = SeedDice::new(1);
        let mut seen = [false; 6];
        for _ in 0..200 {
            seen[dice.below(6)] = true;
        }
        assert!(seen.iter().all(|side| *side));
    }
}
