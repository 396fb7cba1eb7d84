//! Reads a package, which anybody may have made.
//!
//! Invariants: the manifest comes first and bounds all that follows; each further entry must be the next one
//! that it lists, under the very header that [`header`] makes for it. Nothing is skipped, guessed or repaired.
//! Memory is bounded by constants, and what is read of a package that is refused ends with what refuses it.

use super::{
    BLOCK, MANIFEST, MANIFEST_BYTES_MAX, PACKAGE_BYTES_MAX, PackageManifest, PackedFile, WINDOW_LOG, header,
    is_program, padding, path, refused,
};
use crate::error::Error;
use crate::store;
use orket_contract::code;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::issue::{Issue, Location};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};
use tar::{EntryType, Header};

/// What was found in a package that is whole and right.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// The digest of the package's bytes.
    pub digest: Digest,
    /// What it holds.
    pub manifest: PackageManifest,
    /// The digest of the manifest's bytes.
    pub manifest_digest: Digest,
}

/// A package file, open and checked.
#[derive(Debug)]
pub struct Package {
    path: PathBuf,
    file: File,
    checked: Checked,
}

/// Opens a package file and checks every byte of it. Nothing is written.
///
/// # Errors
/// `package.*`; [`Error::Store`] when there is no such file.
pub fn open(path: &Path) -> Result<Package, Error> {
    let mut file = store::open_regular(path).map_err(Error::store("open", path))?;
    let checked = check(&mut file).map_err(|error| located(error, path))?;
    Ok(Package { path: path.to_path_buf(), file, checked })
}

/// Checks every byte of a package.
///
/// # Errors
/// `package.*`.
pub fn check(from: impl Read) -> Result<Checked, Error> {
    walk(from, &mut |_| Ok(Box::new(io::sink())))
}

impl Package {
    /// What was found in it.
    #[must_use]
    pub fn checked(&self) -> &Checked {
        &self.checked
    }

    /// What it holds.
    #[must_use]
    pub fn manifest(&self) -> &PackageManifest {
        &self.checked.manifest
    }

    /// Writes manifest and files below an empty folder, read-only.
    ///
    /// # Errors
    /// [`Error::Store`]; `package.damaged` when the file is not what it was.
    pub fn extract(&mut self, to: &Path) -> Result<(), Error> {
        self.file.rewind().map_err(Error::store("read", &self.path))?;
        let again = walk(&mut self.file, &mut |path| create(&to.join(path), is_program(path)));
        let again = again.map_err(|error| located(error, &self.path))?;
        if again != self.checked {
            return Err(located(damaged("it changed while it was read"), &self.path));
        }
        store::create_dir(&to.join(super::MATERIALS))
    }
}

/// A file that will be complete, durable and read-only once it is dropped.
struct ReadOnly(File);

fn create(path: &Path, is_program: bool) -> Result<Box<dyn Write>, Error> {
    if let Some(above) = path.parent() {
        store::create_dir(above)?;
    }
    let file = File::create_new(path).map_err(Error::store("write", path))?;
    let mut permissions = file.metadata().map_err(Error::store("write", path))?.permissions();
    #[cfg(unix)]
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, if is_program { 0o555 } else { 0o444 });
    #[cfg(not(unix))]
    permissions.set_readonly(!is_program);
    file.set_permissions(permissions).map_err(Error::store("write", path))?;
    Ok(Box::new(ReadOnly(file)))
}

impl Write for ReadOnly {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.sync_all()
    }
}

/// Makes the place for an entry's bytes.
type Sink<'a> = dyn FnMut(&str) -> Result<Box<dyn Write>, Error> + 'a;

fn walk(from: impl Read, sink: &mut Sink<'_>) -> Result<Checked, Error> {
    let mut archive = Archive::open(from)?;
    let (manifest, manifest_digest) = archive.manifest(sink)?;
    for (at, file) in manifest.files.iter().enumerate() {
        archive.expect(file, &manifest.files[..at], &manifest)?;
        archive.copy(file, sink)?;
    }
    let listed = &manifest.files;
    match archive.entry()? {
        None => Ok(Checked { digest: archive.end()?, manifest, manifest_digest }),
        Some(entry) => Err(stranger(&entry.path, listed, listed)),
    }
}

/// The blocks of a package, decompressed as they are asked for.
struct Archive<R: Read> {
    blocks: zstd::Decoder<'static, BufReader<Hashed<R>>>,
}

/// An entry that is a plain file with a proper path, and the size that it claims.
struct Claimed {
    header: Header,
    path: String,
    size: u64,
}

