//! The host's files below a project: `.orket/` with stages, runs and the ledger.
//!
//! Invariants: a stage belongs to one living process, which holds its lock; what a dead process
//! left is swept before the next stage is made. A file or folder appears whole or not at all.

use crate::error::Error;
use orket_contract::canonical;
use orket_contract::digest::Digest;
use orket_contract::id::WorkloadId;
use serde::Serialize;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The state of one project.
#[derive(Debug, Clone)]
pub struct Store {
    dir: PathBuf,
}

impl Store {
    /// The store of the project at `root`; nothing is created yet.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        Self { dir: root.join(".orket") }
    }

    /// The store in the folder `dir` itself; nothing is created yet.
    #[must_use]
    pub fn at(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// The folder of the store.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the published runs of a workload lie.
    #[must_use]
    pub fn runs(&self, workload: &WorkloadId) -> PathBuf {
        self.dir.join("runs").join(workload.as_str())
    }

    /// Where the digests of earlier runs are kept, by identity.
    #[must_use]
    pub fn ledger(&self) -> PathBuf {
        self.dir.join("ledger")
    }

    /// Makes a fresh folder for one run, after sweeping what dead processes left.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn stage(&self) -> Result<Stage, Error> {
        let stages = self.dir.join("stage");
        create_dir(&stages)?;
        self.hide()?;
        let guard = self.lock()?;
        sweep(&stages)?;
        let stage = Stage::create(&stages)?;
        drop(guard);
        Ok(stage)
    }

    /// Keeps it out of the project's repository, whether its author thought of that or not.
    fn hide(&self) -> Result<(), Error> {
        let path = self.dir.join(".gitignore");
        if fs::read(&path).is_ok_and(|text| text == b"*\n") {
            return Ok(());
        }
        fs::write(&path, "*\n").map_err(Error::store("write", &path))
    }

    /// Holds the store for a short, exclusive change until the file is dropped.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub fn lock(&self) -> Result<File, Error> {
        create_dir(&self.dir)?;
        let path = self.dir.join("lock");
        let file = open_lock(&path)?;
        file.lock().map_err(Error::store("lock", &path))?;
        Ok(file)
    }
}

fn open_lock(path: &Path) -> Result<File, Error> {
    OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(Error::store("open", path))
}

/// Removes every stage whose owner is gone.
fn sweep(stages: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(stages).map_err(Error::store("list", stages))? {
        let path = entry.map_err(Error::store("list", stages))?.path();
        let is_lock = path.extension().is_some_and(|extension| extension == "lock");
        let lock = path.with_extension("lock");
        if is_owned(&lock)? {
            continue;
        }
        let gone = if is_lock { fs::remove_file(&path) } else { remove_tree(&path) };
        match gone {
            // Its owner was just removing it.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            gone => gone.map_err(Error::store("remove", &path))?,
        }
    }
    Ok(())
}

/// Whether a living process holds the lock. It is not created here: its owner may just have removed it.
fn is_owned(lock: &Path) -> Result<bool, Error> {
    match File::options().write(true).open(lock) {
        Ok(file) => Ok(file.try_lock().is_err()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::store("open", lock)(error)),
    }
}

/// Removes a folder, even where a guest has taken the host's rights to a folder within.
fn remove_tree(path: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            open_up(path)?;
            fs::remove_dir_all(path)
        }
        removed => removed,
    }
}

