//! Runs a workload several times and says where two runs differ first.

use std::collections::BTreeSet;
use std::fmt;
use std::panic;
use std::path::Path;
use std::thread;

use orket_contract::digest::{Digest, ambient_key};
use serde_json::{Value, json};

use super::difference::{self, Difference};
use super::fake::FakeCapabilities;
use super::outcome::{Outcome, run};
use super::world::Setting;
use crate::ambient::{self, World};
use crate::result::{Error, Result};
use crate::workload::Registry;

/// How often a workload runs, unless told otherwise.
const RUNS: usize = 3;

/// What is JSON of a run, in the order in which it comes about: the first difference is nearest to
/// its cause.
const SECTIONS: [&str; 7] = ["plan", "traces", "error", "status", "output", "issues", "summary"];
/// How many of [`SECTIONS`] come before console, clips and artifacts.
const SEEN: usize = 3;

/// Runs a workload several times with equal seed, script and input, and compares the runs.
///
/// Compared are plan, observations, console text, clips, screen, speech, prompts, status, output, issues, summary and the
/// bytes of all artifacts. Each run has a thread of its own, so that the order of a `HashMap`
/// differs, and sees the machine's own clock and entropy: a governed run would repeat where this
/// does not. [`DeterminismHarness::virtualised`] shows it what a governed run sees.
///
/// Noise of time and place is left out: log lines, how long a run takes, the times of files; the
/// virtual clock starts alike; the path of the folder in which a run writes reads `<run>`. What else
/// may differ has to be named, see [`DeterminismHarness::ignoring`]. A time in whole seconds may be
/// the same in all runs by chance.
///
/// ```
/// use orket_runtime::prelude::*;
/// use orket_runtime::testing::DeterminismHarness;
///
/// #[orket_runtime::extension(id = "dice.game", capabilities = ["console", "rng"])]
/// pub mod dice {
///     use super::*;
///     #[workload(id = "dice_v1")]
///     pub fn dice_v1(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
///         let eyes = ctx.capabilities.rng()?.stream("dice")?.range(1..7);
///         let guess = ctx.capabilities.console()?.read_line("Your guess? ")?;
///         WorkloadResult::ok(json!({ "eyes": eyes, "won": guess == Some(eyes.to_string()) }))
///     }
/// }
///
/// # fn main() {
/// DeterminismHarness::of(dice::register, "dice_v1").seed(7).script(["4"]).assert_repeats();
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing runs before `assert_repeats` or `check`"]
pub struct DeterminismHarness {
    register: fn(&mut Registry),
    workload: String,
    input: Value,
    setting: Setting,
    runs: usize,
    virtualised: bool,
    ignored: BTreeSet<String>,
}

/// Why a workload is not shown to repeat.
///
/// ```
/// use orket_runtime::{Error, testing::Finding};
/// let finding = Finding::Failed(Error::new("door.locked", "no key"));
/// assert!(finding.to_string().starts_with("every run failed: [door.locked] no key at "));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// All runs failed alike, so that there was nothing to compare.
    Failed(Error),
    /// Two runs differ.
    Differs {
        /// The number of the run that differs from the first; the first is 1.
        run: usize,
        /// Where and how.
        difference: Difference,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(error) => write!(f, "every run failed: {error:?}"),
            Self::Differs { run, difference } => write!(
                f,
                "run {run} differs from run 1 although seed, script and input are equal: {difference}\n  \
                 help: ambient time, entropy and the order of a HashMap differ between runs; use `clock`, \
                 `rng` and BTreeMap"
            ),
        }
    }
}

impl DeterminismHarness {
    /// A harness for a workload of the extension whose `register` this is.
    ///
    /// ```
    /// # use orket_runtime::testing::DeterminismHarness;
    /// # mod hello { pub fn register(_: &mut orket_runtime::workload::Registry) {} }
    /// let harness = DeterminismHarness::of(hello::register, "hello_v1").runs(5);
    /// ```
    pub fn of(register: fn(&mut Registry), workload: &str) -> Self {
        Self {
            register,
            workload: workload.to_owned(),
            input: json!({}),
            setting: FakeCapabilities::new().setting().clone(),
            runs: RUNS,
            virtualised: false,
            ignored: BTreeSet::new(),
        }
    }

    /// The input; an empty object unless given.
    ///
    /// ```
    /// # use orket_runtime::testing::DeterminismHarness;
    /// # fn set(harness: DeterminismHarness) -> DeterminismHarness {
    /// harness.input(serde_json::json!({ "npcs": 5 }))
    /// # }
    /// ```
    pub fn input(mut self, input: Value) -> Self {
        self.input = input;
        self
    }

