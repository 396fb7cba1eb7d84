//! What runs came to, by identity: the same identity must always come to the same digests.

use crate::error::Error;
use crate::store::{self, Store};
use orket_contract::digest::Digest;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// The list of artifacts.
    pub artifacts: Digest,
    /// The output and the summary.
    pub output: Digest,
    /// The head of the transcript.
    pub transcript: Digest,
}

/// What the first run of an identity came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Its digests.
    pub(crate) digests: Digests,
    /// The name of its folder among the published runs of its workload.
    pub(crate) run: String,
}

/// The entries of one project.
#[derive(Debug)]
pub(crate) struct Ledger {
    dir: PathBuf,
}

impl Ledger {
    /// The ledger of a store.
    pub(crate) fn of(store: &Store) -> Self {
        Self { dir: store.ledger() }
    }

    fn path(&self, identity: Digest) -> PathBuf {
        self.dir.join(format!("{identity}.json"))
    }

    /// What the first run of this identity came to, if there was one.
    ///
    /// # Errors
    /// [`Error::Store`] when the entry cannot be read: it is never taken for none.
    pub(crate) fn earlier(&self, identity: Digest) -> Result<Option<Entry>, Error> {
        match store::read_json(&self.path(identity), 1 << 16) {
            Err(Error::Store { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
            entry => entry.map(Some),
        }
    }

    /// Lets the entry that names the run `from` name `to`, an equal run. The store is locked.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) fn rename(&self, from: &str, to: &str) -> Result<(), Error> {
        // The name of a run has the first digits of its identity.
        let Some(prefix) = from.split('-').nth(1).filter(|prefix| prefix.len() == 8) else { return Ok(()) };
        let entries = match std::fs::read_dir(&self.dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(Error::store("list", &self.dir))?,
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(prefix.as_bytes())) {
                let entry: Entry = store::read_json(&path, 1 << 16)?;
                if entry.run == from {
                    store::write_json(&path, &Entry { run: to.to_owned(), ..entry })?;
                }
            }
        }
        Ok(())
    }

    /// Enters the first run of an identity.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) fn enter(&self, identity: Digest, digests: Digests, folder: &Path) -> Result<(), Error> {
        store::create_dir(&self.dir)?;
        let run = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        store::write_json(&self.path(identity), &Entry { digests, run }).map(drop)
    }
}
