//! Cargo's own flags, under cargo's own names.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Which packages, and how cargo is to treat them.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Selection {
    #[command(flatten)]
    pub(crate) manifest: clap_cargo::Manifest,
    #[command(flatten)]
    pub(crate) workspace: clap_cargo::Workspace,
    #[command(flatten)]
    pub(crate) features: clap_cargo::Features,
    #[command(flatten)]
    pub(crate) lock: Lock,
    #[command(flatten)]
    pub(crate) compilation: Compilation,
}

/// What cargo may fetch and change.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Manifest options")]
pub(crate) struct Lock {
    /// Require that Cargo.lock is up to date
    #[arg(long)]
    pub(crate) locked: bool,
    /// Do not use the network
    #[arg(long)]
    pub(crate) offline: bool,
    /// The same as --locked and --offline
    #[arg(long)]
    pub(crate) frozen: bool,
    /// Override a configuration value of cargo
    #[arg(long, value_name = "KEY=VALUE|PATH")]
    pub(crate) config: Vec<OsString>,
    /// Unstable flags of cargo
    #[arg(short = 'Z', value_name = "FLAG", hide_short_help = true)]
    pub(crate) unstable: Vec<OsString>,
}

/// How cargo compiles.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Compilation options")]
pub(crate) struct Compilation {
    /// Build with optimisations
    #[arg(short, long, conflicts_with = "profile")]
    pub(crate) release: bool,
    /// Build with the given profile
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<OsString>,
    /// Build for the given target
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<OsString>,
    /// The folder of everything that is built
    #[arg(long, value_name = "DIR")]
    pub(crate) target_dir: Option<PathBuf>,
    /// How many jobs run in parallel
    #[arg(short, long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) jobs: Option<OsString>,
    /// Whether paths of the machine are kept out of what is built; commands that offer it set it.
    #[arg(skip)]
    pub(crate) reproducible: bool,
}

impl Lock {
    /// The flags as words for cargo.
    pub(crate) fn words(&self) -> Vec<OsString> {
        let mut words = Vec::new();
        flag(&mut words, "--locked", self.locked);
        flag(&mut words, "--offline", self.offline);
        flag(&mut words, "--frozen", self.frozen);
        self.config.iter().for_each(|value| option(&mut words, "--config", Some(value)));
        self.unstable.iter().for_each(|value| option(&mut words, "-Z", Some(value)));
        words
    }
}

impl Compilation {
    /// The flags as words for cargo.
    pub(crate) fn words(&self) -> Vec<OsString> {
        let mut words = Vec::new();
        flag(&mut words, "--release", self.release);
        option(&mut words, "--profile", self.profile.as_ref());
        option(&mut words, "--target", self.target.as_ref());
        option(&mut words, "--target-dir", self.target_dir.as_ref());
        option(&mut words, "--jobs", self.jobs.as_ref());
        words
    }
}

impl Selection {
    /// The feature flags as words for cargo.
    pub(crate) fn feature_words(&self) -> Vec<OsString> {
        let mut words = Vec::new();
        flag(&mut words, "--all-features", self.features.all_features);
        flag(&mut words, "--no-default-features", self.features.no_default_features);
        if !self.features.features.is_empty() {
            option(&mut words, "--features", Some(self.features.features.join(" ")));
        }
        words
    }

    /// The folder of everything that is built, where cargo says which it is without a flag.
    pub(crate) fn target_folder(&self, otherwise: &Path) -> PathBuf {
        let given = self.compilation.target_dir.as_deref();
        given.map_or_else(
            || otherwise.to_path_buf(),
            |folder| std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf()),
        )
    }

    /// The flags that shape a compilation, as words for cargo.
    pub(crate) fn compile_words(&self) -> Vec<OsString> {
        [self.feature_words(), self.lock.words(), self.compilation.words()].concat()
    }
}

fn flag(words: &mut Vec<OsString>, name: &str, given: bool) {
    if given {
        words.push(name.into());
    }
}

fn option(words: &mut Vec<OsString>, name: &str, value: Option<impl Into<OsString>>) {
    if let Some(value) = value {
        words.extend([name.into(), value.into()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_what_is_built_is_the_same_from_everywhere() {
        let mut selection = Selection::default();
        assert_eq!(selection.target_folder(Path::new("/w/target")), Path::new("/w/target"));
        selection.compilation.target_dir = Some("out".into());
        let here = std::env::current_dir().unwrap();
        assert_eq!(selection.target_folder(Path::new("/w/target")), here.join("out"));
    }
}
