//! A host of its own in certain surroundings: what the classes come to there.

use crate::change::Change;
use crate::surroundings::Surroundings;
use orket_engine::capability::{Kv, LineConsole, Profile};
use orket_engine::journal::Digests;
use orket_engine::loader::Candidate;
use orket_engine::registry::Finished;
use orket_engine::{Error, ExtensionManager, Policy, Request};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

/// The argument that makes this program change its surroundings and start anew in them.
pub(crate) const MOVE: &str = "--move";
/// The argument that makes it run the classes.
pub(crate) const SERVE: &str = "--serve";

/// What a host is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Part {
    /// The folder of the extension: its program and what it reads. Everybody may read it.
    pub(crate) staged: PathBuf,
    pub(crate) surroundings: Surroundings,
    pub(crate) classes: Vec<String>,
}

/// What a run of a class came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// It came to its end.
    Done {
        /// What it saw.
        seen: String,
        digests: Digests,
    },
    /// It was refused.
    Refused {
        code: String,
        /// The message and the place.
        text: String,
    },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = match self {
            Outcome::Done { seen, .. } => seen.chars().take(100).collect(),
            Outcome::Refused { text, .. } => text.chars().take(200).collect(),
        };
        f.write_str(&text)
    }
}

impl Part {
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).expect("a part")
    }

    /// Plays it in a process of its own.
    pub(crate) fn play(&self) -> BTreeMap<String, Outcome> {
        let mut command = self.command(MOVE);
        let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().expect("a host starts");
        assert!(output.status.success(), "{}: {:?}", self.surroundings, output.status);
        serde_json::from_slice(&output.stdout).expect("a host answers")
    }

    fn command(&self, mark: &str) -> Command {
        let mut command = Command::new("/proc/self/exe");
        command.arg(mark).arg(serde_json::to_string(self).expect("a part is JSON"));
        command
    }

    /// Makes the changes that need a process, and starts in them.
    pub(crate) fn move_in(&self) -> ! {
        for change in &self.surroundings.0 {
            if let Err(error) = change.make() {
                eprintln!("  left out: {change:?}: {error}");
            }
        }
        let mut command = self.command(SERVE);
        self.surroundings.0.iter().for_each(|change| change.hand_to(&mut command));
        panic!("this program starts anew: {}", command.exec())
    }

    /// Runs the classes and says on stdout what came of them.
    #[allow(clippy::print_stdout)] // the answer
    pub(crate) fn serve(&self) -> ! {
        let busy = AtomicBool::new(self.surroundings.has(Change::Load));
        std::thread::scope(|scope| {
            if busy.load(Ordering::Relaxed) {
                scope.spawn(|| {
                    while busy.load(Ordering::Relaxed) {
                        std::hint::spin_loop();
                    }
                });
            }
            let came_to = self.run_all();
            busy.store(false, Ordering::Relaxed);
            println!("{}", serde_json::to_string(&came_to).expect("outcomes are JSON"));
        });
        std::process::exit(0)
    }

    fn run_all(&self) -> BTreeMap<String, Outcome> {
        let folder = tempfile::tempdir_in(self.base()).expect("a folder");
        let depth = if self.surroundings.has(Change::Depth) {
            "a folder of another name/".repeat(4)
        } else {
            String::new()
        };
        let project = folder.path().join(depth).join("corpus");
        crate::build::copy(&self.staged, &project);
        let manager = loaded(project);
        self.classes.iter().map(|class| (class.clone(), run(&manager, class))).collect()
    }

    fn base(&self) -> PathBuf {
        let memory = Path::new("/dev/shm");
        if self.surroundings.has(Change::Disk) && memory.is_dir() {
            memory.to_path_buf()
        } else {
            std::env::temp_dir()
        }
    }
}

/// A host of the corpus that lies there.
pub(crate) fn loaded(project: PathBuf) -> ExtensionManager {
    let mut manager = ExtensionManager::new(Policy::default());
    let program = project.join("program");
    manager.load(Candidate::new(project, program)).expect("the corpus loads");
    manager
}

/// What each class is run with.
pub(crate) fn asked(class: &str) -> Request {
    Request {
        workload: class.to_owned(),
        seed: 7,
        input: json!({}),
        kv: Kv::default(),
        memory: Profile::default(),
        console: Box::new(LineConsole::new(&b""[..], std::io::sink(), false)),
        screen: None,
        silent: true,
        probe: None,
    }
}

fn run(manager: &ExtensionManager, class: &str) -> Outcome {
    match manager.execute(asked(class), None, &mut ()) {
        Ok(finished) => done(&finished),
        Err(error) => refused(&error),
    }
}

fn done(finished: &Finished) -> Outcome {
    let seen = &finished.checked.outcome.result.output["seen"];
    Outcome::Done { seen: seen.as_str().unwrap_or_default().to_owned(), digests: finished.digests }
}

fn refused(error: &Error) -> Outcome {
    let issue = error.issues().remove(0);
    let place = issue.location.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
    Outcome::Refused { code: issue.code.clone(), text: format!("{issue}{place}") }
}
