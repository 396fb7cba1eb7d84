//! The messages for machines: one JSON object per line, told apart by `reason` as cargo's are.
//!
//! Invariant: fields are added, never renamed or removed, within one `schema` number.

use crate::command::Finding;
use crate::conformance::Check;
use crate::difference::Difference;
use crate::doctor::Line;
use crate::exit::Exit;
use crate::host::Facts;
use crate::lint::Layer;
use crate::reproduce::Proof;
use crate::template::Declared;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use orket_contract::manifest::Manifest;
use orket_engine::attest::{Pair, Signed, Verdict};
use orket_engine::catalog::Installed;
use orket_engine::journal::Divergence;
use orket_engine::loader;
use orket_engine::package::Checked;
use orket_engine::registry::Published;
use orket_engine::runs::{Listed, Pruned};
use orket_engine::sandbox::{Attempt, Showing};
use orket_engine::source::SourcePolicy;
use orket_engine::surroundings::{Dimension, Surroundings};
use orket_engine::verification::{Claim, Draw};
use orket_engine::{Event, Plan};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The version of the messages' shape, named in every summary.
pub(crate) const SCHEMA: u32 = 1;

/// What `verify` has to say besides whether something repeats.
#[derive(Debug, Serialize)]
pub(crate) struct Answer<'a> {
    /// Whether the runs had no sandbox.
    pub(crate) ambient: bool,
    /// The answer.
    pub(crate) verdict: orket_engine::verification::Verdict,
    /// What the runs have proven.
    pub(crate) claim: Claim,
    /// What makes runs repeat and was not there: the claim is lower for it.
    pub(crate) lacks: &'a [String],
    /// How many runs it took, those for the cause included.
    pub(crate) executions: u32,
    /// What it depends on: each is needed with the others of its set, and each set is enough.
    pub(crate) causes: &'a [Vec<Dimension>],
    /// Whether the search for causes came to its end.
    pub(crate) whole: bool,
    /// All of these.
    pub(crate) dimensions: Vec<Dimension>,
    /// The least surroundings in which it differs.
    pub(crate) surroundings: &'a Surroundings,
    /// What makes it repeat, each by itself, where it differs by itself.
    pub(crate) steadied_by: &'a [Dimension],
    /// What was drawn that decides, where it repeats for one seed.
    pub(crate) draws: &'a [Draw],
    /// Why it was refused or came to no answer.
    pub(crate) issue: Option<&'a Issue>,
    /// In which surroundings it was run before a cause was looked for.
    pub(crate) tried: &'a [Surroundings],
    /// The line that shows the same again.
    pub(crate) reproduce: &'a str,
}

