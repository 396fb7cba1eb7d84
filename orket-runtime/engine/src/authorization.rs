//! Who may call what: the judgement of every call, and the record that each leaves.
//!
//! Invariant: a call is judged in one order (known, declared, admitted, provided), and the five ways
//! to be denied are never merged: each has its own class and its own code.

use crate::capability::{Answered, Call};
use crate::error::Error;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::issue::Issue;
use orket_contract::{canonical, capability, code};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The file of the records: one canonical JSON line per call, then one with the [`Sets`].
pub const AUTHORIZATION: &str = "authorization.jsonl";
/// The longest name of a capability, operation or target that a record keeps, in bytes.
const NAME_BYTES_MAX: usize = 272;

/// Why a capability is withheld.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Denial {
    /// No capability has that name.
    Invalid,
    /// The workload does not declare it.
    Undeclared,
    /// The workload declares it and the operator denies it.
    Denied,
    /// It is admitted and nothing on this host provides it.
    Unavailable,
    /// The extension's process holds it without having been admitted to it.
    Drift,
}

impl Denial {
    const ALL: [Self; 5] = [Self::Invalid, Self::Undeclared, Self::Denied, Self::Unavailable, Self::Drift];

    /// The denial of that code.
    fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|denial| denial.code() == code)
    }

    /// The code of the denial, its own alone.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Invalid => code::CAPABILITY_UNKNOWN,
            Self::Undeclared => code::CAPABILITY_UNDECLARED,
            Self::Denied => code::CAPABILITY_DENIED,
            Self::Unavailable => code::CAPABILITY_UNAVAILABLE,
            Self::Drift => code::CAPABILITY_DRIFT,
        }
    }

    /// The refusal of a capability before anything runs, with the record that it leaves in its details.
    pub(crate) fn refusal(self, capability: &str, message: String) -> Issue {
        let decision = Decision {
            admitted: false,
            capability: short(capability),
            class: Some(self),
            code: Some(self.code().to_owned()),
            operation: None,
            result: Observed::Refused,
            target: None,
        };
        Issue::error(self.code(), message).with_details(json!({ "authorization": [decision] }))
    }
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Observed {
    /// It was carried out.
    Ok,
    /// It was admitted and failed.
    Failed,
    /// It was not admitted.
    Refused,
}

/// The record of one judgement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Whether it was allowed.
    pub admitted: bool,
    /// The capability.
    pub capability: String,
    /// Why it was not.
    pub class: Option<Denial>,
    /// The code of the denial or failure.
    pub code: Option<String>,
    /// The operation; none for what is refused before anything runs.
    pub operation: Option<String>,
    /// What came of it.
    pub result: Observed,
    /// What it was about, where a capability is granted for some things only: where it was to connect to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

impl Decision {
    fn of(call: &Call, answer: &Answered, denial: Option<Denial>) -> Self {
        let is_network = call.capability == "network.connect";
        let result = match (denial, answer) {
            (Some(_), _) => Observed::Refused,
            (None, Ok(_)) => Observed::Ok,
            (None, Err(_)) => Observed::Failed,
        };
        Self {
            admitted: denial.is_none(),
            capability: short(&call.capability),
            class: denial,
            code: answer.as_ref().err().map(|failure| failure.code.clone()),
            operation: Some(short(&call.op)),
            result,
            target: call.args.get("target").and_then(Value::as_str).filter(|_| is_network).map(short),
        }
    }
}

fn short(name: &str) -> String {
    name[..name.floor_char_boundary(NAME_BYTES_MAX)].to_owned()
}

/// The four sets of a run, each sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sets {
    /// What the operator allows of it.
    pub admitted: BTreeSet<String>,
    /// What the manifest declares for the workload.
    pub declared: BTreeSet<String>,
    /// What the extension's process said that it holds.
    pub instantiated: BTreeSet<String>,
    /// What was called and carried out.
    pub used: BTreeSet<String>,
}

/// What a guest may call.
#[derive(Debug, Clone, Default)]
pub(crate) struct Grants {
    pub(crate) declared: BTreeSet<String>,
    pub(crate) admitted: BTreeSet<String>,
    pub(crate) provided: BTreeSet<String>,
}

impl Grants {
    /// Judges a call.
    pub(crate) fn judge(&self, name: &str) -> Result<(), Denial> {
        if capability::find(name).is_none() {
            Err(Denial::Invalid)
        } else if !self.declared.contains(name) {
            Err(Denial::Undeclared)
        } else if !self.admitted.contains(name) {
            Err(Denial::Denied)
        } else if !self.provided.contains(name) {
            Err(Denial::Unavailable)
        } else {
            Ok(())
        }
    }

    /// Compares what a guest holds with what it was granted: less is its own affair.
    ///
    /// # Errors
    /// `capability.drift`.
    pub(crate) fn holds_no_more(&self, held: &BTreeSet<String>) -> Result<(), Issue> {
        let Some(beyond) = held.difference(&self.admitted).next() else { return Ok(()) };
        let name = short(beyond);
        let message =
            format!("the extension's process holds `{}`, which it was not granted", name.escape_debug());
        let issue = Denial::Drift.refusal(&name, message);
        Err(issue.with_hint("build the extension anew; what it links is not what its manifest declares"))
    }
}

