//! `verify --seeds`: many seeds, each run again and compared with itself.

mod pool;
mod state;

use super::pasted;
use crate::args::{Seeds, Share, VerifyArgs};
use crate::error::Result;
use crate::exit::Exit;
use crate::host::{self, Asked, Console};
use crate::report::{Message, Progress, Report, counted};
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use orket_engine::journal::Divergence;
use orket_engine::{ExtensionManager, Request};
use pool::{Places, Said};
use serde::{Deserialize, Serialize};
use serde_json::json;
use state::{Kept, State};
use std::ffi::OsString;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// How many findings a sweep collects, at most; then it ends.
const FINDINGS_MAX: usize = 1000;
/// How often the line that moves is written anew, at the least.
const BEAT: Duration = Duration::from_millis(250);

/// A seed that does not repeat, or whose run fails.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Finding {
    /// The workload.
    workload: String,
    /// The seed, as a decimal string.
    #[serde(with = "orket_contract::protocol::decimal")]
    seed: u64,
    /// The first difference between two runs.
    divergence: Option<Divergence>,
    /// Why its run failed.
    issues: Vec<Issue>,
    /// The line that shows it again.
    line: String,
}

/// What is swept.
struct Subject<'a> {
    /// `extension/workload`.
    name: String,
    share: Share,
    runs: u32,
    asked: Asked,
    lines: Vec<String>,
    args: &'a VerifyArgs,
}

impl Subject<'_> {
    fn request(&self, seed: u64) -> Request {
        let request = self.asked.silent(&self.name);
        Request { seed, console: Console::silent(&self.lines), ..request }
    }

    /// A finding of which nothing is known yet.
    fn finding(&self, seed: u64) -> Finding {
        Finding {
            workload: self.name.clone(),
            seed,
            divergence: None,
            issues: Vec::new(),
            line: self.line(seed),
        }
    }

    /// The line that shows what becomes of a seed: the words of this call, for that seed.
    fn line(&self, seed: u64) -> String {
        const ANEW: &[&str] = &["--seeds", "--partition", "--runs", "--message-format"];
        const FLAGS: &[&str] = &["--resume", "--no-fail-fast"];
        let mut words: Vec<OsString> = ["cargo", "orket", "verify", &self.name].map(OsString::from).to_vec();
        words.extend(pasted::said("verify", self.args.workload.as_deref(), ANEW, FLAGS));
        words.extend(["--seed".into(), seed.to_string().into()]);
        pasted::line(&words)
    }

    /// The digest of everything that what is found depends on.
    fn identity(&self, manager: &ExtensionManager) -> Result<Digest> {
        let (extension, _) = manager.find(&self.name)?;
        let asked = &self.asked;
        // Where the first seed does not come to a plan, each run says why, and there is nothing to tell apart.
        let first = (self.share.count() > 0).then(|| self.share.at(0));
        let plan = first.and_then(|seed| manager.plan(&self.request(seed)).ok());
        let all = json!([
            self.name,
            self.seeds(),
            self.partition(),
            self.runs,
            extension.build(),
            asked.input,
            asked.kv,
            asked.memory,
            self.lines,
            manager.policy(),
            format!("{:?}", manager.services()),
            plan.map(|plan| plan.materials_digest),
        ]);
        Ok(Digest::of(all.to_string().as_bytes()))
    }

    fn seeds(&self) -> String {
        self.args.sweep.seeds.map(|seeds| seeds.to_string()).unwrap_or_default()
    }

    fn partition(&self) -> String {
        self.args.sweep.partition.unwrap_or_default().to_string()
    }
}

/// Sweeps.
pub(super) fn run(args: &VerifyArgs, seeds: Seeds, report: &Report) -> Result<Exit> {
    let (asked, manager) = host::begin(&args.asked, args.workload.as_deref(), report)?;
    let (extension, workload) = manager.find(args.workload.as_deref().unwrap_or_default())?;
    let subject = Subject {
        name: format!("{}/{}", extension.manifest().id, workload.id),
        share: Share::new(seeds, args.sweep.partition.unwrap_or_default()),
        runs: args.runs.unwrap_or(2).max(2),
        lines: asked.script.lines()?,
        asked,
        args,
    };
    let kept = Kept::below(extension.store().dir(), subject.identity(&manager)?)?;
    let sweep = Sweep::begin(&subject, kept, report)?;
    sweep.carry_out(&manager)
}

/// A sweep under way.
struct Sweep<'a> {
    subject: &'a Subject<'a>,
    report: &'a Report,
    state: State,
    kept: Kept,
    /// How many were looked at before, and how many findings there were then.
    resumed: u64,
    known: usize,
    began: Instant,
}

impl<'a> Sweep<'a> {
    fn begin(subject: &'a Subject<'a>, kept: Kept, report: &'a Report) -> Result<Self> {
        let known = if subject.args.sweep.resume { kept.load()? } else { None };
        if subject.args.sweep.resume && known.is_none() {
            report.status("Beginning", "nothing of this sweep was interrupted");
        }
        let state = known.unwrap_or_default();
        let (resumed, known) = (state.done.count(), state.findings.len());
        let mut sweep = Self { subject, report, state, kept, resumed, known, began: Instant::now() };
        // From here on it can be resumed.
        sweep.kept.save(&sweep.state)?;
        if resumed > 0 {
            report.status("Resuming", &format!("after {}", counted(resumed, "seed")));
            sweep.state.findings.iter().for_each(|finding| tell(finding, report));
        }
        Ok(sweep)
    }

