//! What the commands about packages and installed extensions are told.

use super::Selection;
use std::path::PathBuf;

/// See [`Command::Package`](super::Command::Package).
#[derive(Debug, clap::Args)]
pub(crate) struct PackageArgs {
    /// The package [default: ID-VERSION.ork in this folder]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) selection: Selection,
}
