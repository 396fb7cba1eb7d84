//! YAML 1.2 into nodes; the one place that names the YAML crate.
//!
//! Anchors and aliases are read within a small budget, merge keys are ordinary (so unknown) keys, and
//! words such as `yes` are texts. Duplicate keys pass, because the tree reports them all.

use super::fault::{Fault, quoted};
use super::node::{Entry, Kind, Node, Numeral};
use super::{NESTING_MAX, too_deep};
use crate::code;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::budget::BudgetBreach;
use serde_yaml::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_yaml::{Error, Location, Options, Spanned};
use std::fmt;

/// How often anchors may be referred to, and how many events that may replay.
const ALIASES_MAX: usize = 64;
const REPLAYED_MAX: usize = 4096;

/// Reads a whole text.
pub(super) fn read(text: &str) -> Result<Node, Fault> {
    let raw: Spanned<Raw> =
        serde_yaml::from_str_with_options(text, options()).map_err(|error| fault(text, &error))?;
    node(text, raw, NESTING_MAX)
}

fn options() -> Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_depth: NESTING_MAX,
            flow_nesting_limit: NESTING_MAX,
            max_aliases: ALIASES_MAX,
            max_anchors: ALIASES_MAX,
            max_documents: 1,
        },
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        alias_limits: serde_yaml::alias_limits! { max_total_replayed_events: REPLAYED_MAX },
        strict_booleans: true,
        reject_unsupported_tags: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    }
}

fn fault(text: &str, error: &Error) -> Fault {
    let at = error.location().map_or(0, |location| offset(text, location));
    explained(at, error)
}

fn explained(at: usize, error: &Error) -> Fault {
    let large = |what: &str| Fault::new(code::MANIFEST_TOO_LARGE, at, what);
    match error {
        Error::AliasError { error, .. } => explained(at, error),
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => too_deep(at),
        Error::Budget { breach: BudgetBreach::Documents { .. }, .. } | Error::MultipleDocuments { .. } => {
            Fault::new(code::MANIFEST_SYNTAX, at, "a manifest is one document, and here a second one begins")
        }
        Error::Budget { .. } => large("the manifest has more anchors, aliases or values than are read"),
        Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => {
            large("the aliases of the manifest stand for more than is read")
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            Fault::new(code::MANIFEST_SYNTAX, at, "an alias stands for something that contains it")
        }
        _ => match message(error) {
            message if message.starts_with("recursion limit") => too_deep(at),
            message => Fault::new(code::MANIFEST_SYNTAX, at, message),
        },
    }
}

/// The reader's words without the place, which an issue carries itself.
fn message(error: &Error) -> String {
    let text = error.render();
    let text = text.lines().next().unwrap_or_default();
    let bare = text.find(" at line ").map_or(text, |at| &text[..at]);
    bare.strip_prefix("error: ").unwrap_or(bare).to_owned()
}

fn offset(text: &str, location: Location) -> usize {
    let known = location.span().byte_offset().and_then(|at| usize::try_from(at).ok());
    known.unwrap_or_else(|| {
        let line = usize::try_from(location.line()).unwrap_or(usize::MAX).saturating_sub(1);
        let column = usize::try_from(location.column()).unwrap_or(usize::MAX).saturating_sub(1);
        let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        before + text[before..].chars().take(column).map(char::len_utf8).sum::<usize>()
    })
}

fn node(text: &str, raw: Spanned<Raw>, depth: usize) -> Result<Node, Fault> {
    let at = offset(text, raw.referenced);
    let deeper = depth.checked_sub(1);
    let kind = match raw.value {
        Raw::Null => Kind::Null,
        Raw::Bool(value) => Kind::Bool(value),
        Raw::Number(value) => Kind::Number(Numeral::new(source(text, raw.defined), value)),
        Raw::Text(value) => Kind::Text(value),
        Raw::List(items) => {
            let deeper = deeper.ok_or_else(|| too_deep(at))?;
            Kind::List(items.into_iter().map(|item| node(text, item, deeper)).collect::<Result<_, _>>()?)
        }
        Raw::Table(entries) => {
            let deeper = deeper.ok_or_else(|| too_deep(at))?;
            Kind::Table(entries.into_iter().map(|pair| entry(text, pair, deeper)).collect::<Result<_, _>>()?)
        }
    };
    Ok(Node::new(at, kind))
}

fn entry(text: &str, (key, value): (Spanned<Raw>, Spanned<Raw>), depth: usize) -> Result<Entry, Fault> {
    let at = offset(text, key.referenced);
    match key.value {
        Raw::Text(key) => Ok(Entry { at, key, value: node(text, value, depth)? }),
        _ => {
            let message = format!("the key {} is not a text", quoted(source(text, key.defined)));
            Err(Fault::new(code::MANIFEST_WRONG_TYPE, at, message).with_hint("quote it"))
        }
    }
}

/// A scalar as it was written.
fn source(text: &str, location: Location) -> &str {
    let start = offset(text, location);
    let length = location.span().byte_len().and_then(|len| usize::try_from(len).ok()).unwrap_or(0);
    text.get(start..start.saturating_add(length)).unwrap_or_default().trim()
}

/// What the YAML crate tells of a value.
enum Raw {
    Null,
    Bool(bool),
    /// An integer, or none where it was a fraction or too large.
    Number(Option<i128>),
    Text(String),
    List(Vec<Spanned<Raw>>),
    Table(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(Some(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(Some(value.into())))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Raw, E> {
        Ok(Raw::Number(Some(value)))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Raw, E> {
        Ok(Raw::Number(i128::try_from(value).ok()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Number(None))
    }

    fn visit_str<E>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Table(entries))
    }
}
