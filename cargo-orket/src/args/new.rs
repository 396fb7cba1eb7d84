//! What `new` and `add` are told.

use super::Selection;
use crate::addition::Phase;
use crate::completion;
use crate::template::Given;
use std::path::PathBuf;

/// See [`Command::New`](super::Command::New).
#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    /// The name of the crate, or the path of its folder
    #[arg(value_name = "NAME|PATH", required_unless_present = "list")]
    pub(crate) path: Option<PathBuf>,
    /// What to start from
    #[arg(short, long, value_name = "NAME", default_value = "workload", add = completion::templates())]
    pub(crate) template: String,
    /// Start from a template in a git repository, of which nothing is run
    #[arg(long, value_name = "URL", conflicts_with = "template", help_heading = "Templates of others")]
    pub(crate) git: Option<String>,
    /// The tag or commit of the repository [default: what it offers]
    #[arg(long, value_name = "REV", requires = "git", help_heading = "Templates of others")]
    pub(crate) rev: Option<String>,
    /// The branch of the repository
    #[arg(long, value_name = "NAME", requires = "git", conflicts_with = "rev")]
    #[arg(help_heading = "Templates of others")]
    pub(crate) branch: Option<String>,
    /// The folder of the template in the repository
    #[arg(long, value_name = "PATH", requires = "git", help_heading = "Templates of others")]
    pub(crate) subfolder: Option<String>,
    /// A value that the template asks for; `--list` shows them
    #[arg(short, long, value_name = "NAME=VALUE", help_heading = "Values")]
    pub(crate) define: Vec<Given>,
    /// A file of values, TOML or JSON; `--define` goes before it
    #[arg(long, value_name = "FILE", help_heading = "Values")]
    pub(crate) values: Option<PathBuf>,
    /// Ask nobody, even at a terminal: a value that is missing is an error
    #[arg(long, help_heading = "Values")]
    pub(crate) no_input: bool,
    /// The SDK: a checkout or folder, a git URL or a version
    #[arg(long, value_name = "PATH|URL|VERSION")]
    pub(crate) sdk: Option<String>,
    /// The edition of the crate
    #[arg(long, value_name = "YEAR", default_value = "2024", value_parser = ["2018", "2021", "2024"])]
    pub(crate) edition: String,
    /// Whether to start a git repository where there is none yet
    #[arg(long, value_name = "VCS", default_value = "git")]
    pub(crate) vcs: Vcs,
    /// For whose CI to write a workflow [default: github; none with --git]
    #[arg(long, value_name = "WHOSE")]
    pub(crate) ci: Option<Ci>,
    /// List the templates and their values
    #[arg(long)]
    pub(crate) list: bool,
}

/// What can be added to a crate.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Add {
    /// Add a workload, in a file of its own
    Workload(AddWorkloadArgs),
    /// Add a hook: a function that a workload is asked before or after its run
    Hook(AddHookArgs),
}

/// See [`Add::Workload`].
#[derive(Debug, clap::Args)]
pub(crate) struct AddWorkloadArgs {
    /// Its id, which its function and its file are called, too
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Add::Hook`].
#[derive(Debug, clap::Args)]
pub(crate) struct AddHookArgs {
    /// The name of its function and its file
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// When it is asked
    #[arg(long, value_name = "PHASE")]
    pub(crate) at: Phase,
    /// Whose hook it is [default: the only workload]
    #[arg(long, value_name = "ID", add = completion::workloads())]
    pub(crate) workload: Option<String>,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// Version control for a new crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Vcs {
    /// A git repository, unless the crate lies in one.
    Git,
    /// None.
    None,
}

/// Who checks a new crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Ci {
    /// GitHub Actions.
    Github,
    /// GitLab CI.
    Gitlab,
    /// Nobody.
    None,
}
