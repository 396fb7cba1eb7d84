//! What the tests stand on: the tool and the fixtures, each built once by the real cargo, and folders
//! of their own to work in.

pub(crate) use crate::build::{build, copy, root, target, tests, tool};
use orket_contract::issue::Issue;
use orket_engine::capability::{Kv, LineConsole, Profile};
use orket_engine::loader::Candidate;
use orket_engine::{ExtensionManager, Policy, Request};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use tempfile::TempDir;

/// The program of a fixture, built once.
pub(crate) fn fixture(name: &str) -> PathBuf {
    let manifest = tests().join("fixtures").join(name).join("Cargo.toml");
    let target = target().display().to_string();
    build(&["--manifest-path", &manifest.display().to_string(), "--target-dir", &target])
}

/// The program of the `probe` fixture.
pub(crate) fn probe() -> &'static Path {
    static PROBE: LazyLock<PathBuf> = LazyLock::new(|| fixture("probe"));
    &PROBE
}

/// A project of the probe in a folder of its own, and a manager that has loaded it.
pub(crate) struct World {
    /// The project.
    pub(crate) dir: TempDir,
    /// The manager.
    pub(crate) manager: ExtensionManager,
}

impl World {
    /// A world under the default policy.
    pub(crate) fn new() -> Self {
        Self::under(Policy::default())
    }

    /// A world under a policy.
    pub(crate) fn under(policy: Policy) -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        copy(&tests().join("fixtures/probe/content"), &dir.path().join("content"));
        let mut manager = ExtensionManager::new(policy);
        let candidate = Candidate::new(dir.path().to_path_buf(), probe().to_path_buf());
        manager.load(candidate).expect("the probe loads");
        Self { dir, manager }
    }

    /// The folders of the published runs of a workload.
    pub(crate) fn runs(&self, workload: &str) -> Vec<PathBuf> {
        let folder = self.dir.path().join(".orket/runs").join(workload);
        let mut runs: Vec<_> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        runs.sort();
        runs
    }

    /// Runs a workload; the codes of its issues when it is refused.
    pub(crate) fn run(&self, request: Request) -> Result<orket_engine::registry::Published, Vec<Issue>> {
        self.manager.run(request, &mut ()).map_err(|error| error.issues())
    }

    /// The code of the first issue that a run of the workload ends with.
    pub(crate) fn refused(&self, workload: &str, input: Value) -> String {
        let issues =
            self.run(request(workload, input)).map(|run| run.folder).expect_err("the run is refused");
        assert_eq!(self.runs(workload), Vec::<PathBuf>::new(), "a refused run publishes nothing");
        issues[0].code.clone()
    }
}

/// A request with the seed 7, an empty script and nothing else.
pub(crate) fn request(workload: &str, input: Value) -> Request {
    scripted(workload, input, "").0
}

/// A request whose console reads a script, and what the console shows.
pub(crate) fn scripted(workload: &str, input: Value, script: &'static str) -> (Request, Shown) {
    let shown = Shown::default();
    let console = Box::new(LineConsole::new(script.as_bytes(), shown.clone(), true));
    let request = Request {
        workload: workload.to_owned(),
        seed: 7,
        input,
        kv: Kv::default(),
        console,
        memory: Profile::default(),
        screen: None,
        silent: false,
        probe: None,
    };
    (request, shown)
}

/// What a console has shown.
#[derive(Clone, Default)]
pub(crate) struct Shown(Arc<Mutex<Vec<u8>>>);

impl Shown {
    /// As text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("nobody panicked")).into_owned()
    }
}

impl std::io::Write for Shown {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A JSON file of a run.
pub(crate) fn json_of(run: &Path, name: &str) -> Value {
    let text = std::fs::read_to_string(run.join(name)).expect("the file is there");
    serde_json::from_str(&text).expect("the file is JSON")
}

/// An empty input.
pub(crate) fn nothing() -> Value {
    json!({})
}
