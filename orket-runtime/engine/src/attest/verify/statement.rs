//! The statement of a run, read: the claims that everything else is compared with.

use crate::attest::envelope::shown;
use crate::attest::{STATEMENT_BYTES_MAX, mismatch, place};
use crate::registry::{BUILD_TYPE, PREDICATE, PROVENANCE, STATEMENT};
use crate::store;
use orket_contract::canonical;
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::issue::{Issue, Location};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Values up to this size stand in the details of a difference, too.
const DETAILS_BYTES_MAX: usize = 4 << 10;
/// At most this much of a value is shown.
const SHOWN_CHARS: usize = 120;

/// A statement and its bytes.
pub(super) struct Statement {
    pub(super) bytes: Vec<u8>,
    pub(super) digest: Digest,
    pub(super) path: PathBuf,
    value: Value,
}

/// A thing that the statement names by digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Descriptor {
    pub(super) name: String,
    pub(super) sha256: Option<Digest>,
    /// Where it stands, as a JSON pointer.
    pub(super) pointer: String,
}

pub(super) const SUBJECT: &str = "/subject";
pub(super) const EXTERNAL: &str = "/predicate/buildDefinition/externalParameters";
pub(super) const INTERNAL: &str = "/predicate/buildDefinition/internalParameters";
pub(super) const DEPENDENCIES: &str = "/predicate/buildDefinition/resolvedDependencies";
pub(super) const BYPRODUCTS: &str = "/predicate/runDetails/byproducts";

impl Statement {
    /// Reads the statement in a folder.
    ///
    /// # Errors
    /// `attest.bad-statement`, `attest.too-large`, `json.*`, `store.failed`.
    pub(super) fn read(folder: &Path) -> Result<Self, Issue> {
        let path = folder.join(PROVENANCE);
        let bytes = store::read_bounded(&path, STATEMENT_BYTES_MAX as u64)
            .map_err(|error| error.issues().remove(0).at(place(&path)))?;
        let value = parse(&bytes, &path)?;
        let statement = Self { digest: Digest::of(&bytes), bytes, path, value };
        for (pointer, wanted) in [
            ("/_type", STATEMENT),
            ("/predicateType", PREDICATE),
            ("/predicate/buildDefinition/buildType", BUILD_TYPE),
        ] {
            if statement.at(pointer) != wanted {
                return Err(statement.bad(&format!("{pointer} is not `{wanted}`")));
            }
        }
        Ok(statement)
    }

    /// The value at a JSON pointer; `null` where there is none.
    pub(super) fn at(&self, pointer: &str) -> &Value {
        self.value.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The things that a list names, each once.
    ///
    /// # Errors
    /// `attest.bad-statement`.
    pub(super) fn list(&self, pointer: &str) -> Result<Vec<Descriptor>, Issue> {
        let items =
            self.at(pointer).as_array().ok_or_else(|| self.bad(&format!("{pointer} is not a list")))?;
        let mut all: Vec<Descriptor> = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let pointer = format!("{pointer}/{at}");
            let name =
                item["name"].as_str().ok_or_else(|| self.bad(&format!("{pointer}/name is not a text")))?;
            let sha256 = match &item["digest"]["sha256"] {
                Value::Null => None,
                digest => Some(self.digest_of(digest, &format!("{pointer}/digest/sha256"))?),
            };
            all.push(Descriptor { name: name.to_owned(), sha256, pointer });
        }
        let mut names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
        names.sort_unstable();
        match names.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(self.bad(&format!("{pointer} names `{}` twice", shown(pair[0])))),
            None => Ok(all),
        }
    }

    fn digest_of(&self, value: &Value, pointer: &str) -> Result<Digest, Issue> {
        let digest = value.as_str().and_then(|text| text.parse().ok());
        digest.ok_or_else(|| self.bad(&format!("{pointer} is not 64 lower-case hexadecimal digits")))
    }

    /// The thing of that name in a list, with its digest.
    pub(super) fn find(&self, pointer: &str, name: &str) -> Option<Descriptor> {
        self.list(pointer).ok()?.into_iter().find(|one| one.name == name && one.sha256.is_some())
    }

    fn bad(&self, what: &str) -> Issue {
        Issue::error(code::ATTEST_BAD_STATEMENT, what).at(place(&self.path))
    }

    /// Compares what stands at a pointer with what `source` gives.
    pub(super) fn compare(&self, pointer: &str, given: &Value, source: &str) -> Option<Issue> {
        differs(&self.path, self.at(pointer), pointer, given, source)
    }
}

/// The issue that a value at a pointer of a file is, unless it is the one that `source` gives.
pub(super) fn differs(
    file: &Path,
    stated: &Value,
    pointer: &str,
    given: &Value,
    source: &str,
) -> Option<Issue> {
    (stated != given).then(|| {
        // As JSON it has no control characters.
        let text = |value: &Value| value.to_string().chars().take(SHOWN_CHARS).collect::<String>();
        let message = format!("{pointer} is {}, {source} gives {}", text(stated), text(given));
        let mut details = json!({ "pointer": pointer });
        if stated.to_string().len().max(given.to_string().len()) <= DETAILS_BYTES_MAX {
            details = json!({ "given": given, "pointer": pointer, "stated": stated });
        }
        mismatch(file, message).with_details(details)
    })
}

/// A JSON text without duplicate keys.
pub(super) fn parse(bytes: &[u8], path: &Path) -> Result<Value, Issue> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Issue::error(code::JSON_SYNTAX, "it is not UTF-8 text").at(place(path)))?;
    canonical::parse(text).map_err(|fault| {
        let number = |number: usize| u32::try_from(number).unwrap_or(0);
        let (line, column) = (number(fault.place.0), number(fault.place.1));
        Issue::error(fault.code, fault.message).at(Location { line, column, ..place(path) })
    })
}
