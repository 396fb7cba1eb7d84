//! `$ORKET_HOME/config.toml`: what the user allows. Read strictly, because a misspelt key would allow more.

use crate::error::{Error, Result};
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use orket_engine::home::Home;
use orket_engine::source::SourcePolicy;
use serde::{Deserialize, Serialize};
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The largest file that is read, in bytes (64 KiB).
const BYTES_MAX: u64 = 64 << 10;

/// The whole file; everything has a default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// Where extensions may be installed from.
    pub(crate) source: SourcePolicy,
}

impl Config {
    /// Reads the configuration of a home; the defaults where there is no file.
    ///
    /// # Errors
    /// `config.invalid` with its place.
    pub(crate) fn read(home: &Home) -> Result<Self> {
        let path = home.config();
        let mut text = String::new();
        let read =
            std::fs::File::open(&path).and_then(|file| file.take(BYTES_MAX + 1).read_to_string(&mut text));
        match read {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                return Err(invalid(&path, "", 0, "it is not UTF-8"));
            }
            read => read.map_err(Error::file("read", &path))?,
        };
        if text.len() as u64 > BYTES_MAX {
            return Err(invalid(&path, "", 0, &format!("it has more than {BYTES_MAX} bytes")));
        }
        toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            invalid(&path, &text, at, error.message())
        })
    }
}

fn invalid(path: &Path, text: &str, at: usize, why: &str) -> Error {
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + usize::from(!text.is_empty());
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let number = |number: usize| u32::try_from(number).unwrap_or(0);
    let place = Location { file: path.display().to_string(), line: number(line), column: number(column) };
    let why = why.lines().next().unwrap_or_default();
    Issue::error(code::CONFIG_INVALID, format!("the configuration cannot be read: {why}"))
        .at(place)
        .with_hint("docs/install.md lists its keys")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use orket_engine::source::{Mode, Protocol};

    fn read(text: &str) -> Result<Config, Issue> {
        let folder = tempfile::tempdir().expect("a folder");
        let home = Home::at(folder.path().to_path_buf());
        std::fs::write(home.config(), text).expect("written");
        Config::read(&home).map_err(|error| error.issues().remove(0))
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        assert_eq!(read("").expect("defaults"), Config::default());
        let config =
            read("[source]\nmode = \"warn\"\nprotocols = [\"ssh\"]\n").expect("a configuration").source;
        assert_eq!((config.mode, config.protocols, config.local), (Mode::Warn, vec![Protocol::Ssh], true));
        let nowhere = Home::at("/nowhere/at/all".into());
        assert_eq!(Config::read(&nowhere).expect("defaults"), Config::default());
    }

    #[test]
    fn what_is_not_known_has_a_place() {
        let place = |text: &str| {
            let issue = read(text).expect_err("refused");
            assert_eq!(issue.code, code::CONFIG_INVALID);
            issue.location.map(|place| (place.line, place.column))
        };
        assert_eq!(place("[source]\nmod = \"off\"\n"), Some((2, 1)));
        assert_eq!(place("[sauce]\n"), Some((1, 2)));
        assert_eq!(place("[source]\nprotocols = [\"ftp\"]\n"), Some((2, 14)));
        assert_eq!(place("[source\n").map(|(line, _)| line), Some(1));
    }
}