/// One message.
#[derive(Debug, Serialize)]
#[serde(tag = "reason")]
pub(crate) enum Message<'a> {
    /// A finding, with its code and place.
    #[serde(rename = "orket-issue")]
    Issue(&'a Issue),
    /// A diagnostic in the form in which cargo passes on rustc's, for editors.
    #[serde(rename = "compiler-message")]
    Compiler(&'a serde_json::Value),
    /// The command line asks for something that cannot be.
    #[serde(rename = "orket-usage")]
    Usage {
        /// What is wrong with it.
        message: &'a str,
    },
    /// A crate was created.
    #[serde(rename = "orket-created")]
    Created {
        /// Its name.
        name: &'a str,
        /// Its folder.
        path: &'a Path,
        /// The template that it came from.
        template: &'a str,
        /// The SDK that it depends on: a path, URL or version.
        sdk: &'a str,
    },
    /// Something was added to a crate.
    #[serde(rename = "orket-added")]
    Added {
        /// What it is: a workload or a hook.
        kind: &'a str,
        /// Its name.
        name: &'a str,
        /// The files that were made or changed.
        files: &'a [PathBuf],
    },
    /// An extension was built and its manifest read back.
    #[serde(rename = "orket-artifact")]
    Artifact {
        /// The package.
        package: &'a str,
        /// The program.
        artifact: &'a Path,
        /// The sealed manifest beside it, where one was written.
        sealed: Option<&'a Path>,
        /// What the program claims to be.
        manifest: &'a Manifest,
    },
    /// An extension was installed, is installed, or was removed.
    #[serde(rename = "orket-installed")]
    Installed {
        /// What it is.
        #[serde(flatten)]
        extension: &'a Installed,
        /// Whether it is there now.
        present: bool,
        /// Where its runs are kept.
        state: &'a Path,
    },
    /// What is configured.
    #[serde(rename = "orket-config")]
    Config {
        /// Where it is set.
        path: &'a Path,
        /// What sources are allowed to be.
        source: &'a SourcePolicy,
    },
    /// An extension was packed.
    #[serde(rename = "orket-packed")]
    Packed {
        /// The package.
        path: &'a Path,
        /// Its digest and what it holds.
        #[serde(flatten)]
        package: &'a Checked,
    },
    /// The program of a recorded run or case was built once more.
    #[serde(rename = "orket-rebuilt")]
    Rebuilt {
        /// The folder of the run or case.
        folder: &'a Path,
        /// The digest of the program that it names.
        recorded: Digest,
        /// The digest of what was built in another folder.
        rebuilt: Digest,
        /// Whether they are the same, and nothing stands against it.
        same: bool,
    },
    /// An extension was built once more in another folder.
    #[serde(rename = "orket-reproduced")]
    Reproduced {
        /// The package.
        package: &'a str,
        /// Whether both programs are the same bytes.
        holds: bool,
        /// The digests, the sections that differ, and why.
        #[serde(flatten)]
        proof: &'a Proof,
    },
    /// The components that an extension is built from.
    #[serde(rename = "orket-sbom")]
    Sbom {
        /// The package.
        package: &'a str,
        /// The target that it is described for.
        target: &'a str,
        /// The CycloneDX document.
        document: &'a serde_json::Value,
    },
    /// The manifest in a program.
    #[serde(rename = "orket-manifest")]
    Manifest {
        /// The program or file.
        path: &'a Path,
        /// The digest of the program's bytes.
        #[serde(skip_serializing_if = "Option::is_none")]
        build: Option<&'a str>,
        /// What in the program goes past its libraries, where it was looked at.
        #[serde(skip_serializing_if = "<[loader::Finding]>::is_empty")]
        instructions: &'a [loader::Finding],
        /// What it claims to be.
        manifest: &'a Manifest,
    },
    /// An extension was found.
    #[serde(rename = "orket-extension")]
    Extension {
        /// Its id.
        id: &'a str,
        /// Its version.
        version: &'a str,
        /// The package.
        package: &'a str,
        /// The root of its project.
        root: &'a Path,
        /// The ids of its workloads.
        workloads: Vec<&'a str>,
    },
    /// A page about a code.
    #[serde(rename = "orket-code")]
    Code {
        /// The code.
        code: &'a str,
        /// What it means.
        summary: &'a str,
        /// Its page, as Markdown.
        #[serde(skip_serializing_if = "Option::is_none")]
        page: Option<&'a str>,
    },
    /// A template for `new`.
    #[serde(rename = "orket-template")]
    Template {
        /// Its name.
        name: &'a str,
        /// What it is for.
        summary: &'a str,
        /// The values that it asks for, by name.
        values: &'a BTreeMap<String, Declared>,
    },
    /// What a run would do and be allowed.
    #[serde(rename = "orket-plan")]
    Plan {
        /// The digest of the whole plan.
        digest: String,
        /// The plan.
        plan: &'a Plan,
    },
    /// Something happened during a run.
    #[serde(rename = "orket-event")]
    Event(&'a Event),
    /// Text of a run's console.
    #[serde(rename = "orket-console")]
    Console {
        /// The text.
        text: &'a str,
    },
    /// A run was published.
    #[serde(rename = "orket-run-finished")]
    RunFinished {
        /// The line that replays it.
        replay: &'a str,
        /// The run.
        run: &'a Published,
    },
    /// Whether a run or case repeats.
    #[serde(rename = "orket-verify-result")]
    Verified {
        /// The workload.
        workload: &'a str,
        /// The case; none for a run, or where nothing is recorded.
        case: Option<&'a str>,
        /// How often it was run.
        runs: u32,
        /// Whether all runs agreed.
        repeats: bool,
        /// The first difference.
        divergence: Option<&'a Divergence>,
        /// What `verify` found out besides.
        #[serde(flatten)]
        found: Option<&'a Answer<'a>>,
    },
    /// A seed of a sweep whose runs do not agree, or fail.
    #[serde(rename = "orket-seed")]
    Seed(&'a Finding),
    /// What a sweep over seeds came to.
    #[serde(rename = "orket-sweep")]
    Sweep {
        /// The workload.
        workload: &'a str,
        /// The seeds, such as `0..100`.
        seeds: &'a str,
        /// Which part of them.
        partition: &'a str,
        /// How often each was run.
        runs: u32,
        /// How many there are in the part.
        count: u64,
        /// How many of them were looked at, now and before an interruption.
        done: u64,
        /// How many of them were looked at before an interruption.
        resumed: u64,
        /// How many did not agree with themselves.
        differ: usize,
        /// How many failed.
        fail: usize,
    },
    /// What a workload does not repeat with was made smaller.
    #[serde(rename = "orket-reduced")]
    Reduced {
        /// The workload.
        workload: &'a str,
        /// The folder of what is left.
        path: &'a Path,
        /// How many bytes it had.
        before: usize,
        /// How many it has.
        after: usize,
        /// How many smaller ones were tried.
        attempts: usize,
        /// The line that shows the difference with it.
        reproduce: &'a str,
    },
    /// A pair of keys was made.
    #[serde(rename = "orket-key")]
    Key(&'a Pair),
    /// A run was signed.
    #[serde(rename = "orket-signed")]
    Signed(&'a Signed),
    /// The record of a run was checked, and nothing stands against it.
    #[serde(rename = "orket-attestation")]
    Attestation {
        /// The folder of the run.
        path: &'a Path,
        /// What was checked, what was not, and who signed.
        #[serde(flatten)]
        verdict: &'a Verdict,
    },
    /// A recorded run was written as a page.
    #[serde(rename = "orket-report")]
    Page {
        /// The name of the run.
        run: &'a str,
        /// The page; `-` when it was asked for on stdout, where it is left out in favour of messages.
        path: &'a Path,
        /// Its size.
        bytes: usize,
    },
    /// A plan, drawn.
    #[serde(rename = "orket-graph")]
    Graph {
        /// `mermaid` or `svg`.
        format: &'a str,
        /// The text of the drawing.
        drawing: &'a str,
    },
    /// Where two recorded runs differ.
    #[serde(rename = "orket-diff")]
    Diff(&'a Difference),
    /// A case was recorded.
    #[serde(rename = "orket-case")]
    Case {
        /// The workload.
        workload: &'a str,
        /// The case.
        case: &'a str,
        /// Its folder.
        path: &'a Path,
    },
    /// A recorded run.
    #[serde(rename = "orket-run")]
    Run(&'a Listed),
    /// All that is known of a recorded run.
    #[serde(rename = "orket-run-details")]
    RunDetails {
        /// The run.
        #[serde(flatten)]
        facts: &'a Facts,
        /// What of its record is not what its digests say.
        damage: &'a [Issue],
    },
    /// Recorded runs were removed.
    #[serde(rename = "orket-pruned")]
    Pruned {
        /// Where they lay.
        store: &'a Path,
        /// Whether they are in fact still there.
        dry_run: bool,
        /// What was removed.
        #[serde(flatten)]
        pruned: &'a Pruned,
    },
    /// What the lint looked at.
    #[serde(rename = "orket-lint-finished")]
    LintFinished {
        /// How many findings there are that nobody has accepted.
        findings: usize,
        /// The packages.
        packages: Vec<&'a str>,
        /// How many an author has accepted with a reason.
        accepted: usize,
        /// The layers that looked at everything.
        layers: &'a [Layer],
        /// The layers that did not.
        missing: Vec<Layer>,
        /// Whether all code was compiled and no layer is missing.
        complete: bool,
    },
    /// What a check of `conformance` came to.
    #[serde(rename = "orket-conformance")]
    Conformance(&'a Check),
    /// A JSON Schema.
    #[serde(rename = "orket-schema")]
    Schema {
        /// Its name, or the workload's.
        name: &'a str,
        /// The schema.
        schema: &'a serde_json::Value,
    },
    /// Text that a command was asked to print, such as a script.
    #[serde(rename = "orket-text")]
    Text {
        /// The text.
        text: &'a str,
    },
    /// A file was written.
    #[serde(rename = "orket-written")]
    Written {
        /// The file.
        path: &'a Path,
    },
    /// Something that `doctor` looked at.
    #[serde(rename = "orket-examined")]
    Examined(&'a Line),
    /// What a trial guest tried, in the sandbox and outside.
    #[serde(rename = "orket-attempt")]
    Attempt {
        /// The attempt.
        #[serde(flatten)]
        attempt: &'a Attempt,
        /// What it shows of its layer.
        shows: Showing,
    },
    /// Always the last one.
    #[serde(rename = "orket-summary")]
    Summary {
        /// See [`SCHEMA`].
        schema: u32,
        /// The exit code of the process.
        exit: u8,
        /// Whether that is 0.
        success: bool,
    },
}

impl Message<'_> {
    /// The last message of a process that ends so.
    pub(crate) fn summary(exit: Exit) -> Self {
        Self::Summary { schema: SCHEMA, exit: exit.number(), success: exit == Exit::Ok }
    }
}
