//! What must be true of a run before it is published, and what is said about it.

use orket_runtime::prelude::*;
use std::path::Path;

/// The artifact has one line for each guess.
pub fn has_a_line_per_guess(result: &WorkloadResult, artifacts: &Path) -> Vec<Issue> {
    let lines = lines(artifacts);
    match result.output.get("guesses").and_then(Value::as_u64) {
        Some(guesses) if guesses == lines => Vec::new(),
        _ => vec![Issue::error("guesses.count", format!("guesses.txt has {lines} lines"))],
    }
}

/// How many guesses there were.
pub fn summary(artifacts: &Path) -> Result<Value> {
    Ok(json!({ "guesses": lines(artifacts) }))
}

fn lines(artifacts: &Path) -> u64 {
    let text = std::fs::read_to_string(artifacts.join("guesses.txt")).unwrap_or_default();
    text.lines().count() as u64
}
