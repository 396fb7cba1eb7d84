//! What runs came to, by identity: the same identity must always come to the same digests.

use crate::error::Error;
use crate::store::{self, Store};
use orket_contract::digest::Digest;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What a run came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// The list of artifacts.
    pub artifacts: Digest,
    /// The output.
    pub output: Digest,
    /// The head of the transcript.
    pub transcript: Digest,
}

/// What the first run of an identity came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its digests.
    pub digests: Digests,
    /// The name of its folder among the published runs of its workload.
    pub run: String,
}

/// The entries of one project.
#[derive(Debug)]
pub struct Ledger {
    dir: PathBuf,
}

impl Ledger {
    /// The ledger of a store.
    #[must_use]
    pub fn of(store: &Store) -> Self {
        Self { dir: store.ledger() }
    }

    fn path(&self, identity: Digest) -> PathBuf {
        self.dir.join(format!("{identity}.json"))
    }

    /// What the first run of this identity came to, if there was one.
    ///
    /// # Errors
    /// [`Error::Store`] when the entry cannot be read: it is never taken for none.
    pub fn earlier(&self, identity: Digest) -> Result<Option<Entry>, Error> {
        let path = self.path(identity);
        if path.exists() { store::read_json(&path, 1 << 16).map(Some) } else { Ok(None) }
    }

    /// Enters the first run of an identity.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn enter(&self, identity: Digest, digests: Digests, folder: &Path) -> Result<(), Error> {
        store::create_dir(&self.dir)?;
        let run = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        store::write_json(&self.path(identity), &Entry { digests, run })
    }
}
