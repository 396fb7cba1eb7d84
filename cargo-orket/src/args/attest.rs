//! What `keygen`, `sign` and `attest verify` are told.

use super::PlaceArgs;
use std::path::PathBuf;

/// What can be shown to others.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Attest {
    /// Recompute every digest of a run from its bytes, and check who signed it
    Verify(AttestVerifyArgs),
}

/// See [`Command::Keygen`](super::Command::Keygen).
#[derive(Debug, clap::Args)]
pub(crate) struct KeygenArgs {
    /// Where to write the pair: NAME.key, which is private, and NAME.pub
    #[arg(long, value_name = "NAME", default_value = "orket")]
    pub(crate) out: PathBuf,
    /// Replace a pair that is there; what was signed with it can then be signed by nobody
    #[arg(long)]
    pub(crate) replace: bool,
}

/// See [`Command::Sign`](super::Command::Sign).
#[derive(Debug, clap::Args)]
pub(crate) struct SignArgs {
    /// A run: its folder, a file in it, its name or the beginning of it, or `latest`
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// The private key, as `keygen` or openssl writes it
    #[arg(long, value_name = "FILE")]
    pub(crate) key: PathBuf,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

/// See [`Attest::Verify`].
#[derive(Debug, clap::Args)]
pub(crate) struct AttestVerifyArgs {
    /// A run: its folder, a file in it, its name or the beginning of it, or `latest`; or the envelope that `verify --claim` wrote
    #[arg(value_name = "RUN|FILE")]
    pub(crate) run: PathBuf,
    /// A public key that is trusted; without any, nothing says who made the record
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,
    /// How many of the keys must have signed
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u8).range(1..=16))]
    pub(crate) threshold: u8,
    /// The program that ran
    #[arg(long, value_name = "FILE")]
    pub(crate) program: Option<PathBuf>,
    /// The Cargo.lock that the program was built with
    #[arg(long, value_name = "FILE")]
    pub(crate) lockfile: Option<PathBuf>,
    /// The package file that the extension was installed from
    #[arg(long, value_name = "FILE")]
    pub(crate) package_file: Option<PathBuf>,
    /// The folder below which the materials lie: the root of the project
    #[arg(long, value_name = "DIR")]
    pub(crate) materials: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}