    /// The seed; 0 unless given.
    ///
    /// ```
    /// # use orket_runtime::testing::DeterminismHarness;
    /// # fn set(harness: DeterminismHarness) -> DeterminismHarness {
    /// harness.seed(7)
    /// # }
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.setting.seed = seed;
        self
    }

    /// The lines that the console reads; none unless given.
    ///
    /// ```
    /// # use orket_runtime::testing::DeterminismHarness;
    /// # fn set(harness: DeterminismHarness) -> DeterminismHarness {
    /// harness.script(["look", "quit"])
    /// # }
    /// ```
    pub fn script<S: Into<String>>(self, lines: impl IntoIterator<Item = S>) -> Self {
        let fakes = FakeCapabilities::starting(self.setting.clone()).with_script(lines);
        self.with(&fakes)
    }

    /// Starts every run as these fakes start: seed, script, `kv`, clock and materials.
    ///
    /// ```
    /// # use orket_runtime::testing::{DeterminismHarness, FakeCapabilities};
    /// # fn set(harness: DeterminismHarness) -> DeterminismHarness {
    /// harness.with(&FakeCapabilities::new().with_kv("players", "last", serde_json::json!("Ada")))
    /// # }
    /// ```
    pub fn with(mut self, fakes: &FakeCapabilities) -> Self {
        self.setting = fakes.setting().clone();
        self
    }

    /// How often the workload runs, at least twice; three times unless given.
    ///
    /// ```
    /// # use orket_runtime::testing::DeterminismHarness;
    /// # fn set(harness: DeterminismHarness) -> DeterminismHarness {
    /// harness.runs(10)
    /// # }
    /// ```
    pub fn runs(mut self, runs: usize) -> Self {
        self.runs = runs.max(2);
        self
    }

    /// Lets every run see what a governed run sees of time, entropy and surroundings: what follows from the
    /// seed. What differs all the same would differ there, too.
    ///
    /// The thread of the run alone does; threads that it starts see the machine, and a host refuses them
    /// in Reliable Mode. Where there is no virtual standard library, which needs Linux and a glibc that is
    /// loaded at run time, this changes nothing.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// use orket_runtime::testing::DeterminismHarness;
    /// use std::collections::HashMap;
    ///
    /// #[orket_runtime::extension(id = "guest.list")]
    /// pub mod guests {
    ///     use super::*;
    ///     #[workload(id = "list_v1")]
    ///     pub fn list_v1(_ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
    ///         let seats: HashMap<u32, u32> = (0..20).map(|seat| (seat, seat)).collect();
    ///         WorkloadResult::ok(json!({ "order": seats.into_keys().collect::<Vec<_>>() }))
    ///     }
    /// }
    ///
    /// # fn main() {
    /// let harness = DeterminismHarness::of(guests::register, "list_v1");
    /// assert!(harness.check().is_err(), "the machine's entropy decides");
    /// # #[cfg(all(target_os = "linux", target_env = "gnu"))]
    /// harness.virtualised().assert_repeats();
    /// # }
    /// ```
    pub fn virtualised(mut self) -> Self {
        self.virtualised = true;
        self
    }

    /// Leaves out a value that may differ, by its JSON pointer into `/plan`, `/traces`, `/status`,
    /// `/output`, `/issues` or `/summary`.
    ///
    /// ```
    /// # use orket_runtime::testing::DeterminismHarness;
    /// # fn set(harness: DeterminismHarness) -> DeterminismHarness {
    /// harness.ignoring("/output/took_ms")
    /// # }
    /// ```
    pub fn ignoring(mut self, pointer: &str) -> Self {
        self.ignored.insert(pointer.to_owned());
        self
    }

    /// Runs and compares; gives the first run when all are equal.
    ///
    /// ```
    /// # use orket_runtime::{testing::{DeterminismHarness, Finding}, workload::Registry};
    /// # fn register(_: &mut Registry) {}
    /// let finding = DeterminismHarness::of(register, "missing_v1").check().unwrap_err();
    /// assert!(matches!(finding, Finding::Failed(error) if error.code() == "workload.unknown"));
    /// ```
    ///
    /// # Errors
    /// A [`Finding`].
    ///
    /// # Panics
    /// When the workload panics.
    pub fn check(&self) -> Result<Outcome, Finding> {
        let first = self.repetition();
        for run in 2..=self.runs {
            if let Some(difference) = self.compare(&first, &self.repetition()) {
                return Err(Finding::Differs { run, difference });
            }
        }
        first.outcome.map_err(Finding::Failed)
    }

    /// Runs and compares; gives the first run.
    ///
    /// ```
    /// # use orket_runtime::{prelude::*, testing::DeterminismHarness, workload::{Registry, Workload}};
    /// # struct Idle;
    /// # impl Workload for Idle {
    /// #     fn id(&self) -> &str { "idle" }
    /// #     fn run(&self, _: &mut WorkloadContext, _: Value) -> Result<WorkloadResult> {
    /// #         WorkloadResult::ok(json!({}))
    /// #     }
    /// # }
    /// # fn register(registry: &mut Registry) { registry.add(Idle) }
    /// let outcome = DeterminismHarness::of(register, "idle").assert_repeats();
    /// assert!(outcome.result.output.is_empty());
    /// ```
    ///
    /// # Panics
    /// With the first difference, when a run differs; when the workload fails or panics.
    #[track_caller]
    #[expect(clippy::must_use_candidate, reason = "the assertion is the use")]
    pub fn assert_repeats(&self) -> Outcome {
        match self.check() {
            Ok(outcome) => outcome,
            Err(finding) => panic!("`{}`: {finding}", self.workload),
        }
    }

    /// One run, in a thread of its own: the keys of hash maps are drawn per thread.
    fn repetition(&self) -> Repetition {
        let setting = self.setting.clone();
        let world = self.virtualised.then(|| world(&setting));
        let ran = thread::scope(|scope| {
            let run = || Repetition::of(self.register, &self.workload, self.input.clone(), setting);
            let run = || match world {
                Some(world) => ambient::within(world, run),
                None => run(),
            };
            scope.spawn(run).join()
        });
        ran.unwrap_or_else(|payload| panic::resume_unwind(payload))
    }

    fn compare(&self, first: &Repetition, other: &Repetition) -> Option<Difference> {
        let (mut left, mut right) = (first.report(), other.report());
        for pointer in &self.ignored {
            for report in [&mut left, &mut right] {
                if let Some(value) = report.pointer_mut(pointer) {
                    *value = Value::Null;
                }
            }
        }
        let (before, after) = SECTIONS.split_at(SEEN);
        let section = |name: &&str| {
            difference::of_json(&json!({ *name: left.get(name) }), &json!({ *name: right.get(name) }))
        };
        let seen = before.iter().find_map(section);
        seen.or_else(|| first.first_file_unlike(other)).or_else(|| after.iter().find_map(section))
    }
}

