//! The standard input of an ambient guest: the same text each time, at once from a file or in pieces through a pipe.

use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::time::Duration;

/// What is there to be read: a few lines, because a program that reads none of it does not matter here.
const TEXT: &str =
    "one\ntwo three\nfour five six\nseven eight nine ten\n0123456789abcdefghijklmnopqrstuvwxyz\n";
/// How long the next piece takes.
const PAUSE: Duration = Duration::from_micros(300);

/// The guest's end, with pieces of at most so many bytes where it is a pipe.
pub(super) fn input(piece_bytes: Option<usize>) -> io::Result<File> {
    let Some(bytes) = piece_bytes else {
        let mut file = File::from(memfd_create(c"input", MemfdFlags::CLOEXEC)?);
        file.write_all(TEXT.as_bytes())?;
        file.rewind()?;
        return Ok(file);
    };
    let (guest, mut host) = io::pipe()?;
    let thread = std::thread::Builder::new().name("orket-input".into());
    thread.spawn(move || {
        for piece in TEXT.as_bytes().chunks(bytes.max(1)) {
            // Whoever does not read on has had enough.
            if host.write_all(piece).is_err() {
                return;
            }
            std::thread::sleep(PAUSE);
        }
    })?;
    Ok(File::from(std::os::fd::OwnedFd::from(guest)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn the_text_is_the_same_in_pieces() {
        for bytes in [None, Some(7), Some(1000)] {
            let (mut first, mut text) = ([0; 100], String::new());
            let mut file = input(bytes).expect("an input");
            let read = file.read(&mut first).expect("it reads");
            assert!(bytes.is_none_or(|bytes| read <= bytes.max(TEXT.len())), "{read}");
            file.read_to_string(&mut text).expect("it reads");
            assert_eq!(String::from_utf8_lossy(&first[..read]).into_owned() + &text, TEXT);
        }
    }
}
