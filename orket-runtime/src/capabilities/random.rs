//! The `rng` capability: named streams of random numbers.
//!
//! The host derives a key from seed and name; the numbers themselves are computed here, because a
//! call per number would cost a thousand times more. The generator and the way from its numbers to
//! ranges are part of the interface: another algorithm would change every recorded case.

use std::ops::Range;

use super::handle::Handle;
use crate::result::Result;

/// Random streams by name, from the seed of the run.
///
/// Operation: `stream {name}` → `{key}`, 64 hexadecimal digits. The stream is xoshiro256++ whose
/// state is the key, read as four little-endian 64-bit numbers.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn deal(ctx: &mut WorkloadContext) -> Result<Vec<u8>> {
///     let mut cards: Vec<u8> = (0..52).collect();
///     ctx.capabilities.rng()?.stream("deck")?.shuffle(&mut cards);
///     Ok(cards)
/// }
/// ```
#[derive(Clone)]
pub struct Rng(Handle);

impl Rng {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// The stream of that name, from its beginning: two streams of one name give equal numbers.
    ///
    /// Use one name per purpose, so that drawing more for one leaves the others as they were.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Rng, Result};
    /// fn coin(rng: &Rng) -> Result<bool> {
    ///     Ok(rng.stream("coin")?.chance(1, 2))
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host's answer cannot be read.
    #[track_caller]
    pub fn stream(&self, name: &str) -> Result<RandomStream> {
        #[derive(serde::Deserialize)]
        struct Stream {
            key: String,
        }
        let Stream { key } = self.0.call("stream", [("name", name.into())], &[])?;
        RandomStream::from_key(&key).ok_or_else(|| self.0.odd("stream", &"the key is no key"))
    }
}

/// A stream of random numbers; the same in every run of one seed.
///
/// ```
/// # use orket_runtime::{capabilities::Rng, Result};
/// fn world(rng: &Rng) -> Result<(u64, bool)> {
///     let mut stream = rng.stream("world")?;
///     Ok((stream.range(4..6), stream.chance(1, 3)))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RandomStream {
    state: [u64; 4],
}

impl RandomStream {
    /// The stream of a key; `None` when that is not 64 hexadecimal digits, or zero, from which
    /// xoshiro never comes away.
    pub(crate) fn from_key(key: &str) -> Option<Self> {
        Self::words(key).filter(|state| *state != [0; 4]).map(|state| Self { state })
    }

    /// The words of a key; `None` when it is not 64 hexadecimal digits.
    pub(crate) fn words(key: &str) -> Option<[u64; 4]> {
        let digits = key.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let mut words = [0; 4];
        for (word, digits) in words.iter_mut().zip(digits.chunks_exact(16)) {
            *word = u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?.swap_bytes();
        }
        Some(words)
    }