/// The surroundings of the first guest of a run with this setting.
fn world(setting: &Setting) -> Box<World> {
    let Digest(key) = ambient_key(setting.seed, 0);
    let start = setting.clock_start.as_nanos();
    World::starting(key, u64::try_from(start).unwrap_or(u64::MAX))
}

/// What one run left.
struct Repetition {
    outcome: Result<Outcome>,
    traces: Vec<(String, Value)>,
    files: Vec<(String, Vec<u8>)>,
}

impl Repetition {
    fn of(register: fn(&mut Registry), workload: &str, input: Value, setting: Setting) -> Self {
        let fakes = FakeCapabilities::starting(setting);
        let outcome = run(register, workload, input, &fakes);
        let mut files = vec![("the console".to_owned(), fakes.console_text().into_bytes())];
        for (number, clip) in (1..).zip(fakes.clips()) {
            let rate = [clip.sample_rate.to_le_bytes().as_slice(), &clip.channels.to_le_bytes()].concat();
            files.push((format!("clip {number}"), [rate, clip.pcm_s16le()].concat()));
        }
        for (name, shown) in [
            ("the screen", format!("{:?}", fakes.panels())),
            ("what was spoken", format!("{:?}", fakes.spoken())),
            ("what a model was asked", format!("{:?}", fakes.prompts())),
        ] {
            files.push((name.to_owned(), shown.into_bytes()));
        }
        if let Ok(outcome) = &outcome {
            let artifacts = outcome.artifacts.iter();
            files.extend(artifacts.map(|(path, bytes)| (format!("artifact `{path}`"), bytes.clone())));
            let place = outcome.folder.as_path();
            files.iter_mut().for_each(|(_, bytes)| *bytes = without_place(bytes, place));
        }
        Self { outcome, traces: fakes.traces(), files }
    }

    /// All that is JSON in one value, by [`SECTIONS`].
    fn report(&self) -> Value {
        let traces: Vec<_> = self
            .traces
            .iter()
            .map(|(event, payload)| json!({ "event": event, "payload": payload }))
            .collect();
        let outcome = match &self.outcome {
            Ok(outcome) => outcome,
            Err(error) => return json!({ "traces": traces, "error": error.to_string() }),
        };
        let report = json!({
            "issues": [outcome.result.issues, outcome.issues],
            "output": outcome.result.output,
            "plan": outcome.plan,
            "status": outcome.result.status,
            "summary": outcome.summary,
            "traces": traces,
        });
        let text = without_place(report.to_string().as_bytes(), &outcome.folder);
        serde_json::from_slice(&text).unwrap_or(report)
    }

    fn first_file_unlike(&self, other: &Self) -> Option<Difference> {
        let find =
            |files: &[(String, Vec<u8>)], name: &str| files.iter().position(|(other, _)| other == name);
        let names = self.files.iter().chain(&other.files).map(|(name, _)| name);
        names.into_iter().find_map(|name| {
            let left = find(&self.files, name).map(|at| self.files[at].1.as_slice());
            let right = find(&other.files, name).map(|at| other.files[at].1.as_slice());
            difference::of_files(name, left, right)
        })
    }
}

/// The bytes with `<run>` in place of the path of the folder of the run.
fn without_place(bytes: &[u8], folder: &Path) -> Vec<u8> {
    let place = folder.as_os_str().as_encoded_bytes();
    let mut rest = bytes;
    let mut clean = Vec::with_capacity(bytes.len());
    while let Some(at) = rest.windows(place.len()).position(|window| window == place) {
        clean.extend_from_slice(&rest[..at]);
        clean.extend_from_slice(b"<run>");
        rest = &rest[at + place.len()..];
    }
    clean.extend_from_slice(rest);
    clean
}
