//! What `ci` is told.

use super::{PolicyArgs, Selection, ServiceArgs};
use std::path::PathBuf;

/// See [`Command::Ci`](super::Command::Ci).
#[derive(Debug, clap::Args)]
pub(crate) struct CiArgs {
    /// The folder for the reports [default: orket-reports in the target folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) reports: Option<PathBuf>,
    /// Let warnings fail
    #[arg(long)]
    pub(crate) strict: bool,
    /// How often each case is run
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) runs: Option<u32>,
    #[command(flatten)]
    pub(crate) services: ServiceArgs,
    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
    #[command(flatten)]
    pub(crate) selection: Selection,
}