/// Gives the owner every right to a folder and those below it.
#[cfg(unix)]
fn open_up(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn open_up(_: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The folder of one run while it is being made. Dropping it removes it.
#[derive(Debug)]
pub struct Stage {
    dir: PathBuf,
    /// The size of an artifact folder in which nothing ever was.
    empty: u64,
    _lock: File,
}

static COUNT: AtomicU64 = AtomicU64::new(0);

impl Stage {
    fn create(stages: &Path) -> Result<Self, Error> {
        // Another container on the same project may have a process of this id.
        let name = || format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let is_free = |name: &String| !stages.join(name).with_extension("lock").exists();
        let name = std::iter::repeat_with(name).find(is_free).unwrap_or_default();
        let lock_path = stages.join(&name).with_extension("lock");
        let lock = open_lock(&lock_path)?;
        lock.lock().map_err(Error::store("lock", &lock_path))?;
        let dir = stages.join(name);
        fs::create_dir(&dir).map_err(Error::store("create", &dir))?;
        let dir = dir.canonicalize().map_err(Error::store("find", &dir))?;
        let mut stage = Self { dir, empty: 0, _lock: lock };
        for folder in [stage.workspace(), stage.artifacts()] {
            create_dir(&folder)?;
        }
        let artifacts = stage.artifacts();
        stage.empty = fs::metadata(&artifacts).map_err(Error::store("find", &artifacts))?.len();
        Ok(stage)
    }

    /// Removes what a run has left, all but its materials; whether it is now as good as new. Some file systems let a
    /// folder grow with what is made in it and never shrink, which a guest can see.
    ///
    /// # Errors
    /// What cannot be removed.
    pub(crate) fn clean(&self) -> std::io::Result<bool> {
        let artifacts = self.artifacts();
        let kept = [self.workspace(), self.guest(), artifacts.clone()];
        let left = fs::read_dir(&self.dir)?.chain(fs::read_dir(&artifacts)?);
        for entry in left {
            let entry = entry?;
            let path = entry.path();
            match entry.file_type()?.is_dir() {
                _ if kept.contains(&path) => {}
                true => remove_tree(&path)?,
                false => fs::remove_file(&path)?,
            }
        }
        Ok(fs::metadata(&artifacts)?.len() == self.empty)
    }

    /// The folder itself: the guest's working directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where materials are staged.
    #[must_use]
    pub fn workspace(&self) -> PathBuf {
        self.dir.join("workspace")
    }

    /// Where the guest's own files lie, when it is an interpreter that runs the extension.
    #[must_use]
    pub fn guest(&self) -> PathBuf {
        self.dir.join("python")
    }

    /// Where the guest may write.
    #[must_use]
    pub fn artifacts(&self) -> PathBuf {
        self.dir.join("artifacts")
    }

    /// Moves the stage to `target` in one step. The folder above `target` must exist.
    ///
    /// # Errors
    /// [`Error::Store`]; the stage is removed then.
    pub fn publish(self, target: &Path) -> Result<(), Error> {
        let moved = fs::rename(&self.dir, target).map_err(Error::store("publish", target));
        if moved.is_ok()
            && let Some(above) = target.parent()
        {
            sync(above);
        }
        moved
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // What cannot be removed now is swept by the next process; there is nobody to tell.
        let _ = remove_tree(&self.dir);
        let _ = fs::remove_file(self.dir.with_extension("lock"));
    }
}

/// Creates a folder and those above it.
pub(crate) fn create_dir(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(Error::store("create", path))
}

/// Writes a file that nobody sees before it is whole: within a stage, or by rename.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_whole_from(path.parent().unwrap_or(Path::new(".")), path, bytes)
}

/// The same through another folder of the same file system, where alone an interrupted process leaves something.
pub(crate) fn write_whole_from(folder: &Path, path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(Error::store("write", path))?;
    file.write_all(bytes).map_err(Error::store("write", path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let readable = fs::Permissions::from_mode(0o644);
        file.as_file().set_permissions(readable).map_err(Error::store("write", path))?;
    }
    file.persist(path).map_err(|error| Error::Store {
        doing: "write",
        path: path.into(),
        source: error.error,
    })?;
    Ok(())
}

/// Writes a value as canonical JSON with a newline; the digest of the file.
pub(crate) fn write_json<T: Serialize + ?Sized>(path: &Path, value: &T) -> Result<Digest, Error> {
    let text = json_text(path, value)?;
    write_whole(path, text.as_bytes())?;
    Ok(Digest::of(text.as_bytes()))
}

/// The same for a new file within a stage, which nobody sees before it is published.
pub(crate) fn stage_json<T: Serialize + ?Sized>(path: &Path, value: &T) -> Result<Digest, Error> {
    let text = json_text(path, value)?;
    stage_file(path, text.as_bytes())?;
    Ok(Digest::of(text.as_bytes()))
}

/// Writes a new file within a stage.
pub(crate) fn stage_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let file = File::options().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(bytes)).map_err(Error::store("write", path))
}

