//! Writes a package. Order, headers and compression depend on the contents alone.

use super::{
    BLOCK, FORMAT, Kind, MANIFEST, PackageManifest, PackedFile, WINDOW_LOG, header, padding, refused,
};
use crate::error::Error;
use crate::loader::Origin;
use crate::materials::Opened;
use orket_contract::code;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::issue::Issue;
use orket_contract::manifest::Manifest;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How hard zstd tries; more costs time and wins little.
const LEVEL: i32 = 15;

/// Where the bytes of a file come from.
#[derive(Debug, Clone)]
pub enum Content {
    /// They are here.
    Bytes(Vec<u8>),
    /// They are in an open file.
    Open(Arc<File>),
    /// They are in a file below a folder, which no link may lead out of. It is opened when it is read: there may be
    /// more of them than a process may have open.
    Below {
        /// The folder, all links resolved.
        root: PathBuf,
        /// The path of the file, with `/`.
        path: String,
    },
}

/// What goes into a package.
#[derive(Debug, Clone)]
pub struct Contents {
    /// What the extension claims.
    pub extension: Manifest,
    /// The digest over the manifest's bytes in the program.
    pub extension_digest: Digest,
    /// The files, by their paths in the package.
    pub files: BTreeMap<String, Content>,
    /// What executes it.
    pub kind: Kind,
    /// Where it comes from.
    pub origin: Origin,
    /// The program for each target, by its path in the package.
    pub programs: BTreeMap<String, String>,
}

impl Content {
    fn open(&self) -> Result<Box<dyn Read + '_>, Error> {
        match self {
            Self::Bytes(bytes) => Ok(Box::new(bytes.as_slice())),
            Self::Open(file) => {
                let mut file = file.as_ref();
                file.rewind().map_err(Error::store("read", Path::new("the program")))?;
                Ok(Box::new(file))
            }
            Self::Below { root, path } => {
                Ok(Box::new(Opened::below(root, path).map_err(refused)?.into_file()))
            }
        }
    }

    /// Copies the bytes; their size and digest.
    fn copy(&self, name: &str, to: &mut dyn Write) -> Result<(u64, Digest), Error> {
        let (mut from, mut hasher, mut size) = (self.open()?, Hasher::default(), 0);
        let mut piece = vec![0; 256 << 10];
        loop {
            let read = from.read(&mut piece).map_err(Error::store("read", Path::new(name)))?;
            if read == 0 {
                return Ok((size, hasher.finish()));
            }
            size += read as u64;
            hasher.update(&piece[..read]);
            to.write_all(&piece[..read]).map_err(Error::store("write", Path::new(name)))?;
        }
    }
}

impl Contents {
    /// The list of what is there now.
    fn listed(&self) -> Result<PackageManifest, Error> {
        let mut files = Vec::new();
        for (path, content) in &self.files {
            let (size, sha256) = content.copy(path, &mut io::sink())?;
            files.push(PackedFile { path: path.clone(), sha256, size });
        }
        let manifest = PackageManifest {
            extension: self.extension.clone(),
            extension_digest: self.extension_digest,
            files,
            format: FORMAT,
            kind: self.kind,
            origin: Origin { package: None, ..self.origin.clone() },
            programs: self.programs.clone(),
        };
        manifest.check()?;
        Ok(manifest)
    }
}

/// Writes a package and gives its manifest.
///
/// # Errors
/// `package.*` for contents that no package may have; [`Error::Store`].
pub fn pack(contents: &Contents, to: impl Write) -> Result<PackageManifest, Error> {
    let manifest = contents.listed()?;
    let failed = || Error::store("write", Path::new("the package"));
    let mut archive = compressor(to).map_err(failed())?;
    let bytes = manifest.to_bytes()?;
    archive.write_all(header(MANIFEST, bytes.len() as u64)?.as_bytes()).map_err(failed())?;
    archive.write_all(&bytes).map_err(failed())?;
    archive.write_all(&[0; BLOCK][..padding(bytes.len() as u64)]).map_err(failed())?;
    for file in &manifest.files {
        archive.write_all(header(&file.path, file.size)?.as_bytes()).map_err(failed())?;
        let copied = contents.files[&file.path].copy(&file.path, &mut archive)?;
        if copied != (file.size, file.sha256) {
            let message = format!("`{}` changed while it was packed", file.path);
            return Err(refused(Issue::error(code::PACKAGE_MISMATCH, message)));
        }
        archive.write_all(&[0; BLOCK][..padding(file.size)]).map_err(failed())?;
    }
    archive.write_all(&[0; 2 * BLOCK]).map_err(failed())?;
    archive.finish().and_then(|mut to| to.flush()).map_err(failed())?;
    Ok(manifest)
}

fn compressor<'a, W: Write>(to: W) -> io::Result<zstd::Encoder<'a, W>> {
    let mut encoder = zstd::Encoder::new(to, LEVEL)?;
    encoder.window_log(WINDOW_LOG)?;
    encoder.include_checksum(true)?;
    Ok(encoder)
}
