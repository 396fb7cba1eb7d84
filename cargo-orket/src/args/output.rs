//! What people and machines are shown.

use clap::ValueEnum;
use std::ffi::{OsStr, OsString};

/// How a command reports.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Output {
    /// What goes to stdout besides the text for people on stderr: messages, or one document at the end
    #[arg(long, global = true, value_name = "FMT", default_value = "human", help_heading = "Output")]
    pub(crate) message_format: MessageFormat,
    /// When to use colours [default: as CARGO_TERM_COLOR, NO_COLOR and the terminal say]
    #[arg(long, global = true, value_name = "WHEN", help_heading = "Output")]
    pub(crate) color: Option<Color>,
    /// Print nothing but results, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Print more (`-vv` is passed on to cargo)
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub(crate) verbose: u8,
}

/// The form of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MessageFormat {
    /// Text for people
    Human,
    /// One JSON message per line, those for editors among them
    Json,
    /// A SARIF 2.1.0 log for code scanning
    Sarif,
    /// Annotations of GitHub Actions, and the summary of the step
    Github,
    /// A JUnit report
    Junit,
}

impl MessageFormat {
    /// Whether it is written at the end, of all that was found.
    pub(crate) fn is_document(self) -> bool {
        matches!(self, Self::Sarif | Self::Github | Self::Junit)
    }
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// The choice before the command line is parsed: parse errors have colours too.
    pub(crate) fn of_words(words: &[OsString]) -> Self {
        let mut before = OsStr::new("");
        let mut chosen = None;
        for word in words.iter().take_while(|word| *word != "--") {
            let value = word.to_str().and_then(|word| word.strip_prefix("--color="));
            let value = value.or_else(|| (before == "--color").then(|| word.to_str()).flatten());
            chosen = value.and_then(Self::of_name).or(chosen);
            before = word;
        }
        chosen.unwrap_or_else(Self::of_environment)
    }

    /// `CARGO_TERM_COLOR`; what stands behind it (`NO_COLOR`, the terminal) is anstream's `auto`.
    pub(crate) fn of_environment() -> Self {
        std::env::var("CARGO_TERM_COLOR").ok().and_then(|name| Self::of_name(&name)).unwrap_or(Self::Auto)
    }

    fn of_name(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }

    /// The choice in clap's words.
    pub(crate) fn for_clap(self) -> clap::ColorChoice {
        match self {
            Self::Auto => clap::ColorChoice::Auto,
            Self::Always => clap::ColorChoice::Always,
            Self::Never => clap::ColorChoice::Never,
        }
    }

    /// The choice in anstream's words.
    pub(crate) fn for_streams(self) -> anstream::ColorChoice {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
    }

    /// The choice in cargo's words.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}
