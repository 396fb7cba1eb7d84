//! Two files of any size, byte by byte.

use serde::Serialize;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

/// How many bytes before and after the first difference are shown.
const WINDOW: (u64, usize) = (8, 24);

/// Where two files differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Bytes {
    /// The first byte that differs, from 0.
    pub(crate) offset: u64,
    /// The byte that the windows begin with.
    pub(crate) from: u64,
    /// What the first has there, as hexadecimal digits.
    pub(crate) left: String,
    /// What the second has there.
    pub(crate) right: String,
}

impl Bytes {
    /// Compares two files; `None` when they are equal.
    pub(crate) fn between(mut left: File, mut right: File) -> io::Result<Option<Self>> {
        let Some(offset) = first(&mut left, &mut right)? else { return Ok(None) };
        let from = offset.saturating_sub(WINDOW.0);
        Ok(Some(Self { offset, from, left: window(&mut left, from)?, right: window(&mut right, from)? }))
    }
}

fn first(left: &mut File, right: &mut File) -> io::Result<Option<u64>> {
    let (mut a, mut b) = (BufReader::new(left).bytes(), BufReader::new(right).bytes());
    for offset in 0.. {
        match (a.next().transpose()?, b.next().transpose()?) {
            (None, None) => break,
            (old, new) if old != new => return Ok(Some(offset)),
            _ => {}
        }
    }
    Ok(None)
}

fn window(file: &mut File, from: u64) -> io::Result<String> {
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.take(WINDOW.0 + WINDOW.1 as u64).read_to_end(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" "))
}
