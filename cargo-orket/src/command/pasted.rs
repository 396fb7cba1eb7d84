//! Lines for a person to paste into a shell.

use std::ffi::OsString;

/// Words as one line that a shell reads as these words. Where they read standard input, the line says that it needs some.
pub(super) fn line(words: &[OsString]) -> String {
    let line = words.iter().map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ");
    let reads = |word: &OsString| word == "-" || word.to_string_lossy().ends_with("=-");
    if words.iter().any(reads) { line + " < FILE" } else { line }
}

/// The words of this call after its subcommand, but the workload, the `valued` options and the `flags`: what is said anew.
pub(super) fn said(
    subcommand: &str,
    workload: Option<&str>,
    valued: &[&str],
    flags: &[&str],
) -> Vec<OsString> {
    let given = std::env::args_os().skip_while(|word| word != subcommand).skip(1);
    kept(given.collect(), workload, valued, flags)
}

fn kept(words: Vec<OsString>, workload: Option<&str>, valued: &[&str], flags: &[&str]) -> Vec<OsString> {
    // The values of options come before it as well.
    let workload = workload.and_then(|workload| words.iter().rposition(|word| word == workload));
    let (mut kept, mut skips) = (Vec::new(), false);
    for (at, word) in words.into_iter().enumerate() {
        if std::mem::take(&mut skips) {
            continue;
        }
        let text = word.to_string_lossy().into_owned();
        let name = text.split('=').next().unwrap_or_default();
        if valued.contains(&name) {
            skips = name == text;
        } else if workload != Some(at) && !flags.contains(&name) {
            kept.push(word);
        }
    }
    kept
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=+,@%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted(".orket/runs/a_v1/2026-x"), ".orket/runs/a_v1/2026-x");
        assert_eq!(quoted("it's here"), r"'it'\''s here'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn what_reads_standard_input_says_so() {
        let shown = |words: &[&str]| line(&words.iter().map(OsString::from).collect::<Vec<_>>());
        assert_eq!(shown(&["verify", "--script", "-"]), "verify --script - < FILE");
        assert_eq!(shown(&["verify", "--input=-"]), "verify --input=- < FILE");
        assert_eq!(shown(&["verify", "x-"]), "verify x-");
    }

    #[test]
    fn the_words_of_a_call_stay_but_those_that_are_said_anew() {
        let words = ["-p", "x_v1", "--seed=7", "x_v1", "--case", "a", "--resume", "--set", "a=x_v1", "-q"];
        let kept = kept(words.map(OsString::from).into(), Some("x_v1"), &["--seed", "--case"], &["--resume"]);
        assert_eq!(kept, ["-p", "x_v1", "--set", "a=x_v1", "-q"]);
    }
}
