//! The files that a workload makes.
//!
//! Invariants: a file lies below the artifact folder and is reached through no link; it is reported
//! when it is complete, and the digest is the reporter's: the SDK hashes nothing. The host checks
//! all of this again; here it gives errors at the author's line.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use orket_contract::{code, material};
use serde::Serialize;
use serde_json::Value;

use crate::ambient;
use crate::link::SharedLink;
use crate::result::{ArtifactRef, Error, Result, authors_place};

/// Writes artifacts. All that is written is listed in the result by itself.
///
/// Paths are relative, with `/`, and without empty, `.` or `..` segments. A path that is written
/// twice holds what was written last.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn keep(ctx: &WorkloadContext, picture: &[u8]) -> Result<()> {
///     ctx.artifacts.write("pictures/scene.png", picture)?;
///     ctx.artifacts.write_text("notes.txt", "nothing odd\n")?;
///     let summary = ctx.artifacts.write_json("summary.json", &json!({ "turns": 12 }))?;
///     ctx.logger.info(format_args!("summary {}", summary.sha256));
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Artifacts {
    root: PathBuf,
    prefix: String,
    link: SharedLink,
    written: Rc<RefCell<BTreeMap<String, ArtifactRef>>>,
}

impl Artifacts {
    pub(crate) fn below(root: PathBuf, link: SharedLink) -> Self {
        Self { root, prefix: String::new(), link, written: Rc::default() }
    }

    /// A writer for the paths below `name`; what it writes is listed with the rest.
    ///
    /// ```
    /// # use orket_runtime::prelude::*;
    /// fn chapter(ctx: &WorkloadContext) -> Result<()> {
    ///     let chapter = ctx.artifacts.namespace("chapter-1");
    ///     chapter.write_text("text.md", "# One\n")?; // chapter-1/text.md
    ///     Ok(())
    /// }
    /// ```
    #[must_use]
    pub fn namespace(&self, name: &str) -> Self {
        Self { prefix: format!("{}{name}/", self.prefix), ..self.clone() }
    }

    /// Writes a file of these bytes.
    ///
    /// ```
    /// # use orket_runtime::prelude::*;
    /// fn keep(ctx: &WorkloadContext, picture: &[u8]) -> Result<ArtifactRef> {
    ///     ctx.artifacts.write("scene.png", picture)
    /// }
    /// ```
    ///
    /// # Errors
    /// `artifact.absolute` or `artifact.traversal` for the path, `artifact.linked` or
    /// `artifact.special` for what lies there already, `artifact.too-large` from the host,
    /// `result.error` when the file cannot be written.
    #[track_caller]
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> Result<ArtifactRef> {
        self.whole(path, None, bytes.as_ref())
    }

    /// Writes a file of this text, of the kind `text/plain`.
    ///
    /// ```
    /// # use orket_runtime::prelude::*;
    /// fn keep(ctx: &WorkloadContext) -> Result<ArtifactRef> {
    ///     ctx.artifacts.write_text("notes.txt", "nothing odd\n")
    /// }
    /// ```
    ///
    /// # Errors
    /// See [`Artifacts::write`].
    #[track_caller]
    pub fn write_text(&self, path: &str, text: &str) -> Result<ArtifactRef> {
        self.whole(path, Some("text/plain"), text.as_bytes())
    }

    /// Writes a value as JSON with sorted keys and a newline at its end, of the kind
    /// `application/json`. The order of a `HashMap` therefore does not show.
    ///
    /// ```
    /// # use orket_runtime::prelude::*;
    /// fn keep(ctx: &WorkloadContext) -> Result<ArtifactRef> {
    ///     ctx.artifacts.write_json("summary.json", &json!({ "turns": 12, "solved": true }))
    /// }
    /// ```
    ///
    /// # Errors
    /// See [`Artifacts::write`]; `result.error` when the value cannot be written as JSON.
    #[track_caller]
    pub fn write_json(&self, path: &str, value: &(impl Serialize + ?Sized)) -> Result<ArtifactRef> {
        let mut text = String::new();
        sorted(&serde_json::to_value(value)?, &mut text);
        text.push('\n');
        self.whole(path, Some("application/json"), text.as_bytes())
    }

    /// Begins a file that is written piece by piece.
    ///
    /// ```
    /// use orket_runtime::prelude::*;
    /// use std::io::Write;
    /// fn count(ctx: &WorkloadContext) -> Result<ArtifactRef> {
    ///     let mut file = ctx.artifacts.create("numbers.txt")?.with_kind("text/plain");
    ///     for number in 0..1000 {
    ///         writeln!(file, "{number}")?;
    ///     }
    ///     file.finish()
    /// }
    /// ```
    ///
    /// # Errors
    /// See [`Artifacts::write`].
    #[track_caller]
    pub fn create(&self, path: &str) -> Result<ArtifactWriter> {
        let path = format!("{}{path}", self.prefix);
        check(&path)?;
        let file = open(&self.root, &path)?;
        Ok(ArtifactWriter { file: BufWriter::new(file), path, kind: None, artifacts: self.clone() })
    }

    #[track_caller]
    fn whole(&self, path: &str, kind: Option<&str>, bytes: &[u8]) -> Result<ArtifactRef> {
        let mut writer = self.create(path)?;
        writer.kind = kind.map(str::to_owned);
        writer.write_all(bytes)?;
        writer.finish()
    }