impl<R: Read> Archive<R> {
    fn open(from: R) -> Result<Self, Error> {
        let bytes = Hashed { from: from.take(PACKAGE_BYTES_MAX + 1), hasher: Hasher::default(), size: 0 };
        let mut blocks =
            zstd::Decoder::new(bytes).map_err(|error| damaged(&error.to_string()))?.single_frame();
        blocks.window_log_max(WINDOW_LOG).map_err(|error| damaged(&error.to_string()))?;
        Ok(Self { blocks })
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        self.blocks.read_exact(bytes).map_err(|error| self.broken(&error))
    }

    /// Why the stream ended where it should not.
    fn broken(&self, error: &io::Error) -> Error {
        if self.blocks.get_ref().get_ref().size > PACKAGE_BYTES_MAX {
            return too_large(format!("the package has more than {PACKAGE_BYTES_MAX} bytes"));
        }
        match error.to_string() {
            text if text.contains("too much memory") => {
                too_large("the package needs a larger window than 4 MiB to be unpacked".to_owned())
            }
            _ if error.kind() == io::ErrorKind::UnexpectedEof => damaged("it ends too early"),
            text => damaged(&text),
        }
    }

    /// The next entry, or none at the mark of the end.
    fn entry(&mut self) -> Result<Option<Claimed>, Error> {
        let mut block = [0; BLOCK];
        self.fill(&mut block)?;
        if block == [0; BLOCK] {
            self.fill(&mut block)?;
            return if block == [0; BLOCK] { Ok(None) } else { Err(damaged("the mark of its end is cut")) };
        }
        claimed(Header::from_byte_slice(&block)).map(Some)
    }

    fn manifest(&mut self, sink: &mut Sink<'_>) -> Result<(PackageManifest, Digest), Error> {
        let entry = self.entry()?.ok_or_else(|| damaged("it is empty"))?;
        if entry.path != MANIFEST {
            let message = format!("the first entry of the package is `{}`, not `{MANIFEST}`", entry.path);
            return Err(refused(Issue::error(code::PACKAGE_FORMAT, message)));
        }
        if entry.size > MANIFEST_BYTES_MAX {
            return Err(too_large(format!("`{MANIFEST}` claims {} bytes", entry.size)));
        }
        entry.is_ours()?;
        let mut bytes = vec![0; usize::try_from(entry.size).unwrap_or(usize::MAX)];
        self.fill(&mut bytes)?;
        self.pad(entry.size)?;
        let manifest = PackageManifest::parse(&bytes)?;
        let mut to = sink(MANIFEST)?;
        to.write_all(&bytes).and_then(|()| to.flush()).map_err(Error::store("write", Path::new(MANIFEST)))?;
        Ok((manifest, Digest::of(&bytes)))
    }

    /// Reads the next entry, which must be the one that is listed next.
    fn expect(
        &mut self,
        file: &PackedFile,
        before: &[PackedFile],
        manifest: &PackageManifest,
    ) -> Result<(), Error> {
        let Some(entry) = self.entry()? else { return Err(missing(file)) };
        if entry.path != file.path {
            let known = manifest.file(&entry.path).is_some_and(|_| !is_in(before, &entry.path));
            return Err(if known { missing(file) } else { stranger(&entry.path, before, &manifest.files) });
        }
        if entry.size != file.size {
            let message =
                format!("the entry `{}` claims {} bytes; {} are listed", file.path, entry.size, file.size);
            return Err(refused(Issue::error(code::PACKAGE_MISMATCH, message)));
        }
        entry.is_ours()
    }

    fn copy(&mut self, file: &PackedFile, sink: &mut Sink<'_>) -> Result<(), Error> {
        let failed = || Error::store("write", Path::new(&file.path));
        let (mut to, mut hasher) = (sink(&file.path)?, Hasher::default());
        let (mut left, mut piece) = (file.size, vec![0; 64 << 10]);
        while left > 0 {
            let wanted = usize::try_from(left).map_or(piece.len(), |left| left.min(piece.len()));
            self.fill(&mut piece[..wanted])?;
            hasher.update(&piece[..wanted]);
            to.write_all(&piece[..wanted]).map_err(failed())?;
            left -= wanted as u64;
        }
        to.flush().map_err(failed())?;
        self.pad(file.size)?;
        let found = hasher.finish();
        if found == file.sha256 {
            return Ok(());
        }
        let message = format!("the entry `{}` has the digest {found}; {} is listed", file.path, file.sha256);
        Err(refused(Issue::error(code::PACKAGE_MISMATCH, message)))
    }

    fn pad(&mut self, size: u64) -> Result<(), Error> {
        let mut rest = [0; BLOCK];
        let rest = &mut rest[..padding(size)];
        self.fill(rest)?;
        if rest.iter().all(|byte| *byte == 0) {
            Ok(())
        } else {
            Err(damaged("something lies between its entries"))
        }
    }

