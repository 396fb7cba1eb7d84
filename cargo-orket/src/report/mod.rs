//! What people and machines are told.
//!
//! Invariants: human text goes to stderr and JSON messages to stdout; only what a command was asked
//! to print (a manifest, a page) goes to stdout as text, and never where machines read it. What is a document
//! (SARIF, JUnit, annotations) is written once, at the end. A reader that left is not an error: it has seen enough. Any other loss on stdout is remembered, see [`Report::keep`].

mod diagnostic;
mod envelope;
mod excerpt;
mod github;
mod human;
mod junit;
mod kept;
mod message;
#[cfg(test)]
mod odd;
mod progress;
mod sarif;
mod table;

pub(crate) use diagnostic::Diagnostic;
pub(crate) use junit::{Case, Outcome};
pub(crate) use message::{Answer, Message, SCHEMA};
pub(crate) use progress::Progress;
pub(crate) use table::{Table, ago, bytes, counted};

use crate::args::{Color, MessageFormat, Output};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::file;
use crate::lint::Finding;
use kept::Kept;
use orket_contract::issue::{Issue, Severity};
use std::fs::File;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

/// The reports of a folder.
const SARIF: &str = "orket.sarif";
const JUNIT: &str = "junit.xml";
const SUMMARY: &str = "summary.md";
const MESSAGES: &str = "messages.jsonl";

