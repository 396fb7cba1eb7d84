//! The commands and their own words.

use super::attest::{Attest, KeygenArgs, SignArgs};
use super::install::{InstallArgs, InstalledArgs, PackageArgs, UninstallArgs};
use super::new::{Add, NewArgs};
use super::runs::{DiffArgs, GraphArgs, ReportArgs, Runs};
use super::tools::{COMPLETIONS, CompletionsArgs, ConformanceArgs, DoctorArgs, ManArgs, SchemaArgs};
use super::{CiArgs, PolicyArgs, ReduceArgs, ReplayArgs, RunArgs, Selection, ServiceArgs, VerifyArgs};
use crate::completion;
use crate::lint::Layer;
use std::ffi::OsString;
use std::path::PathBuf;

/// What is to be done.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Create a crate for a new extension
    New(NewArgs),
    /// Add a workload, or a hook of one, to a crate
    #[command(subcommand)]
    Add(Add),
    /// Write the skeleton of a native extension from a manifest of before
    Migrate(MigrateArgs),
    /// Check an extension, or a manifest file, without running it
    #[command(visible_alias = "validate")]
    Check(CheckArgs),
    /// Find what breaks replay or isolation, before it runs
    Lint(LintArgs),
    /// Build an extension and seal its manifest
    #[command(visible_alias = "b")]
    Build(BuildArgs),
    /// Check, lint, build and verify with a locked Cargo.lock, and write every report
    Ci(CiArgs),
    /// Install an extension from a folder, a git repository or a package
    Install(InstallArgs),
    /// Show an installed extension, after checking that it is what was installed
    Show(InstalledArgs),
    /// Remove an installed extension; its runs stay
    Uninstall(UninstallArgs),
    /// Show what is configured, and where
    Config,
    /// Build an extension and pack it into one file
    Package(PackageArgs),
    /// Run a workload in the sandbox and record it
    #[command(visible_alias = "r")]
    Run(RunArgs),
    /// Run again what was recorded, and name the first difference
    Replay(ReplayArgs),
    /// Run recorded cases and fresh runs, and compare
    Verify(VerifyArgs),
    /// Make the input smaller with which a workload does not repeat
    Reduce(ReduceArgs),
    /// List the components that an extension is built from, as CycloneDX
    Sbom(SbomArgs),
    /// Make a pair of keys to sign runs with
    Keygen(KeygenArgs),
    /// Sign the record of a run
    Sign(SignArgs),
    /// What can be shown to others about a run
    #[command(subcommand)]
    Attest(Attest),
    /// Say where two recorded runs differ, first and in full
    Diff(DiffArgs),
    /// Draw the plan of a workload or of a recorded run
    Graph(GraphArgs),
    /// Show the manifest in a built program, without running it
    Inspect(InspectArgs),
    /// List extensions and their workloads, those here and those that are installed
    List(ListArgs),
    /// What concerns extensions as a whole
    #[command(subcommand, hide = true)]
    Extensions(Extensions),
    /// Run the tests of an extension
    #[command(visible_alias = "t")]
    Test(TestArgs),
    /// Show that extensions keep the contract, are governed and repeat
    Conformance(ConformanceArgs),
    /// Examine this machine: toolchain, kernel, sandbox, project
    Doctor(DoctorArgs),
    /// Write a recorded run as one page of HTML that needs nothing but a browser
    Report(ReportArgs),
    /// List, show and remove recorded runs
    #[command(subcommand)]
    Runs(Runs),
    /// Show what the attributes add to the sources of an extension, without building it
    Expand(ExpandArgs),
    /// Explain a code such as `capability.denied`
    Explain(ExplainArgs),
    /// Print the JSON Schema of a file, a message or an input
    Schema(SchemaArgs),
    /// Print the script that makes a shell complete `cargo orket`
    #[command(after_long_help = COMPLETIONS)]
    Completions(CompletionsArgs),
    /// Write the manual, a page for each command
    Man(ManArgs),
}

/// The long way to write some commands.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Extensions {
    /// List extensions and their workloads
    List(ListArgs),
}

/// See [`Command::Migrate`].
#[derive(Debug, clap::Args)]
pub(crate) struct MigrateArgs {
    /// The older manifest or its folder [default: this folder]
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,
    /// The folder of the new crate, which gives it its name [default: what the id comes to]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// The SDK: a checkout or folder, a git URL or a version
    #[arg(long, value_name = "PATH|URL|VERSION")]
    pub(crate) sdk: Option<String>,
}

/// See [`Command::Check`].
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct CheckArgs {
    /// A manifest file or the folder of one, instead of a Rust package
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<PathBuf>,
    /// Let warnings fail
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) services: ServiceArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Lint`].
#[derive(Debug, Default, clap::Args)]
pub(crate) struct LintArgs {
    /// Let warnings and missing layers fail; builds the program where it is not built
    #[arg(long)]
    pub(crate) strict: bool,
    /// Build the program where it is not built as it is now, and look at it
    #[arg(long)]
    pub(crate) build: bool,
    /// Leave a layer out
    #[arg(long, value_name = "LAYER")]
    pub(crate) without: Vec<Layer>,
    /// Apply the fixes that need no look
    #[arg(long)]
    pub(crate) fix: bool,
    /// Fix although there are changes that are not committed
    #[arg(long, requires = "fix")]
    pub(crate) allow_dirty: bool,
    /// Fix although no git repository has what is changed
    #[arg(long, requires = "fix")]
    pub(crate) allow_no_vcs: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Expand`].
#[derive(Debug, clap::Args)]
pub(crate) struct ExpandArgs {
    /// Show this workload alone, by its id or its function
    #[arg(long, value_name = "NAME", add = completion::workloads())]
    pub(crate) workload: Option<String>,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Build`].
#[derive(Debug, clap::Args)]
pub(crate) struct BuildArgs {
    /// Keep paths of the machine out of the program, build it again in another folder, and compare
    #[arg(long)]
    pub(crate) reproducible: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Sbom`].
#[derive(Debug, clap::Args)]
pub(crate) struct SbomArgs {
    /// The file to write [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Inspect`].
#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// The program
    #[arg(value_name = "ARTIFACT")]
    pub(crate) artifact: PathBuf,
    /// Print the manifest as canonical JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// See [`Command::List`].
#[derive(Debug, clap::Args)]
pub(crate) struct ListArgs {
    /// Only what is installed
    #[arg(long)]
    pub(crate) installed: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Test`].
#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    /// The names of the tests to run, and flags for them after `--`
    #[arg(value_name = "ARGS", last = true)]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Explain`].
#[derive(Debug, clap::Args)]
pub(crate) struct ExplainArgs {
    /// The code
    #[arg(value_name = "CODE", required_unless_present = "list", add = completion::codes())]
    pub(crate) code: Option<String>,
    /// List all codes
    #[arg(long)]
    pub(crate) list: bool,
}
