//! What the attempts of one user in one profile come to: a table, lists by name, and what is wrong.
#![allow(clippy::print_stdout)] // printing is what it is for

use crate::attempt::{Attempt, Outcome};
use crate::play::{Part, Played, User};
use crate::subject::SUBJECTS;
use crate::{harmless, subject};
use std::collections::BTreeMap;

/// What the control of an attempt shows.
enum Control {
    /// It can succeed.
    Succeeds,
    /// It cannot succeed here, for a reason that is known.
    Cannot(&'static str),
    /// It cannot succeed, and nobody knows why.
    Fails,
}

fn control(attempt: &Attempt, outside: &Outcome, user: User) -> Control {
    let forbidden = matches!(outside, Outcome::Refused(libc::EPERM | libc::EACCES, _) | Outcome::Absent(_));
    match (outside, attempt.given) {
        (Outcome::Done, _) => Control::Succeeds,
        _ if attempt.root_only && user == User::Ordinary && forbidden => Control::Cannot("only root may"),
        (_, Some(what)) => Control::Cannot(what),
        _ => Control::Fails,
    }
}

/// Prints what came of a part, and gives the names of the attempts that were shown to be possible outside.
///
/// # Panics
/// For an escape, a control that fails without a reason, and an expected success that did not come.
pub(crate) fn judge(part: &Part, played: &[Played]) -> Vec<String> {
    let how = if part.served { ", from boxes that stay" } else { "" };
    println!("\n{:?}, {}{how}", part.user, part.profile);
    table(played);
    let (mut possible, mut wrong) = (Vec::new(), Vec::new());
    for one in played {
        let attempt = subject::all().find(|attempt| attempt.name == one.name).expect("it is in the list");
        let outside = one.outside.as_ref().expect("each has a control");
        match control(attempt, outside, part.user) {
            Control::Succeeds => possible.push(one.name.clone()),
            Control::Cannot(why) => {
                println!("  control cannot succeed here: {}: {why} ({outside})", one.name);
            }
            Control::Fails => wrong.push(format!("control of {} failed: {outside}", one.name)),
        }
        wrong.extend(complaint(part, one));
    }
    for one in played.iter().filter(|one| one.inside == Outcome::Done) {
        if let Some(why) = harmless::why(&one.name, part.profile) {
            println!("  done and harmless: {}: {why}", one.name);
        }
    }
    assert!(wrong.is_empty(), "{:?}, {}{how}:\n  {}", part.user, part.profile, wrong.join("\n  "));
    possible
}

/// What is wrong with what came of it inside.
fn complaint(part: &Part, one: &Played) -> Option<String> {
    let name = &one.name;
    if let Some(harm) = &one.harm {
        return Some(format!("{name} has touched {harm}"));
    }
    match (&one.inside, harmless::why(name, part.profile)) {
        (Outcome::Done, None) => Some(format!("{name} has escaped")),
        // What a limit ends may also come through, if it is done before the host has looked.
        (Outcome::Killed(_), Some(_)) => None,
        (inside, Some(_)) if inside.is_refusal() && one.outside == Some(Outcome::Done) => {
            Some(format!("{name} is refused ({inside}): take it out of the list of what is harmless"))
        }
        (Outcome::Hung | Outcome::Silent(_), _) => Some(format!("{name}: {}", one.inside)),
        _ => None,
    }
}

fn table(played: &[Played]) {
    println!(
        "  {:26}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}",
        "subject", "attempts", "possible", "refused", "absent", "killed", "done"
    );
    let mut totals = [0; 6];
    for (subject, attempts) in SUBJECTS {
        let of_subject = |one: &&Played| attempts.iter().any(|attempt| attempt.name == one.name);
        let made: Vec<_> = played.iter().filter(of_subject).collect();
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        made.iter().for_each(|one| *kinds.entry(one.inside.kind()).or_default() += 1);
        let of = |kind| kinds.get(kind).copied().unwrap_or_default();
        let possible = made.iter().filter(|one| one.outside == Some(Outcome::Done)).count();
        let row = [made.len(), possible, of("refused"), of("absent"), of("killed"), of("done")];
        line(subject, &row);
        totals.iter_mut().zip(row).for_each(|(total, count)| *total += count);
    }
    line("together", &totals);
}

fn line(title: &str, row: &[usize; 6]) {
    let [made, possible, refused, absent, killed, done] = row;
    println!("  {title:26}{made:>9}{possible:>9}{refused:>9}{absent:>9}{killed:>9}{done:>10}");
}
