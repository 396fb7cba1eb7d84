//! Programs beside Rust: found by starting them.

use super::Line;
use std::ffi::OsStr;
use std::process::{Command, Stdio};

const GROUP: &str = "programs";
/// The oldest Python that old extensions run with.
const PYTHON_MIN: (u32, u32) = (3, 9);
/// Programs that can play a WAV file from their standard input.
const PLAYERS: [(&str, &str); 4] = [
    ("pw-play", "pw-play -"),
    ("paplay", "paplay"),
    ("aplay", "aplay -q"),
    ("ffplay", "ffplay -nodisp -autoexit -"),
];

pub(super) fn lines() -> Vec<Line> {
    vec![git(), python(), speech(), player()]
}

/// The first line that a program prints; none if it cannot be started or fails.
pub(super) fn first_line(program: impl AsRef<OsStr>, words: &[&str]) -> Option<String> {
    let output = Command::new(program).args(words).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or_default().trim().to_owned())
}

/// The first `major.minor` in a text.
pub(super) fn version(text: &str) -> Option<(u32, u32)> {
    let mut words = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    words.find_map(|word| {
        let (major, rest) = word.split_once('.')?;
        Some((major.parse().ok()?, rest.split('.').next()?.parse().ok()?))
    })
}

fn git() -> Line {
    match first_line("git", &["--version"]) {
        Some(found) => Line::ok(GROUP, "git", found),
        None => Line::note(GROUP, "git", "not found; `cargo orket new` starts no repository without it")
            .fixed_by("install git"),
    }
}

fn python() -> Line {
    let (major, minor) = PYTHON_MIN;
    let needed = format!("old extensions need Python {major}.{minor} or later");
    match first_line("python3", &["--version"]) {
        Some(found) if version(&found).is_some_and(|version| version >= PYTHON_MIN) => {
            Line::ok(GROUP, "python", found)
        }
        Some(found) => {
            Line::note(GROUP, "python", format!("{found}; {needed}")).fixed_by("install a newer python3")
        }
        None => Line::note(GROUP, "python", format!("not found; {needed}")).fixed_by("install python3"),
    }
}

fn speech() -> Line {
    match first_line("espeak-ng", &["--version"]) {
        Some(found) => Line::ok(GROUP, "speech", found.split("  ").next().unwrap_or_default()),
        None => Line::note(GROUP, "speech", "espeak-ng is not found; nothing here speaks text aloud")
            .fixed_by("install espeak-ng"),
    }
}

fn player() -> Line {
    let found = PLAYERS.iter().find(|(program, _)| is_on_path(program));
    match found {
        Some((program, line)) => {
            Line::ok(GROUP, "player", format!("{program}: `--player '{line}'` plays sound"))
        }
        None => Line::note(GROUP, "player", "none found; sound goes into the artifacts and is not heard")
            .fixed_by("install alsa-utils (aplay) or pipewire (pw-play)"),
    }
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_out_of_what_programs_print() {
        for (text, expected) in [
            ("Python 3.11.7", Some((3, 11))),
            ("rustc 1.95.0 (59807616e 2026-04-14)", Some((1, 95))),
            ("GNU ld (GNU Binutils for Debian) 2.40", Some((2, 40))),
            ("a player", None),
            ("1.x", None),
        ] {
            assert_eq!(version(text), expected, "{text}");
        }
        assert_eq!(first_line("no-such-program-anywhere", &[]), None);
    }
}
