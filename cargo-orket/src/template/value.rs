//! The values that a template asks for: declared with a type, given as words or in a file, checked before anything
//! is written.

use crate::error::{Error, Result};
use orket_contract::issue::{Issue, Location};
use orket_contract::{code, id, suggest};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

/// The longest text, in bytes.
const TEXT_BYTES_MAX: usize = 256;

/// What a template says of one of its values.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Declared {
    /// What it is for, in a line.
    pub(crate) about: String,
    /// What it has to be.
    #[serde(rename = "type", default)]
    pub(crate) kind: Kind,
    /// What it is when nobody says; without one, it has to be given.
    #[serde(default)]
    pub(crate) default: Option<Scalar>,
    /// The texts that it may be, where it is a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    choices: Vec<String>,
    /// The least that an integer may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<i64>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
}

/// What a value has to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// One line of text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// One of several texts.
    Choice,
    /// An id of Orket.
    Id,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum Scalar {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A text.
    Text(String),
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The values that a crate is made with, by name.
pub(crate) type Chosen = BTreeMap<String, Scalar>;

/// Who answers for a value that nobody gave.
pub(crate) type Ask<'a> = dyn FnMut(&str, &Declared) -> Result<Scalar> + 'a;

/// A value as somebody gave it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    name: String,
    value: Raw,
    /// The file that it stands in.
    file: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Raw {
    Word(String),
    Typed(Json),
}

impl std::str::FromStr for Given {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                Ok(Self { name: name.to_owned(), value: Raw::Word(value.to_owned()), file: None })
            }
            _ => Err("a value is given as `NAME=VALUE`".to_owned()),
        }
    }
}

impl Given {
    /// The values in a file: an object of JSON where its name says so, else a table of TOML.
    ///
    /// # Errors
    /// [`Error::File`]; `template.value-invalid` where the file is neither.
    pub(crate) fn read(path: &Path) -> Result<Vec<Self>> {
        let text = super::bounded(path)?;
        let shown = path.display().to_string();
        let is_json = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"));
        let read = if is_json { json(&text) } else { toml::from_str(&text).map_err(|why| why.to_string()) };
        let table: serde_json::Map<String, Json> = read.map_err(|why| {
            let message = format!("the values cannot be read: {}", why.lines().next().unwrap_or_default());
            Issue::error(code::TEMPLATE_VALUE_INVALID, message).at(place(&shown))
        })?;
        let given = |(name, value)| Self { name, value: Raw::Typed(value), file: Some(shown.clone()) };
        Ok(table.into_iter().map(given).collect())
    }

    fn issue(&self, code: &str, message: String) -> Issue {
        let issue = Issue::error(code, message);
        match &self.file {
            Some(file) => issue.at(place(file)),
            None => issue,
        }
    }
}

fn json(text: &str) -> Result<serde_json::Map<String, Json>, String> {
    let value = orket_contract::canonical::parse(text).map_err(|fault| fault.to_string())?;
    serde_json::from_value(value).map_err(|_| "it is no object".to_owned())
}

fn place(file: &str) -> Location {
    Location { file: file.to_owned(), ..Location::default() }
}

impl Declared {
    /// What is wrong with the declaration itself.
    pub(super) fn fault(&self) -> Option<String> {
        let is_number = self.min.is_some() || self.max.is_some();
        let is_line = !self.about.trim().is_empty() && !self.about.chars().any(char::is_control);
        if !is_line {
            return Some("`about` says in a line what it is for".to_owned());
        }
        if (self.kind == Kind::Choice) == self.choices.is_empty() {
            return Some("`choices` are the texts that a value of type `choice` may be".to_owned());
        }
        if is_number && self.kind != Kind::Integer {
            return Some("`min` and `max` are for type `integer`".to_owned());
        }
        if self.choices.iter().any(|choice| line(choice).is_err()) {
            return Some("each of the `choices` is a line of text".to_owned());
        }
        let fault = self.fits(self.default.as_ref()?).err()?;
        Some(format!("its default {fault}"))
    }

