//! The dimensions of surroundings: their names, what they change, and which values they take.

use super::Mode;
use orket_contract::suggest;
use std::fmt;
use std::str::FromStr;

/// One thing that a program may not depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Dimension {
    /// Variables that say nothing to the program.
    Environment,
    /// Where `HOME` is.
    Home,
    /// `LANG` and `LC_ALL`.
    Locale,
    /// `TZ`.
    Tz,
    /// `PATH`.
    Path,
    /// `COLUMNS`, and the width of the terminal where there is one.
    Columns,
    /// The working folder.
    Cwd,
    /// In which order folders list their files: another file system, filled in another order.
    FsOrder,
    /// When the materials were changed last.
    Mtime,
    /// The user and group.
    Uid,
    /// The host's name.
    Hostname,
    /// What `uname` says of the kernel.
    Kernel,
    /// All clocks.
    Time,
    /// The mask of modes.
    Umask,
    /// The soft limit of the stack.
    Stack,
    /// The soft limit of open files.
    OpenFiles,
    /// More open descriptors.
    Fds,
    /// What of the processor libc uses.
    Hwcaps,
    /// Where the program lies, and its name.
    ExePath,
    /// How many processors it may run on.
    Cpus,
    /// It is stopped at odd moments.
    Jitter,
    /// The machine is busy.
    Load,
    /// What an earlier run has left in `HOME`, `TMPDIR` and the working folder.
    FreshState,
    /// Messages of the host come in pieces.
    Chunks,
    /// Standard input comes in pieces.
    Stdin,
    /// A terminal takes what it prints.
    Tty,
    /// Whether addresses differ from run to run.
    Aslr,
    /// What fresh and freed memory of the heap is filled with.
    MallocPerturb,
    /// What the system gives as entropy.
    Entropy,
}

