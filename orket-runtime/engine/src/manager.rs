//! The only way in: nothing of an extension is executed except through [`ExtensionManager`].

mod series;

pub use series::{Repeated, Series};

use crate::ambient::{Ambient, Probe, Surroundings};
use crate::authorization::{Authorized, Envelope, Grants};
use crate::capability::{
    Console, Kv, Network, Outside, Profile, Providers, Screen, Services, Serving, Speaker,
};
use crate::clock;
use crate::error::{Error, Phase};
use crate::input;
use crate::journal::{
    Digests, Divergence, Journal, Ledger, Place, Recording, build_of, compare, compare_replay,
};
use crate::kernel::{
    self, Checked, Conversation, Event, Guard, Host, Interrupt, Log, Observer, Plan, Prepared, Run,
};
use crate::loader::{self, Candidate, Resolved};
use crate::permissions::{self, Admitted, Policy};
use crate::registry::{Finished, Published};
use crate::reliable;
use crate::surroundings::{Around, World};
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_contract::manifest::Workload;
use orket_contract::memory::Memory;
use orket_contract::result::Status;
use orket_contract::turn::Turn;
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// What a run is asked for with.
pub struct Request {
    /// `workload`, or `extension/workload`.
    pub workload: String,
    /// The seed.
    pub seed: u64,
    /// The input: a JSON object.
    pub input: Value,
    /// What `kv` starts from.
    pub kv: Kv,
    /// The profile that `memory` starts from.
    pub memory: Profile,
    /// Where text comes from and goes to.
    pub console: Box<dyn Console>,
    /// What shows pictures, besides the record.
    pub screen: Option<Box<dyn std::io::Write>>,
    /// Whether nobody hears or sees the run: no clip is played.
    pub silent: bool,
    /// What is asked about the draws of its guests.
    pub probe: Option<Probe>,
}

impl Request {
    fn surroundings(&self) -> Surroundings {
        Surroundings { seed: self.seed, probe: self.probe }
    }
}

/// Governs extensions: reads, admits, plans, executes, checks, records and publishes.
pub struct ExtensionManager {
    policy: Policy,
    services: Services,
    host: Host,
    extensions: Vec<Resolved>,
}

