//! What must be true of a run before it is published, and what is said about it.

use orket_runtime::prelude::*;
use std::path::Path;

/// The artifact has a line for each of the guard's moves.
pub fn the_log_is_whole(result: &WorkloadResult, artifacts: &Path) -> Vec<Issue> {
    let logged = moves(artifacts);
    match result.output.get("moves").and_then(Value::as_u64) {
        Some(moves) if moves == logged => Vec::new(),
        _ => vec![Issue::error("night.moves", format!("night.txt has {logged} moves of the guard"))],
    }
}

/// How many moves the guard has made.
pub fn summary(artifacts: &Path) -> Result<Value> {
    Ok(json!({ "moves": moves(artifacts) }))
}

fn moves(artifacts: &Path) -> u64 {
    let log = std::fs::read_to_string(artifacts.join("night.txt")).unwrap_or_default();
    log.lines().filter(|line| line.contains(" guard ")).count() as u64
}
