//! A project with the guest of the benchmarks, and requests to run it.

use crate::measure::Result;
use crate::options::Options;
use orket_engine::capability::{Console, Kv, Profile};
use orket_engine::loader::Candidate;
use orket_engine::{ExtensionManager, Policy, Request};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct World {
    pub(crate) manager: ExtensionManager,
    /// Removes the project.
    _folder: TempDir,
}

impl World {
    pub(crate) fn new(options: &Options) -> Result<Self> {
        Self::under(Policy::default(), options)
    }

    pub(crate) fn under(policy: Policy, options: &Options) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut manager = ExtensionManager::new(policy);
        manager.load(Candidate::new(folder.path().to_path_buf(), options.guest.clone()))?;
        Ok(Self { manager, _folder: folder })
    }
}

pub(crate) fn request(workload: &str, input: Value, console: impl Console + 'static) -> Request {
    Request {
        workload: workload.to_owned(),
        seed: 0,
        input,
        kv: Kv::default(),
        memory: Profile::default(),
        console: Box::new(console),
        screen: None,
        silent: true,
        probe: None,
    }
}