    /// The stream of one draw among those of a key: each can be had without those before it.
    ///
    /// Its state are numbers of SplitMix64, with which the authors of xoshiro fill it.
    pub(crate) fn of_draw(key: [u64; 4], draw: u64) -> Self {
        let mut at = draw.wrapping_mul(4);
        let state = key.map(|word| {
            at = at.wrapping_add(1);
            let mixed = word.wrapping_add(at.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^ (mixed >> 31)
        });
        Self { state }
    }

    /// A stream of its own for a part of the work: of equal streams and equal names come equal numbers, and this stream stays
    /// where it is. So what one part draws does not change what another gets.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Rng, task, Result};
    /// fn heights(rng: &Rng) -> Result<Vec<u64>> {
    ///     let trees = rng.stream("trees")?;
    ///     Ok(task::map(["oak", "pine"], |name| trees.fork(name).range(5..40)))
    /// }
    /// ```
    #[must_use]
    pub fn fork(&self, name: &str) -> Self {
        let mut fork = self.clone();
        // The length, so that no name is the beginning of another.
        fork.absorb(name.len() as u64);
        for part in name.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..part.len()].copy_from_slice(part);
            fork.absorb(u64::from_le_bytes(word));
        }
        // What was absorbed last has reached every bit after this.
        (0..16).for_each(|_| _ = fork.next_u64());
        fork
    }

    /// Lets a word change the state; a state of zeros is never left, so it is never made.
    fn absorb(&mut self, word: u64) {
        self.state[0] ^= word.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        self.state[2] ^= word.wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.state[3] |= u64::from(self.state == [0; 4]);
        (0..4).for_each(|_| _ = self.next_u64());
    }

    /// The next 64 random bits.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Rng, Result};
    /// fn bits(rng: &Rng) -> Result<u64> {
    ///     Ok(rng.stream("bits")?.next_u64())
    /// }
    /// ```
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let next = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        next
    }

    /// A number from 0 to `n - 1`, each equally likely; 0 when `n` is 0.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Rng, Result};
    /// fn percent(rng: &Rng) -> Result<u64> {
    ///     Ok(rng.stream("percent")?.below(100))
    /// }
    /// ```
    pub fn below(&mut self, n: u64) -> u64 {
        // Lemire's method: the high half of a product, without the numbers that would weigh twice.
        let excess = if n == 0 { 0 } else { n.wrapping_neg() % n };
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            if product as u64 >= excess {
                return (product >> 64) as u64;
            }
        }
    }

    /// A number of the range, each equally likely; its start when it is empty.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Rng, Result};
    /// fn die(rng: &Rng) -> Result<u64> {
    ///     Ok(rng.stream("dice")?.range(1..7))
    /// }
    /// ```
    pub fn range(&mut self, range: Range<u64>) -> u64 {
        range.start + self.below(range.end.saturating_sub(range.start))
    }

    /// True in `num` of `den` cases; never when `den` is 0.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Rng, Result};
    /// fn rains(rng: &Rng) -> Result<bool> {
    ///     Ok(rng.stream("weather")?.chance(1, 4))
    /// }
    /// ```
    pub fn chance(&mut self, num: u64, den: u64) -> bool {
        self.below(den) < num && den != 0
    }

    /// Puts the items into random order, each order equally likely.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Rng, Result};
    /// fn order(rng: &Rng, players: &mut [String]) -> Result<()> {
    ///     rng.stream("order")?.shuffle(players);
    ///     Ok(())
    /// }
    /// ```
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }

    /// One of the items, each equally likely; `None` when there is none.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Rng, Result};
    /// fn culprit<'a>(rng: &Rng, suspects: &'a [String]) -> Result<Option<&'a String>> {
    ///     Ok(rng.stream("culprit")?.pick(suspects))
    /// }
    /// ```
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.index(items.len())) }
    }

    fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> RandomStream {
        let words = [1_u64, 2, 3, 4].map(|word| format!("{:016x}", word.swap_bytes()));
        RandomStream::from_key(&words.concat()).expect("a key")
    }

    /// Produced with the reference implementation, prng.di.unimi.it/xoshiro256plusplus.c, state 1 2 3 4.
    #[test]
    fn numbers_are_those_of_the_reference() {
        let mut stream = stream();
        let numbers: [u64; 10] = std::array::from_fn(|_| stream.next_u64());
        let expected = [
            41_943_041,
            58_720_359,
            3_588_806_011_781_223,
            3_591_011_842_654_386,
            9_228_616_714_210_784_205,
            9_973_669_472_204_895_162,
            14_011_001_112_246_962_877,
            12_406_186_145_184_390_807,
            15_849_039_046_786_891_736,
            10_450_023_813_501_588_000,
        ];
        assert_eq!(numbers, expected);
    }

    #[test]
    fn derived_numbers_never_change() {
        let mut stream = stream();
        (0..4).for_each(|_| _ = stream.next_u64());
        let below: [u64; 6] = std::array::from_fn(|_| stream.below(100));
        let mut items = ['a', 'b', 'c', 'd', 'e'];
        stream.shuffle(&mut items);
        assert_eq!(below, [50, 54, 75, 67, 85, 56]);
        assert_eq!(items.iter().collect::<String>(), "ebadc");
    }

    #[test]
    fn forks_have_numbers_of_their_own_that_never_change() {
        let parent = stream();
        let first = |name: &str| parent.fork(name).next_u64();
        let names: Vec<String> =
            (0..2000).map(|n| n.to_string()).chain([String::new(), "\0".into(), "0\0".into()]).collect();
        let numbers: std::collections::BTreeSet<u64> = names.iter().map(|name| first(name)).collect();
        assert_eq!(numbers.len(), names.len());
        let bits: u32 = names.iter().map(|name| (first(name) ^ first("other")).count_ones()).sum();
        assert!((31..=33).contains(&(bits / names.len() as u32)), "half of the bits differ: {bits}");
        assert_eq!(parent, stream(), "it stays where it is");
        assert_eq!(first("red"), 8_999_432_182_146_022_561, "it never changes");
    }

    #[test]
    fn every_number_below_is_reached_about_equally() {
        let (mut stream, mut counts) = (stream(), [0_u32; 7]);
        (0..70_000).for_each(|_| counts[stream.below(7) as usize] += 1);
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
    }

    #[test]
    fn nothing_is_asked_of_empty_things() {
        let mut stream = stream();
        assert_eq!(stream.below(0), 0);
        assert_eq!(stream.range(5..5), 5);
        assert_eq!(stream.range(Range { start: 7, end: 5 }), 7);
        assert!(!stream.chance(1, 0));
        assert!(stream.chance(3, 3));
        assert_eq!(stream.pick::<u8>(&[]), None);
        assert_eq!(stream.range(u64::MAX - 1..u64::MAX), u64::MAX - 1);
    }

    #[test]
    fn a_key_is_64_digits_and_not_zero() {
        assert_eq!(RandomStream::from_key(&"0".repeat(64)), None);
        assert_eq!(RandomStream::from_key(&"a".repeat(63)), None);
        assert_eq!(RandomStream::from_key(&"+".repeat(64)), None);
        let state = RandomStream::from_key(&"0100000000000000".repeat(4)).expect("a key").state;
        assert_eq!(state, [1; 4]);
    }
}
