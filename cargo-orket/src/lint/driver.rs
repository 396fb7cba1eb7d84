//! The compilers of a lint, set up: who is called in rustc's place, and with which configuration.
//!
//! Invariants: the author's own `clippy.toml` is neither read nor touched; whatever changes what is looked for
//! changes the path of the wrapper, which is part of what cargo takes a unit for: nothing old is replayed.

use super::{effect, wrapper};
use crate::error::{Error, Result};
use crate::file;
use crate::report::Report;
use orket_contract::digest::Hasher;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a lint compiles with.
#[derive(Debug)]
pub(super) struct Driver {
    /// Clippy's driver, where the toolchain has one.
    pub(super) clippy: Option<PathBuf>,
    /// The folder with clippy's configuration and the wrapper.
    folder: PathBuf,
    wrapper: PathBuf,
    is_capped: bool,
}

impl Driver {
    /// Writes what is needed below a target folder.
    ///
    /// # Errors
    /// `store.failed` when that cannot be written.
    pub(super) fn prepare(
        target: &Path,
        wants_clippy: bool,
        is_capped: bool,
        report: &Report,
    ) -> Result<Self> {
        let clippy = clippy().filter(|_| wants_clippy);
        let configuration = effect::configuration();
        let mut hasher = Hasher::within("orket/lint/v1");
        let version = env!("CARGO_PKG_VERSION");
        let clippy_name = clippy.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
        for part in [version, &configuration, &clippy_name, if is_capped { "capped" } else { "" }] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        for flag in wrapper::RUSTC_FLAGS.iter().chain(&wrapper::CLIPPY_FLAGS) {
            hasher.update(flag.as_bytes());
        }
        let name: String =
            hasher.finish().to_string().chars().filter(char::is_ascii_hexdigit).take(16).collect();
        let folder = target.join("orket").join("lint").join(name);
        std::fs::create_dir_all(&folder).map_err(Error::file("create", &folder))?;
        let path = folder.join("clippy.toml");
        // A file that is written anew is newer than what was checked with it.
        if std::fs::read(&path).ok().as_deref() != Some(configuration.as_bytes()) {
            file::write(&path, configuration.as_bytes())?;
        }
        let wrapper = linked(&folder)?;
        report.detail("Wrapping", &format!("rustc as {}", wrapper.display()));
        Ok(Self { clippy, folder, wrapper, is_capped })
    }

    /// Lets a call of cargo compile with it.
    pub(super) fn apply(&self, command: &mut Command) {
        command.env("RUSTC_WORKSPACE_WRAPPER", &self.wrapper).env(wrapper::MARK, "1");
        command.env_remove("CLIPPY_ARGS").env("CLIPPY_CONF_DIR", &self.folder);
        if let Some(clippy) = &self.clippy {
            command.env(wrapper::CLIPPY, clippy);
        }
        if self.is_capped {
            command.env(wrapper::CAPPED, "1");
        }
    }
}

/// This program under a path in the folder.
fn linked(folder: &Path) -> Result<PathBuf> {
    let myself = std::env::current_exe().map_err(Error::file("find", Path::new("cargo-orket")))?;
    let path = folder.join("rustc");
    if std::fs::read_link(&path).ok().as_ref() == Some(&myself) {
        return Ok(path);
    }
    let failed = |error| Error::file("link", &path)(error);
    let aside = tempfile::Builder::new().prefix(".rustc").tempdir_in(folder).map_err(failed)?;
    let failed = |error| Error::file("link", &path)(error);
    std::os::unix::fs::symlink(&myself, aside.path().join("rustc")).map_err(failed)?;
    let failed = |error| Error::file("link", &path)(error);
    std::fs::rename(aside.path().join("rustc"), &path).map_err(failed)?;
    Ok(path)
}

/// Clippy's driver, which belongs to one compiler and lies beside it.
fn clippy() -> Option<PathBuf> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
    let answer = Command::new(rustc).args(["--print", "sysroot"]).stdin(Stdio::null()).output().ok()?;
    let sysroot = String::from_utf8(answer.stdout).ok()?;
    let name = format!("clippy-driver{}", std::env::consts::EXE_SUFFIX);
    Some(Path::new(sysroot.trim()).join("bin").join(name)).filter(|path| path.is_file())
}