    /// The digest of the package, which must end here.
    fn end(mut self) -> Result<Digest, Error> {
        let more = self.blocks.read(&mut [0]).map_err(|error| self.broken(&error))?;
        let mut rest = self.blocks.finish();
        let after = rest.fill_buf().map_err(|error| damaged(&error.to_string()))?.len();
        if more > 0 || after > 0 {
            return Err(damaged("something follows its end"));
        }
        Ok(rest.into_inner().hasher.finish())
    }
}

impl Claimed {
    /// Checks that nothing in the header is other than what Orket writes: owner, time, rights, links, devices.
    fn is_ours(&self) -> Result<(), Error> {
        if self.header.as_bytes() == header(&self.path, self.size)?.as_bytes() {
            return Ok(());
        }
        let message = format!("the entry `{}` has another header than the one that Orket writes", self.path);
        let hint = "a package is made by `cargo orket package`; its headers hold no owner, time or rights";
        Err(refused(Issue::error(code::PACKAGE_ENTRY, message).with_hint(hint)))
    }
}

fn claimed(header: &Header) -> Result<Claimed, Error> {
    let mut summed = header.clone();
    summed.set_cksum();
    if header.cksum().ok() != summed.cksum().ok() {
        return Err(damaged("an entry's header does not match its own checksum"));
    }
    let bytes = header.path_bytes();
    let shown = String::from_utf8_lossy(&bytes).escape_debug().to_string();
    if header.entry_type() != EntryType::Regular {
        let message = format!("the entry `{shown}` is {}, not a plain file", kind(header.entry_type()));
        return Err(refused(Issue::error(code::PACKAGE_ENTRY, message)));
    }
    let bad = |why: &str| {
        refused(Issue::error(code::PACKAGE_PATH, format!("the path of the entry `{shown}` {why}")))
    };
    let path = std::str::from_utf8(&bytes).map_err(|_| bad("is not UTF-8"))?;
    path::check(path).map_err(bad)?;
    let size = header.entry_size().map_err(|_| damaged(&format!("the entry `{shown}` has no size")))?;
    Ok(Claimed { header: header.clone(), path: path.to_owned(), size })
}

fn kind(kind: EntryType) -> &'static str {
    match kind {
        EntryType::Link => "a hard link",
        EntryType::Symlink => "a link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Directory => "a folder",
        EntryType::Fifo => "a pipe",
        EntryType::GNULongName | EntryType::GNULongLink => "a long name of GNU tar",
        EntryType::GNUSparse => "a sparse file",
        EntryType::XGlobalHeader | EntryType::XHeader => "an extended header",
        _ => "of a kind that is not known",
    }
}

fn is_in(files: &[PackedFile], path: &str) -> bool {
    files.binary_search_by(|file| file.path.as_str().cmp(path)).is_ok()
}

/// An entry that is not listed, or that was there before.
fn stranger(path: &str, before: &[PackedFile], listed: &[PackedFile]) -> Error {
    let issue = if path == MANIFEST || is_in(before, path) {
        Issue::error(code::PACKAGE_DUPLICATE, format!("the package has the entry `{path}` twice"))
    } else {
        debug_assert!(!is_in(listed, path));
        Issue::error(code::PACKAGE_UNLISTED, format!("the entry `{path}` is not listed in `{MANIFEST}`"))
    };
    refused(issue)
}

fn missing(file: &PackedFile) -> Error {
    let message = format!("`{}` is listed in `{MANIFEST}`, and is not the next entry", file.path);
    refused(Issue::error(code::PACKAGE_MISSING, message))
}

fn damaged(why: &str) -> Error {
    refused(Issue::error(code::PACKAGE_DAMAGED, format!("this is not a whole package: {why}")))
}

fn too_large(message: String) -> Error {
    refused(Issue::error(code::PACKAGE_TOO_LARGE, message))
}

/// The error with the package as its place.
fn located(error: Error, path: &Path) -> Error {
    let place = Location { file: path.display().to_string(), ..Location::default() };
    match error {
        Error::Refused { phase, issues } => {
            let issues = issues.into_iter().map(|issue| issue.at(place.clone())).collect();
            Error::Refused { phase, issues }
        }
        other => other,
    }
}

/// A reader that remembers the digest and number of all bytes that went through it.
struct Hashed<R> {
    from: io::Take<R>,
    hasher: Hasher,
    size: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(bytes)?;
        self.hasher.update(&bytes[..read]);
        self.size += read as u64;
        Ok(read)
    }
}
