//! The folder of a recorded run, of which anybody may have changed any file.

use orket_engine::runs::RecordedRun;
use std::path::Path;

/// The files, in the order of the parts of an input; a zero byte ends a part.
pub const FILES: [&str; 7] = [
    "plan.json",
    "run.json",
    "result.json",
    "artifact_manifest.json",
    "transcript.index.json",
    "provenance.json",
    "transcript.jsonl",
];

/// Writes an input as a run into the folder `dir` and reads it back.
pub fn run(dir: &Path, bytes: &[u8]) {
    let mut parts = bytes.split(|byte| *byte == 0);
    for file in FILES {
        std::fs::write(dir.join(file), parts.next().unwrap_or_default()).expect("a file can be written");
    }
    match RecordedRun::load(dir) {
        Ok(run) => {
            let damage = run.check();
            assert!(damage.iter().all(|issue| issue.is_error() && issue.code.contains('.')), "{damage:?}");
            if let Ok(recording) = run.recording() {
                assert_eq!(recording.records().len() as u64, recording.index().count);
                for record in recording.records() {
                    let _ = recording.whole(record);
                }
            }
        }
        Err(error) => {
            let issues = error.issues();
            assert!(
                !issues.is_empty() && issues.iter().all(|issue| issue.code == "run.damaged"),
                "{issues:?}"
            );
        }
    }
}
