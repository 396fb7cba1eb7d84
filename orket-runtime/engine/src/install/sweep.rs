//! Removes the files that nothing lists and nobody uses.

use crate::catalog::Catalog;
use crate::error::Error;
use crate::home::Home;
use crate::package::MANIFEST;
use crate::store::Stage;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

/// Moves packages that the catalog does not list into the stage, with which they are removed. The home is
/// locked, so that none of them is just being entered.
pub(super) fn packages(home: &Home, catalog: &Catalog, stage: &Stage) -> Result<(), Error> {
    let listed: BTreeSet<OsString> =
        catalog.installed()?.iter().map(|entry| entry.package.to_string().into()).collect();
    let folder = home.packages();
    let found = match fs::read_dir(&folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        found => found.map_err(Error::store("list", &folder))?,
    };
    for entry in found {
        let entry = entry.map_err(Error::store("list", &folder))?;
        if !listed.contains(&entry.file_name()) && !is_used(&entry.path()) {
            let away = stage.dir().join(entry.file_name());
            fs::rename(entry.path(), &away).map_err(Error::store("remove", &entry.path()))?;
        }
    }
    Ok(())
}

/// Whether a process holds the files of a package; whoever comes after this finds them gone.
fn is_used(package: &Path) -> bool {
    File::open(package.join(MANIFEST)).is_ok_and(|manifest| manifest.try_lock().is_err())
}
