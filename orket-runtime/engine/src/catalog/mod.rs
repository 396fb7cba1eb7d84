//! What is installed, in SQLite: several processes use it at once, and people can query it.
//!
//! Invariants: the catalog appears whole or not at all and every change of it is one transaction, so what it
//! lists is there. A catalog that cannot be read is an error, never an empty list. The audit only grows.

mod open;
mod row;
#[cfg(test)]
mod tests;

pub use row::{Action, Audited, Installed, Method, Place};

use crate::clock;
use crate::error::{Error, Phase};
use crate::home::Home;
use orket_contract::code;
use orket_contract::id::ExtensionId;
use orket_contract::issue::{Issue, Location};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};

/// An open catalog.
#[derive(Debug)]
pub struct Catalog {
    connection: Connection,
    path: PathBuf,
}

impl Catalog {
    /// Opens the catalog of a home, or creates it.
    ///
    /// # Errors
    /// `catalog.damaged`, `catalog.foreign`, `catalog.newer`; [`Error::Store`].
    pub fn open(home: &Home) -> Result<Self, Error> {
        if Self::existing(home)?.is_none() {
            open::create(home)?;
        }
        Self::existing(home)?.ok_or_else(|| damaged(&home.catalog(), "it vanished"))
    }

    /// Opens the catalog of a home where there is one.
    ///
    /// # Errors
    /// As [`Catalog::open`].
    pub fn existing(home: &Home) -> Result<Option<Self>, Error> {
        let path = home.catalog();
        let connection = open::existing(home)?;
        Ok(connection.map(|connection| Self { connection, path }))
    }

    /// Everything that is installed, by id and version.
    ///
    /// # Errors
    /// `catalog.damaged`.
    pub fn installed(&self) -> Result<Vec<Installed>, Error> {
        self.read(row::installed)
    }

    /// The versions of one extension, the one that runs first.
    ///
    /// # Errors
    /// `catalog.damaged`.
    pub fn versions(&self, id: &ExtensionId) -> Result<Vec<Installed>, Error> {
        let mut versions = self.installed()?;
        versions.retain(|version| version.id == *id);
        versions.sort_by_key(|version| !version.current);
        Ok(versions)
    }

    /// The audit, from its beginning.
    ///
    /// # Errors
    /// `catalog.damaged`.
    pub fn audit(&self) -> Result<Vec<Audited>, Error> {
        self.read(row::audited)
    }

    /// Makes a version the one that runs, in place of an equal one where there is one.
    ///
    /// # Errors
    /// [`Error::Store`]; nothing has changed then.
    pub fn publish(&mut self, entry: &Installed) -> Result<(), Error> {
        self.change(|change| {
            row::remove(change, &entry.id, Some(&entry.version))?;
            row::insert(change, entry)?;
            row::select(change, &entry.id, &entry.version)?;
            row::audit(change, &Audited::of(Action::Install, entry, &entry.installed))
        })
    }

    /// Removes one version of an extension, or all of them; what was removed. Of those that stay, the one
    /// that was installed last runs.
    ///
    /// # Errors
    /// [`Error::Store`]; nothing has changed then.
    pub fn remove(&mut self, id: &ExtensionId, version: Option<&str>) -> Result<Vec<Installed>, Error> {
        let mut removed = self.versions(id)?;
        removed.retain(|entry| version.is_none_or(|version| entry.version == version));
        let now = clock::stamp();
        self.change(|change| {
            row::remove(change, id, version)?;
            row::select_last(change, id)?;
            removed
                .iter()
                .try_for_each(|entry| row::audit(change, &Audited::of(Action::Uninstall, entry, &now)))
        })?;
        Ok(removed)
    }

    /// Enters that something was not installed, and why.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn refuse(&mut self, place: &Place, why: &str) -> Result<(), Error> {
        let entry = Audited::refused(place, why, &clock::stamp());
        self.change(|change| row::audit(change, &entry))
    }

    fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T, row::Fault>) -> Result<T, Error> {
        query(&self.connection).map_err(|fault| damaged(&self.path, &fault.to_string()))
    }

    fn change(&mut self, apply: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<()>) -> Result<(), Error> {
        let path = self.path.clone();
        let failed = |error: rusqlite::Error| open::failure(&path, &error);
        let change = self.connection.transaction_with_behavior(TransactionBehavior::Immediate);
        let change = change.map_err(failed)?;
        apply(&change).map_err(failed)?;
        change.commit().map_err(failed)
    }
}

fn damaged(path: &Path, why: &str) -> Error {
    let message = format!("the catalog of installed extensions cannot be read: {why}");
    let hint = "move it away and install again; packages and runs stay where they are";
    refused(code::CATALOG_DAMAGED, message, path, hint)
}

fn refused(code: &str, message: String, path: &Path, hint: &str) -> Error {
    let place = Location { file: path.display().to_string(), ..Location::default() };
    Error::refused(Phase::Install, Issue::error(code, message).at(place).with_hint(hint))
}

/// The names of the columns of `version`, in the order in which they are read and written.
const COLUMNS: &str = "id, version, package, manifest, program, method, location, rev, commit_id, installed";

/// What the parameters of a statement are made of.
fn columns(entry: &Installed) -> [(&'static str, Option<String>); 10] {
    [
        (":id", Some(entry.id.to_string())),
        (":version", Some(entry.version.clone())),
        (":package", Some(entry.package.to_string())),
        (":manifest", Some(entry.manifest.to_string())),
        (":program", Some(entry.program.to_string())),
        (":method", Some(entry.place.method.as_str().to_owned())),
        (":location", Some(entry.place.location.clone())),
        (":rev", entry.place.rev.clone()),
        (":commit_id", entry.place.commit.clone()),
        (":installed", Some(entry.installed.clone())),
    ]
}
