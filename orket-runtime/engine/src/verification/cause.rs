//! Which of the surroundings are to blame: delta debugging (Zeller's ddmin) over dimensions, each with the value that it had.

use super::search::{Search, Trial};
use super::{Found, Seen, Verdict};
use crate::error::Error;
use crate::surroundings::{Dimension, Surroundings};

/// How often a cause is confirmed, with it and without it.
const CONFIRMED: usize = 3;
/// How many causes are looked for.
const CAUSES_MAX: usize = 8;

/// Finds what of `surroundings`, in which `other` differs from the first run, makes it differ.
pub(super) fn find(
    search: &Search<'_>,
    first: &Seen,
    surroundings: &Surroundings,
    other: &Seen,
) -> Result<Found, Error> {
    let (mut causes, mut left) = (Vec::<Vec<Dimension>>::new(), surroundings.clone());
    let (mut divergence, mut is_whole) = (None, false);
    for _ in 0..CAUSES_MAX {
        if search.is_over() {
            break;
        }
        let cause = minimal(search, &left)?;
        let is_minimal = !search.is_over();
        let with = search.all(Trial::Confirm, &vec![left.only(&cause); CONFIRMED])?;
        if !with.iter().all(Seen::differs) {
            causes.push(cause);
            return search.intrinsic(first, other, causes);
        }
        // Of the first cause: that is the one which is shown.
        divergence = divergence.or_else(|| with.into_iter().next().and_then(|seen| seen.divergence));
        left = left.without(&cause);
        causes.push(cause);
        let without = search.all(Trial::Confirm, &vec![left.clone(); CONFIRMED])?;
        match without.iter().filter(|seen| seen.differs()).count() {
            0 => {
                is_whole = is_minimal;
                break;
            }
            CONFIRMED if !left.is_usual() => {
                let usual = search.once(Trial::Equal, &Surroundings::default())?;
                if usual.differs() {
                    return search.intrinsic(first, &usual, causes);
                }
            }
            _ => return search.intrinsic(first, other, causes),
        }
    }
    // What the system gives as random is another thing in each run.
    if !causes.is_empty() && causes.iter().all(|cause| *cause == [Dimension::Entropy]) {
        let divergence = divergence.or_else(|| other.divergence.clone());
        return Ok(Found { causes, divergence, is_whole, ..Found::of(Verdict::Intrinsic) });
    }
    // One set is enough to show it.
    let least = causes.first().map_or_else(|| surroundings.clone(), |cause| surroundings.only(cause));
    let divergence = divergence.or_else(|| other.divergence.clone());
    Ok(Found { causes, divergence, is_whole, surroundings: least, ..Found::of(Verdict::Env) })
}

/// A set of dimensions that is enough, and none of which can be left out.
fn minimal(search: &Search<'_>, surroundings: &Surroundings) -> Result<Vec<Dimension>, Error> {
    let differs = |dimensions: &[Dimension]| -> Result<bool, Error> {
        Ok(search.once(Trial::Cause, &surroundings.only(dimensions))?.differs())
    };
    // What may mask is seldom to blame, so it comes last.
    let mut all: Vec<Dimension> = surroundings.dimensions().collect();
    all.sort_by_key(|dimension| dimension.may_mask());
    let mut parts = 2;
    while all.len() > 1 && !search.is_over() {
        let size = all.len().div_ceil(parts);
        let chunks: Vec<Vec<Dimension>> = all.chunks(size).map(<[Dimension]>::to_vec).collect();
        let rest = |chunk: &[Dimension]| -> Vec<Dimension> {
            all.iter().copied().filter(|dimension| !chunk.contains(dimension)).collect()
        };
        if let Some(chunk) = first_that(&chunks, &differs)? {
            (all, parts) = (chunk, 2);
            continue;
        }
        // Two parts are each other's rest.
        let rests: Vec<_> = chunks.iter().filter(|_| parts > 2).map(|chunk| rest(chunk)).collect();
        if let Some(rest) = first_that(&rests, &differs)? {
            (all, parts) = (rest, (parts - 1).max(2));
        } else if parts < all.len() {
            parts = (parts * 2).min(all.len());
        } else {
            break;
        }
    }
    Ok(all)
}

