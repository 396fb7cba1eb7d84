//! Which random numbers decide: all draws of a guest are changed together, then by halves down to the first that decides, then those
//! after it.

use super::Draw;
use crate::Probe;
use crate::error::Error;
use orket_contract::protocol::Flip;
use std::time::Instant;

/// How many runs are made for it. With those that showed that the workload repeats they are fewer than what a cause in the surroundings takes.
const RUNS_MAX: u32 = 20;

/// In how many ways all draws of a guest are changed: what tosses a coin comes to the same every other time.
const WAYS: u16 = 4;

/// What a run came to in which some draws gave something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flipped {
    /// Whether it came to something else; nothing where it was refused, which says nothing.
    pub differs: Option<bool>,
    /// `file:line:column` of who asked for the draw that was traced, where that is known.
    pub place: Option<String>,
}

/// The draws that decide.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// Each of these alone changes what comes out.
    pub draws: Vec<Draw>,
    /// Whether there are no others, as far as draws matter alone.
    pub is_whole: bool,
    /// Whether any do.
    pub by_draws: bool,
}

/// Finds them, of guests by number with how many draws each has made, as long as there is time.
///
/// # Errors
/// What keeps a run from being made.
pub fn deciding(
    counts: &[(u32, u64)],
    deadline: Instant,
    run: &mut dyn FnMut(Probe) -> Result<Flipped, Error>,
) -> Result<Decided, Error> {
    let mut search = Search { run, deadline, left: RUNS_MAX, found: Decided::default() };
    let mut is_whole = true;
    for (guest, count) in counts {
        is_whole &= search.guest(*guest, *count)?;
    }
    Ok(Decided { is_whole, ..search.found })
}

struct Search<'a> {
    run: &'a mut dyn FnMut(Probe) -> Result<Flipped, Error>,
    deadline: Instant,
    /// How many runs may still be made.
    left: u32,
    found: Decided,
}