    /// The value that a word stands for.
    ///
    /// # Errors
    /// With what is wrong, as words that follow the value's name.
    pub(crate) fn of_word(&self, word: &str) -> Result<Scalar, String> {
        let scalar = match self.kind {
            Kind::Boolean => word.parse().map(Scalar::Flag).map_err(drop),
            Kind::Integer => word.parse().map(Scalar::Number).map_err(drop),
            Kind::String | Kind::Choice | Kind::Id => Ok(Scalar::Text(word.to_owned())),
        };
        let scalar = scalar.map_err(|()| format!("is {}, not `{}`", self.wanted(), word.escape_debug()))?;
        self.fits(&scalar)?;
        Ok(scalar)
    }

    fn of_json(&self, value: &Json) -> Result<Scalar, String> {
        let scalar = Scalar::deserialize(value);
        let scalar = scalar.map_err(|_| format!("is {}, not `{value}`", self.wanted()))?;
        self.fits(&scalar)?;
        Ok(scalar)
    }

    fn fits(&self, scalar: &Scalar) -> Result<(), String> {
        let fits = match (self.kind, scalar) {
            (Kind::Boolean, Scalar::Flag(_)) => true,
            (Kind::Integer, Scalar::Number(number)) => {
                self.min.is_none_or(|min| *number >= min) && self.max.is_none_or(|max| *number <= max)
            }
            (Kind::String, Scalar::Text(text)) => return line(text),
            (Kind::Choice, Scalar::Text(text)) => self.choices.contains(text),
            (Kind::Id, Scalar::Text(text)) => {
                return id::check(text).map_err(|fault| format!("is an id, and {fault}"));
            }
            _ => false,
        };
        let shown = scalar.to_string();
        if fits { Ok(()) } else { Err(format!("is {}, not `{}`", self.wanted(), shown.escape_debug())) }
    }

    /// What it has to be, in words.
    pub(crate) fn wanted(&self) -> String {
        match (self.kind, self.min, self.max) {
            (Kind::Boolean, ..) => "`true` or `false`".to_owned(),
            (Kind::Choice, ..) => {
                let all: Vec<_> = self.choices.iter().map(|choice| format!("`{choice}`")).collect();
                format!("one of {}", all.join(", "))
            }
            (Kind::Id, ..) => "an id".to_owned(),
            (Kind::Integer, Some(min), Some(max)) => format!("an integer from {min} to {max}"),
            (Kind::Integer, Some(min), None) => format!("an integer from {min}"),
            (Kind::Integer, None, Some(max)) => format!("an integer to {max}"),
            (Kind::Integer, None, None) => "an integer".to_owned(),
            (Kind::String, ..) => "a line of text".to_owned(),
        }
    }
}

/// Whether a text is one line of bounded length that shows what it is.
fn line(text: &str) -> Result<(), String> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(format!("is longer than {TEXT_BYTES_MAX} bytes"));
    }
    if text.trim() != text || text.is_empty() {
        return Err("is empty, or has spaces around it".to_owned());
    }
    match text.chars().find(|c| c.is_control() || is_unseen(*c)) {
        Some(c) => Err(format!("has the character `{}`, which no line of text has", c.escape_unicode())),
        None => Ok(()),
    }
}

/// Whether a character ends a line or turns the direction of writing, so that a source reads as something else.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The values for a template: what was given (the last of a name counts), what has a default, and what `ask` answers of
/// the rest.
///
/// # Errors
/// Everything at once: `template.value-unknown`, `template.value-invalid`, and where nobody can be asked
/// `template.value-missing` for each.
pub(crate) fn choose(
    declared: &BTreeMap<String, Declared>,
    given: &[Given],
    ask: Option<&mut Ask<'_>>,
) -> Result<Chosen> {
    let (mut chosen, mut issues) = (Chosen::new(), Vec::new());
    for one in given {
        let Some(known) = declared.get(&one.name) else {
            issues.push(unknown(one, declared));
            continue;
        };
        let read = match &one.value {
            Raw::Word(word) => known.of_word(word),
            Raw::Typed(value) => known.of_json(value),
        };
        match read {
            Ok(scalar) => drop(chosen.insert(one.name.clone(), scalar)),
            Err(why) => {
                issues.push(one.issue(code::TEMPLATE_VALUE_INVALID, format!("`{}` {why}", one.name)));
            }
        }
    }
    let defaults = declared.iter().filter_map(|(name, known)| Some((name, known.default.clone()?)));
    for (name, default) in defaults {
        chosen.entry(name.clone()).or_insert(default);
    }
    let is_given = |name: &String| given.iter().any(|one| one.name == *name);
    let missing = declared.iter().filter(|(name, _)| !chosen.contains_key(*name) && !is_given(name));
    let missing: Vec<_> = missing.collect();
    match ask {
        Some(ask) if issues.is_empty() => {
            for (name, known) in missing {
                chosen.insert(name.clone(), ask(name, known)?);
            }
        }
        _ => issues.extend(missing.into_iter().map(|(name, known)| absent(name, known))),
    }
    if issues.is_empty() { Ok(chosen) } else { Err(Error::Refused(issues)) }
}

