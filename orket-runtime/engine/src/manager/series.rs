//! Many runs of one workload, one after the other, each from its beginning and in a process of its own.

use super::{ExtensionManager, Record, Request, enter, fitting};
use crate::authorization::Authorized;
use crate::error::{Error, Phase};
use crate::journal::{Digests, Divergence, Recording, build_of, compare_replay};
use crate::kernel::{Allowance, Boxes, Checked, Guard, Observer, Plan, Prepared};
use crate::permissions::Admitted;
use crate::reliable;
use crate::surroundings::World;
use std::path::Path;
use std::rc::Rc;

/// Runs of one workload, of which nothing is kept but what they came to.
///
/// What does not change between them is done once: the admission, the materials, the stage and the box
/// around it. Each run is a new process in an empty artifact folder.
pub struct Series<'a> {
    manager: &'a ExtensionManager,
    admitted: Admitted<'a>,
    /// Nothing, when a run left what cannot be cleaned away.
    ready: Option<Ready>,
}

struct Ready {
    prepared: Prepared,
    /// Removes the stage when the host is interrupted.
    _guard: Guard,
}

impl ExtensionManager {
    /// Runs of a workload whose answers come from the services of this host.
    ///
    /// # Errors
    /// As [`ExtensionManager::admit`].
    pub fn series(&self, workload: &str) -> Result<Series<'_>, Error> {
        Ok(self.series_of(self.admit(workload)?))
    }

    /// Replays of a workload, which need no services.
    ///
    /// # Errors
    /// As [`ExtensionManager::admit`].
    pub fn replays(&self, workload: &str) -> Result<Series<'_>, Error> {
        Ok(self.series_of(self.admit_with(workload, &|_| true)?))
    }

    /// Executes a run with every answer from the record in `folder`, and compares what it comes to with what
    /// lies there. Nothing of it is recorded.
    ///
    /// # Errors
    /// What any phase refuses; `case.invalid` or `transcript.damaged` when the record cannot be read.
    pub fn repeat(
        &self,
        request: Request,
        folder: &Path,
        observer: &mut dyn Observer,
    ) -> Result<Repeated, Error> {
        enter(observer, Phase::Admit);
        self.replays(&request.workload)?.repeat(request, folder, observer)
    }

    fn series_of<'a>(&'a self, admitted: Admitted<'a>) -> Series<'a> {
        Series { manager: self, admitted, ready: None }
    }
}

impl Series<'_> {
    /// Executes a run up to its check; only what it came to is left.
    ///
    /// # Errors
    /// As [`ExtensionManager::execute`].
    pub fn run(&mut self, request: Request, observer: &mut dyn Observer) -> Result<Digests, Error> {
        self.carry_out(request, Record::Digested, observer, |_, _, checked| Ok(checked.digests()))
    }

    /// As [`ExtensionManager::repeat`].
    ///
    /// # Errors
    /// As [`ExtensionManager::repeat`].
    pub fn repeat(
        &mut self,
        request: Request,
        folder: &Path,
        observer: &mut dyn Observer,
    ) -> Result<Repeated, Error> {
        let record = Record::Compared(Recording::load(folder)?);
        let extension = self.admitted.extension();
        let compared = self.carry_out(request, record, observer, |stage, plan, checked| {
            let divergence = compare_replay(folder, stage, plan, &checked)?;
            let lacks = reliable::lacks(&plan.policy, &checked.outcome.layers, extension);
            Ok(Repeated { authorized: Some(checked.outcome.authorized), divergence, lacks })
        });
        match compared {
            Err(Error::Diverged(divergence)) => {
                Ok(Repeated::parted(divergence.of_programs(build_of(folder), extension.build())))
            }
            compared => compared,
        }
    }

    /// Why each run is started as if it were the only one, if that is so.
    #[must_use]
    pub fn without_box(&self) -> Option<String> {
        self.ready.as_ref()?.prepared.boxes.as_ref()?.refused()
    }

    fn carry_out<T>(
        &mut self,
        request: Request,
        record: Record,
        observer: &mut dyn Observer,
        end: impl FnOnce(&Path, &Plan, Checked) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (manager, admitted) = (self.manager, &self.admitted);
        let mut ready = match self.ready.take() {
            Some(ready) => ready,
            None => Ready::new(manager, admitted, &request, observer)?,
        };
        let issues = fitting(admitted, &request);
        if !issues.is_empty() {
            return Err(Error::Refused { phase: Phase::Preflight, issues });
        }
        let prepared = &mut ready.prepared;
        prepared.allowance = Rc::new(Allowance::of(admitted.policy(), admitted.own()));
        prepared.surroundings = request.surroundings();
        let ended = manager.planned(admitted, prepared, &request, observer).and_then(|(plan, guest)| {
            enter(observer, Phase::Execute);
            let checked = manager.checked(admitted, prepared, &plan, guest, request, record, observer)?;
            end(prepared.stage.dir(), &plan, checked)
        });
        self.ready = prepared.stage.clean().is_ok_and(|clean| clean).then_some(ready);
        ended
    }
}

impl Ready {
    fn new(
        manager: &ExtensionManager,
        admitted: &Admitted<'_>,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Self, Error> {
        let prepared = manager.prepared(admitted, &World::default(), request, observer)?;
        let guard = manager.host.interrupt.stage(prepared.stage.dir());
        Ok(Self { prepared: Prepared { boxes: Some(Boxes::default()), ..prepared }, _guard: guard })
    }
}

impl Repeated {
    /// One that parts from its record before its end.
    pub(super) fn parted(divergence: Divergence) -> Self {
        Self { authorized: None, divergence: Some(divergence), lacks: Vec::new() }
    }
}

/// What a replay came to.
#[derive(Debug)]
pub struct Repeated {
    /// What it was allowed and used, where it came to its end.
    pub authorized: Option<Authorized>,
    /// Where it parts from its record first, if it does.
    pub divergence: Option<Divergence>,
    /// What makes runs repeat and was not there, by name.
    pub lacks: Vec<String>,
}
