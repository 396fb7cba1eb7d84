//! The report as a file: Markdown for people, JSON for programs, JUnit for CI.

use super::{Check, Conformance, State};
use crate::error::{Error, Result};
use std::fmt::Write as _;
use std::path::Path;

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// JSON.
    Json,
    /// JUnit's XML.
    Junit,
    /// Markdown.
    Markdown,
}

impl Form {
    /// The form that the ending of a file's name asks for.
    ///
    /// # Errors
    /// [`Error::Usage`] for another ending.
    pub(crate) fn of_path(path: &Path) -> Result<Self> {
        match path.extension().and_then(|end| end.to_str()) {
            Some("json") => Ok(Self::Json),
            Some("xml") => Ok(Self::Junit),
            Some("md") => Ok(Self::Markdown),
            _ => {
                let text = format!("`--output {}`: a report is a .json, .md or .xml file", path.display());
                Err(Error::Usage(text))
            }
        }
    }

    /// The report in this form.
    ///
    /// # Errors
    /// None but what plain data can fail with.
    pub(crate) fn render(self, report: &Conformance) -> Result<String> {
        match self {
            Self::Json => Ok(format!("{}\n", serde_json::to_string_pretty(report).map_err(Error::Answer)?)),
            Self::Junit => Ok(junit(report)),
            Self::Markdown => Ok(markdown(report)),
        }
    }
}

fn markdown(report: &Conformance) -> String {
    let mut text = "# Conformance\n".to_owned();
    for extension in &report.extensions {
        let version = extension.version.as_deref().unwrap_or("");
        let verdict = if extension.conforms { "conforms" } else { "does not conform" };
        let _ = write!(text, "\n## {} {version}\n\nIt {verdict}.", extension.id);
        for (name, digest) in [("Program", &extension.build), ("Manifest", &extension.manifest)] {
            if let Some(digest) = digest {
                let _ = write!(text, " {name}: `{digest}`.");
            }
        }
        text.push_str("\n\n| check | of | came to | was done | shows |\n|---|---|---|---|---|\n");
        extension.checks.iter().for_each(|check| row(&mut text, check));
    }
    text
}

fn row(text: &mut String, check: &Check) {
    let shows = [check.why.as_deref(), check.fix.as_deref()].into_iter().flatten().map(str::to_owned);
    let shows: Vec<String> = shows.chain(check.evidence.iter().cloned()).map(|part| cell(&part)).collect();
    let (name, subject, state) = (check.name, &check.subject, check.state.as_str());
    let _ = writeln!(
        text,
        "| `{name}` | `{subject}` | {state} | {} | {} |",
        cell(check.done),
        shows.join("<br>")
    );
}

fn cell(text: &str) -> String {
    text.replace('|', r"\|").replace('<', "&lt;").replace('\n', " ")
}

fn junit(report: &Conformance) -> String {
    let mut text =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"orket conformance\">\n".to_owned();
    for extension in &report.extensions {
        let count = |state| extension.checks.iter().filter(|check| check.state == state).count();
        let _ = writeln!(
            text,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">",
            escaped(&extension.id),
            extension.checks.len(),
            count(State::Fail),
            count(State::Skipped),
        );
        extension.checks.iter().for_each(|check| case(&mut text, check));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn case(text: &mut String, check: &Check) {
    let _ = write!(text, "    <testcase classname=\"{}\" name=\"{}\">", escaped(&check.subject), check.name);
    let why = escaped(check.why.as_deref().unwrap_or_default());
    match check.state {
        State::Fail => {
            let fix = escaped(check.fix.as_deref().unwrap_or_default());
            let code = escaped(check.code.as_deref().unwrap_or_default());
            let _ = write!(text, "<failure type=\"{code}\" message=\"{why}\">{fix}</failure>");
        }
        State::Skipped => {
            let _ = write!(text, "<skipped message=\"{why}\"/>");
        }
        State::Pass => {
            let _ = write!(text, "<system-out>{}</system-out>", escaped(&check.evidence.join("\n")));
        }
    }
    text.push_str("</testcase>\n");
}

/// Text within XML; characters that XML cannot hold are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\n' | '\t') => {}
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_the_name_decides_and_foreign_text_stays_text() {
        assert_eq!(Form::of_path(Path::new("a/report.md")).unwrap(), Form::Markdown);
        assert_eq!(Form::of_path(Path::new("report.xml")).unwrap(), Form::Junit);
        assert!(matches!(Form::of_path(Path::new("report")), Err(Error::Usage(_))));
        assert_eq!(escaped("<a b=\"\u{1}&\">"), "&lt;a b=&quot;&amp;&quot;&gt;");
        assert_eq!(cell("a|b\nc<d"), r"a\|b c&lt;d");
    }
}
