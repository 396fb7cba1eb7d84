//! Lines that are commands, and names of people in them.

use crate::content::Content;
use crate::ids::NpcId;
use crate::question::normalised;

/// A line that is no question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Help,
    Who,
    Notes,
    Hint,
    Back,
    Quit,
    /// The name as typed, possibly empty.
    Talk(String),
    Accuse(String),
    /// A slash, and a word that is none of these.
    Unknown(String),
}

impl Command {
    /// `None` for a line that is something else. Commands without an argument must
    /// stand alone, so that "who was with you?" stays a question.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let slash = line.starts_with('/');
        let words = line.trim_start_matches('/').trim();
        let (verb, rest) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
        let verb = verb.trim_end_matches(['.', '!', '?']).to_lowercase();
        let rest = rest.trim();
        let command = match verb.as_str() {
            "talk" => Self::Talk(after_to(rest)),
            "npc" if slash => Self::Talk(rest.to_owned()),
            "accuse" => Self::Accuse(rest.to_owned()),
            _ if !rest.is_empty() && !slash => return None,
            "help" | "h" => Self::Help,
            "who" | "people" => Self::Who,
            "notes" | "note" | "notebook" => Self::Notes,
            "hint" => Self::Hint,
            "back" | "leave" => Self::Back,
            "quit" | "exit" | "q" => Self::Quit,
            _ if slash => Self::Unknown(format!("/{verb}")),
            _ => return None,
        };
        Some(command)
    }
}

/// "talk to Nick" and "talk Nick" are the same.
fn after_to(rest: &str) -> String {
    rest.strip_prefix("to ").unwrap_or(rest).to_owned()
}

/// The people of the cast whom `name` can mean: a number of the list, a name, or
/// the beginning of one.
pub(super) fn people(name: &str, content: &Content, cast: &[NpcId]) -> Vec<NpcId> {
    if let Some(npc) = numbered(name, cast) {
        return vec![npc];
    }
    let words = normalised(name);
    if words.is_empty() {
        return Vec::new();
    }
    let fitting = |fits: fn(&str, &str) -> bool| -> Vec<NpcId> {
        let meant = |npc: &&NpcId| {
            let aliases = &content.npc(npc).aliases;
            let mut words = words.iter();
            words.all(|word| aliases.iter().any(|alias| fits(alias, word)))
        };
        cast.iter().filter(meant).cloned().collect()
    };
    let exact = fitting(|alias, word| alias == word);
    if exact.is_empty() { fitting(|alias, word| alias.starts_with(word)) } else { exact }
}

/// Somebody by the number in the list.
pub(super) fn numbered(text: &str, cast: &[NpcId]) -> Option<NpcId> {
    let number: usize = text.trim().parse().ok()?;
    cast.get(number.checked_sub(1)?).cloned()
}

/// The one person whom the words name in full, for "Nick, where were you?".
pub(super) fn addressed(name: &str, content: &Content, cast: &[NpcId]) -> Option<NpcId> {
    let words = normalised(name);
    let named = |npc: &&NpcId| {
        let aliases = &content.npc(npc).aliases;
        !words.is_empty() && words.iter().all(|word| aliases.contains(word))
    };
    cast.iter().find(named).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::content;

    #[test]
    fn commands_are_told_from_questions() {
        assert_eq!(Command::parse("Help!"), Some(Command::Help));
        assert_eq!(Command::parse("/notes"), Some(Command::Notes));
        assert_eq!(Command::parse("who"), Some(Command::Who));
        assert_eq!(Command::parse("who was with you?"), None);
        assert_eq!(Command::parse("talk to Nick"), Some(Command::Talk("Nick".into())));
        assert_eq!(Command::parse("/npc 2"), Some(Command::Talk("2".into())));
        assert_eq!(Command::parse("/dance"), Some(Command::Unknown("/dance".into())));
        assert_eq!(Command::parse("dance"), None);
    }

    #[test]
    fn names_may_be_short_and_then_mean_several() {
        let content = content();
        let cast: Vec<NpcId> = content.cast.iter().map(|npc| npc.id.clone()).collect();
        let check = |name: &str, expected: &[&str]| {
            let found = people(name, &content, &cast);
            let found: Vec<&str> = found.iter().map(NpcId::as_str).collect();
            assert_eq!(found, expected, "for {name:?}");
        };
        check("nick vale", &["NICK_VALE"]);
        check("na", &["NADIA_BLOOM"]);
        check("n", &["NICK_VALE", "NADIA_BLOOM"]);
        check("3", &["VICTOR_SLATE"]);
        check("nobody", &[]);
        check("", &[]);
    }
}