impl ExtensionManager {
    /// A manager that knows no extension yet.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        Self {
            policy,
            services: Services::default(),
            host: Host { interrupt: Interrupt::default() },
            extensions: Vec::new(),
        }
    }

    /// What the operator allows.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The same, with services for the capabilities that the host cannot answer by itself.
    #[must_use]
    pub fn with_services(mut self, services: Services) -> Self {
        self.services = services;
        self
    }

    /// The services for what the host cannot answer by itself.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.services
    }

    /// A handle that ends what runs, for a signal handler.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        self.host.interrupt.clone()
    }

    /// Reads an extension from its artifact. Nothing of it runs.
    ///
    /// # Errors
    /// `note.*`, `manifest.*`, [`Error::Store`].
    pub fn load(&mut self, candidate: Candidate) -> Result<&Resolved, Error> {
        Ok(self.add(loader::resolve(candidate)?))
    }

    /// Takes an extension that has been read.
    pub fn add(&mut self, resolved: Resolved) -> &Resolved {
        let at = self.extensions.len();
        self.extensions.push(resolved);
        &self.extensions[at]
    }

    /// What was loaded, in order.
    pub fn extensions(&self) -> impl Iterator<Item = &Resolved> {
        self.extensions.iter()
    }

    /// The extension and workload of that name.
    ///
    /// # Errors
    /// `workload.unknown`, `workload.ambiguous`.
    pub fn find(&self, name: &str) -> Result<(&Resolved, &Workload), Error> {
        loader::find(&self.extensions, name).map_err(|issue| Error::refused(Phase::Resolve, issue))
    }

    /// Admits a workload under the manager's policy.
    ///
    /// # Errors
    /// `workload.*`, `compat.*`, `capability.*`.
    pub fn admit(&self, name: &str) -> Result<Admitted<'_>, Error> {
        self.admit_with(name, &|capability| self.provides(capability))
    }

    /// Whether this host can answer calls of a capability.
    fn provides(&self, capability: &str) -> bool {
        match capability {
            "network.connect" => !self.policy.network.is_empty(),
            other => self.services.provide(other),
        }
    }

    /// The same for a host that provides what `provides` says.
    fn admit_with(&self, name: &str, provides: &dyn Fn(&str) -> bool) -> Result<Admitted<'_>, Error> {
        let (extension, workload) = self.find(name)?;
        permissions::admit(extension, workload, &self.policy, provides)
    }

    /// Looks through the sources of an extension in Python for imports that it may not have, without running anything
    /// of it. For a program there is nothing to look through.
    ///
    /// # Errors
    /// `python.missing`, `material.*`, `sandbox.*`; what ends the guest that looks.
    pub fn scan(&self, extension: &Resolved) -> Result<Vec<Issue>, Error> {
        kernel::scan(&self.host, extension, &self.policy)
    }

    /// Plans a run and stops there: what `--dry-run` prints.
    ///
    /// # Errors
    /// What the phases up to the plan refuse.
    pub fn plan(&self, request: &Request) -> Result<Plan, Error> {
        let admitted = self.admit(&request.workload)?;
        let prepared = self.prepared(&admitted, &World::default(), request, &mut ())?;
        let (plan, guest) = self.planned(&admitted, &prepared, request, &mut ())?;
        guest.close()?;
        Ok(plan)
    }

    /// Executes a run up to its complete record, without making it visible. With a recording, every
    /// answer comes from it and the first event that differs ends the run.
    ///
    /// # Errors
    /// What any phase refuses; [`Error::Diverged`] on a replay.
    pub fn execute(
        &self,
        request: Request,
        replayed: Option<Recording>,
        observer: &mut dyn Observer,
    ) -> Result<Finished, Error> {
        self.execute_around(&Around::default(), request, replayed, observer)
    }

    /// As [`ExtensionManager::execute`], in surroundings of the caller's choice, to be looked at and never to be published.
    ///
    /// # Errors
    /// As [`ExtensionManager::execute`].
    pub fn observe(
        &self,
        around: &Around,
        request: Request,
        observer: &mut dyn Observer,
    ) -> Result<Witnessed, Error> {
        self.execute_around(around, request, None, observer).map(Witnessed)
    }

    fn execute_around(
        &self,
        around: &Around,
        request: Request,
        replayed: Option<Recording>,
        observer: &mut dyn Observer,
    ) -> Result<Finished, Error> {
        let (started, replays) = (clock::stamp(), replayed.is_some());
        let ran = self.carry_out(around, request, Record::Kept(replayed), observer)?;
        enter(observer, Phase::Record);
        let Ran { admitted, prepared, plan, checked, _guard } = ran;
        let store = admitted.extension().store().clone();
        Finished::record(prepared.stage, store, plan, checked, &admitted, started, replays)
    }

    /// As [`ExtensionManager::repeat`], in surroundings of the caller's choice.
    ///
    /// # Errors
    /// As [`ExtensionManager::repeat`].
    pub fn repeat_around(
        &self,
        around: &Around,
        request: Request,
        folder: &Path,
        observer: &mut dyn Observer,
    ) -> Result<Repeated, Error> {
        let record = Record::Compared(Recording::load(folder)?);
        let build = self.find(&request.workload)?.0.build();
        match self.carry_out(around, request, record, observer) {
            Ok(Ran { admitted, prepared, plan, checked, .. }) => {
                let divergence = compare_replay(folder, prepared.stage.dir(), &plan, &checked)?;
                let lacks = reliable::lacks(&plan.policy, &checked.outcome.layers, admitted.extension());
                Ok(Repeated { authorized: Some(checked.outcome.authorized), divergence, lacks })
            }
            Err(Error::Diverged(divergence)) => {
                Ok(Repeated::parted(divergence.of_programs(build_of(folder), build)))
            }
            Err(error) => Err(error),
        }
    }

    fn carry_out(
        &self,
        around: &Around,
        request: Request,
        record: Record,
        observer: &mut dyn Observer,
    ) -> Result<Ran<'_>, Error> {
        enter(observer, Phase::Admit);
        let answers = record.answers();
        let admitted = self.admit_with(&request.workload, &|name| answers || self.provides(name))?;
        let world = World::of(around.clone());
        let prepared = self.prepared(&admitted, &world, &request, observer)?;
        let guard = self.host.interrupt.stage(prepared.stage.dir());
        let (plan, guest) = self.planned(&admitted, &prepared, &request, observer)?;
        enter(observer, Phase::Execute);
        let checked = self.checked(&admitted, &prepared, &plan, guest, request, record, observer)?;
        Ok(Ran { admitted, prepared, plan, checked, _guard: guard })
    }

    /// Compares a finished run with an earlier one of the same identity and makes it visible.
    ///
    /// # Errors
    /// [`Error::Diverged`] when the earlier run came to something else; then nothing is visible.
    pub fn publish(&self, run: Finished, observer: &mut dyn Observer) -> Result<Published, Error> {
        enter(observer, Phase::Publish);
        // Until the lock is dropped: of two runs of one identity the later is compared with the earlier.
        let _lock = run.store.lock()?;
        if self.host.interrupt.fired() {
            // Its stage may be half removed.
            return Err(Error::store("publish", run.folder())(std::io::ErrorKind::Interrupted.into()));
        }
        if run.replays {
            // Its answers came from a record: it says nothing about what this host would have answered.
            let folder = run.target()?;
            return run.publish(folder);
        }
        let ledger = Ledger::of(&run.store);
        let (identity, digests) = (run.identity, run.digests);
        let earlier = ledger.earlier(identity)?;
        if self.policy.reliable
            && let Some(earlier) = &earlier
            && earlier.digests != digests
        {
            let folder = run.store.runs(&run.plan.workload).join(&earlier.run);
            return Err(Error::Diverged(Box::new(first_divergence(&folder, &run, &json!(earlier.digests))?)));
        }
        let folder = run.target()?;
        if earlier.is_none() {
            // First, so that no run is visible that later ones are not compared with.
            ledger.enter(identity, digests, &folder)?;
        }
        run.publish(folder)
    }

    /// Executes a run and publishes it.
    ///
    /// # Errors
    /// As [`ExtensionManager::execute`] and [`ExtensionManager::publish`].
    pub fn run(&self, request: Request, observer: &mut dyn Observer) -> Result<Published, Error> {
        let finished = self.execute(request, None, observer)?;
        self.publish(finished, observer)
    }

    /// Makes ready what a run needs of its own. Nothing of the extension has run yet.
    fn prepared(
        &self,
        admitted: &Admitted<'_>,
        world: &World,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<Prepared, Error> {
        enter(observer, Phase::Preflight);
        let mut issues = fitting(admitted, request);
        issues.extend(reliable::unclean(admitted.extension(), admitted.policy()));
        issues.extend(reliable::uncontrolled(admitted.extension().instructions(), admitted.policy()));
        if !issues.is_empty() {
            return Err(Error::Refused { phase: Phase::Preflight, issues });
        }
        let stage = world.stage(admitted.extension().store())?;
        let _guard = self.host.interrupt.stage(stage.dir());
        kernel::prepare(admitted, stage, world, request.surroundings())
    }

    fn planned(
        &self,
        admitted: &Admitted<'_>,
        prepared: &Prepared,
        request: &Request,
        observer: &mut dyn Observer,
    ) -> Result<(Plan, Conversation), Error> {
        enter(observer, Phase::Spawn);
        let asked = kernel::Asked {
            input: &request.input,
            seed: request.seed,
            kv: &request.kv,
            memory: &request.memory,
        };
        kernel::plan(&self.host, admitted, prepared, &asked, observer)
    }

    #[expect(clippy::too_many_arguments, reason = "everything that a run is made of, once")]
    fn checked(
        &self,
        admitted: &Admitted<'_>,
        prepared: &Prepared,
        plan: &Plan,
        guest: Conversation,
        request: Request,
        record: Record,
        observer: &mut dyn Observer,
    ) -> Result<Checked, Error> {
        let dir = prepared.stage.dir();
        let (journal, envelope) = record.begin(dir, plan, &admitted.grants())?;
        let player = self.services.player.clone().filter(|_| !request.silent);
        let outside = Duration::from_millis(admitted.policy().service_ms_max);
        let providers = Providers {
            seed: request.seed,
            time_ns: 0,
            console: request.console,
            kv: request.kv,
            memory: Memory::of(request.memory),
            screen: Screen(request.screen),
            speaker: Speaker::new(dir.join("audio"), player, admitted.policy().artifacts_bytes_max),
            turn: Turn::default(),
            network: Network::new(self.policy.network.clone()),
            services: Serving::of(&self.services),
            outside: Outside::new(outside, self.host.interrupt.clone()),
        };
        let run = Run {
            host: &self.host,
            admitted,
            prepared,
            plan,
            providers,
            journal,
            log: Log::below(dir.join("logs")),
            observer,
            envelope,
        };
        let outcome = kernel::execute(run, guest)?;
        enter(observer, Phase::Check);
        kernel::check(&self.host, admitted, prepared, plan, outcome, observer)
    }
}

