//! A thousand scripts of random lines: nothing that is typed breaks the rules.

use crate::table::{any_case, artifacts, content, play, random_script};
use mystery_game::answer::{Decision, decide, renders};
use mystery_game::case::Case;
use mystery_game::dice::SeedDice;
use mystery_game::hint::{MEMORY, PATIENCE};
use mystery_game::prose::COLUMNS;
use mystery_game::question::Intent;
use mystery_game::session::{Ending, MENU_PATIENCE, Session};
use std::collections::BTreeSet;

/// How many random scripts are played: more with `ORKET_DEEP`.
fn scripts() -> u64 {
    if std::env::var_os("ORKET_DEEP").is_some() { 5_000 } else { 1000 }
}

fn each_script(mut check: impl FnMut(&Case, &Session<'_>, u64)) {
    let content = content();
    for seed in 0..scripts() {
        let case = any_case(&content, seed);
        let session = play(&case, &random_script(seed));
        check(&case, &session, seed);
    }
}

#[test]
fn every_answer_cites_a_fact_that_is_known_and_not_guarded() {
    let mut answers = 0;
    each_script(|case, session, seed| {
        for turn in session.turns() {
            let Some(id) = &turn.fact_id else {
                assert_ne!(turn.decision, Decision::Answer);
                continue;
            };
            answers += 1;
            assert_eq!(turn.decision, Decision::Answer);
            assert!(case.world.facts.contains_key(id), "seed {seed}: {id} is not so");
            assert!(case.world.may_say(&turn.npc, id), "seed {seed}: {} may not say {id}", turn.npc);
            let repeats = turn.intent == Intent::MetaRepeat;
            assert!(repeats || renders(turn.intent, &case.world.facts[id]), "seed {seed}: {turn:?}");
        }
    });
    assert!(answers > 5000, "{answers} answers are too few to show anything");
}

#[test]
fn no_hint_repeats_within_four_and_none_comes_too_soon() {
    let mut hints = 0;
    each_script(|_, session, seed| {
        let given = session.hints().given();
        hints += given.len();
        for (at, hint) in given.iter().enumerate() {
            let before = &given[at.saturating_sub(MEMORY)..at];
            let same = before.iter().any(|other| other.lead.question == hint.lead.question);
            assert!(!same, "seed {seed}: {hint:?}");
            let last = before.last().map(|other| other.turn + PATIENCE);
            assert!(last.is_none_or(|due| hint.turn >= due), "seed {seed}: {hint:?}");
        }
    });
    assert!(hints > 1000, "{hints} hints are too few to show anything");
}

#[test]
fn no_hint_points_at_what_was_just_asked() {
    each_script(|_, session, seed| {
        for hint in session.hints().given() {
            let asked = &session.turns()[..hint.turn];
            for turn in asked.iter().rev().take(MEMORY) {
                let key = format!("{} {}", turn.intent, turn.surface);
                assert_ne!(key, hint.lead.question.key(), "seed {seed}");
            }
        }
    });
}

#[test]
fn every_hint_names_somebody_who_answers_with_news() {
    each_script(|case, session, seed| {
        for hint in session.hints().given() {
            let heard: BTreeSet<_> =
                session.turns()[..hint.turn].iter().filter_map(|turn| turn.fact_id.clone()).collect();
            let verdict = decide(&case.world, &heard, &hint.target, &hint.lead.question);
            let news = verdict.fact.is_some_and(|id| !heard.contains(&id));
            assert!(news, "seed {seed}: {hint:?}");
        }
    });
}

#[test]
fn a_menu_closes_after_a_few_lines_that_choose_nothing() {
    let content = content();
    let mut menus = 0;
    for seed in 0..scripts() {
        let case = any_case(&content, seed);
        let mut dice = SeedDice::new(seed);
        let mut session = Session::new(&case);
        for line in random_script(seed) {
            session.hear(Some(&line), &mut dice);
        }
        menus += u64::from(session.is_choosing());
        for _ in 0..MENU_PATIENCE {
            session.hear(Some("xyzzy"), &mut dice);
        }
        assert!(!session.is_choosing(), "seed {seed}");
    }
    assert!(menus > scripts() / 20, "{menus} open menus are too few to show anything");
}

#[test]
fn every_stream_of_lines_ends() {
    each_script(|_, session, _| assert_eq!(session.ending(), Some(&Ending::OutOfLines)));
}

#[test]
fn any_text_at_all_is_taken() {
    let content = content();
    let case = any_case(&content, 1);
    let odd = [
        "",
        " ",
        "/",
        "//",
        "\t",
        "99999999999999999999",
        ":",
        ",",
        "nick:",
        "{who}",
        "é😀",
        "-1",
        "0",
        "/npc",
    ];
    let long = "where was nick ".repeat(5000);
    let lines: Vec<String> = odd.iter().map(|line| (*line).to_owned()).chain([long]).collect();
    let mut twice = lines.clone();
    twice.extend(lines);
    assert_eq!(play(&case, &twice).ending(), Some(&Ending::OutOfLines));
}

#[test]
fn nothing_is_wider_than_the_page() {
    let content = content();
    for seed in 0..100 {
        let case = any_case(&content, seed);
        let mut dice = SeedDice::new(seed);
        let mut session = Session::new(&case);
        let mut lines = session.open().lines;
        for line in
            random_script(seed).iter().chain(["accuse nick".to_owned(), "accuse nick".to_owned()].iter())
        {
            lines.extend(session.hear(Some(line), &mut dice).lines);
        }
        for line in lines {
            assert!(line.chars().count() <= COLUMNS, "{line}");
            assert!(!line.contains(['{', '\u{1b}']), "{line}");
        }
    }
}

#[test]
fn the_same_seed_and_lines_leave_the_same_bytes() {
    let content = content();
    let (case, other) = (any_case(&content, 123), any_case(&content, 124));
    let script = random_script(9);
    let first = artifacts(&case, &play(&case, &script));
    assert_eq!(first, artifacts(&case, &play(&case, &script)));
    assert_ne!(first, artifacts(&other, &play(&other, &script)));
}
