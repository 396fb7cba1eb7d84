//! The runs of a subject, and what they are compared with.

use super::super::grants::Grants;
use super::super::replay::repeat_seen;
use super::subject::Subject;
use crate::args::{Surrounded, VerifyArgs};
use crate::error::Result;
use crate::host::{Asked, Question};
use crate::report::Progress;
use orket_contract::protocol::Flip;
use orket_engine::journal::Recording;
use orket_engine::surroundings::{Around, Dimension, Mode, Surroundings};
use orket_engine::verification::{self, Attempts, Flipped, Found, Reference, Seen, Trial, Verdict};
use orket_engine::{Authorized, ExtensionManager, Probe, Request, Witnessed};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// How long causes are looked for.
const SEARCH_MAX: Duration = Duration::from_secs(120);

/// What is needed to run a subject again and again.
pub(in super::super) struct Trials<'a> {
    pub(in super::super) manager: &'a ExtensionManager,
    pub(in super::super) subject: &'a Subject,
    pub(in super::super) args: &'a VerifyArgs,
    pub(in super::super) progress: &'a Progress,
    /// When all of its ambient runs take themselves to begin.
    pub(in super::super) begins: SystemTime,
}

/// Now, in the middle of a second: runs that begin then see the same second, if they are short.
pub(in super::super) fn begins() -> SystemTime {
    let now = SystemTime::now();
    let fraction = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().subsec_nanos();
    now - Duration::from_nanos(fraction.into()) - Duration::from_millis(500)
}