/// A run that was made to be compared, which nothing can publish. Dropping it removes it.
#[derive(Debug)]
pub struct Witnessed(Finished);

impl Witnessed {
    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.0.folder()
    }

    /// The digests that equal runs share.
    #[must_use]
    pub fn digests(&self) -> Digests {
        self.0.digests
    }

    /// What it asked of its surroundings past the capabilities.
    #[must_use]
    pub fn ambient(&self) -> &Ambient {
        &self.0.checked.outcome.ambient
    }

    /// How the workload said that it ended.
    #[must_use]
    pub fn status(&self) -> Status {
        self.0.checked.outcome.result.status
    }

    /// What makes runs repeat and was not there, by name.
    #[must_use]
    pub fn lacks(&self) -> &[String] {
        &self.0.lacks
    }

    /// What it was allowed and used.
    #[must_use]
    pub fn authorized(&self) -> &Authorized {
        &self.0.checked.outcome.authorized
    }
}

/// A run that came to its end and was checked.
struct Ran<'a> {
    admitted: Admitted<'a>,
    prepared: Prepared,
    plan: Plan,
    checked: Checked,
    /// Removes the stage when the host is interrupted.
    _guard: Guard,
}

/// What becomes of the record of a run.
enum Record {
    /// It is written; with a recording, every answer comes from there.
    Kept(Option<Recording>),
    /// It is compared with this one and not written.
    Compared(Recording),
    /// Only its digests are left.
    Digested,
}