impl Search<'_> {
    /// Finds those of a guest, the first one first; whether there are no others.
    fn guest(&mut self, guest: u32, count: u64) -> Result<bool, Error> {
        let (mut from, mut by, mut is_whole) = (0, 0, true);
        while from < count {
            let Some(flipped) = self.flip(guest, Flip { from, to: count, by })? else { return Ok(false) };
            match flipped.differs {
                // What holds for all draws of a guest is found out once, so it is found out well.
                Some(false) if from == 0 && by + 1 < WAYS => {
                    by += 1;
                    continue;
                }
                Some(false) => break,
                differs => self.found.by_draws |= differs.is_some(),
            }
            let Some((draw, flipped)) = self.first(guest, Flip { from, to: count, by }, flipped)? else {
                return Ok(false);
            };
            match flipped.differs {
                Some(true) => self.found.draws.push(Draw { draw, guest, place: flipped.place }),
                // It decides with another one, and not alone.
                Some(false) => is_whole = false,
                None => {}
            }
            from = draw + 1;
        }
        Ok(is_whole)
    }

    /// The first of some draws that decide together, and what came of it alone. What is refused may decide.
    fn first(&mut self, guest: u32, all: Flip, mut last: Flipped) -> Result<Option<(u64, Flipped)>, Error> {
        let Flip { mut from, mut to, by } = all;
        let mut is_last = true;
        while to - from > 1 {
            let middle = from + (to - from) / 2;
            let Some(flipped) = self.flip(guest, Flip { from, to: middle, by })? else { return Ok(None) };
            is_last = flipped.differs != Some(false);
            if is_last {
                (to, last) = (middle, flipped);
            } else {
                from = middle;
            }
        }
        // Whether it alone was changed in the run that is known.
        if !is_last {
            let Some(flipped) = self.flip(guest, Flip { from, to, by })? else { return Ok(None) };
            last = flipped;
        }
        Ok(Some((from, last)))
    }

    /// A run in which these are changed; nothing where no more may be made.
    fn flip(&mut self, guest: u32, flip: Flip) -> Result<Option<Flipped>, Error> {
        if self.left == 0 || Instant::now() >= self.deadline {
            return Ok(None);
        }
        self.left -= 1;
        let trace = (flip.to - flip.from == 1).then_some(flip.from);
        (self.run)(Probe { guest, flip: Some(flip), trace }).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(600)
    }

    /// What is found where these draws decide, and in how many runs.
    fn check(counts: &[(u32, u64)], deciding_draws: &[(u32, u64)]) -> (Decided, u32) {
        let mut runs = 0;
        let mut run = |probe: Probe| {
            runs += 1;
            let span = probe.flip.expect("some are changed");
            let within =
                |(guest, draw): &(u32, u64)| *guest == probe.guest && (span.from..span.to).contains(draw);
            Ok(Flipped {
                differs: Some(deciding_draws.iter().any(within)),
                place: probe.trace.map(|draw| format!("src/lib.rs:{draw}:1")),
            })
        };
        let found = deciding(counts, later(), &mut run).expect("an answer");
        for draw in &found.draws {
            assert!(deciding_draws.contains(&(draw.guest, draw.draw)), "{draw:?} does not decide");
            assert_eq!(draw.place, Some(format!("src/lib.rs:{}:1", draw.draw)));
        }
        assert_eq!(found.draws.len() == deciding_draws.len(), found.is_whole, "{found:?}");
        (found, runs)
    }

    #[test]
    fn whichever_draw_decides_is_found_in_few_runs() {
        for count in [1, 2, 3, 7, 16, 17, 1_000, 100_000] {
            for draw in [0, count / 3, count / 2, count - 1] {
                let (found, runs) = check(&[(0, count)], &[(0, draw)]);
                assert!(found.is_whole && runs <= 20, "draw {draw} of {count}: {runs} runs");
            }
            let (found, runs) = check(&[(0, count)], &[]);
            assert_eq!(
                (found.by_draws, runs),
                (false, u32::from(WAYS)),
                "few runs tell that none of them does"
            );
        }
    }

    #[test]
    fn what_a_coin_decides_is_found_although_it_often_falls_alike() {
        let mut run = |probe: Probe| {
            let flip = probe.flip.expect("some are changed");
            Ok(Flipped { differs: Some((flip.from..flip.to).contains(&5) && flip.by == 2), place: None })
        };
        let found = deciding(&[(0, 9)], later(), &mut run).expect("an answer");
        assert_eq!(found.draws, [Draw { draw: 5, guest: 0, place: None }]);
    }

    #[test]
    fn draws_of_all_guests_are_looked_at_and_each_that_decides_is_named() {
        let (found, _) = check(&[(0, 4), (1, 0), (2, 30), (u32::MAX, 2)], &[(0, 3), (2, 17), (u32::MAX, 0)]);
        let named: Vec<_> = found.draws.iter().map(|draw| (draw.guest, draw.draw)).collect();
        assert_eq!(named, [(0, 3), (2, 17), (u32::MAX, 0)]);
        let (found, runs) = check(&[(0, 5)], &[(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)]);
        assert!(found.is_whole && runs <= 11, "{runs} runs");
    }

    #[test]
    fn a_search_that_was_cut_short_names_the_first_and_says_so() {
        let all: Vec<_> = (0..1_000).map(|draw| (0, draw)).collect();
        let (found, runs) = check(&[(0, 1_000)], &all);
        assert_eq!((runs, found.is_whole, found.draws[0].draw), (RUNS_MAX, false, 0));
    }

    #[test]
    fn what_decides_only_together_and_what_is_refused_is_not_put_down_to_one() {
        let both = |probe: Probe| {
            let span = probe.flip.expect("some are changed");
            Ok(Flipped { differs: Some(span.to - span.from > 1), place: None })
        };
        let found = deciding(&[(0, 2)], later(), &mut { both }).expect("an answer");
        assert_eq!((found.draws.len(), found.by_draws, found.is_whole), (0, true, false));
        let mut first_alone = |probe: Probe| {
            let span = probe.flip.expect("some are changed");
            Ok(Flipped { differs: (span.to - span.from < 4).then_some(false), place: None })
        };
        let found = deciding(&[(0, 4)], later(), &mut first_alone).expect("an answer");
        assert!(
            !found.by_draws,
            "the half after one that does not decide need not, where the whole was refused"
        );
        let refused = |_| Ok(Flipped { differs: None, place: None });
        let found = deciding(&[(0, 4)], later(), &mut { refused }).expect("an answer");
        assert_eq!((found.draws.len(), found.by_draws), (0, false));
    }
}