impl Trials<'_> {
    /// Runs it, and finds out.
    pub(super) fn run(&self, asked: &Asked, grants: &mut Grants) -> Result<Found> {
        let question = self.subject.question(asked)?;
        match self.subject.case.as_deref().filter(|_| !self.args.ambient) {
            Some(folder) => self.against_case(folder, &question, grants),
            None => self.against_itself(&question, grants),
        }
    }

    fn against_case(&self, folder: &Path, question: &Question, grants: &mut Grants) -> Result<Found> {
        // From the record alone first: what differs then is the program's doing, whatever the host answers.
        let mut see = |run: &Authorized| grants.see(&self.subject.name, run);
        let again = || repeat_seen(self.manager, question.request(), folder, &mut (), &mut |_| {});
        if let Some(divergence) = repeat_seen(self.manager, question.request(), folder, &mut (), &mut see)? {
            return Ok(Found::changed(divergence.clone(), again()?.as_ref() == Some(&divergence)));
        }
        let recorded = Reference::Recorded(folder.to_path_buf());
        let asks_services = Recording::load(folder)?.asks_services();
        let once = |around: &Around| -> Result<Seen, orket_engine::Error> {
            if asks_services {
                // What a service answers is not the workload's doing: the record answers, again and again.
                let ran = self.manager.repeat_around(around, question.request(), folder, &mut ());
                return Reference::see_repeated(ran);
            }
            recorded.see(self.manager.observe(around, question.request(), &mut ()))
        };
        let first = once(&Around::default())?;
        if let Some(divergence) = &first.divergence {
            let is_same = once(&Around::default())?.digest == first.digest;
            return Ok(Found::changed(divergence.clone(), is_same));
        }
        let found =
            self.search(&first, asks_services, &|surroundings| once(&self.around(surroundings, None)))?;
        if asks_services { Ok(found) } else { self.decided(found, question, &recorded) }
    }

    pub(in super::super) fn against_itself(&self, question: &Question, grants: &mut Grants) -> Result<Found> {
        let ran = self.observe(question, &Surroundings::default(), None);
        match &ran {
            Ok(witnessed) => grants.see(&self.subject.name, witnessed.authorized()),
            Err(orket_engine::Error::Refused { issues, .. }) => {
                grants.see_refused(&self.subject.name, issues);
            }
            Err(_) => {}
        }
        let (reference, first) = Reference::first(ran)?;
        let found = self.search(&first, false, &|surroundings| {
            reference.see(self.observe(question, surroundings, reference.folder()))
        })?;
        self.decided(found, question, &reference)
    }

    /// Which draws of the standard library decide about what comes out, where it repeats. What is refused when they are changed says
    /// nothing about runs in which they are not.
    fn decided(&self, found: Found, question: &Question, reference: &Reference) -> Result<Found> {
        if found.verdict != Verdict::Repeats || self.args.ambient {
            return Ok(found);
        }
        let (usual, deadline) = (Around::default(), Instant::now() + SEARCH_MAX);
        let Some(seen) = unrefused(self.manager.observe(&usual, question.request(), &mut ()))? else {
            return Ok(found);
        };
        let (extension, _) = self.manager.find(&self.subject.name)?;
        let mut runs = 1;
        let mut flipped = |probe: Probe| {
            self.progress.say(|| format!("{}: {}", self.subject.shown(), flips(&probe)));
            let mut probed = |probe| {
                runs += 1;
                let request = Request { probe: Some(probe), ..question.request() };
                self.manager.observe(&usual, request, &mut ())
            };
            let place = |ran: &Witnessed| ran.ambient().traced(extension);
            let ran = probed(probe);
            let found = ran.as_ref().ok().and_then(place);
            let differs = match reference.see(ran) {
                Err(orket_engine::Error::Refused { .. }) => None,
                seen => Some(seen?.differs()),
            };
            // A run that was refused tells nothing of who drew; one in which nothing is changed does.
            let untold = probe.trace.filter(|_| differs == Some(true) && found.is_none());
            let found = match untold {
                Some(_) => probed(Probe { flip: None, ..probe }).ok().as_ref().and_then(place),
                None => found,
            };
            Ok(Flipped { differs, place: found })
        };
        let decided = verification::deciding(&seen.ambient().draws(), deadline, &mut flipped)?;
        Ok(found.decided_by(decided, runs))
    }

    fn search(
        &self,
        first: &Seen,
        replays: bool,
        once: &(dyn Fn(&Surroundings) -> Result<Seen, orket_engine::Error> + Sync),
    ) -> Result<Found> {
        let (seed, only) = match &self.args.surroundings {
            Some(Surrounded::Given(only)) => (0, Some(only.clone())),
            Some(Surrounded::Drawn(seed)) => (*seed, None),
            None => (0, None),
        };
        let attempts = Attempts {
            runs: self.subject.runs(self.args),
            seed,
            mode: if self.args.ambient { Mode::Ambient } else { Mode::Governed },
            only,
            replays,
            at_once: std::thread::available_parallelism().map_or(1, usize::from),
            search: SEARCH_MAX,
        };
        let run = |trial: Trial, surroundings: &Surroundings| {
            self.progress.say(|| format!("{}: {}", self.subject.shown(), tried(trial, surroundings)));
            once(surroundings)
        };
        Ok(verification::verify(first, attempts, &run)?)
    }

    /// One run.
    pub(in super::super) fn observe(
        &self,
        question: &Question,
        surroundings: &Surroundings,
        earlier: Option<&Path>,
    ) -> Result<Witnessed, orket_engine::Error> {
        self.manager.observe(&self.around(surroundings, earlier), question.request(), &mut ())
    }

    fn around(&self, surroundings: &Surroundings, earlier: Option<&Path>) -> Around {
        Around {
            surroundings: surroundings.clone(),
            ambient: self.args.ambient,
            begins: self.args.ambient.then_some(self.begins),
            earlier: earlier.map(Path::to_path_buf),
        }
    }
}

/// What came of a run, unless it was refused.
fn unrefused<T>(ran: Result<T, orket_engine::Error>) -> Result<Option<T>> {
    match ran {
        Err(orket_engine::Error::Refused { .. }) => Ok(None),
        ran => Ok(Some(ran?)),
    }
}

/// What a run is made for in which draws are changed.
fn flips(probe: &Probe) -> String {
    match probe.flip {
        Some(Flip { from, to, .. }) if to - from > 1 => {
            format!("whether a draw from {from} to {} decides", to - 1)
        }
        flip => format!("whether draw {} decides", flip.map_or(0, |flip| flip.from)),
    }
}

/// What a run is made for, and in what.
fn tried(trial: Trial, surroundings: &Surroundings) -> String {
    let names: Vec<_> = surroundings.dimensions().map(Dimension::name).collect();
    let what = match trial {
        Trial::Equal => return "in equal surroundings".to_owned(),
        Trial::Hostile => return "in hostile surroundings".to_owned(),
        Trial::Cause => "whether it depends on",
        Trial::Confirm => "once more with",
        Trial::Steady => "whether it repeats with",
    };
    let shown: String = names.join(", ").chars().take(60).collect();
    format!("{what} {}", if shown.is_empty() { "nothing" } else { &shown })
}