impl Dimension {
    /// Every dimension, with its name.
    pub const ALL: [(Self, &str); 29] = [
        (Self::Environment, "environment"),
        (Self::Home, "home"),
        (Self::Locale, "locale"),
        (Self::Tz, "tz"),
        (Self::Path, "path"),
        (Self::Columns, "columns"),
        (Self::Cwd, "cwd"),
        (Self::FsOrder, "fs-order"),
        (Self::Mtime, "mtime"),
        (Self::Uid, "uid"),
        (Self::Hostname, "hostname"),
        (Self::Kernel, "kernel"),
        (Self::Time, "time"),
        (Self::Umask, "umask"),
        (Self::Stack, "stack"),
        (Self::OpenFiles, "open-files"),
        (Self::Fds, "fds"),
        (Self::Hwcaps, "hwcaps"),
        (Self::ExePath, "exe-path"),
        (Self::Cpus, "cpus"),
        (Self::Jitter, "jitter"),
        (Self::Load, "load"),
        (Self::FreshState, "fresh-state"),
        (Self::Chunks, "chunks"),
        (Self::Stdin, "stdin"),
        (Self::Tty, "tty"),
        (Self::Aslr, "aslr"),
        (Self::MallocPerturb, "malloc-perturb"),
        (Self::Entropy, "entropy"),
    ];

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(dimension, _)| *dimension == self).map_or("", |(_, name)| name)
    }

    /// Whether it can be made unusual for such a run: the world of a confined guest has no variables, and no terminal, at all.
    #[must_use]
    pub fn applies(self, mode: Mode) -> bool {
        match mode {
            Mode::Ambient => true,
            Mode::Governed => matches!(
                self,
                Self::FsOrder
                    | Self::Hostname
                    | Self::Kernel
                    | Self::Umask
                    | Self::Stack
                    | Self::OpenFiles
                    | Self::Fds
                    | Self::Cpus
                    | Self::Jitter
                    | Self::Load
                    | Self::Chunks
                    | Self::Aslr
            ),
        }
    }

    /// Whether it is made unusual in half of the runs only, because it may hide what others show: on one processor, for
    /// example, threads seldom race.
    #[must_use]
    pub fn may_mask(self) -> bool {
        matches!(
            self,
            Self::Cpus
                | Self::Jitter
                | Self::Load
                | Self::FreshState
                | Self::Chunks
                | Self::Stdin
                | Self::Tty
                | Self::Aslr
                | Self::MallocPerturb
                | Self::Entropy
        )
    }

    /// The values that it is given.
    pub(super) fn values(self) -> &'static [&'static str] {
        match self {
            Self::Environment => &["ci", "bare"],
            Self::Home => &["elsewhere", "far/away/from/here"],
            Self::Locale => &["et_EE.UTF-8", "tr_TR.UTF-8", "ar_EG.UTF-8", "de_DE.ISO-8859-1"],
            Self::Tz => &["LINT-14", "AOE12", "NPT-5:45", "NST3:30"],
            Self::Path => &["/bin:/usr/bin", "/opt/orket/bin:/usr/bin:/bin:/sbin"],
            Self::Columns => &["40", "132", "237"],
            Self::Cwd => &["elsewhere", "another/folder/that/lies/deeper"],
            Self::FsOrder | Self::Jitter => &["1", "2", "3", "4", "5", "6", "7"],
            Self::Mtime => &["86400", "951782400", "1709164800"],
            Self::Uid => &["4242", "65533", "7"],
            Self::Hostname => &["zeta", "build-17.example.org", "LOCALHOST"],
            Self::Kernel => &["2.6"],
            // 398 days and more: no date, weekday or year stays what it is.
            Self::Time => &["34387200", "63158400", "99999990", "129600000"],
            Self::Umask => &["077", "002", "027"],
            Self::Stack => &["2097152", "4194304", "33554432"],
            Self::OpenFiles => &["128", "256", "777"],
            Self::Fds => &["1", "3", "9"],
            Self::Hwcaps => &["baseline", "no-avx"],
            Self::ExePath => &["elsewhere", "bin/of/another/name"],
            Self::Cpus | Self::Load => &["1"],
            Self::FreshState => &["used"],
            Self::Chunks | Self::Stdin => &["1", "3", "7", "64"],
            Self::Tty => &["80", "40", "132"],
            Self::Aslr => &["off"],
            Self::MallocPerturb => &["165", "90", "255"],
            Self::Entropy => &["0", "255", "127"],
        }
    }

    /// Whether a value can be given to it.
    pub(super) fn check(self, value: &str) -> Result<(), String> {
        let is_number = |max: u64| value.parse::<u64>().is_ok_and(|number| number <= max);
        let is_word = value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:+".contains(c));
        let is_below = is_word && !value.starts_with('/') && !value.split('/').any(|part| part == "..");
        let fits = match self {
            Self::Environment | Self::Kernel | Self::Hwcaps | Self::FreshState | Self::Aslr => {
                self.values().contains(&value)
            }
            Self::Locale | Self::Tz | Self::Path => is_word,
            Self::Hostname => is_word && value.len() <= 64,
            Self::Home | Self::Cwd | Self::ExePath => is_below && value.len() <= 200,
            Self::Umask => u32::from_str_radix(value, 8).is_ok_and(|mask| mask <= 0o777),
            Self::Columns | Self::Tty => is_number(u64::from(u16::MAX)),
            Self::Uid => is_number(u64::from(u32::MAX - 2)),
            Self::Stack => is_number(u64::MAX) && value.parse().is_ok_and(|bytes: u64| bytes >= 1 << 20),
            Self::OpenFiles => value.parse().is_ok_and(|files: u64| (64..=1 << 20).contains(&files)),
            Self::Fds => is_number(64),
            Self::Cpus | Self::Chunks | Self::Stdin => {
                value.parse().is_ok_and(|count: u64| (1..=4096).contains(&count))
            }
            Self::Load => is_number(64),
            Self::MallocPerturb | Self::Entropy => is_number(255),
            Self::Time | Self::Mtime => is_number(u64::from(u32::MAX)),
            Self::FsOrder | Self::Jitter => is_number(u64::MAX),
        };
        if fits && !value.is_empty() {
            return Ok(());
        }
        let some = self.values().join("`, `");
        Err(format!("`{value}` is no value of `{self}`; it can be `{some}`"))
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Dimension {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((dimension, _)) = Self::ALL.iter().find(|(_, name)| *name == text) {
            return Ok(*dimension);
        }
        let near = suggest::nearest(text, Self::ALL.iter().map(|(_, name)| *name));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(format!("`{text}` is not a dimension of surroundings{near}"))
    }
}

impl serde::Serialize for Dimension {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_every_value_reads_back() {
        for (dimension, name) in Dimension::ALL {
            assert_eq!(name.parse(), Ok(dimension));
            assert!(!dimension.values().is_empty());
            for value in dimension.values() {
                assert_eq!(dimension.check(value), Ok(()), "{name}={value}");
            }
            assert!(dimension.check("").is_err() && dimension.check("a b").is_err(), "{name}");
        }
    }
}
