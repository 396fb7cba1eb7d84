//! Lines on their way into a compressed file.
//!
//! Few lines are compressed at once when they are complete: the tables of a stream, made for megabytes, cost more than
//! all else of a short run.

use crate::error::Error;
use orket_contract::digest::{Digest, Hasher};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How much is kept before it is compressed, in bytes.
const KEPT_BYTES_MAX: usize = 64 << 10;
const LEVEL: i32 = 3;

/// The file, once it is finished.
pub(super) struct Packed {
    path: PathBuf,
    kept: Vec<u8>,
    stream: Option<zstd::Encoder<'static, Hashed>>,
}

impl Packed {
    /// Nothing yet; the file is not made before there is something to write.
    pub(super) fn at(path: PathBuf) -> Self {
        Self { path, kept: Vec::new(), stream: None }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.kept.extend_from_slice(bytes);
        if self.kept.len() < KEPT_BYTES_MAX {
            return Ok(());
        }
        self.pass_on().map_err(|error| Error::store("write", &self.path)(error))
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(zstd::Encoder::new(Hashed::create(&self.path)?, LEVEL)?),
        };
        stream.write_all(&self.kept)?;
        self.kept.clear();
        Ok(())
    }

    /// Completes the file, and gives its digest.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(super) fn finish(mut self) -> Result<Digest, Error> {
        let finished = match self.stream.take() {
            Some(mut stream) => stream.write_all(&self.kept).and_then(|()| stream.finish()),
            None => self.at_once(),
        };
        finished.map(|file| file.digest.finish()).map_err(Error::store("write", &self.path))
    }

    fn at_once(&self) -> io::Result<Hashed> {
        let mut file = Hashed::create(&self.path)?;
        file.write_all(&zstd::bulk::compress(&self.kept, LEVEL)?)?;
        Ok(file)
    }
}

/// A file whose bytes are hashed as they are written.
struct Hashed {
    file: File,
    digest: Hasher,
}

impl Hashed {
    fn create(path: &Path) -> io::Result<Self> {
        Ok(Self { file: File::create(path)?, digest: Hasher::default() })
    }
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.digest.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_lines_and_many_read_back_as_they_were() {
        for lines in [0, 1, 100, 5000] {
            let dir = tempfile::tempdir().expect("a folder");
            let path = dir.path().join("packed");
            let (mut packed, mut all) = (Packed::at(path.clone()), Vec::new());
            for at in 0..lines {
                let line = format!("the line {at} of {lines}\n");
                packed.push(line.as_bytes()).expect("pushed");
                all.extend(line.into_bytes());
            }
            let digest = packed.finish().expect("finished");
            let file = std::fs::read(&path).expect("the file");
            assert_eq!(digest, Digest::of(&file));
            assert!(zstd::decode_all(file.as_slice()).expect("zstd") == all, "{lines} lines");
        }
    }
}
