//! `console`: text to and from a person at a terminal, or a script.

use super::{Call, Reply, arguments, failure, unknown_operation};
use crate::clock::Budget;
use orket_contract::code;
use orket_contract::protocol::Failure;
use serde::Deserialize;
use serde_json::json;
use std::io::{self, BufRead, Write};

/// Where the text of a run comes from and goes to.
pub trait Console {
    /// Shows text.
    ///
    /// # Errors
    /// The device's.
    fn write(&mut self, text: &str) -> io::Result<()>;

    /// Shows a prompt and waits for a line; `None` at the end of the input.
    ///
    /// # Errors
    /// The device's.
    fn read_line(&mut self, prompt: &str) -> io::Result<Option<String>>;
}

/// A console over any pair of streams: a terminal, a script, a buffer.
pub struct LineConsole<R, W> {
    input: R,
    output: W,
    echo: bool,
}

impl<R: BufRead, W: Write> LineConsole<R, W> {
    /// A console that shows what it reads when `echo` is set: a terminal does so itself, a script does not.
    pub fn new(input: R, output: W, echo: bool) -> Self {
        Self { input, output, echo }
    }
}

/// The longest line that is read, in bytes (64 KiB), its end included.
const LINE_BYTES_MAX: u64 = 64 << 10;

impl<R: BufRead, W: Write> Console for LineConsole<R, W> {
    fn write(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(visible(text).as_bytes())?;
        self.output.flush()
    }

    fn read_line(&mut self, prompt: &str) -> io::Result<Option<String>> {
        self.write(prompt)?;
        let mut bytes = Vec::new();
        io::Read::take(&mut self.input, LINE_BYTES_MAX + 1).read_until(b'\n', &mut bytes)?;
        if bytes.len() as u64 > LINE_BYTES_MAX {
            // Half a line could not be given again by a script.
            let message = format!("a line has more than {LINE_BYTES_MAX} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        if bytes.is_empty() {
            if self.echo {
                self.write("\n")?;
            }
            return Ok(None);
        }
        let line = String::from_utf8_lossy(&bytes);
        let line = line.trim_end_matches(['\r', '\n']).to_owned();
        if self.echo {
            self.write(&format!("{line}\n"))?;
        }
        Ok(Some(line))
    }
}

/// The text without what could drive a terminal or reorder its characters.
#[must_use]
pub fn visible(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\t' => c,
        c if c.is_control() => '\u{fffd}',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c => c,
    };
    text.chars().map(shown).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prompt {
    prompt: String,
}

pub(super) fn call(console: &mut dyn Console, call: &Call, budget: &mut Budget) -> Result<Reply, Failure> {
    let failed = |error: io::Error| failure(code::CAPABILITY_FAILED, format!("the console failed: {error}"));
    match call.op.as_str() {
        "read_line" => {
            let Prompt { prompt } = arguments(call)?;
            let line = budget.paused(|| console.read_line(&prompt)).map_err(failed)?;
            Ok(json!(line).into())
        }
        "write" => {
            let Text { text } = arguments(call)?;
            budget.paused(|| console.write(&text)).map_err(failed)?;
            Ok(Reply::default())
        }
        _ => Err(unknown_operation(call)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_echoed_and_ends() {
        let mut output = Vec::new();
        let mut console = LineConsole::new("look\r\nquit".as_bytes(), &mut output, true);
        assert_eq!(console.read_line("> ").expect("line").as_deref(), Some("look"));
        assert_eq!(console.read_line("> ").expect("line").as_deref(), Some("quit"));
        assert_eq!(console.read_line("> ").expect("line"), None);
        assert_eq!(String::from_utf8(output).expect("text"), "> look\n> quit\n> \n");
    }

    #[test]
    fn a_line_is_read_whole_or_not_at_all() {
        let longest = "x".repeat(LINE_BYTES_MAX as usize - 1);
        for (line, whole) in [(format!("{longest}\n"), true), (format!("{longest}y\n"), false)] {
            let mut console = LineConsole::new(line.as_bytes(), io::sink(), false);
            assert_eq!(console.read_line("").is_ok(), whole, "{} bytes", line.len());
        }
    }

    #[test]
    fn text_cannot_drive_the_terminal() {
        assert_eq!(visible("a\x1b[2Jb\u{202e}c\n\td\u{9b}"), "a\u{fffd}[2Jb\u{fffd}c\n\td\u{fffd}");
    }
}
