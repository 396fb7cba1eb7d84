//! What the commands about packages and installed extensions are told.

use super::Selection;
use orket_contract::id::ExtensionId;
use std::path::PathBuf;

/// See [`Command::Package`](super::Command::Package).
#[derive(Debug, clap::Args)]
pub(crate) struct PackageArgs {
    /// The package [default: ID-VERSION.ork in this folder]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Pack the program that `build --reproducible` makes, if another folder gives the same
    #[arg(long)]
    pub(crate) reproducible: bool,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Install`](super::Command::Install).
#[derive(Debug, clap::Args)]
pub(crate) struct InstallArgs {
    /// The folder of a project, the address or folder of a git repository, or a package
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    /// The branch, tag or commit of a git repository [default: what it offers]
    #[arg(long, value_name = "REV")]
    pub(crate) rev: Option<String>,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// See [`Command::Show`](super::Command::Show).
#[derive(Debug, clap::Args)]
pub(crate) struct InstalledArgs {
    /// The extension, and one of its versions
    #[arg(value_name = "ID[@VERSION]")]
    pub(crate) name: Named,
}

/// See [`Command::Uninstall`](super::Command::Uninstall).
#[derive(Debug, clap::Args)]
pub(crate) struct UninstallArgs {
    /// The extension; all of its versions, unless one is named
    #[arg(value_name = "ID[@VERSION]")]
    pub(crate) name: Named,
}

/// An installed extension, as the command line names it.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    /// The extension.
    pub(crate) id: ExtensionId,
    /// One of its versions.
    pub(crate) version: Option<String>,
}

impl std::str::FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (id, version) = text.split_once('@').map_or((text, None), |(id, version)| (id, Some(version)));
        let id = ExtensionId::new(id).map_err(|fault| fault.to_string())?;
        Ok(Self { id, version: version.map(str::to_owned) })
    }
}