    fn carry_out(mut self, manager: &ExtensionManager) -> Result<Exit> {
        let subject = self.subject;
        let (done, count) = (self.state.done.clone(), subject.share.count());
        let gap = |from: u64| Some(done.gap(from)).filter(|place| *place < count);
        let places = Places::new(std::iter::successors(gap(0), |last| gap(last + 1)));
        let (said, heard) = channel();
        let progress = self.report.progress("Verifying", &self.shown());
        let swept = std::thread::scope(|scope| {
            for _ in 0..self.jobs() {
                let (said, places) = (said.clone(), &places);
                scope.spawn(move || pool::work(manager, subject, places, &said));
            }
            drop(said);
            let swept = loop {
                match heard.recv_timeout(BEAT) {
                    Ok(said) => match self.hear(said, &progress) {
                        Ok(true) => {}
                        Ok(false) => places.close(),
                        Err(error) => break Err(error),
                    },
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => break Ok(()),
                }
                progress.say(|| self.shown());
            };
            places.close();
            drop(heard);
            swept
        });
        drop(progress);
        if manager.interrupt().fired() {
            // Whoever interrupted it ends this process, too.
            self.kept.save(&self.state)?;
            std::thread::sleep(Duration::from_secs(1));
            return Ok(Exit::Interrupted);
        }
        swept?;
        self.end()
    }

    /// Takes what a worker says; whether the sweep goes on.
    fn hear(&mut self, said: Said, progress: &Progress) -> Result<bool> {
        match said {
            Said::Without(why) => {
                progress.aside(|| self.report.warn(&format!("each run is started by itself: {why}")));
                return Ok(true);
            }
            Said::Failed(error) => return Err(error),
            Said::Looked(place, found) => {
                self.state.done.insert(place);
                if let Some(finding) = found {
                    progress.aside(|| tell(&finding, self.report));
                    self.state.findings.push(finding);
                }
            }
        }
        self.kept.save_in_time(&self.state)?;
        let found = self.state.findings.len();
        let bears = self.subject.args.sweep.no_fail_fast && found < FINDINGS_MAX;
        Ok(bears || found == self.known)
    }

    /// How many workers there are: as many as cargo's jobs, else as cores.
    fn jobs(&self) -> usize {
        let asked = self.subject.args.asked.selection.compilation.jobs.as_ref();
        let asked = asked.and_then(|jobs| jobs.to_str()?.parse().ok()).filter(|jobs| *jobs > 0);
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let left = self.subject.share.count() - self.resumed;
        asked.unwrap_or_else(cores).min(usize::try_from(left).unwrap_or(usize::MAX))
    }

    fn shown(&self) -> String {
        let (done, count) = (self.state.done.count(), self.subject.share.count());
        let rate = (done - self.resumed) as f64 / self.began.elapsed().as_secs_f64().max(0.001);
        let first = self.state.findings.iter().map(|finding| finding.seed).min();
        let first = first.map(|seed| format!(", first at seed {seed}")).unwrap_or_default();
        format!(
            "{}: {done} of {}, {rate:.0} per second, {} found{first}",
            self.subject.name,
            counted(count, "seed"),
            self.state.findings.len(),
        )
    }

    /// What it came to. Only what was not looked at can be resumed.
    fn end(mut self) -> Result<Exit> {
        let (subject, report) = (self.subject, self.report);
        let (done, count) = (self.state.done.count(), subject.share.count());
        match done == count {
            true => self.kept.forget()?,
            false => self.kept.save(&self.state)?,
        }
        let differ = self.state.findings.iter().filter(|finding| finding.divergence.is_some()).count();
        let fail = self.state.findings.len() - differ;
        let verb = match self.state.findings.len() {
            0 => "Repeats",
            _ => "Differs",
        };
        let of = if done == count { String::new() } else { format!(" of {count}") };
        let found =
            if differ + fail == 0 { String::new() } else { format!(": {differ} differ, {fail} fail") };
        let runs = format!("{} each", counted(subject.runs, "run"));
        report.status(verb, &format!("{} with {done}{of} seeds in {runs}{found}", subject.name));
        report.message(&Message::Sweep {
            workload: &subject.name,
            seeds: &subject.seeds(),
            partition: &subject.partition(),
            runs: subject.runs,
            count,
            done,
            resumed: self.resumed,
            differ,
            fail,
        });
        Ok(if differ + fail == 0 { Exit::Ok } else { Exit::Negative })
    }
}

/// Tells of a seed, with the line that shows it again.
fn tell(finding: &Finding, report: &Report) {
    let about =
        |issue: Issue| Issue { message: format!("seed {}: {}", finding.seed, issue.message), ..issue };
    let hint = format!("`{}` shows it again", finding.line);
    match &finding.divergence {
        Some(divergence) => report.issue(&about(divergence.issue()).with_hint(hint)),
        None => finding.issues.iter().for_each(|issue| report.issue(&about(issue.clone()).with_hint(&hint))),
    }
    report.message(&Message::Seed(finding));
}