fn json_text<T: Serialize + ?Sized>(path: &Path, value: &T) -> Result<String, Error> {
    let text = canonical::to_string(value).map_err(|fault| Error::Store {
        doing: "write",
        path: path.into(),
        source: std::io::Error::other(fault),
    })?;
    Ok(text + "\n")
}

/// Reads a JSON file of our own, of at most `max` bytes.
pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path, max: u64) -> Result<T, Error> {
    let bytes = read_bounded(path, max)?;
    serde_json::from_slice(&bytes).map_err(|error| Error::Store {
        doing: "read",
        path: path.into(),
        source: std::io::Error::other(error),
    })
}

/// Reads a whole file, unless it has more than `max` bytes.
pub(crate) fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, Error> {
    use std::io::Read;
    let file = open_regular(path).map_err(Error::store("open", path))?;
    let mut bytes = Vec::new();
    file.take(max + 1).read_to_end(&mut bytes).map_err(Error::store("read", path))?;
    if bytes.len() as u64 > max {
        let source = std::io::Error::other(format!("it has more than {max} bytes"));
        return Err(Error::Store { doing: "read", path: path.into(), source });
    }
    Ok(bytes)
}

/// Opens a regular file; a pipe or device would keep whoever opens it.
pub(crate) fn open_regular(path: &Path) -> std::io::Result<File> {
    if fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(std::io::Error::other("it is no regular file"))
    }
}

/// Makes a rename durable, as far as the file system allows.
pub(crate) fn sync(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_lives_as_long_as_its_owner() {
        let root = tempfile::tempdir().expect("temp dir");
        let store = Store::of(root.path());
        let first = store.stage().expect("stage");
        let second = store.stage().expect("stage");
        assert!(first.dir().exists() && first.dir() != second.dir());
        let abandoned = root.path().join(".orket/stage/1-1");
        create_dir(&abandoned.join("artifacts")).expect("folder");
        let dir = first.dir().to_path_buf();
        drop(first);
        assert!(!dir.exists());
        let third = store.stage().expect("stage");
        assert!(!abandoned.exists(), "what a dead process left is swept");
        assert!(second.dir().exists() && third.dir().exists());
    }

    #[test]
    fn a_stage_of_the_same_name_is_passed_over() {
        let root = tempfile::tempdir().expect("temp dir");
        let store = Store::of(root.path());
        let first = store.stage().expect("stage");
        let next = COUNT.load(Ordering::Relaxed);
        let taken: Vec<_> = (next..next + 8)
            .map(|n| {
                let name = format!("{}-{n}.lock", std::process::id());
                let lock = open_lock(&root.path().join(".orket/stage").join(name)).expect("lock");
                lock.lock().expect("locked");
                lock
            })
            .collect();
        let second = store.stage().expect("stage");
        assert!(first.dir() != second.dir() && second.dir().exists());
        drop(taken);
    }

    #[test]
    fn a_clean_stage_has_its_materials_and_nothing_else() {
        let root = tempfile::tempdir().expect("temp dir");
        let stage = Store::of(root.path()).stage().expect("stage");
        create_dir(&stage.artifacts().join("deep/er")).expect("folder");
        for path in ["workspace/a", "artifacts/b", "artifacts/deep/er/c", "logs"] {
            fs::write(stage.dir().join(path), "x").expect("write");
        }
        assert!(stage.clean().expect("cleaned"));
        let all = |dir: PathBuf| fs::read_dir(dir).expect("list").flatten().count();
        assert_eq!([stage.dir().into(), stage.workspace(), stage.artifacts()].map(all), [2, 1, 0]);
    }

    #[test]
    fn publishing_moves_the_whole_folder() {
        let root = tempfile::tempdir().expect("temp dir");
        let stage = Store::of(root.path()).stage().expect("stage");
        fs::write(stage.artifacts().join("a"), "x").expect("write");
        let target = root.path().join("run");
        stage.publish(&target).expect("publish");
        assert_eq!(fs::read_to_string(target.join("artifacts/a")).expect("read"), "x");
        assert_eq!(fs::read_dir(root.path().join(".orket/stage")).expect("list").count(), 0);
    }
}