    /// All that was written, sorted by path.
    pub(crate) fn written(&self) -> Vec<ArtifactRef> {
        self.written.borrow().values().cloned().collect()
    }
}

impl fmt::Debug for Artifacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Artifacts").field("prefix", &self.prefix).field("written", &self.written).finish()
    }
}

/// A file that is being written. Without [`ArtifactWriter::finish`] it is not listed, and the host
/// refuses the run with `artifact.unlisted`.
///
/// ```
/// use orket_runtime::prelude::*;
/// fn copy(ctx: &WorkloadContext, mut from: impl std::io::Read) -> Result<ArtifactRef> {
///     let mut file = ctx.artifacts.create("copy.bin")?;
///     std::io::copy(&mut from, &mut file)?;
///     file.finish()
/// }
/// ```
#[must_use = "an artifact is listed when it is finished"]
pub struct ArtifactWriter {
    file: BufWriter<File>,
    path: String,
    kind: Option<String>,
    artifacts: Artifacts,
}

impl ArtifactWriter {
    /// Says what the file is, as a media type.
    ///
    /// ```
    /// # use orket_runtime::{prelude::*, workload::ArtifactWriter};
    /// fn sound(ctx: &WorkloadContext) -> Result<ArtifactWriter> {
    ///     Ok(ctx.artifacts.create("theme.wav")?.with_kind("audio/wav"))
    /// }
    /// ```
    pub fn with_kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Ends the file and reports it.
    ///
    /// ```
    /// # use orket_runtime::{prelude::*, workload::ArtifactWriter};
    /// fn size(writer: ArtifactWriter) -> Result<u64> {
    ///     Ok(writer.finish()?.size)
    /// }
    /// ```
    ///
    /// # Errors
    /// `artifact.too-large` or `artifact.too-many` from the host, `result.error` when the file
    /// cannot be written.
    #[track_caller]
    pub fn finish(self) -> Result<ArtifactRef> {
        let place = authors_place();
        let Self { mut file, path, kind, artifacts } = self;
        file.flush()?;
        drop(file);
        let reported = artifacts.link.borrow_mut().artifact(&path, kind.as_deref());
        let reference = reported.map_err(|error| Error::told(error.into_failure(), place))?;
        artifacts.written.borrow_mut().insert(path, reference.clone());
        Ok(reference)
    }
}

impl fmt::Debug for ArtifactWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArtifactWriter").field("path", &self.path).field("kind", &self.kind).finish()
    }
}

impl Write for ArtifactWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Refuses a path that leaves the folder or means another file elsewhere.
#[track_caller]
fn check(path: &str) -> Result<()> {
    use material::Fault;
    let (code, why) = match material::check(path) {
        Ok(()) => return Ok(()),
        Err(Fault::Absolute) => (code::ARTIFACT_ABSOLUTE, "the path of an artifact is relative"),
        Err(Fault::Blank) => (code::ARTIFACT_TRAVERSAL, "an artifact needs a path"),
        Err(Fault::Segment) => {
            (code::ARTIFACT_TRAVERSAL, "the path of an artifact has no empty, `.` or `..` segment")
        }
        Err(Fault::Backslash) => (code::ARTIFACT_TRAVERSAL, "the path of an artifact is written with `/`"),
        Err(Fault::Control) => {
            (code::ARTIFACT_TRAVERSAL, "the path of an artifact has no control characters")
        }
    };
    Err(Error::new(code, format!("`{}`: {why}", path.escape_debug())))
}

/// Opens a new file at the path, in place of one that is there, and makes the folders above it.
#[track_caller]
fn open(root: &Path, path: &str) -> Result<File> {
    let mut place = root.to_owned();
    let (folders, name) = path.rsplit_once('/').map_or(("", path), |(folders, name)| (folders, name));
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        place.push(folder);
        match kind_at(&place)? {
            Some(kind) if kind.is_dir() => {}
            Some(kind) => return Err(in_the_way(path, kind)),
            None => fs::create_dir(&place)?,
        }
    }
    place.push(name);
    match kind_at(&place)? {
        Some(kind) if kind.is_file() => fs::remove_file(&place)?,
        Some(kind) => return Err(in_the_way(path, kind)),
        None => {}
    }
    // Newly created, so that neither a link nor another name of the file is written through.
    Ok(OpenOptions::new().write(true).create_new(true).open(&place)?)
}

fn kind_at(place: &Path) -> io::Result<Option<fs::FileType>> {
    match ambient::unseen(|| fs::symlink_metadata(place)) {
        Ok(metadata) => Ok(Some(metadata.file_type())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[track_caller]
fn in_the_way(path: &str, kind: fs::FileType) -> Error {
    if kind.is_symlink() {
        Error::new(code::ARTIFACT_LINKED, format!("`{path}` is reached through a link"))
    } else {
        Error::new(code::ARTIFACT_SPECIAL, format!("`{path}`: something that is no regular file is there"))
    }
}

/// Writes JSON with its keys sorted, whatever order the map of `serde_json` was built to keep.
fn sorted(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                sorted(item, text);
            }
            text.push(']');
        }
        Value::Object(entries) => {
            let mut entries: Vec<_> = entries.iter().collect();
            // RFC 8785: by UTF-16 code units.
            entries.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            text.push('{');
            for (at, (key, item)) in entries.into_iter().enumerate() {
                text.push_str(if at > 0 { "," } else { "" });
                text.push_str(&Value::from(key.as_str()).to_string());
                text.push(':');
                sorted(item, text);
            }
            text.push('}');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests;
