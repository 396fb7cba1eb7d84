//! A recorded run as one page of HTML that needs nothing but a browser.
//!
//! Invariants: the page loads nothing and its policy forbids it to; every text of a run is foreign, so it
//! is cut, made visible and escaped by the template; a picture or sound is embedded only when its own
//! bytes say that it is one. Equal folders give equal pages, to the byte.

mod events;
mod files;
mod logs;
mod parting;
mod proof;
mod words;

use crate::difference;
use crate::error::Result;
use crate::graph::{self, Drawing};
use crate::host::Facts;
use base64ct::{Base64, Encoding};
use events::{Console, Timeline};
use files::Files;
use logs::Logs;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Value, context};
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use orket_contract::{ORKET_VERSION, result::Status};
use orket_engine::runs::RecordedRun;
use parting::Parting;
use proof::Proof;
use serde::Serialize;
use std::time::Duration;
use words::{Cut, cut, plain, pretty};

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What of the output is shown, in bytes.
const OUTPUT_BYTES: usize = 64 << 10;

/// The page of a run; with another run also where that one parts from it.
///
/// # Errors
/// `run.damaged` or `transcript.damaged` when the two cannot be compared. A damaged run alone still has a
/// page, which says so.
pub(crate) fn render(run: &RecordedRun, other: Option<&RecordedRun>) -> Result<String> {
    let mut damage = run.check();
    let recording = run.recording().map_err(|error| damage.extend(error.issues())).ok();
    let parting = other.map(|other| Parting::between(run, other)).transpose()?;
    let style = format!("{STYLE}{}", graph::STYLE);
    let context = context! {
        style => Value::from_safe_string(style.clone()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        policy => policy(&style),
        version => ORKET_VERSION,
        head => of(Head::of(run, &damage)),
        damage => of(damage.iter().map(told).collect::<Vec<_>>()),
        output => of(Outcome::of(run)),
        timeline => of(recording.as_ref().map(Timeline::of)),
        console => of(recording.as_ref().map(Console::of)),
        files => of(Files::of(run)),
        drawing => Value::from_safe_string(graph::svg(&Drawing::of_run(run), false)),
        proof => of(Proof::of(run, &Facts::of(run, recording.as_ref()))),
        logs => of(Logs::of(run)),
        parting => of(parting),
    };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_syntax(
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().expect("it is sound"),
    );
    let template = environment.template_from_str(TEMPLATE).expect("the template is fixed");
    Ok(template.render(context).expect("the template fits its context"))
}

/// A value for the template, which escapes every text in it.
fn of<T: Serialize>(value: T) -> Value {
    Value::from(Serde(value))
}

/// Nothing is loaded and nothing runs but this style and this script.
fn policy(style: &str) -> String {
    let hash = |text: &str| format!("'sha256-{}'", Base64::encode_string(&Digest::of(text.as_bytes()).0));
    format!(
        "default-src 'none'; style-src {}; script-src {}; img-src data:; media-src data:; base-uri 'none'; form-action 'none'",
        hash(style),
        hash(SCRIPT)
    )
}

/// What a reader wants to know first.
#[derive(Serialize)]
struct Head {
    name: String,
    workload: String,
    extension: String,
    status: &'static str,
    whole: bool,
    facts: Vec<(&'static str, String)>,
    replay: String,
}

impl Head {
    fn of(run: &RecordedRun, damage: &[Issue]) -> Self {
        let (plan, name) = (&run.plan, plain(&run.name()));
        let mut facts = vec![("seed", plan.seed.to_string())];
        if let Some(times) = &run.facts {
            facts.push(("started", plain(&times.started)));
            facts.extend(took(&times.started, &times.finished).map(|took| ("took", took)));
            facts.push(("claim", plain(&times.claim)));
        } else {
            facts.push(("kind", "a recorded case".to_owned()));
        }
        facts.push(("events", run.heads.count.to_string()));
        facts.push(("artifacts", run.artifacts.files.len().to_string()));
        Self {
            workload: plan.workload.to_string(),
            extension: plain(&format!("{} {}", plan.extension.id, plan.extension.version)),
            status: match run.result.status {
                Status::Ok => "ok",
                Status::Stop => "stopped",
                Status::Error => "error",
            },
            whole: damage.is_empty(),
            facts,
            replay: format!("cargo orket replay {}/{name}", plan.workload),
            name,
        }
    }
}

/// How long it was from one time to another.
fn took(from: &str, to: &str) -> Option<String> {
    let (from, to) = (humantime::parse_rfc3339(from).ok()?, humantime::parse_rfc3339(to).ok()?);
    let took: Duration = to.duration_since(from).ok()?;
    Some(if took.is_zero() {
        "under a second".to_owned()
    } else {
        humantime::format_duration(took).to_string()
    })
}

/// What came of it.
#[derive(Serialize)]
struct Outcome {
    output: Cut,
    summary: Option<Cut>,
    issues: Vec<String>,
    input: Cut,
}

impl Outcome {
    fn of(run: &RecordedRun) -> Self {
        let object = |entries: &serde_json::Map<String, serde_json::Value>| {
            pretty(&entries.clone().into(), OUTPUT_BYTES)
        };
        Self {
            output: object(&run.result.output),
            summary: run.summary.as_ref().map(object),
            issues: run.findings.iter().chain(&run.result.issues).take(200).map(told).collect(),
            input: pretty(&run.plan.input, OUTPUT_BYTES),
        }
    }
}

fn told(issue: &Issue) -> String {
    cut(&issue.to_string(), 2_000).text
}

/// Two runs, for the part of the page that compares them.
fn compared(left: &RecordedRun, right: &RecordedRun, limit: usize) -> Result<difference::Difference> {
    difference::between(left, right, limit)
}
