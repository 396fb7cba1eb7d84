//! A folder of its own for the artifacts of a test run; gone with the value.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs, io, process};

/// A fresh folder below the machine's folder for temporary files.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> io::Result<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        loop {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let path = env::temp_dir().join(format!("orket-test-{}-{number}", process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                // Left by an earlier process of the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// All files below the folder, by their path with `/`. Links are not followed.
    pub(super) fn files(&self) -> io::Result<BTreeMap<String, Vec<u8>>> {
        let mut files = BTreeMap::new();
        let mut open = vec![(String::new(), self.0.clone())];
        while let Some((prefix, folder)) = open.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.file_type()?.is_dir() {
                    open.push((format!("{path}/"), entry.path()));
                } else {
                    files.insert(path, fs::read(entry.path())?);
                }
            }
        }
        Ok(files)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in a place that is cleaned by the machine.
        let _ = fs::remove_dir_all(&self.0);
    }
}
