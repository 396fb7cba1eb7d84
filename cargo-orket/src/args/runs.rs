//! What the commands that look at recorded runs are told.

use super::{PolicyArgs, RequestArgs, Selection};
use crate::completion;
use std::path::PathBuf;
use std::time::Duration;

/// What is to be done with recorded runs.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Runs {
    /// List recorded runs, newest first
    List(ListRunsArgs),
    /// Show all that is known of a run, and whether its record is whole
    Show(ShowArgs),
    /// Remove recorded runs that are no longer wanted
    Prune(PruneArgs),
}

/// Where recorded runs lie.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct PlaceArgs {
    /// The folder of the runs and what belongs to them [default: .orket of the extensions here]
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    /// The runs of installed extensions, instead of those of the extensions here
    #[arg(long, conflicts_with = "store")]
    pub(crate) installed: bool,
    #[command(flatten)]
    manifest: clap_cargo::Manifest,
    #[command(flatten)]
    workspace: clap_cargo::Workspace,
}

impl PlaceArgs {
    /// The places of a command that has a whole selection.
    pub(crate) fn of(store: Option<PathBuf>, selection: &Selection) -> Self {
        let Selection { manifest, workspace, .. } = selection.clone();
        Self { store, installed: false, manifest, workspace }
    }

    /// The extensions that are meant.
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            manifest: self.manifest.clone(),
            workspace: self.workspace.clone(),
            ..Selection::default()
        }
    }
}

/// See [`Runs::List`].
#[derive(Debug, clap::Args)]
pub(crate) struct ListRunsArgs {
    /// Only the runs of this workload
    #[arg(value_name = "WORKLOAD", add = completion::workloads())]
    pub(crate) workload: Option<String>,
    /// At most so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// See [`Runs::Show`].
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// A run or case: its folder, a file in it, its name or the beginning of it, or `latest`
    #[arg(value_name = "RUN", add = completion::recorded())]
    pub(crate) run: PathBuf,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// See [`Runs::Prune`].
#[derive(Debug, clap::Args)]
#[group(id = "what", required = true, multiple = true, args = ["keep", "older_than"])]
pub(crate) struct PruneArgs {
    /// Keep the N newest runs of each workload
    #[arg(long, value_name = "N")]
    pub(crate) keep: Option<usize>,
    /// Keep what started within this time, such as 30d or 12h
    #[arg(long, value_name = "AGE", value_parser = humantime::parse_duration)]
    pub(crate) older_than: Option<Duration>,
    /// Only the runs of this workload
    #[arg(long, value_name = "WORKLOAD", add = completion::workloads())]
    pub(crate) workload: Option<String>,
    /// Say what would be removed, and remove nothing
    #[arg(short = 'n', long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// See [`Command::Diff`](super::Command::Diff).
#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// A run or case: its folder, a file in it, its name or the beginning of it, or `latest`
    #[arg(value_name = "RUN", add = completion::recorded())]
    pub(crate) left: PathBuf,
    /// Another one
    #[arg(value_name = "RUN", add = completion::recorded())]
    pub(crate) right: PathBuf,
    /// At most so many differences of each part
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) limit: usize,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// See [`Command::Graph`](super::Command::Graph).
#[derive(Debug, clap::Args)]
pub(crate) struct GraphArgs {
    /// A workload, which is planned and not run; or a recorded run or case
    #[arg(value_name = "WORKLOAD|RUN", add = completion::workloads())]
    pub(crate) subject: PathBuf,
    /// The form of the drawing
    #[arg(long, value_name = "FORMAT", default_value = "mermaid")]
    pub(crate) format: GraphFormat,
    /// The file of the drawing; `-` is standard output
    #[arg(short, long, value_name = "FILE|-", default_value = "-")]
    pub(crate) output: PathBuf,
    /// The folder of the runs and what belongs to them [default: .orket of the extensions here]
    #[arg(long, value_name = "DIR")]
    pub(crate) store: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) request: RequestArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// The form of a drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum GraphFormat {
    /// Text that Mermaid draws, for Markdown.
    Mermaid,
    /// A picture.
    Svg,
}

/// See [`Command::Report`](super::Command::Report).
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// A run or case: its folder, a file in it, its name or the beginning of it, or `latest`
    #[arg(value_name = "RUN", add = completion::recorded())]
    pub(crate) run: PathBuf,
    /// The page; `-` is standard output [default: the name of the run with .html]
    #[arg(short, long, value_name = "FILE|-")]
    pub(crate) output: Option<PathBuf>,
    /// Show where this run or case parts from it
    #[arg(long, value_name = "RUN", add = completion::recorded())]
    pub(crate) compare: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}
