//! Typed access to the keys of a table; what has another form than it must have becomes a fault.

use super::ISSUES_MAX;
use super::fault::{Fault, Faults, quoted};
use super::node::{Entry, Kind, Node};
use crate::code;
use crate::suggest;

/// Keys of the older dialects and of Cargo, and the keys that stand for them here.
const SYNONYMS: &[(&str, &str)] = &[
    ("api_version", "extension_api_version"),
    ("extension_id", "id"),
    ("extension_version", "version"),
    ("name", "id"),
    ("required_capabilities", "capabilities"),
    ("requires_capabilities", "capabilities"),
    ("workload_id", "id"),
    ("workload_version", "version"),
];

/// The longest key for which a correction is sought.
const SUGGESTED_BYTES_MAX: usize = 64;

/// The entries of a table that has no keys but known ones; unknown ones are reported.
pub(super) struct Fields<'n> {
    at: usize,
    entries: &'n [Entry],
    /// What the table describes, for messages.
    owner: &'static str,
    /// Known keys that unknown ones were taken for: they are not reported as missing as well.
    meant: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    pub(super) fn of(
        node: &'n Node,
        owner: &'static str,
        keys: &[&'static str],
        faults: &mut Faults,
    ) -> Option<Self> {
        let Kind::Table(entries) = &node.kind else {
            faults.push(wrong_type(node, owner, "a table"));
            return None;
        };
        let mut meant = Vec::new();
        let unknown = entries.iter().filter(|entry| !keys.contains(&entry.key.as_str()));
        for entry in unknown.take(ISSUES_MAX) {
            let near = nearest(&entry.key, keys);
            meant.extend(near);
            let message = format!("{} is not a key of {owner}", quoted(&entry.key));
            let hint = near.map_or_else(
                || format!("its keys are {}", keys.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            faults.push(Fault::new(code::MANIFEST_UNKNOWN_KEY, entry.at, message).with_hint(hint));
        }
        Some(Self { at: node.at, entries, owner, meant })
    }

    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value of a key that cannot be left out; `hint` shows how it is written.
    pub(super) fn required(&self, key: &str, hint: &str, faults: &mut Faults) -> Option<&'n Node> {
        let value = self.get(key);
        if value.is_none() && !self.meant.contains(&key) {
            let message = format!("{} needs the key `{key}`", self.owner);
            faults.push(Fault::new(code::MANIFEST_MISSING_KEY, self.at, message).with_hint(hint));
        }
        value
    }

    /// Whether a key that should be there was misspelt, which has been reported.
    pub(super) fn misspelt(&self, key: &str) -> bool {
        self.meant.contains(&key)
    }

    /// A text, empty when it is left out.
    pub(super) fn text(&self, key: &str, faults: &mut Faults) -> String {
        self.get(key).and_then(|node| text(node, key, faults)).unwrap_or_default().to_owned()
    }

    /// A flag, false when it is left out.
    pub(super) fn flag(&self, key: &str, faults: &mut Faults) -> bool {
        match self.get(key) {
            None => false,
            Some(Node { kind: Kind::Bool(flag), .. }) => *flag,
            Some(node) => {
                faults.push(wrong_type(node, &format!("`{key}`"), "`true` or `false`"));
                false
            }
        }
    }

    /// A list, empty when it is left out.
    pub(super) fn list(&self, key: &str, faults: &mut Faults) -> &'n [Node] {
        match self.get(key) {
            None => &[],
            Some(Node { kind: Kind::List(items), .. }) => items,
            Some(node) => {
                faults.push(wrong_type(node, &format!("`{key}`"), "a list"));
                &[]
            }
        }
    }

    /// A list of texts, empty when it is left out.
    pub(super) fn texts(&self, key: &str, faults: &mut Faults) -> Vec<String> {
        let items = self.list(key, faults);
        items.iter().filter_map(|item| text(item, key, faults)).map(str::to_owned).collect()
    }
}

/// The text that a node is.
pub(super) fn text<'n>(node: &'n Node, key: &str, faults: &mut Faults) -> Option<&'n str> {
    match &node.kind {
        Kind::Text(text) => Some(text),
        _ => {
            faults.push(wrong_type(node, &format!("`{key}`"), "a text"));
            None
        }
    }
}

pub(super) fn wrong_type(node: &Node, what: &str, wanted: &str) -> Fault {
    let hint = match (&node.kind, wanted) {
        (Kind::Number(_) | Kind::Bool(_) | Kind::Date(_), "a text") => Some("quote it"),
        (Kind::Null, _) => Some("give it a value or leave the key out"),
        (Kind::Text(_), "a list") => Some("a list of one is written in brackets: `[ ]`"),
        (Kind::Table(_), "a list") => {
            Some("a list of one table is written `[{ }]`, in TOML also under `[[ ]]`")
        }
        (Kind::Text(text), "`true` or `false`") if ["true", "false"].contains(&text.as_str()) => {
            Some("write it without quotes")
        }
        _ => None,
    };
    let message = format!("{what} is {}, not {wanted}", node.describe());
    Fault::new(code::MANIFEST_WRONG_TYPE, node.at, message).with_hint_if(hint.map(str::to_owned))
}

fn nearest(key: &str, keys: &[&'static str]) -> Option<&'static str> {
    if key.len() > SUGGESTED_BYTES_MAX {
        return None;
    }
    let synonym = SYNONYMS.iter().find(|(other, _)| *other == key).map(|(_, here)| *here);
    synonym.filter(|here| keys.contains(here)).or_else(|| suggest::nearest(key, keys.iter().copied()))
}
