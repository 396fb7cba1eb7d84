//! What `cargo orket verify --ambient` finds in the classes, and whether it names the cause.
#![allow(clippy::print_stdout)] // printing is what it is for

use crate::build;
use crate::class::{Ambient, Class};
use crate::table::{self, FAMILIES};
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::{Command, Stdio};

/// What is to be reached, in percent, and in runs.
const DETECTED_MEAN_MIN: f64 = 98.0;
const DETECTED_WORST_MIN: f64 = 60.0;
const CAUSES_RIGHT_MIN: f64 = 95.0;
const RUNS_P95_AIM: u64 = 32;
const CONTROLS_MIN: usize = 144;

/// What `verify` said of one class.
struct Answer {
    verdict: String,
    dimensions: Vec<String>,
    runs: u64,
}

/// What it said of it in every trial.
struct Answers<'a> {
    class: &'a Class,
    all: Vec<Answer>,
}

/// Lets `verify` look at every class so many times.
///
/// # Panics
/// When it finds less than it must, blames what is not the cause, or a control.
pub(crate) fn judge(trials: u64) {
    let mut answers: BTreeMap<String, Vec<Answer>> = BTreeMap::new();
    for trial in 0..trials {
        verify(trial).into_iter().for_each(|(class, answer)| answers.entry(class).or_default().push(answer));
    }
    let mut of =
        |class: &'static Class| Answers { class, all: answers.remove(class.name).unwrap_or_default() };
    let all: Vec<Answers<'_>> = table::all().map(&mut of).collect();
    assert!(all.iter().all(|answers| answers.all.len() as u64 == trials), "a class was not looked at");
    Findings::of(&all).report(&all).check();
}

fn verify(trial: u64) -> Vec<(String, Answer)> {
    let manifest = build::tests().join("cases/nondeterminism/program/Cargo.toml");
    let mut command = Command::new(build::tool());
    command.args(["verify", "--ambient", "--message-format", "json", "--surroundings", &trial.to_string()]);
    command.arg("--manifest-path").arg(manifest).arg("--target-dir").arg(build::target());
    let output = command.stderr(Stdio::null()).output().expect("the tool runs");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("a message"));
    messages
        .filter(|message| message["reason"] == "orket-verify-result")
        .map(|message| answer(&message))
        .collect()
}

fn answer(message: &Value) -> (String, Answer) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let workload = text(&message["workload"]);
    let class = workload.rsplit('/').next().unwrap_or_default().to_owned();
    let dimensions = message["dimensions"].as_array().into_iter().flatten().map(text).collect();
    let runs = message["executions"].as_u64().unwrap_or_default();
    (class, Answer { verdict: text(&message["verdict"]), dimensions, runs })
}

impl Answer {
    fn differs(&self) -> bool {
        matches!(self.verdict.as_str(), "intrinsic" | "env" | "seed")
    }

    /// Whether it blames what is the cause.
    fn is_right(&self, cause: Ambient) -> bool {
        let by_itself = self.verdict == "intrinsic" || self.verdict == "seed";
        let among = |known: &[&str]| {
            self.verdict == "env"
                && self.dimensions.iter().all(|dimension| known.contains(&dimension.as_str()))
        };
        match cause {
            Ambient::Intrinsic => by_itself,
            Ambient::Dimensions(known) => among(known),
            Ambient::Either(known) => by_itself || among(known),
            Ambient::Still | Ambient::Never => false,
        }
    }
}

impl Answers<'_> {
    fn is_measured(&self) -> bool {
        !matches!(self.class.ambient, Ambient::Still | Ambient::Never)
    }

    fn detected(&self) -> impl Iterator<Item = &Answer> {
        self.all.iter().filter(|answer| answer.differs())
    }

    fn detected_percent(&self) -> f64 {
        percent(self.detected().count(), self.all.len())
    }
}

fn percent(part: usize, whole: usize) -> f64 {
    part as f64 * 100.0 / whole.max(1) as f64
}

