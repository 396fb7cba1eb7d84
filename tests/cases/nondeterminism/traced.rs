//! Whether the random numbers that decide about a class are found, and the line that asked for them.
#![allow(clippy::print_stdout)] // printing is what it is for

use crate::class::{Class, Governed};
use crate::play::{asked, loaded};
use crate::table::FAMILIES;
use crate::{build, governed};
use orket_engine::surroundings::Around;
use orket_engine::verification::{Decided, Flipped, deciding};
use orket_engine::{ExtensionManager, Probe, Request, Witnessed};
use std::time::{Duration, Instant};

/// What is to be reached, in percent.
const TRACED_MIN: usize = 95;
const RUNS_P95_MAX: usize = 32;
/// How many runs `verify` makes before it looks for draws.
const RUNS_BEFORE: usize = 11;
/// Of how many seeds another outcome shows that the seed decides.
const SEEDS: std::ops::Range<u64> = 8..14;
/// The families whose classes draw, and the controls, of which some draw and none depends on it.
const DRAWING: [&str; 3] = ["hashing", "entropy", "controls"];

/// Looks at every class that comes to its end in a governed run.
///
/// # Panics
/// When too few are traced, or a draw is named that does not decide.
pub(crate) fn judge() {
    let staged = governed::staged();
    let manager = loaded(staged.path().to_path_buf());
    let (mut decided_by_seed, mut traced, mut missed, mut wrong) = (0, 0, Vec::new(), Vec::new());
    let mut runs = Vec::new();
    for (family, classes) in FAMILIES.iter().filter(|(family, _)| DRAWING.contains(family)) {
        for class in classes.iter().filter(|class| class.governed == Governed::Equal) {
            let first = observed(&manager, asked(class.name));
            let (decided, took) = decided(&manager, class, &first);
            runs.push(took + RUNS_BEFORE);
            if class.is_control() {
                wrong.extend((!decided.draws.is_empty()).then_some(class.name));
            } else if depends_on_seed(&manager, class, &first) {
                decided_by_seed += 1;
                let is_traced = is_traced(&decided, family, class);
                traced += usize::from(is_traced);
                missed.extend((!is_traced).then(|| format!("{}: {decided:?}", class.name)));
            }
        }
    }
    println!(
        "  random numbers that decide: {traced} of {decided_by_seed} traced to the line (aim {TRACED_MIN} %)"
    );
    runs.sort_unstable();
    let p95 = runs[(runs.len() * 95).div_ceil(100) - 1];
    println!("  runs needed p95 {p95} (aim {RUNS_P95_MAX})");
    missed.iter().for_each(|missed| println!("  not traced: {missed}"));
    assert_eq!(wrong, [""; 0], "a draw is named that does not decide");
    assert!(decided_by_seed >= 8, "{decided_by_seed} classes depend on their seed");
    assert!(p95 <= RUNS_P95_MAX, "too many runs are needed");
    assert!(traced * 100 >= decided_by_seed * TRACED_MIN, "too few are traced");
}

fn observed(manager: &ExtensionManager, request: Request) -> Witnessed {
    manager.observe(&Around::default(), request, &mut ()).expect("it runs")
}

/// Whether other seeds come to another output.
fn depends_on_seed(manager: &ExtensionManager, class: &Class, first: &Witnessed) -> bool {
    let output = |seed| observed(manager, Request { seed, ..asked(class.name) }).digests().output;
    SEEDS.clone().any(|seed| output(seed) != first.digests().output)
}

/// The draws that decide, and how many runs it took to find them.
fn decided(manager: &ExtensionManager, class: &Class, first: &Witnessed) -> (Decided, usize) {
    let extension = manager.find(class.name).expect("it is there").0;
    let mut runs = 0;
    let mut run = |probe: Probe| {
        runs += 1;
        let ran = observed(manager, Request { probe: Some(probe), ..asked(class.name) });
        let differs = Some(ran.digests() != first.digests());
        Ok(Flipped { differs, place: ran.ambient().traced(extension) })
    };
    let deadline = Instant::now() + Duration::from_secs(600);
    let decided = deciding(&first.ambient().draws(), deadline, &mut run).expect("an answer");
    (decided, runs)
}

/// Whether every draw that decides has a line of the class, or of what its classes share.
fn is_traced(decided: &Decided, family: &str, class: &Class) -> bool {
    let source = build::tests().join(format!("cases/nondeterminism/program/src/{family}.rs"));
    let source = std::fs::read_to_string(source).expect("the source of a family");
    let of = |name: &str| body(&source, name);
    let lines: Vec<_> = [class.name, "numbers"].into_iter().filter_map(of).collect();
    let is_there = |place: &str| {
        let (_, line) = place.split_once(&format!("src/{family}.rs:")).unwrap_or_default();
        let line = line.split(':').next().and_then(|line| line.parse::<usize>().ok()).unwrap_or_default();
        lines.iter().any(|lines| lines.contains(&line))
    };
    let mut places = decided.draws.iter().map(|draw| draw.place.as_deref().unwrap_or_default());
    !decided.draws.is_empty() && places.all(is_there)
}

/// The lines of a function.
fn body(source: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let from = source.lines().position(|line| line.contains(&format!("fn {name}(")))? + 1;
    let length = source.lines().skip(from).position(|line| line == "}")?;
    Some(from..from + length + 1)
}
