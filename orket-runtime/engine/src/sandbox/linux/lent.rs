//! What root lends to a guest that is another user: the folders that it may change.
//!
//! Guests at once may share a folder; the last of them gives it back.

use super::super::Error;
use super::identity::Identity;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::lchown;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many guests have each folder now.
static LENT: Mutex<BTreeMap<PathBuf, usize>> = Mutex::new(BTreeMap::new());

/// Folders that belong to a guest while it lives.
#[derive(Debug)]
pub(super) struct Lent {
    paths: Vec<PathBuf>,
    owner: (u32, u32),
}

impl Lent {
    /// Gives `paths` to `stranger`, where there is one, until this is dropped.
    pub(super) fn new(paths: &[PathBuf], stranger: Option<u32>, lender: Identity) -> Result<Self, Error> {
        let mut lent = Lent { paths: Vec::new(), owner: (lender.user, lender.group) };
        let Some(stranger) = stranger else {
            return Ok(lent);
        };
        for path in paths {
            let mut all = all();
            *all.entry(path.clone()).or_default() += 1;
            lent.paths.push(path.clone());
            give(path, (stranger, stranger))
                .map_err(|e| Error::failed(format!("{} cannot be given to the guest", path.display()), e))?;
        }
        Ok(lent)
    }

    /// Takes back what no other guest has.
    pub(super) fn take_back(&mut self) {
        for path in self.paths.drain(..) {
            let mut all = all();
            let Some(guests) = all.get_mut(&path) else { continue };
            *guests -= 1;
            if *guests == 0 {
                all.remove(&path);
                // It may be gone; and what stays a stranger's can be read by root all the same.
                let _ = give(&path, self.owner);
            }
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.take_back();
    }
}

fn all() -> MutexGuard<'static, BTreeMap<PathBuf, usize>> {
    LENT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// More than a run may have of artifacts; what a guest made beyond that stays its own.
const ENTRIES_MAX: usize = 100_000;

/// Gives everything at and below `root` to a user and group, or says what first could not be. Links are not followed, no depth is
/// too great, and what another guest removes meanwhile is nobody's.
fn give(root: &Path, owner: (u32, u32)) -> io::Result<()> {
    let (mut open, mut given) = (vec![root.to_path_buf()], Ok(()));
    for _ in 0..ENTRIES_MAX {
        let Some(path) = open.pop() else { break };
        given = given.and(match lchown(&path, Some(owner.0), Some(owner.1)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && path != root => Ok(()),
            given => given,
        });
        let is_folder = fs::symlink_metadata(&path).is_ok_and(|found| found.is_dir());
        let entries = is_folder.then(|| fs::read_dir(&path).ok()).flatten().into_iter().flatten();
        open.extend(entries.take(ENTRIES_MAX).flatten().map(|entry| entry.path()));
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_deep_for_a_path_is_no_danger() {
        let folder = tempfile::tempdir().unwrap();
        let mut inner = folder.path().join("inner");
        for name in ["a", "b"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        fs::create_dir(&inner).unwrap();
        // Ever one folder around what is there: in the end nothing could be reached by its path.
        let long = "x".repeat(200);
        for round in 0..30 {
            let outer = folder.path().join(if round % 2 == 0 { "a" } else { "b" });
            fs::create_dir_all(&outer).unwrap();
            fs::rename(&inner, outer.join(&long)).unwrap();
            inner = outer;
        }
        let itself = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
        assert!(give(folder.path(), itself).is_err());
        fs::remove_dir_all(folder.path()).unwrap();
    }
}
