//! Where a run's text comes from and goes to: a terminal, a script, or JSON messages.

use crate::error::{Error, Result};
use crate::report::{Message, Report};
use orket_engine::capability::{self, LineConsole};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, IsTerminal, Read, Write};
use std::path::Path;

/// The longest script, in MiB.
const SCRIPT_MIB_MAX: u64 = 16;

/// The lines that a run's console gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Script {
    /// Whoever sits at standard input.
    Stdin,
    /// These lines, then the end of input.
    Lines(Vec<String>),
}

impl Script {
    /// Reads a script from a file, or takes standard input for `-` and for nothing.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(crate) fn read(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else { return Ok(Self::Stdin) };
        let file = File::open(path).map_err(Error::file("read", path))?;
        lines_of(file).map(Self::Lines).map_err(Error::file("read", path))
    }

    /// All of its lines; a person at a terminal has none in advance.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(crate) fn lines(&self) -> Result<Vec<String>> {
        match self {
            Self::Lines(lines) => Ok(lines.clone()),
            Self::Stdin if io::stdin().is_terminal() => Ok(Vec::new()),
            Self::Stdin => lines_of(io::stdin().lock()).map_err(Error::file("read", Path::new("-"))),
        }
    }

    /// A console over it.
    pub(crate) fn console(&self, report: &Report) -> Box<dyn capability::Console> {
        let output = Output { report: report.clone() };
        match self {
            Self::Stdin => {
                // A terminal shows what is typed; of a pipe it would be missing.
                let echo = !io::stdin().is_terminal();
                Box::new(LineConsole::new(BufReader::new(io::stdin()), output, echo))
            }
            Self::Lines(lines) => {
                let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
                Box::new(LineConsole::new(Cursor::new(text), output, true))
            }
        }
    }
}

/// All lines of a script that is not too long; of an endless one no more than that is read.
fn lines_of(source: impl Read) -> io::Result<Vec<String>> {
    let max = SCRIPT_MIB_MAX << 20;
    let mut script = Vec::new();
    if source.take(max + 1).read_to_end(&mut script)? as u64 > max {
        let text = format!("a script is at most {SCRIPT_MIB_MAX} MiB long");
        return Err(io::Error::new(ErrorKind::FileTooLarge, text));
    }
    script.lines().collect()
}

/// A console whose text nobody sees.
pub(crate) struct Console;

impl Console {
    /// A console that gives lines and shows nothing, for runs that are only compared.
    pub(crate) fn silent(lines: &[String]) -> Box<dyn capability::Console> {
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        Box::new(LineConsole::new(Cursor::new(text), io::sink(), false))
    }
}

/// Text to the user: plain on stdout, or as messages. What cannot be written does not change the
/// run: the report remembers it.
struct Output {
    report: Report,
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.report.is_for_machines() {
            self.report.message(&Message::Console { text: &String::from_utf8_lossy(bytes) });
        } else {
            self.report.keep(io::stdout().lock().write_all(bytes));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.report.keep(io::stdout().lock().flush());
        Ok(())
    }
}