/// All of it in numbers.
struct Findings {
    detected_mean: f64,
    worst: (&'static str, f64),
    controls: usize,
    false_alarms: usize,
    causes_right: f64,
    runs_p95: u64,
}

impl Findings {
    fn of(all: &[Answers<'_>]) -> Self {
        let measured: Vec<_> = all.iter().filter(|answers| answers.is_measured()).collect();
        let rates = measured.iter().map(|answers| (answers.class.name, answers.detected_percent()));
        let sum: f64 = rates.clone().map(|(_, rate)| rate).sum();
        let controls =
            || all.iter().filter(|answers| answers.class.is_control()).flat_map(|answers| &answers.all);
        let blamed = || {
            measured
                .iter()
                .flat_map(|answers| answers.detected().map(|answer| (answers.class.ambient, answer)))
        };
        let mut runs: Vec<u64> = blamed().map(|(_, answer)| answer.runs).collect();
        runs.sort_unstable();
        Self {
            detected_mean: sum / measured.len() as f64,
            worst: rates.min_by(|(_, a), (_, b)| a.total_cmp(b)).expect("there are classes"),
            controls: controls().count(),
            false_alarms: controls().filter(|answer| answer.differs()).count(),
            causes_right: percent(
                blamed().filter(|(cause, answer)| answer.is_right(*cause)).count(),
                runs.len(),
            ),
            runs_p95: runs[(runs.len() * 95).div_ceil(100) - 1],
        }
    }

    /// Prints the table, by family and then together.
    fn report(self, all: &[Answers<'_>]) -> Self {
        println!("  {:14}{:>9}{:>9}{:>10}{:>13}", "family", "classes", "measured", "detected", "cause right");
        for (family, classes) in FAMILIES {
            let of_family =
                |answers: &&Answers<'_>| classes.iter().any(|class| class.name == answers.class.name);
            let measured: Vec<_> =
                all.iter().filter(of_family).filter(|answers| answers.is_measured()).collect();
            let found: Vec<_> = measured
                .iter()
                .flat_map(|one| one.detected().map(|answer| (one.class.ambient, answer)))
                .collect();
            let looks: usize = measured.iter().map(|answers| answers.all.len()).sum();
            let right = found.iter().filter(|(cause, answer)| answer.is_right(*cause)).count();
            let (detected, right) = (percent(found.len(), looks), percent(right, found.len()));
            println!("  {family:14}{:>9}{:>9}{detected:>9.1}%{right:>12.1}%", classes.len(), measured.len());
        }
        for answers in all.iter().filter(|answers| answers.is_measured()) {
            let missed = answers.all.len() - answers.detected().count();
            let wrong: Vec<_> =
                answers.detected().filter(|answer| !answer.is_right(answers.class.ambient)).collect();
            let blamed: Vec<String> =
                wrong.iter().map(|answer| format!("{} {:?}", answer.verdict, answer.dimensions)).collect();
            if missed + wrong.len() > 0 {
                println!(
                    "  {}: missed {missed} times, blamed wrongly {} times: {}",
                    answers.class.name,
                    wrong.len(),
                    blamed.join(", ")
                );
            }
        }
        let Self { detected_mean, worst: (name, worst), controls, false_alarms, causes_right, runs_p95 } =
            &self;
        println!(
            "  detected {detected_mean:.1} % in the mean (aim {DETECTED_MEAN_MIN}), worst {name} {worst:.0} % (aim {DETECTED_WORST_MIN})"
        );
        println!("  false alarms {false_alarms} of {controls} looks at controls (aim 0)");
        println!(
            "  cause right {causes_right:.1} % (aim {CAUSES_RIGHT_MIN}), runs needed p95 {runs_p95} (aim {RUNS_P95_AIM})"
        );
        self
    }

    fn check(&self) {
        assert_eq!(self.false_alarms, 0);
        assert!(self.controls >= CONTROLS_MIN, "{} looks at controls", self.controls);
        assert!(
            self.detected_mean >= DETECTED_MEAN_MIN && self.worst.1 >= DETECTED_WORST_MIN,
            "too little is detected"
        );
        assert!(self.causes_right >= CAUSES_RIGHT_MIN, "too often another cause is blamed");
    }
}
