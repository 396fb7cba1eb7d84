//! Draws surroundings in which as much as possible is unusual.

use super::{Dimension, Draws, Surroundings};

/// How a run is governed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In the sandbox, as always.
    Governed,
    /// As any program of the user's.
    Ambient,
}

/// The surroundings number `index` of a seed: everything that can be unusual is, but what may hide the rest only in every other
/// of two in a row.
///
/// ```
/// use orket_engine::surroundings::{Dimension, Mode, hostile};
/// let (one, same, other) = (hostile(7, 0, Mode::Ambient), hostile(7, 0, Mode::Ambient), hostile(7, 1, Mode::Ambient));
/// assert_eq!(one, same);
/// assert_ne!(one, other);
/// assert!(one.value(Dimension::Hostname).is_some());
/// ```
#[must_use]
pub fn hostile(seed: u64, index: u64, mode: Mode) -> Surroundings {
    let mut values = Draws::new(Draws::new(seed).next() ^ index);
    let mut coins = Draws::new(!Draws::new(seed).next() ^ (index / 2));
    let mut chosen = Surroundings::default();
    for (dimension, _) in Dimension::ALL {
        // Both are drawn for each, so that one dimension more or less changes no other.
        let (value, coin) = (values.one_of(dimension.values()), coins.below(2));
        let is_left_out = dimension.may_mask() && (coin + index).is_multiple_of(2);
        if dimension.applies(mode) && !is_left_out {
            chosen.set(dimension, value);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_mask_is_left_out_in_one_of_two_and_the_rest_never() {
        for mode in [Mode::Ambient, Mode::Governed] {
            for (dimension, name) in Dimension::ALL {
                for pair in 0..20 {
                    let drawn = |at| usize::from(hostile(1, at, mode).value(dimension).is_some());
                    let both = drawn(pair * 2) + drawn(pair * 2 + 1);
                    let expected = match (dimension.applies(mode), dimension.may_mask()) {
                        (false, _) => 0,
                        (true, masks) => 2 - usize::from(masks),
                    };
                    assert_eq!(both, expected, "{name} in pair {pair}");
                }
            }
        }
    }

    #[test]
    fn what_is_drawn_reads_back() {
        for index in 0..50 {
            let drawn = hostile(3, index, Mode::Ambient);
            assert_eq!(drawn.to_string().parse(), Ok(drawn));
        }
    }
}