/// The words of a denial for the guest.
pub(crate) fn told(denial: Denial, name: &str) -> String {
    let name = short(name);
    match denial {
        Denial::Invalid => format!("`{name}` is not a capability"),
        Denial::Undeclared => format!("`{name}` is not declared by the workload"),
        Denial::Denied => format!("`{name}` is declared, and denied by the operator"),
        Denial::Unavailable => format!("`{name}` has no provider on this host"),
        Denial::Drift => format!("`{name}` was not granted"),
    }
}

/// The records of a run, written as they come.
pub(crate) struct Envelope {
    path: PathBuf,
    /// Where the lines go; a replay that only compares keeps none.
    file: Option<BufWriter<File>>,
    hasher: Hasher,
    sets: Sets,
    refused: BTreeSet<(String, Denial)>,
}

impl Envelope {
    /// Starts the records of a run in its folder.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) fn create(dir: &Path, grants: &Grants) -> Result<Self, Error> {
        let path = dir.join(AUTHORIZATION);
        let file = BufWriter::new(File::create(&path).map_err(Error::store("write", &path))?);
        Ok(Self { path, file: Some(file), ..Self::comparing(grants) })
    }

    /// The same without writing anything.
    pub(crate) fn comparing(grants: &Grants) -> Self {
        let sets =
            Sets { admitted: grants.admitted.clone(), declared: grants.declared.clone(), ..Sets::default() };
        Self { path: PathBuf::new(), file: None, hasher: Hasher::default(), sets, refused: BTreeSet::new() }
    }

    /// Takes what a guest holds.
    pub(crate) fn instantiated(&mut self, held: &BTreeSet<String>) {
        self.sets.instantiated.extend(held.iter().cloned());
    }

    /// Records a call and what came of it.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) fn record(
        &mut self,
        call: &Call,
        answer: &Answered,
        denial: Option<Denial>,
    ) -> Result<(), Error> {
        // A capability that is granted for some things only refuses the others itself.
        let denial = denial.or_else(|| Denial::of(&answer.as_ref().err()?.code));
        let decision = Decision::of(call, answer, denial);
        match denial {
            None if !self.sets.used.contains(&decision.capability) => {
                self.sets.used.insert(decision.capability.clone());
            }
            None => {}
            // A guest can make up as many names as it likes.
            Some(denial) if self.refused.len() < 64 => {
                self.refused.insert((decision.capability.clone(), denial));
            }
            Some(_) => {}
        }
        self.line(&decision)
    }

    /// What was refused so far, for whoever reports a run that ends without its record.
    pub(crate) fn refusals(&self) -> Value {
        let refused = self.refused.iter();
        refused
            .map(|(name, class)| json!({ "capability": name, "class": class, "code": class.code() }))
            .collect()
    }

    /// Completes the records: the digest of the file.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) fn finish(mut self) -> Result<Authorized, Error> {
        let sets = json!({ "sets": self.sets });
        self.line(&sets)?;
        if let Some(file) = &mut self.file {
            file.flush().map_err(Error::store("write", &self.path))?;
        }
        Ok(Authorized { digest: self.hasher.finish(), sets: self.sets, refused: self.refused })
    }

    fn line<T: Serialize>(&mut self, value: &T) -> Result<(), Error> {
        let text = canonical::to_string(value).unwrap_or_default() + "\n";
        self.hasher.update(text.as_bytes());
        let written = self.file.as_mut().map_or(Ok(()), |file| file.write_all(text.as_bytes()));
        written.map_err(Error::store("write", &self.path))
    }
}

/// The finished records of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorized {
    /// The digest of the file.
    pub digest: Digest,
    /// The four sets.
    pub sets: Sets,
    /// What was called and refused, and why.
    pub refused: BTreeSet<(String, Denial)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn grants() -> Grants {
        let declared = set(&["clock", "console", "kv"]);
        Grants { declared, admitted: set(&["clock", "console"]), provided: set(&["clock"]) }
    }

    #[test]
    fn each_denial_has_its_class_and_its_code_in_one_order() {
        let judged = |name| grants().judge(name).map_err(Denial::code);
        assert_eq!(judged("consolle"), Err("capability.unknown"));
        assert_eq!(judged("rng"), Err("capability.undeclared"));
        assert_eq!(judged("kv"), Err("capability.denied"));
        assert_eq!(judged("console"), Err("capability.unavailable"));
        assert_eq!(judged("clock"), Ok(()));
        assert_eq!(Denial::ALL.map(Denial::code).into_iter().collect::<BTreeSet<_>>().len(), 5);
    }

    #[test]
    fn holding_more_than_was_granted_is_drift() {
        assert_eq!(grants().holds_no_more(&set(&["clock"])), Ok(()));
        let issue = grants().holds_no_more(&set(&["clock", "kv"])).expect_err("drift");
        assert_eq!(issue.code, "capability.drift");
        assert_eq!(issue.details["authorization"][0]["class"], "drift");
    }
}