fn unknown(given: &Given, declared: &BTreeMap<String, Declared>) -> Issue {
    let names = || declared.keys().map(String::as_str);
    let shown = given.name.escape_debug();
    let issue = given.issue(code::TEMPLATE_VALUE_UNKNOWN, format!("the template has no value `{shown}`"));
    let hint = match suggest::nearest(&given.name, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if declared.is_empty() => "it takes none".to_owned(),
        None => {
            format!("its values: {}", names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
        }
    };
    issue.with_hint(hint)
}

/// That a value is missing, with the words that give it.
pub(crate) fn absent(name: &str, declared: &Declared) -> Issue {
    let message = format!("the template needs a value for `{name}`: {}", declared.about);
    let hint = format!("`--define {name}=VALUE`, {}, or `--values FILE`", declared.wanted());
    Issue::error(code::TEMPLATE_VALUE_MISSING, message).with_hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> BTreeMap<String, Declared> {
        toml::from_str(
            "[title]\nabout = 'its title'\n\
             [size]\nabout = 'how large'\ntype = 'integer'\nmin = 2\nmax = 9\ndefault = 3\n\
             [hard]\nabout = 'whether'\ntype = 'boolean'\ndefault = false\n\
             [mood]\nabout = 'which'\ntype = 'choice'\nchoices = ['grim', 'merry']\ndefault = 'grim'\n\
             [owner]\nabout = 'whose'\ntype = 'id'\ndefault = 'ann'\n",
        )
        .expect("declarations")
    }

    fn given(words: &[&str]) -> Vec<Given> {
        words.iter().map(|word| word.parse().expect("a value")).collect()
    }

    #[track_caller]
    fn check_refused(words: &[&str], expected: &[(&str, &str)]) {
        let issues = choose(&declared(), &given(words), None).expect_err("refused").issues();
        let codes: Vec<_> = issues.iter().map(|issue| issue.code.as_str()).collect();
        assert_eq!(codes, expected.iter().map(|(code, _)| *code).collect::<Vec<_>>(), "{words:?}");
        for (issue, (_, says)) in issues.iter().zip(expected) {
            let told = format!("{} {}", issue.message, issue.hint.as_deref().unwrap_or_default());
            assert!(told.contains(says), "{told}");
        }
    }

    #[test]
    fn what_is_not_given_has_its_default_and_the_last_word_counts() {
        let chosen = choose(&declared(), &given(&["title=A=B", "size=4", "size=5"]), None).expect("values");
        assert_eq!(chosen["title"], Scalar::Text("A=B".to_owned()));
        assert_eq!((&chosen["size"], &chosen["hard"]), (&Scalar::Number(5), &Scalar::Flag(false)));
        assert_eq!(chosen.len(), declared().len());
    }

    #[test]
    fn what_does_not_fit_is_told_at_once() {
        let missing = (code::TEMPLATE_VALUE_MISSING, "`--define title=VALUE`, a line of text");
        check_refused(&[], &[missing]);
        for (word, says) in [
            ("size=10", "`size` is an integer from 2 to 9, not `10`"),
            ("size=x", "`size` is an integer from 2 to 9, not `x`"),
            ("hard=yes", "`hard` is `true` or `false`, not `yes`"),
            ("mood=sad", "`mood` is one of `grim`, `merry`, not `sad`"),
            ("owner=a/b", "`owner` is an id, and"),
        ] {
            check_refused(&[word], &[(code::TEMPLATE_VALUE_INVALID, says), missing]);
        }
        check_refused(
            &["titel=x", "zebra=1", "title=a\nb"],
            &[
                (code::TEMPLATE_VALUE_UNKNOWN, "did you mean `title`?"),
                (code::TEMPLATE_VALUE_UNKNOWN, "its values: `hard`, `mood`, `owner`, `size`, `title`"),
                (code::TEMPLATE_VALUE_INVALID, "`title` has the character `\\u{a}`"),
            ],
        );
        check_refused(&["title="], &[(code::TEMPLATE_VALUE_INVALID, "`title` is empty")]);
        check_refused(&["title=a\u{202e}b"], &[(code::TEMPLATE_VALUE_INVALID, "u{202e}")]);
        assert!("title".parse::<Given>().is_err() && "=x".parse::<Given>().is_err());
    }

    #[test]
    fn only_what_is_missing_is_asked_for() {
        let mut asked = Vec::new();
        let mut ask = |name: &str, _: &Declared| {
            asked.push(name.to_owned());
            Ok(Scalar::Text("told".to_owned()))
        };
        let chosen = choose(&declared(), &[], Some(&mut ask)).expect("values");
        assert_eq!((asked, chosen["title"].to_string()), (vec!["title".to_owned()], "told".to_owned()));
    }

    #[test]
    fn a_file_is_typed() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("a file");
            Given::read(&path).and_then(|given| choose(&declared(), &given, None))
        };
        let toml = read("v.toml", "title = 'T'\nsize = 7\nhard = true\n").expect("values");
        let json = read("v.json", r#"{"title":"T","size":7,"hard":true}"#).expect("values");
        assert_eq!((&toml, &toml["size"]), (&json, &Scalar::Number(7)));
        for (name, text, expected) in [
            ("v.toml", "title = 'T'\nsize = '7'\n", code::TEMPLATE_VALUE_INVALID),
            ("v.toml", "title = ['T']\n", code::TEMPLATE_VALUE_INVALID),
            ("v.toml", "title = 1979-05-27\n", code::TEMPLATE_VALUE_INVALID),
            ("v.toml", "title =\n", code::TEMPLATE_VALUE_INVALID),
            ("v.json", "[]", code::TEMPLATE_VALUE_INVALID),
            ("v.json", r#"{"title":"T","title":"U"}"#, code::TEMPLATE_VALUE_INVALID),
            ("v.json", r#"{"titel":"T"}"#, code::TEMPLATE_VALUE_UNKNOWN),
        ] {
            let issues = read(name, text).expect_err("refused").issues();
            assert_eq!(issues[0].code, expected, "{text}");
            assert!(
                issues[0].location.as_ref().is_some_and(|place| place.file.ends_with(name)),
                "{issues:?}"
            );
        }
    }

    #[test]
    fn a_declaration_is_sound() {
        let fault = |text: &str| toml::from_str::<Declared>(text).expect("a declaration").fault();
        assert_eq!(declared().values().find_map(Declared::fault), None);
        for (text, says) in [
            ("about = ''", "`about`"),
            ("about = 'x'\ntype = 'choice'", "`choices`"),
            ("about = 'x'\nchoices = ['a']", "`choices`"),
            ("about = 'x'\nmin = 1", "`min`"),
            ("about = 'x'\ntype = 'integer'\nmin = 2\ndefault = 1", "its default is an integer from 2"),
            ("about = 'x'\ndefault = 1", "its default is a line of text"),
            ("about = 'x'\ntype = 'choice'\nchoices = [\"a\\nb\"]", "each of the `choices`"),
        ] {
            assert!(fault(text).expect("a fault").contains(says), "{text}");
        }
        assert!(toml::from_str::<Declared>("about = 'x'\ntype = 'float'").is_err());
        assert!(toml::from_str::<Declared>("about = 'x'\nprompt = 'y'").is_err());
    }
}