/// Where all output goes through.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    format: MessageFormat,
    color: Color,
    quiet: bool,
    verbose: u8,
    lost: Arc<OnceLock<io::Error>>,
    /// What documents are made of, where one is asked for.
    kept: Option<Arc<Mutex<Kept>>>,
    /// Where all messages go, besides standard output.
    journal: Option<Arc<File>>,
    /// What ends a pause of GitHub's commands.
    pause: Arc<OnceLock<String>>,
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
            kept: output.message_format.is_document().then(Arc::default),
            journal: None,
            pause: Arc::default(),
        }
    }

    /// The same, which keeps everything for [`Self::documents`] and writes all messages into a folder, too.
    ///
    /// What earlier reports lie there are removed at once: nobody takes them for those of a run that was killed.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(crate) fn recording(&self, folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
        for path in [SARIF, JUNIT, SUMMARY].map(|name| folder.join(name)) {
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(Error::file("remove", &path)(error));
                }
                _ => {}
            }
        }
        let journal = folder.join(MESSAGES);
        let file = File::create(&journal).map_err(Error::file("write", &journal))?;
        let kept = self.kept.clone().unwrap_or_default();
        Ok(Self { kept: Some(kept), journal: Some(Arc::new(file)), ..self.clone() })
    }

    /// From here on GitHub takes no text, whoever writes it, for commands of its own.
    pub(crate) fn pause(&self) {
        if self.format == MessageFormat::Github {
            self.line(&github::stop(self.pause.get_or_init(github::token)));
        }
    }

    /// The end of a pause: what follows is ours.
    pub(crate) fn resume(&self) {
        if let Some(token) = self.pause.get() {
            self.line(&github::resume(token));
        }
    }

    /// Whether stdout is for machines alone.
    pub(crate) fn is_for_machines(&self) -> bool {
        !matches!(self.format, MessageFormat::Human | MessageFormat::Github)
    }

    /// Whether a person may be shown something that moves.
    pub(crate) fn is_lively(&self) -> bool {
        !self.quiet
            && !self.is_for_machines()
            && io::stderr().is_terminal()
            && std::env::var_os("CI").is_none()
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

    /// One issue, for all audiences.
    pub(crate) fn issue(&self, issue: &Issue) {
        let diagnostic = issue.into();
        self.print(&human::diagnostic(&diagnostic));
        self.message(&Message::Issue(issue));
        self.keep_diagnostic(diagnostic);
    }

    /// An issue in something that was written by hand: editors are told, too.
    pub(crate) fn mistake(&self, issue: &Issue) {
        self.issue(issue);
        self.message(&Message::Compiler(&envelope::line(&issue.into())));
    }

    /// A finding of the lint; editors are told, too.
    pub(crate) fn finding(&self, finding: &Finding) {
        let diagnostic = Diagnostic::from(finding);
        self.print(&human::diagnostic(&diagnostic));
        self.message(&Message::Issue(&finding.issue()));
        self.message(&Message::Compiler(&envelope::line(&diagnostic)));
        self.keep_diagnostic(diagnostic);
    }

    /// What rustc has to say of what it compiles. People are shown errors: the rest is no business of ours.
    pub(crate) fn compiler(&self, told: &cargo_metadata::CompilerMessage, workspace: &Path) {
        let diagnostic = Diagnostic::of_rustc(told, workspace);
        if diagnostic.level == Severity::Error {
            self.rendered(told.message.rendered.as_deref().unwrap_or(&told.message.message));
            self.keep_diagnostic(diagnostic);
        }
        let told = serde_json::to_value(told).expect("it was read from JSON");
        self.message(&Message::Compiler(&told));
    }

    /// Something that was examined, for reports that count such things; what was found after so many is told with it.
    pub(crate) fn case(&self, case: Case, before: usize) {
        if let Some(mut kept) = self.kept() {
            kept.case(case, before);
        }
    }

    /// How many diagnostics were kept so far.
    pub(crate) fn count(&self) -> usize {
        self.kept().map_or(0, |kept| kept.count())
    }

    /// The diagnostics that were kept after so many.
    pub(crate) fn since(&self, count: usize) -> Vec<Diagnostic> {
        self.kept().map_or_else(Vec::new, |kept| kept.since(count))
    }

    fn keep_diagnostic(&self, diagnostic: Diagnostic) {
        if let Some(mut kept) = self.kept() {
            kept.diagnostic(diagnostic);
        }
    }

    fn kept(&self) -> Option<MutexGuard<'_, Kept>> {
        let kept = self.kept.as_ref()?;
        Some(kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// The document that was asked for, once all is known.
    pub(crate) fn document(&self, exit: Exit) {
        self.resume();
        let text = match (self.format, self.kept()) {
            (MessageFormat::Sarif, Some(kept)) => kept.sarif(exit),
            (MessageFormat::Junit, Some(kept)) => kept.junit(exit),
            (MessageFormat::Github, Some(kept)) => kept.annotations(),
            _ => return,
        };
        if !text.is_empty() {
            self.line(text.trim_end_matches('\n'));
        }
        if self.format == MessageFormat::Github {
            self.step_summary();
        }
    }

    /// Adds to the summary of the step of GitHub Actions that this is a part of.
    fn step_summary(&self) {
        let (Some(path), Some(kept)) = (std::env::var_os("GITHUB_STEP_SUMMARY"), self.kept()) else { return };
        let before =
            std::fs::metadata(&path).map_or(0, |file| usize::try_from(file.len()).unwrap_or(usize::MAX));
        let file = File::options().append(true).create(true).open(&path);
        if let Err(error) = file.and_then(|mut file| file.write_all(kept.summary(before).as_bytes())) {
            self.warn(&format!("cannot write {}: {error}", Path::new(&path).display()));
        }
    }

    /// Every document, into the folder of [`Self::recording`], and the end of its messages.
    ///
    /// # Errors
    /// [`Error::File`].
    pub(crate) fn documents(&self, folder: &Path, exit: Exit) -> Result<()> {
        let Some(kept) = self.kept() else { return Ok(()) };
        file::write(&folder.join(SARIF), kept.sarif(exit).as_bytes())?;
        file::write(&folder.join(JUNIT), kept.junit(exit).as_bytes())?;
        file::write(&folder.join(SUMMARY), kept.summary(0).as_bytes())?;
        self.record(&text_of(&Message::summary(exit)));
        Ok(())
    }

    /// A finding that its author has accepted: for machines, and for people who want to know more.
    pub(crate) fn accepted(&self, finding: &Finding) {
        let diagnostic = Diagnostic::from(finding);
        if self.verbose > 0 {
            self.print(&human::diagnostic(&diagnostic));
        }
        self.message(&Message::Issue(&finding.issue()));
        self.keep_diagnostic(diagnostic);
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
        let is_told = self.format == MessageFormat::Json;
        if !is_told && self.journal.is_none() {
            return;
        }
        let line = text_of(message);
        self.record(&line);
        if is_told {
            self.line(&line);
        }
    }

    /// One message for those who read the folder of reports.
    fn record(&self, line: &str) {
        if let Some(mut journal) = self.journal.as_deref() {
            self.keep(writeln!(journal, "{line}"));
        }
    }

    /// What a command was asked to print, for people.
    pub(crate) fn text(&self, text: &str) {
        if !self.is_for_machines() {
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

/// A message as a line.
fn text_of(message: &Message<'_>) -> String {
    serde_json::to_string(message).expect("messages are plain data")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_of_a_run_before_are_gone_until_this_one_ends() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let all = [SARIF, JUNIT, SUMMARY, MESSAGES];
        all.iter().for_each(|name| std::fs::write(path(name), "green").unwrap());
        let report = Report {
            format: MessageFormat::Human,
            color: Color::Never,
            quiet: true,
            verbose: 0,
            lost: Arc::default(),
            kept: None,
            journal: None,
            pause: Arc::default(),
        };
        let report = report.recording(folder.path()).unwrap();
        assert_eq!(all.map(|name| path(name).exists()), [false, false, false, true]);
        assert_eq!(std::fs::read_to_string(path(MESSAGES)).unwrap(), "");
        report.documents(folder.path(), Exit::Negative).unwrap();
        assert_eq!(all.map(|name| path(name).is_file()), [true; 4]);
        let messages = std::fs::read_to_string(path(MESSAGES)).unwrap();
        let last: serde_json::Value = serde_json::from_str(messages.lines().last().unwrap()).unwrap();
        assert_eq!((&last["reason"], &last["exit"]), (&"orket-summary".into(), &100.into()));
    }
}
