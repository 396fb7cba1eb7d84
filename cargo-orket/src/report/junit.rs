//! What was examined as a JUnit report: a case for each, with what was found of it.
//!
//! Invariant: every text is valid in XML 1.0; what is not becomes U+FFFD.

use super::diagnostic::Diagnostic;
use super::table::counted;
use orket_contract::issue::Severity;
use std::fmt::Write as _;
use std::time::Duration;

/// Something that was examined.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    /// What examined it, such as `verify`.
    pub(crate) suite: &'static str,
    /// What it belongs to, such as a workload.
    pub(crate) class: String,
    /// Its name.
    pub(crate) name: String,
    /// How long it took.
    pub(crate) time: Duration,
    /// What came out.
    pub(crate) outcome: Outcome,
    /// What was found.
    pub(crate) found: Vec<Diagnostic>,
}

/// What came out of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is as it should be.
    Holds,
    /// It is not.
    Fails,
    /// It was not examined, because of what went wrong before.
    Skipped,
}

/// The report; suites in the order in which their first cases came.
pub(super) fn report(cases: &[Case]) -> String {
    let mut suites: Vec<&str> = Vec::new();
    for case in cases {
        if !suites.contains(&case.suite) {
            suites.push(case.suite);
        }
    }
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(text, "<testsuites name=\"cargo orket\" {}>", totals(cases.iter()));
    for suite in suites {
        let of_suite = || cases.iter().filter(|case| case.suite == suite);
        let _ = writeln!(text, "  <testsuite name=\"{}\" {}>", escaped(suite), totals(of_suite()));
        of_suite().for_each(|case| text.push_str(&testcase(case)));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn totals<'a>(cases: impl Iterator<Item = &'a Case> + Clone) -> String {
    let of = |outcome| cases.clone().filter(|case| case.outcome == outcome).count();
    let (failures, skipped, tests) = (of(Outcome::Fails), of(Outcome::Skipped), cases.clone().count());
    let time = cases.map(|case| case.time).sum::<Duration>().as_secs_f64();
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"{time:.3}\"")
}

fn testcase(case: &Case) -> String {
    let mut text = format!(
        "    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\"",
        escaped(&case.class),
        escaped(&case.name),
        case.time.as_secs_f64()
    );
    let told = escaped(&case.found.iter().map(told).collect::<Vec<_>>().join("\n\n"));
    let inner = match case.outcome {
        Outcome::Holds if told.is_empty() => return text + "/>\n",
        Outcome::Holds => format!("<system-out>{told}</system-out>"),
        Outcome::Skipped => "<skipped/>".to_owned(),
        Outcome::Fails => failure(case, &told),
    };
    let _ = writeln!(text, ">\n      {inner}\n    </testcase>");
    text
}

/// The worst that was found, with all of it as text.
fn failure(case: &Case, told: &str) -> String {
    // What its author has accepted is not why it failed.
    let open: Vec<_> = case.found.iter().filter(|one| one.suppressed.is_none()).collect();
    let worst = open.iter().find(|one| one.level == Severity::Error).or(open.first());
    let (kind, message) = worst.map_or(("failed", "it failed"), |one| (&one.code, &one.message));
    let more = match open.len() {
        0 | 1 => String::new(),
        count => format!(" (and {})", counted(count as u64 - 1, "other finding")),
    };
    let message = escaped(&format!("{message}{more}"));
    format!("<failure type=\"{}\" message=\"{message}\">{told}</failure>", escaped(kind))
}

fn told(one: &Diagnostic) -> String {
    let place = one.span.as_ref().map_or_else(String::new, |span| format!("\n --> {}", span.location()));
    let accepted = one.suppressed.as_ref().map_or_else(String::new, |reason| format!("\naccepted: {reason}"));
    format!("{}[{}]: {}{accepted}{place}", one.level, one.code, one.text())
}

/// Text for an element or an attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // A parser would make spaces of these in an attribute.
            '\n' | '\t' | '\r' => {
                let _ = write!(escaped, "&#{};", u32::from(c));
            }
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::odd;
    use super::*;
    use proptest::prelude::*;

    fn case(name: &str, found: Vec<Diagnostic>) -> Case {
        let outcome = if found.is_empty() { Outcome::Holds } else { Outcome::Fails };
        let (class, name) = ("hello_v1".to_owned(), name.to_owned());
        Case { suite: "verify", class, name, time: Duration::ZERO, outcome, found }
    }

    #[test]
    fn a_failure_has_its_code_and_words() {
        let found = vec![odd::diagnostic("replay.diverged", "a < b", None)];
        let text = report(&[case("first", found), case("second", Vec::new())]);
        assert!(text.contains("<testsuite name=\"verify\" tests=\"2\" failures=\"1\""), "{text}");
        assert!(text.contains(
            "<failure type=\"replay.diverged\" message=\"a &lt; b\">error[replay.diverged]: a &lt; b<"
        ));
        assert!(text.contains("name=\"second\" time=\"0.000\"/>"), "{text}");
    }

    #[test]
    fn a_failure_names_nothing_that_was_accepted() {
        let mut accepted = odd::diagnostic("ambient.time", "x", None);
        accepted.suppressed = Some("only shown".to_owned());
        let found = vec![accepted, odd::diagnostic("ambient.thread", "y", None)];
        let text = report(&[case("first", found)]);
        assert!(text.contains("<failure type=\"ambient.thread\" message=\"y\">"), "{text}");
        assert!(text.contains("error[ambient.time]: x&#10;accepted: only shown"), "{text}");
    }

    proptest! {
        #[test]
        fn odd_text_ends_no_element(name in odd::text(), found in prop::collection::vec(odd::anything(), 0..3)) {
            let holds = found.is_empty();
            let text = report(&[case(&name, found)]);
            let is_wrong = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{fffe}' | '\u{ffff}');
            prop_assert!(!text.chars().any(is_wrong));
            let elements = if holds { 3 } else { 4 };
            // `<?xml`, and each element opened and closed once; a case without findings closes itself.
            prop_assert_eq!(text.matches('<').count(), 1 + 2 * elements - usize::from(holds), "{}", text);
            prop_assert_eq!(text.matches('<').count(), text.matches('>').count());
        }
    }
}
