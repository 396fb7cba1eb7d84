//! Reads the programs of last time while cargo still builds: usually they are those of this time.
//!
//! Invariant: what was read early counts only if cargo then names that very path, and the path still leads
//! to the very file that was opened, unchanged since. Everything else is read anew, so that what is
//! remembered here can be wrong about nothing but time.

use super::origin::Sources;
use crate::error::Result;
use crate::project::{Artifact, Extension};
use orket_engine::ExtensionManager;
use orket_engine::loader::{self, Candidate, Resolved};
use orket_engine::store::Store;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

/// The programs that are being read, and the repositories that are being asked.
pub(super) struct Early {
    reading: Vec<Reading<Resolved>>,
    sources: Sources,
}

/// One program, read by a thread. Dropping it leaves the thread to itself.
struct Reading<T> {
    root: PathBuf,
    program: PathBuf,
    thread: JoinHandle<Option<T>>,
}

impl Early {
    /// Begins to read what is remembered of these extensions.
    pub(super) fn begin(extensions: &[Extension]) -> Self {
        let reading = |extension: &Extension| {
            let (root, program) = (extension.root.clone(), remembered(&extension.root)?);
            let candidate = Candidate::new(root.clone(), program.clone());
            let thread = std::thread::Builder::new().spawn(|| loader::resolve(candidate).ok()).ok()?;
            Some(Reading { root, program, thread })
        };
        Self { reading: extensions.iter().filter_map(reading).collect(), sources: Sources::begin(extensions) }
    }

    /// Loads what cargo built.
    ///
    /// # Errors
    /// What the loader refuses.
    pub(super) fn load<'a>(
        &mut self,
        manager: &'a mut ExtensionManager,
        artifact: &Artifact,
    ) -> Result<&'a Resolved> {
        let at = self.reading.iter().position(|reading| reading.is_of(artifact));
        let early = at.and_then(|at| self.reading.swap_remove(at).finish(Resolved::is_current));
        let resolved = match early {
            Some(resolved) => resolved,
            None => {
                remember(artifact);
                super::read(artifact)?
            }
        };
        let origin = self.sources.origin(artifact, &resolved);
        Ok(manager.add(resolved.with_origin(origin)))
    }
}

impl<T> Reading<T> {
    fn is_of(&self, artifact: &Artifact) -> bool {
        self.root == artifact.extension.root && self.program == artifact.path
    }

    /// What was read, if it still holds.
    fn finish(self, is_current: impl FnOnce(&T) -> bool) -> Option<T> {
        self.thread.join().ok().flatten().filter(is_current)
    }
}

/// Where the path of a project's last program lies.
fn memory(root: &Path) -> PathBuf {
    Store::of(root).dir().join("program")
}

/// The program that was last built for a project, while it is a file.
pub(crate) fn remembered(root: &Path) -> Option<PathBuf> {
    let program = PathBuf::from(std::fs::read_to_string(memory(root)).ok()?);
    // A pipe or a device would keep whoever opens it.
    program.is_file().then_some(program)
}

fn remember(artifact: &Artifact) {
    let (path, Some(program)) = (memory(&artifact.extension.root), artifact.path.to_str()) else { return };
    if std::fs::read_to_string(&path).is_ok_and(|known| known == program) {
        return;
    }
    // A path that cannot be kept is only slow.
    let _ = std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")));
    let _ = std::fs::write(path, program);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(root: &Path, program: &str) -> Artifact {
        let extension = Extension {
            name: "hello".to_owned(),
            manifest_path: root.join("Cargo.toml"),
            root: root.to_path_buf(),
            programs: vec!["hello".to_owned()],
            chosen_program: None,
            workspace_root: root.to_path_buf(),
        };
        Artifact { extension, path: root.join(program), flags: Vec::new(), scripts: Vec::new() }
    }

    fn reading(artifact: &Artifact) -> Reading<&'static str> {
        let (root, program) = (artifact.extension.root.clone(), artifact.path.clone());
        Reading { root, program, thread: std::thread::spawn(|| Some("read")) }
    }

    #[test]
    fn only_what_cargo_names_and_nothing_changed_counts() {
        let root = Path::new("/project");
        let named = artifact(root, "debug/hello");
        assert!(reading(&named).is_of(&named));
        assert!(!reading(&named).is_of(&artifact(root, "release/hello")), "another program");
        assert!(!reading(&named).is_of(&artifact(Path::new("/other"), "/project/debug/hello")));
        assert_eq!(reading(&named).finish(|_| true), Some("read"));
        assert_eq!(reading(&named).finish(|_| false), None, "it has changed");
    }

    #[test]
    fn the_last_program_is_remembered_while_it_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let built = artifact(folder.path(), "hello");
        remember(&built);
        assert_eq!(remembered(folder.path()), None, "there is no such file");
        std::fs::write(&built.path, "").unwrap();
        assert_eq!(remembered(folder.path()), Some(built.path.clone()));
        assert!(
            Early::begin(&[built.extension]).reading.pop().unwrap().finish(|_| true).is_none(),
            "no program"
        );
    }
}
