//! Where a built extension comes from: the repository is asked while cargo builds, the rest is known by then.

use crate::project::{Artifact, Extension, lockfile};
use orket_contract::digest::Digest;
use orket_engine::git;
use orket_engine::loader::{Origin, Resolved, Source};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

/// The repositories that are being asked, by their folders.
pub(super) struct Sources(BTreeMap<PathBuf, Answer>);

enum Answer {
    Coming(JoinHandle<Option<Source>>),
    Known(Option<Source>),
}

impl Sources {
    /// Begins to ask, each repository once.
    pub(super) fn begin(extensions: &[Extension]) -> Self {
        let mut asked = BTreeMap::new();
        for top in extensions.iter().filter_map(|extension| git::top(&extension.root)) {
            asked.entry(top.clone()).or_insert_with(|| {
                let thread = std::thread::Builder::new().spawn(move || ask(&top));
                thread.map_or(Answer::Known(None), Answer::Coming)
            });
        }
        Self(asked)
    }

    /// What is known of a program that was built and read.
    pub(super) fn origin(&mut self, artifact: &Artifact, resolved: &Resolved) -> Origin {
        let lockfile = lockfile(&artifact.extension).and_then(|path| std::fs::read(path).ok());
        let build = resolved.built_with(artifact.flags.clone(), lockfile.as_deref().map(Digest::of));
        Origin { build: Some(build), package: None, source: self.of(&artifact.extension.root) }
    }

    fn of(&mut self, root: &Path) -> Option<Source> {
        let answer = self.0.get_mut(&git::top(root)?)?;
        let known = match std::mem::replace(answer, Answer::Known(None)) {
            Answer::Coming(thread) => thread.join().ok().flatten(),
            Answer::Known(known) => known,
        };
        *answer = Answer::Known(known.clone());
        known
    }
}

/// The source as git knows it. Where git cannot tell, nothing is known; only Reliable Mode insists.
fn ask(top: &Path) -> Option<Source> {
    let state = git::State::of(top).ok()?;
    Some(Source { clean: state.is_clean(), commit: state.commit, url: state.url.unwrap_or_default() })
}