impl Record {
    /// Whether an earlier record answers for every service.
    fn answers(&self) -> bool {
        !matches!(self, Self::Kept(None) | Self::Digested)
    }

    fn begin(self, dir: &Path, plan: &Plan, grants: &Grants) -> Result<(Journal, Envelope), Error> {
        Ok(match self {
            Self::Kept(replayed) => {
                (Journal::create(dir, plan.plan_hash, replayed), Envelope::create(dir, grants)?)
            }
            Self::Compared(recording) => {
                (Journal::comparing(dir, plan.plan_hash, Some(recording)), Envelope::comparing(grants))
            }
            Self::Digested => (Journal::comparing(dir, plan.plan_hash, None), Envelope::comparing(grants)),
        })
    }
}

/// What keeps a workload from being run with this input.
fn fitting(admitted: &Admitted<'_>, request: &Request) -> Vec<Issue> {
    let mut issues = input::check(&admitted.workload().input_schema, &request.input);
    if !request.input.is_object() && issues.is_empty() {
        issues.push(Issue::error(code::INPUT_INVALID, "the input is not a JSON object"));
    }
    issues
}

fn enter(observer: &mut dyn Observer, phase: Phase) {
    observer.on_event(&Event::Phase { phase });
}

/// Where a run parts from an earlier one: in full while the earlier one is still there.
fn first_divergence(earlier: &Path, run: &Finished, digests: &Value) -> Result<Divergence, Error> {
    if earlier.exists()
        && let Some(divergence) = compare(earlier, run.folder())?
    {
        return Ok(divergence);
    }
    Ok(Divergence::between(Place::Digests, Some(digests.clone()), Some(json!(run.digests)), Vec::new()))
}
