//! `runs show`: all that is known of one run, and whether its record is whole.

use super::list::status;
use crate::args::ShowArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::host::{Facts, Used, relative, resolve};
use crate::report::{Message, Report, ago, bytes};
use orket_contract::issue::Issue;
use orket_contract::result::Status;
use orket_engine::Asked;
use orket_engine::attest::ENVELOPE;
use orket_engine::capability::console::visible;
use orket_engine::runs::{RecordedRun, State};
use serde_json::Value;

/// How much of a value is shown.
const SHOWN_CHARS: usize = 400;

/// Shows a run; the exit is negative when its record is damaged.
pub(super) fn run(args: &ShowArgs, report: &Report) -> Result<Exit> {
    let folder = resolve(&args.run, &args.place, report)?;
    let run = RecordedRun::load(&folder)?;
    let mut damage = run.check();
    let facts = match run.recording() {
        Ok(recording) => Facts::of(&run, Some(&recording)),
        Err(error) => {
            damage.extend(error.issues());
            Facts::of(&run, None)
        }
    };
    report.text(&described(&run, &facts, damage.is_empty()));
    report.message(&Message::RunDetails { facts: &facts, damage: &damage });
    if damage.is_empty() { Ok(Exit::Ok) } else { Err(Error::Refused(damage)) }
}

fn described(run: &RecordedRun, facts: &Facts, whole: bool) -> String {
    let plan = &run.plan;
    let mut page = Page::default();
    page.lines.push(format!(
        "{} of {} {}",
        plan.workload,
        plan.extension.id,
        visible(&plan.extension.version)
    ));
    let state = if run.result.status == Status::Stop { State::Stop } else { State::Ok };
    page.fact("run", &visible(&run.name()));
    page.fact("folder", &relative(&run.folder).display().to_string());
    if let Some(facts) = &run.facts {
        page.fact("started", &format!("{} ({})", visible(&facts.started), ago(&facts.started)));
        page.fact("finished", &visible(&facts.finished));
        page.fact("claim", &visible(&facts.claim));
    }
    if run.folder.join(ENVELOPE).is_file() {
        page.fact("signature", &format!("{ENVELOPE}; `cargo orket attest verify` checks it"));
    }
    page.fact("status", status(state));
    page.fact("record", if whole { "whole: every digest was recomputed" } else { "DAMAGED, see below" });
    page.fact("seed", &plan.seed.to_string());
    page.fact("input", &shortened(&plan.input));
    page.list("capabilities", &facts.capabilities.iter().map(used).collect::<Vec<_>>());
    page.list("surroundings", &facts.surroundings.iter().map(asked).collect::<Vec<_>>());
    page.fact("events", &facts.events.to_string());
    let files = run.artifacts.files.iter();
    let files =
        files.map(|file| format!("{}  {}", visible(&file.path), bytes(file.size))).collect::<Vec<_>>();
    page.list("artifacts", &files);
    page.fact("output", &shortened(&Value::Object(run.result.output.clone())));
    if let Some(summary) = &run.summary {
        page.fact("summary", &shortened(&Value::Object(summary.clone())));
    }
    page.list("findings", &run.findings.iter().chain(&run.result.issues).map(found).collect::<Vec<_>>());
    page.fact("profile", &facts.profile.as_deref().map(visible).unwrap_or_default());
    page.list("lacks", &facts.lacks.iter().map(|name| visible(name)).collect::<Vec<_>>());
    page.list(
        "sandbox",
        &facts.sandbox.iter().map(|(layer, state)| visible(&format!("{layer}  {state}"))).collect::<Vec<_>>(),
    );
    page.list(
        "digests",
        &facts.digests.iter().map(|(name, digest)| format!("{name:<12}  {digest}")).collect::<Vec<_>>(),
    );
    page.fact("replay", &facts.replay);
    page.lines.join("\n")
}

fn used(capability: &Used) -> String {
    if capability.calls.is_empty() {
        return format!("{}  not used", visible(&capability.name));
    }
    let calls: Vec<_> = capability.calls.iter().map(|(op, count)| format!("{op} {count}")).collect();
    visible(&format!("{}  {}", capability.name, calls.join(", ")))
}

fn asked(asked: &Asked) -> String {
    let times = if asked.count == 1 { "once".to_owned() } else { format!("{} times", asked.count) };
    let place = asked.place.as_ref().map(|place| format!(", first at {place}"));
    visible(&format!("{}  {times}{}", asked.kind.name(), place.unwrap_or_default()))
}

fn found(issue: &Issue) -> String {
    visible(&issue.to_string())
}

fn shortened(value: &Value) -> String {
    let text = visible(&value.to_string());
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}… ({} in all)", &text[..end], bytes(text.len() as u64)),
        None => text,
    }
}

/// Names on the left, facts on the right.
#[derive(Default)]
struct Page {
    lines: Vec<String>,
}

impl Page {
    fn fact(&mut self, name: &str, fact: &str) {
        if !fact.is_empty() {
            self.lines.push(format!("  {name:<13} {}", fact.replace('\n', " ")));
        }
    }

    fn list(&mut self, name: &str, entries: &[String]) {
        for (at, entry) in entries.iter().enumerate() {
            self.fact(if at == 0 { name } else { "" }, entry);
        }
    }
}
