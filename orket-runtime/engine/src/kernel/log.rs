//! The lines that a run logs: for people, and no part of its record.

use super::Event;
use crate::error::Error;
use crate::store;
use orket_contract::protocol::Level;
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

/// How much of what a run logs is kept, in bytes (16 MiB).
const LOG_BYTES_MAX: usize = 16 << 20;

/// `logs/log.jsonl`, which is there once there is a line. Its beginning is kept, as of other output.
pub(crate) struct Log {
    folder: PathBuf,
    file: Option<File>,
    left: usize,
}

impl Log {
    pub(crate) fn below(folder: PathBuf) -> Self {
        Self { folder, file: None, left: LOG_BYTES_MAX }
    }

    /// Keeps a line and gives what is to be shown of it: nothing once there were too many.
    pub(crate) fn keep(&mut self, level: Level, message: String) -> Result<Option<Event>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        let line = encoded(level, &message);
        if line.len() <= self.left {
            self.left -= line.len();
            self.write(&line)?;
            return Ok(Some(Event::Log { level, message }));
        }
        self.left = 0;
        let (level, message) = (Level::Warn, "further lines were left out".to_owned());
        self.write(&encoded(level, &message))?;
        Ok(Some(Event::Log { level, message }))
    }

    fn write(&mut self, line: &str) -> Result<(), Error> {
        let path = self.folder.join("log.jsonl");
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                store::create_dir(&self.folder)?;
                none.insert(File::create(&path).map_err(Error::store("write", &path))?)
            }
        };
        file.write_all(line.as_bytes()).map_err(Error::store("write", &path))
    }
}

fn encoded(level: Level, message: &str) -> String {
    format!("{}\n", json!({ "level": level, "message": message }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_kept_and_the_cut_is_told() {
        let dir = tempfile::tempdir().expect("temp dir");
        let mut log = Log::below(dir.path().join("logs"));
        let long = "x".repeat(LOG_BYTES_MAX / 2);
        let lines = ["first", &long, &long, "later", "last"];
        let shown = lines.map(|line| log.keep(Level::Info, line.to_owned()).expect("kept").is_some());
        assert_eq!(shown, [true, true, true, false, false], "the third says that the rest is left out");
        let text = std::fs::read_to_string(dir.path().join("logs/log.jsonl")).expect("the log");
        assert!(text.len() < LOG_BYTES_MAX);
        assert_eq!(text.lines().count(), 3);
        assert!(text.starts_with(r#"{"level":"info","message":"first"}"#));
        assert!(text.ends_with("{\"level\":\"warn\",\"message\":\"further lines were left out\"}\n"));
    }
}