fn first_that(
    sets: &[Vec<Dimension>],
    holds: &dyn Fn(&[Dimension]) -> Result<bool, Error>,
) -> Result<Option<Vec<Dimension>>, Error> {
    for set in sets {
        if holds(set)? {
            return Ok(Some(set.clone()));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::super::{Attempts, Claim, verify};
    use super::*;
    use crate::journal::{Divergence, Place};
    use crate::surroundings::Mode;
    use orket_contract::digest::Digest;
    use orket_contract::result::Status;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    fn seen(text: &str) -> Seen {
        let place = || Divergence::between(Place::Output, None, None, Vec::new());
        let divergence = (!text.is_empty()).then(place);
        Seen {
            digest: Digest::of(text.as_bytes()),
            divergence,
            refusal: None,
            status: Some(Status::Ok),
            lacks: Vec::new(),
        }
    }

    fn attempts(runs: u32) -> Attempts {
        let search = Duration::from_secs(600);
        Attempts { runs, seed: 1, mode: Mode::Ambient, only: None, replays: false, at_once: 2, search }
    }

    /// Verifies a program whose output is what `comes` says of its surroundings.
    fn found(comes: impl Fn(&Surroundings) -> String + Sync) -> Found {
        let run = |_: Trial, around: &Surroundings| Ok(seen(&comes(around)));
        verify(&seen(""), attempts(10), &run).expect("an answer")
    }

    /// A program that depends on each of these sets.
    fn check(sets: &[&[Dimension]]) -> u32 {
        let comes = |around: &Surroundings| {
            let has = |set: &&&[Dimension]| set.iter().all(|one| around.value(*one).is_some());
            format!("{:?}", sets.iter().filter(has).collect::<Vec<_>>()).replace("[]", "")
        };
        let found = found(comes);
        let mut expected: Vec<Vec<Dimension>> = sets.iter().map(|set| set.to_vec()).collect();
        let mut causes = found.causes.clone();
        causes.iter_mut().chain(&mut expected).for_each(|set| set.sort());
        causes.sort();
        expected.sort();
        assert_eq!((found.verdict, causes), (Verdict::Env, expected));
        assert_eq!(found.claim, Claim::VerdictDeterministic);
        found.runs
    }

    #[test]
    fn one_dimension_is_found_whichever_it_is_in_few_runs() {
        for (dimension, name) in Dimension::ALL.into_iter().filter(|(one, _)| *one != Dimension::Entropy) {
            let runs = check(&[&[dimension]]);
            assert!(runs <= 32, "{name} took {runs} runs");
        }
    }

    #[test]
    fn what_only_matters_together_and_what_matters_apart_is_told_apart() {
        check(&[&[Dimension::Tz, Dimension::Uid]]);
        check(&[&[Dimension::Tz], &[Dimension::Uid]]);
        check(&[&[Dimension::Home], &[Dimension::Cwd], &[Dimension::Kernel, Dimension::Fds]]);
    }

    #[test]
    fn a_search_that_was_cut_short_says_so() {
        let run = |_: Trial, around: &Surroundings| Ok(seen(around.value(Dimension::Tz).unwrap_or_default()));
        let whole = verify(&seen(""), attempts(10), &run).expect("an answer");
        assert!(whole.is_whole && whole.shown() == "ENV(tz)", "{whole:?}");
        let cut = verify(&seen(""), Attempts { search: Duration::ZERO, ..attempts(10) }, &run);
        let cut = cut.expect("an answer");
        assert_eq!((cut.verdict, cut.is_whole, cut.shown().as_str()), (Verdict::Env, false, "ENV(…)"));
        assert!(
            cut.surroundings.value(Dimension::Tz).is_some(),
            "they are those that it was seen in: {cut:?}"
        );
    }

    #[test]
    fn what_depends_on_nothing_repeats() {
        let found = found(|_| String::new());
        assert_eq!((found.verdict, found.runs, found.tried.len()), (Verdict::Repeats, 10, 9));
        assert_eq!(found.claim, Claim::ByteDeterministic);
    }

    #[test]
    fn what_makes_runs_repeat_and_was_missing_once_lowers_the_claim() {
        let count = AtomicU32::new(0);
        let run = |_: Trial, _: &Surroundings| {
            let is_fourth = count.fetch_add(1, Ordering::Relaxed) == 3;
            Ok(Seen {
                lacks: is_fourth.then(|| "sandbox.layout".to_owned()).into_iter().collect(),
                ..seen("")
            })
        };
        let found = verify(&seen(""), attempts(10), &run).expect("an answer");
        assert_eq!((found.verdict, found.claim), (Verdict::Repeats, Claim::VerdictDeterministic));
        assert_eq!(found.lacks, ["sandbox.layout"]);
        let replayed = Attempts { replays: true, ..attempts(10) };
        let first = Seen { lacks: vec!["std.missing".to_owned()], status: None, ..seen("") };
        let found = verify(&first, replayed, &|_, _| Ok(seen(""))).expect("an answer");
        assert_eq!((found.claim, found.lacks), (Claim::VerdictDeterministic, vec!["std.missing".to_owned()]));
    }

    #[test]
    fn what_differs_by_itself_is_intrinsic_however_late_it_shows() {
        for from in 1..30 {
            let count = AtomicU32::new(0);
            let found = found(|around| {
                let run = count.fetch_add(1, Ordering::Relaxed);
                match (run >= from, around.value(Dimension::Tz)) {
                    (true, _) => format!("after {run}"),
                    (false, Some(_)) => "tz".to_owned(),
                    (false, None) => String::new(),
                }
            });
            // Once the cause is confirmed, nobody looks any more.
            let expected = if from < 24 { Verdict::Intrinsic } else { Verdict::Env };
            assert!(found.verdict == expected || found.runs <= from + 1, "from {from}: {found:?}");
        }
    }

    #[test]
    fn what_keeps_it_from_differing_is_named() {
        let count = AtomicU32::new(0);
        let found = found(|around| match around.value(Dimension::Entropy) {
            Some(_) => "steady".to_owned(),
            None => format!("{}", count.fetch_add(1, Ordering::Relaxed)),
        });
        assert_eq!((found.verdict, found.steadied_by), (Verdict::Intrinsic, vec![Dimension::Entropy]));
    }

    #[test]
    fn what_entropy_decides_differs_by_itself_however_seldom() {
        let found = found(|around| around.value(Dimension::Entropy).unwrap_or_default().replace("127", ""));
        assert_eq!((found.verdict, found.causes), (Verdict::Intrinsic, vec![vec![Dimension::Entropy]]));
    }

    #[test]
    fn what_is_refused_each_time_is_refused() {
        let issue = orket_contract::issue::Issue::error("capability.denied", "no");
        let first = Seen { refusal: Some(issue.clone()), ..seen("") };
        let run = |_: Trial, _: &Surroundings| Ok(first.clone());
        let found = verify(&first, attempts(10), &run).expect("an answer");
        assert_eq!((found.verdict, found.issue), (Verdict::Refused, Some(issue)));
        assert_eq!(found.runs, 10);
    }
}
