//! The words that a benchmark is started with.

use std::path::PathBuf;

/// What is measured, or what this process does for another one that measures.
pub(crate) enum Task {
    Spawn,
    Call,
    Clock,
    Replay,
    Transcript,
    Limits,
    /// Starts guests on demand, as a host of that size.
    Host {
        mib: usize,
    },
    /// Sends back what it gets.
    Echo,
}

pub(crate) struct Options {
    pub(crate) task: Task,
    /// The program of `tests/fixtures/bench`.
    pub(crate) guest: PathBuf,
    /// Whether to come to an end soon, with numbers that say less.
    pub(crate) quick: bool,
}

impl Options {
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut task, mut quick, mut mib) = (None, false, 0);
        let mut guest = PathBuf::new();
        let mut words = words;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("`{word}` needs a value"));
            match word.as_str() {
                "--guest" => guest = value()?.into(),
                "--mib" => mib = value()?.parse().map_err(|error| format!("`--mib`: {error}"))?,
                "--quick" => quick = true,
                // What `cargo bench` adds.
                "--bench" => {}
                name => task = Some(name.to_owned()),
            }
        }
        let task = match task.as_deref() {
            Some("spawn") => Task::Spawn,
            Some("call") => Task::Call,
            Some("clock") => Task::Clock,
            Some("replay") => Task::Replay,
            Some("transcript") => Task::Transcript,
            Some("host") => Task::Host { mib },
            Some("echo") => Task::Echo,
            Some("limits") => Task::Limits,
            _ => {
                return Err(
                    "`cargo xtask bench spawn|call|clock|replay|limits|transcript` starts this".to_owned()
                );
            }
        };
        Ok(Self { task, guest, quick })
    }

    /// The number, or so many that it ends soon.
    pub(crate) fn rounds(&self, usual: usize) -> usize {
        if self.quick { usual.div_ceil(20) } else { usual }
    }
}
