//! JSON (RFC 8259) into nodes, strictly.
//!
//! serde_json tells the place of an error but not of a value, hence a reader of our own for the
//! structure; what a text or a number means is still left to serde_json.

use super::fault::{Fault, quoted};
use super::node::{Entry, Kind, Node, Numeral};
use super::{NESTING_MAX, too_deep};
use crate::code;

/// Reads a whole text.
pub(super) fn read(text: &str) -> Result<Node, Fault> {
    let mut reader = Reader { text, at: 0 };
    let root = reader.value(NESTING_MAX)?;
    match reader.peek() {
        None => Ok(root),
        Some(_) => Err(reader.unexpected("the end of the file")),
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    /// The next character that is no white space, not yet taken.
    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        self.text[self.at..].chars().next()
    }

    /// Takes the next character if it is this one.
    fn take(&mut self, wanted: char) -> bool {
        let taken = self.peek() == Some(wanted);
        self.at += if taken { wanted.len_utf8() } else { 0 };
        taken
    }

    fn value(&mut self, depth: usize) -> Result<Node, Fault> {
        let first = self.peek();
        let at = self.at;
        let deeper = depth.checked_sub(1);
        let kind = match first {
            Some('{') => Kind::Table(self.table(deeper.ok_or_else(|| too_deep(at))?)?),
            Some('[') => Kind::List(self.list(deeper.ok_or_else(|| too_deep(at))?)?),
            Some('"') => Kind::Text(self.text()?),
            Some('-' | '0'..='9') => self.number()?,
            Some('a'..='z') => self.word()?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node::new(at, kind))
    }

    fn table(&mut self, depth: usize) -> Result<Vec<Entry>, Fault> {
        let mut entries = Vec::new();
        self.at += 1;
        if self.take('}') {
            return Ok(entries);
        }
        loop {
            if self.peek() != Some('"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let at = self.at;
            let key = self.text()?;
            if !self.take(':') {
                return Err(self.unexpected("`:`"));
            }
            entries.push(Entry { at, key, value: self.value(depth)? });
            if self.take('}') {
                return Ok(entries);
            }
            if !self.take(',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, Fault> {
        let mut items = Vec::new();
        self.at += 1;
        if self.take(']') {
            return Ok(items);
        }
        loop {
            items.push(self.value(depth)?);
            if self.take(']') {
                return Ok(items);
            }
            if !self.take(',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    /// A text in double quotes.
    fn text(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let mut escaped = false;
        for (at, c) in self.text[start..].char_indices().skip(1) {
            match c {
                '"' if !escaped => {
                    let token = &self.text[start..=start + at];
                    self.at = start + token.len();
                    return serde_json::from_str(token).map_err(|error| {
                        let message = "a text holds an escape that JSON does not know";
                        Fault::new(code::MANIFEST_SYNTAX, start + error.column().saturating_sub(1), message)
                    });
                }
                '\0'..='\x1f' => {
                    let message = "a text holds a control character as it is; JSON wants it escaped";
                    return Err(Fault::new(code::MANIFEST_SYNTAX, start + at, message));
                }
                _ => escaped = c == '\\' && !escaped,
            }
        }
        Err(Fault::new(code::MANIFEST_SYNTAX, start, "a text does not end"))
    }

    fn number(&mut self) -> Result<Kind, Fault> {
        let token = self.token(|c| matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        match serde_json::from_str::<serde_json::Number>(token) {
            Ok(number) => Ok(Kind::Number(Numeral::new(token, number.as_i128()))),
            // An exponent that overflows is still a number, only none that a manifest can hold.
            Err(error) if error.to_string().starts_with("number out of range") => {
                Ok(Kind::Number(Numeral::new(token, None)))
            }
            Err(_) => {
                let message = format!("{} is not a JSON number", quoted(token));
                Err(Fault::new(code::MANIFEST_SYNTAX, self.at - token.len(), message))
            }
        }
    }

    fn word(&mut self) -> Result<Kind, Fault> {
        let token = self.token(|c| c.is_ascii_alphanumeric() || c == '_');
        match token {
            "null" => Ok(Kind::Null),
            "true" => Ok(Kind::Bool(true)),
            "false" => Ok(Kind::Bool(false)),
            _ => {
                let message = format!("{} is not a JSON value", quoted(token));
                let hint = "texts stand in double quotes";
                Err(Fault::new(code::MANIFEST_SYNTAX, self.at - token.len(), message).with_hint(hint))
            }
        }
    }

    fn token(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let rest = &self.text[self.at..];
        let token = &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())];
        self.at += token.len();
        token
    }

    fn unexpected(&mut self, wanted: &str) -> Fault {
        let found = self.peek();
        let shown = found
            .map_or_else(|| "the file ends".to_owned(), |c| format!("{} stands", quoted(&c.to_string())));
        let hint = match found {
            Some('}' | ']') if self.text[..self.at].trim_end().ends_with(',') => {
                Some("JSON has no comma after the last entry")
            }
            Some('\'') => Some("JSON has double quotes only"),
            Some('/' | '#') => Some("JSON has no comments"),
            _ => None,
        };
        Fault::new(code::MANIFEST_SYNTAX, self.at, format!("{shown} where {wanted} should be"))
            .with_hint_if(hint.map(str::to_owned))
    }
}
