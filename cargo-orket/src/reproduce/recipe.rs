//! What makes a build the same in every folder: paths of the machine are replaced wherever the compilers write them,
//! and time, language and the division of work are fixed.

use super::{elsewhere, wrapper};
use crate::error::{Error, Result};
use crate::project::Extension;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The time that build scripts are told when nobody says another one: 1980-01-01, the first that every archive
/// format knows.
const EPOCH: &str = "315532800";

/// The paths that are replaced, and by what; of several that fit, compilers take the last.
pub(crate) struct Recipe(Vec<(PathBuf, String)>);

impl Recipe {
    /// The recipe for an extension that is built in a target folder.
    ///
    /// # Errors
    /// `build.failed` when rustc does not say what it is.
    pub(crate) fn of(extension: &Extension, target: &Path) -> Result<Self> {
        let sysroot = rustc(&["--print", "sysroot"])?;
        let version = rustc(&["-vV"])?;
        let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown");
        let mut maps = vec![
            (cargo_home(), "/cargo".to_owned()),
            (Path::new(sysroot.trim()).join("lib/rustlib/src/rust"), format!("/rustc/{commit}")),
        ];
        let outside = elsewhere::roots(extension).into_iter().chain(elsewhere::fixed(extension));
        let outside = outside.filter(|root| *root != extension.workspace_root);
        maps.extend(outside.enumerate().map(|(at, root)| (root, format!("/outside/{at}"))));
        maps.push((extension.workspace_root.clone(), "/project".to_owned()));
        maps.push((target.to_path_buf(), "/target".to_owned()));
        Ok(Self(maps))
    }

    /// Makes a call of cargo follow it.
    ///
    /// # Errors
    /// [`Error::File`] when this binary cannot be found.
    pub(crate) fn apply(&self, command: &mut Command) -> Result<()> {
        let myself = std::env::current_exe().map_err(Error::file("find", Path::new("cargo-orket")))?;
        let mapped = |option: &str, separator: char| {
            let flags = self.0.iter().map(|(from, to)| format!("{option}={}={to}", from.display()));
            flags.collect::<Vec<_>>().join(&separator.to_string())
        };
        let flags = mapped("--remap-path-prefix", wrapper::SEPARATOR);
        let units = format!("-Ccodegen-units=1{}", wrapper::SEPARATOR);
        command.env("RUSTC_WRAPPER", myself).env(wrapper::FLAGS, units + &flags);
        for name in ["CFLAGS", "CXXFLAGS"] {
            let own = std::env::var(name).unwrap_or_default();
            command.env(name, format!("{own} {}", mapped("-ffile-prefix-map", ' ')).trim_start());
        }
        let epoch = std::env::var("SOURCE_DATE_EPOCH").unwrap_or_else(|_| EPOCH.to_owned());
        command.env("SOURCE_DATE_EPOCH", epoch).env("CARGO_INCREMENTAL", "0");
        command.env("LC_ALL", "C").env("TZ", "UTC").env("ZERO_AR_DATE", "1");
        Ok(())
    }
}

fn rustc(words: &[&str]) -> Result<String> {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&program).args(words).output().map_err(Error::start(&program))?;
    if !output.status.success() {
        let message = format!("`rustc {}` failed", words.join(" "));
        return Err(Issue::error(code::BUILD_FAILED, message).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Where cargo keeps the sources of packed crates.
fn cargo_home() -> PathBuf {
    let home = || std::env::home_dir().unwrap_or_default().join(".cargo");
    std::env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}
