//! What people and machines are told.
//!
//! Invariants: human text goes to stderr and JSON messages to stdout; only what a command was asked
//! to print (a manifest, a page) goes to stdout as text, and never in JSON mode. A reader that left
//! is not an error: it has seen enough. Any other loss on stdout is remembered, see [`Report::keep`].

mod human;
mod message;
mod progress;
mod table;

pub(crate) use message::{Answer, Message, SCHEMA};
pub(crate) use progress::Progress;
pub(crate) use table::{Table, ago, bytes, counted};

use crate::args::{Color, MessageFormat, Output};
use crate::error::Error;
use orket_contract::issue::Issue;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Arc, OnceLock};

/// Where all output goes through.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    format: MessageFormat,
    color: Color,
    quiet: bool,
    verbose: u8,
    lost: Arc<OnceLock<io::Error>>,
}

impl Report {
    /// The report that the command line asks for; sets the colours of both streams.
    pub(crate) fn new(output: &Output) -> Self {
        let color = output.color.unwrap_or_else(Color::of_environment);
        color.for_streams().write_global();
        Self {
            format: output.message_format,
            color,
            quiet: output.quiet,
            verbose: output.verbose,
            lost: Arc::default(),
        }
    }

    /// Whether machines listen on stdout.
    pub(crate) fn is_json(&self) -> bool {
        self.format == MessageFormat::Json
    }

    /// Whether a person may be shown something that moves.
    pub(crate) fn is_lively(&self) -> bool {
        !self.quiet && !self.is_json() && io::stderr().is_terminal() && std::env::var_os("CI").is_none()
    }

    /// How many columns a table on stdout may have; not bounded where no terminal shows it.
    pub(crate) fn columns(&self) -> Option<usize> {
        terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))
    }

    /// The same wishes in cargo's words.
    pub(crate) fn cargo_words(&self) -> Vec<&'static str> {
        let mut words = vec!["--color", self.color.as_str()];
        if self.color == Color::Auto {
            words.clear();
        }
        if self.quiet {
            words.push("--quiet");
        }
        if self.verbose > 1 {
            words.push("--verbose");
        }
        words
    }

    /// Whether cargo should render diagnostics with colours when its stderr is not what will be read.
    pub(crate) fn is_coloured(&self) -> bool {
        anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
    }

    /// One step, as cargo shows its own: `   Finished what was done`.
    pub(crate) fn status(&self, verb: &str, text: &str) {
        if !self.quiet {
            self.print(&human::status(verb, text));
        }
    }

    /// Shows on a terminal that something is under way, until it is dropped.
    pub(crate) fn progress(&self, verb: &str, text: &str) -> Progress {
        Progress::start(self.is_lively(), verb, text)
    }

    /// A detail that only `-v` shows.
    pub(crate) fn detail(&self, verb: &str, text: &str) {
        if self.verbose > 0 {
            self.status(verb, text);
        }
    }

    /// Something worth knowing that has no code.
    pub(crate) fn warn(&self, text: &str) {
        self.print(&human::warning(text));
    }

    /// A line that an extension logged as an error: its own words, not a finding.
    pub(crate) fn log_error(&self, text: &str) {
        self.print(&human::error(text));
    }

    /// One finding, for both audiences.
    pub(crate) fn issue(&self, issue: &Issue) {
        self.print(&human::issue(issue));
        self.message(&Message::Issue(issue));
    }

    /// A finding that its author has accepted: for machines, and for people who want to know more.
    pub(crate) fn accepted(&self, issue: &Issue) {
        if self.verbose > 0 {
            self.print(&human::issue(issue));
        }
        self.message(&Message::Issue(issue));
    }

    /// Why a command ended, unless it was told already.
    pub(crate) fn error(&self, error: &Error) {
        for issue in error.issues() {
            self.issue(&issue);
        }
        if let Error::Usage(text) = error {
            self.print(&human::error(text));
            self.message(&Message::Usage { message: text });
        }
    }

    /// The commands that probably come next.
    pub(crate) fn next(&self, commands: &[&str]) {
        if !self.quiet {
            self.print(&human::next(commands));
        }
    }

    /// One message for machines.
    pub(crate) fn message(&self, message: &Message<'_>) {
        if self.is_json() {
            let line = serde_json::to_string(message).expect("messages are plain data");
            self.line(&line);
        }
    }

    /// What a command was asked to print, for people.
    pub(crate) fn text(&self, text: &str) {
        if !self.is_json() {
            self.line(text.trim_end_matches('\n'));
        }
    }

    /// Text that was rendered by someone else, such as rustc.
    pub(crate) fn rendered(&self, text: &str) {
        self.print(text.trim_end_matches('\n'));
    }

    fn line(&self, text: &str) {
        let mut out = anstream::stdout().lock();
        self.keep(writeln!(out, "{text}").and_then(|()| out.flush()));
    }

    /// Remembers the first write to stdout that failed although somebody still reads.
    pub(crate) fn keep(&self, written: io::Result<()>) {
        if let Err(error) = written
            && error.kind() != ErrorKind::BrokenPipe
        {
            // Only the first loss is told.
            let _ = self.lost.set(error);
        }
    }

    /// Whether anything meant for stdout did not get there.
    pub(crate) fn has_lost(&self) -> bool {
        self.keep(io::stdout().lock().flush());
        self.lost.get().is_some()
    }

    /// Says why output was lost, if it was.
    pub(crate) fn loss(&self) {
        if let Some(error) = self.lost.get() {
            self.print(&human::error(&format!("cannot write to standard output: {error}")));
        }
    }

    fn print(&self, text: &str) {
        let _ = writeln!(anstream::stderr().lock(), "{text}");
    }
}
