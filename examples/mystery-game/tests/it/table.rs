//! The table at which the tests play: content, cases, games from lines.

use mystery_game::case::{Case, terms};
use mystery_game::content::Content;
use mystery_game::dice::{Dice, SeedDice, pick};
use mystery_game::record;
use mystery_game::session::Session;
use std::path::{Path, PathBuf};

/// A folder of this package.
pub fn package(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

pub fn content() -> Content {
    Content::load(&package("content")).expect("the content of the game is in order")
}

/// The case of a seed. Every third is hard, the sizes take turns.
pub fn any_case(content: &Content, seed: u64) -> Case {
    let hard = seed % 3 == 2;
    let fewest = if hard { 5 } else { 4 };
    let npcs = fewest + usize::try_from(seed / 3).unwrap() % (7 - fewest);
    case(content, seed, npcs, hard)
}

pub fn case(content: &Content, seed: u64, npcs: usize, hard: bool) -> Case {
    Case::compile(content.clone(), seed, terms(content, npcs, hard).expect("terms within bounds"))
}

/// Plays the lines and then the end of the input.
pub fn play<'a>(case: &'a Case, lines: &[String]) -> Session<'a> {
    let mut dice = SeedDice::new(case.seed);
    let mut session = Session::new(case);
    for line in lines {
        session.hear(Some(line), &mut dice);
    }
    session.hear(None, &mut dice);
    session
}

/// The three artifacts as text.
pub fn artifacts(case: &Case, session: &Session<'_>) -> [String; 3] {
    let summary = serde_json::to_string(&record::summary(case, session)).unwrap();
    [record::transcript(session), summary, record::pattern(session).to_string()]
}

const QUESTIONS: [&str; 30] = [
    "where was nick at 9?",
    "where was Nadia at 8?",
    "Where was Victor?",
    "where were you at 10",
    "where were you",
    "where is the audit drive",
    "when did it happen?",
    "when was gabe in the archive?",
    "when did you last see the drive",
    "did you see anyone?",
    "did you see Victor at 9?",
    "have you seen the feed?",
    "did you have access to the archive?",
    "could you open the boardroom?",
    "did you have access?",
    "did you take the drive?",
    "was it you?",
    "what did you do at 9",
    "who had access to the archive?",
    "who had access to the boardroom?",
    "who had access?",
    "who was with you at 8?",
    "who was with Nick?",
    "were you alone?",
    "what happened?",
    "what do you know about Nadia?",
    "tell me about the boardroom feed",
    "what about 9 o'clock?",
    "repeat that",
    "Gabe, what do you know?",
];

const OTHER: [&str; 24] = [
    "talk nick",
    "talk nadia",
    "talk v",
    "/npc gabe",
    "talk n",
    "talk",
    "1",
    "2",
    "3",
    "4",
    "9",
    "back",
    "help",
    "/help",
    "notes",
    "hint",
    "/hint",
    "who",
    "the archive",
    "nick",
    "drive!",
    "",
    "lorem ipsum",
    "/nonsense",
];

/// A script of random lines, without an accusation.
pub fn random_script(seed: u64) -> Vec<String> {
    let mut dice = SeedDice::new(seed);
    let lines = 10 + dice.below(50);
    let line = |dice: &mut SeedDice| {
        let lines: &[&str] = if dice.below(3) == 0 { &OTHER } else { &QUESTIONS };
        (*pick(dice, lines).unwrap()).to_owned()
    };
    (0..lines).map(|_| line(&mut dice)).collect()
}
