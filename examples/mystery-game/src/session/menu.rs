//! A choice among a few things, when a line could mean more than one.
//!
//! A menu closes by itself: with a choice, with `back`, with anything that is a
//! command or a question of its own, or after [`MENU_PATIENCE`] lines that are
//! none of these.

use super::Beat;
use super::command::Command;
use crate::ids::NpcId;
use crate::question::{Question, normalised};

/// So many lines without a choice, and the menu closes.
pub const MENU_PATIENCE: usize = 3;

/// What happens after a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Talk(NpcId),
    Accuse(NpcId),
    /// Turn to somebody and ask what was asked into the room.
    AskPerson(NpcId, String),
    /// Ask a question that was incomplete before; the line is what was typed.
    Ask(NpcId, Question, String),
}

/// What a line means to a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    Chosen(Then),
    Back,
    Help,
    Quit,
    /// A command or a question: the menu is over, the line counts by itself.
    Elsewhere,
    Unclear,
    /// Unclear once too often.
    GivenUp,
}

struct Choice {
    label: String,
    names: Vec<String>,
    then: Then,
}

pub(super) struct Menu {
    title: String,
    choices: Vec<Choice>,
    misses: usize,
}

impl Menu {
    pub(super) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), choices: Vec::new(), misses: 0 }
    }

    /// Adds a choice, to be made by its number or by one of `names`.
    pub(super) fn add(&mut self, label: String, names: &[String], then: Then) {
        self.choices.push(Choice { label, names: names.to_vec(), then });
    }

    pub(super) fn show(&self, beat: &mut Beat) {
        beat.say(&self.title);
        for (at, choice) in self.choices.iter().enumerate() {
            beat.say(&format!("  {}) {}", at + 1, choice.label));
        }
    }

    /// Takes a line; `question` when it asks something by itself. Call it no more
    /// after [`Reply::GivenUp`] or a choice.
    pub(super) fn hear(&mut self, line: &str, question: bool) -> Reply {
        if let Some(choice) = self.meant(line) {
            return Reply::Chosen(choice.then.clone());
        }
        let reply = match Command::parse(line) {
            Some(Command::Back) => return Reply::Back,
            Some(Command::Quit) => return Reply::Quit,
            Some(Command::Help) => Reply::Help,
            Some(Command::Unknown(_)) => Reply::Unclear,
            Some(_) => return Reply::Elsewhere,
            None if question => return Reply::Elsewhere,
            None => match self.mentioned(line) {
                Some(choice) => return Reply::Chosen(choice.then.clone()),
                None => Reply::Unclear,
            },
        };
        self.misses += 1;
        if self.misses >= MENU_PATIENCE { Reply::GivenUp } else { reply }
    }

    /// The choice that the line names and nothing else.
    fn meant(&self, line: &str) -> Option<&Choice> {
        let by_number = line.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        if let Some(choice) = by_number.and_then(|at| self.choices.get(at)) {
            return Some(choice);
        }
        let words = normalised(line).join(" ");
        self.only(|name| name == words)
    }

    /// The one choice that the line names among other words, or begins to name.
    fn mentioned(&self, line: &str) -> Option<&Choice> {
        let words = normalised(line);
        let named = |name: &str| name.split(' ').all(|part| words.iter().any(|word| word == part));
        self.only(named).or_else(|| match words.as_slice() {
            [beginning] => self.only(|name| name.starts_with(beginning)),
            _ => None,
        })
    }

    fn only(&self, fits: impl Fn(&str) -> bool) -> Option<&Choice> {
        let mut fitting = self.choices.iter().filter(|choice| choice.names.iter().any(|name| fits(name)));
        let first = fitting.next();
        if fitting.next().is_none() { first } else { None }
    }
}
