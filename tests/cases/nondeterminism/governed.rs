//! What the classes come to in several surroundings, and whether that is what the table says.
#![allow(clippy::print_stdout)] // printing is what it is for

use crate::class::{Class, Governed};
use crate::play::{Outcome, Part, asked, loaded};
use crate::surroundings::Surroundings;
use crate::table::{self, FAMILIES};
use crate::{build, suite};
use orket_engine::sandbox::Layer;
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;
use tempfile::TempDir;

/// How many hosts run at once.
const SIDES: usize = 2;

/// What the classes came to, in one kind of surroundings each.
struct Played {
    surroundings: Vec<Surroundings>,
    outcomes: Vec<BTreeMap<String, Outcome>>,
    /// Whether guests have a tree of files of their own here.
    has_tree: bool,
}

/// What is refused without a tree of its own too, but as the folders of the machine have it.
const OF_THE_TREE: &[&str] = &["leftover_file"];

/// How a class came out.
#[derive(PartialEq)]
enum Verdict {
    Equal,
    Refused,
    /// Not as the table says, and how.
    Leaks(String),
}

/// Runs every class in so many surroundings.
///
/// # Panics
/// For a class that leaks.
pub(crate) fn judge(surroundings: u64) {
    let staged = staged();
    let played = play(staged.path(), Surroundings::several(surroundings));
    let verdicts: BTreeMap<&str, Verdict> =
        table::all().map(|class| (class.name, played.verdict(class))).collect();
    report(&verdicts, played.surroundings.len());
    let leaks = verdicts.iter().filter_map(|(name, verdict)| match verdict {
        Verdict::Leaks(how) => Some(format!("{name} {how}")),
        Verdict::Equal | Verdict::Refused => None,
    });
    let wrong: Vec<String> = leaks.collect();
    assert!(wrong.is_empty(), "{} classes come out otherwise:\n  {}", wrong.len(), wrong.join("\n  "));
}

/// A folder with the program and what it reads, for every user.
pub(crate) fn staged() -> TempDir {
    let source = build::tests().join("cases/nondeterminism/program");
    let manifest = source.join("Cargo.toml").display().to_string();
    let target = build::target().display().to_string();
    let program = build::build(&["--locked", "--manifest-path", &manifest, "--target-dir", &target]);
    let staged = tempfile::tempdir().expect("a folder");
    std::fs::set_permissions(staged.path(), PermissionsExt::from_mode(0o755)).expect("the folder is ours");
    std::fs::copy(program, staged.path().join("program")).expect("the program");
    build::copy(&source.join("content"), &staged.path().join("content"));
    staged
}

fn play(staged: &Path, surroundings: Vec<Surroundings>) -> Played {
    let classes: Vec<String> = table::all().map(|class| class.name.to_owned()).collect();
    let parts = surroundings.iter().map(|surroundings| {
        let (staged, surroundings) = (staged.to_path_buf(), surroundings.clone());
        Part { staged, surroundings, classes: classes.clone() }
    });
    let parts = Mutex::new(parts.enumerate());
    let mut outcomes: Vec<_> = std::thread::scope(|scope| {
        let side = || {
            let next = || parts.lock().expect("nobody panicked").next();
            std::iter::from_fn(|| next().map(|(at, part)| (at, part.play()))).collect::<Vec<_>>()
        };
        let sides: Vec<_> = (0..SIDES).map(|_| scope.spawn(side)).collect();
        sides.into_iter().flat_map(|side| side.join().expect("a host answers")).collect()
    });
    outcomes.sort_by_key(|(at, _)| *at);
    let outcomes = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
    Played { surroundings, outcomes, has_tree: has_tree(staged) }
}

fn has_tree(staged: &Path) -> bool {
    let ran = loaded(staged.to_path_buf()).execute(asked("ctl_sorted_map"), None, &mut ()).expect("it runs");
    ran.checked.outcome.layers.iter().any(|status| status.layer == Layer::Tree && status.is_enforced())
}

impl Played {
    fn verdict(&self, class: &Class) -> Verdict {
        let outcomes: Vec<&Outcome> = self.outcomes.iter().map(|all| &all[class.name]).collect();
        let first = outcomes[0];
        let is_refused =
            |outcome: &&Outcome| matches!(outcome, Outcome::Refused { code, .. } if code == "result.error");
        if !self.has_tree && OF_THE_TREE.contains(&class.name) && outcomes.iter().all(is_refused) {
            return Verdict::Refused;
        }
        if let Some(at) = outcomes.iter().position(|other| *other != first) {
            let other = &self.surroundings[at];
            return Verdict::Leaks(format!("differs: {first}, but with {other}: {}", outcomes[at]));
        }
        match (first, class.governed) {
            (Outcome::Done { .. }, Governed::Equal) => Verdict::Equal,
            (Outcome::Refused { code, text }, Governed::Refused(expected, says))
                if code == expected && text.contains(says) && is_placed(text) =>
            {
                Verdict::Refused
            }
            (outcome, governed) => Verdict::Leaks(format!("comes to {outcome}, not to {governed:?}")),
        }
    }
}

/// Whether a refusal ends with a place in the sources of the corpus.
fn is_placed(text: &str) -> bool {
    let place = text.rsplit_once(" at ").map_or("", |(_, place)| place);
    place.contains("src/") && !place.contains("/std/src/")
}

fn report(verdicts: &BTreeMap<&str, Verdict>, surroundings: usize) {
    println!("  {:14}{:>9}{:>9}{:>9}{:>9}", "family", "classes", "equal", "refused", "leaking");
    let mut totals = [0; 4];
    for (family, classes) in FAMILIES {
        let count = |wanted: fn(&Verdict) -> bool| {
            classes.iter().filter(|class| wanted(&verdicts[class.name])).count()
        };
        let row = [
            classes.len(),
            count(|verdict| *verdict == Verdict::Equal),
            count(|verdict| *verdict == Verdict::Refused),
            count(|verdict| matches!(verdict, Verdict::Leaks(_))),
        ];
        line(family, &row);
        totals.iter_mut().zip(row).for_each(|(total, count)| *total += count);
    }
    line("together", &totals);
    let runs = verdicts.len() * surroundings;
    println!(
        "  {runs} runs in {surroundings} surroundings{}",
        if suite::deep() { "" } else { "; more with ORKET_DEEP" }
    );
}

fn line(title: &str, row: &[usize; 4]) {
    let [classes, equal, refused, leaking] = row;
    println!("  {title:14}{classes:>9}{equal:>9}{refused:>9}{leaking:>9}");
}
