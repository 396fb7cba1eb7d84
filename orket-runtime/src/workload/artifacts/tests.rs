//! Where artifacts may lie, and what is refused with which code.

use super::*;
use orket_contract::protocol::Level;
use serde_json::json;
use std::sync::atomic::{AtomicU64, Ordering};

/// Answers with the size of what was written.
struct Sizes(PathBuf);

impl crate::link::Link for Sizes {
    fn artifact(&mut self, path: &str, kind: Option<&str>) -> Result<ArtifactRef> {
        let size = fs::metadata(self.0.join(path))?.len();
        let kind = kind.map(str::to_owned);
        Ok(ArtifactRef { path: path.to_owned(), sha256: "0".repeat(64), size, kind })
    }

    fn trace(&mut self, _: &str, _: Value) -> Result<()> {
        Ok(())
    }

    fn log(&mut self, _: Level, _: &str) {}
}

/// A writer below a fresh folder that goes with the value.
struct Fresh(Artifacts);

impl Fresh {
    fn new() -> Self {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let root = std::env::temp_dir().join(format!("orket-artifacts-{}-{number}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        Self(Artifacts::below(root.clone(), Rc::new(RefCell::new(Sizes(root)))))
    }

    fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.0.root.join(path)).unwrap()
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0.root);
    }
}

#[track_caller]
fn refused(path: &str, code: &str) {
    assert_eq!(Fresh::new().0.write(path, b"x").unwrap_err().code(), code, "{path:?}");
}

#[test]
fn paths_that_leave_the_folder_are_refused() {
    refused("/etc/passwd", "artifact.absolute");
    refused("C:/x", "artifact.absolute");
    refused("../x", "artifact.traversal");
    refused("a/../../x", "artifact.traversal");
    refused("a//b", "artifact.traversal");
    refused("./a", "artifact.traversal");
    refused("a/", "artifact.traversal");
    refused("", "artifact.traversal");
    refused("a\\b", "artifact.traversal");
    refused("a\nb", "artifact.traversal");
    refused("a\0b", "artifact.traversal");
}

#[test]
fn a_namespace_cannot_lead_out() {
    let fresh = Fresh::new();
    assert_eq!(fresh.0.namespace("..").write("x", b"x").unwrap_err().code(), "artifact.traversal");
    assert_eq!(fresh.0.namespace("/tmp").write("x", b"x").unwrap_err().code(), "artifact.absolute");
    let below = fresh.0.namespace("a").namespace("b");
    assert_eq!(below.write("c", b"x").unwrap().path, "a/b/c");
    assert_eq!(fresh.0.written().len(), 1);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    use std::os::unix::fs::symlink;
    let (fresh, outside) = (Fresh::new(), Fresh::new());
    outside.0.write("kept", b"kept").unwrap();
    symlink(&outside.0.root, fresh.0.root.join("folder")).unwrap();
    symlink(outside.0.root.join("kept"), fresh.0.root.join("file")).unwrap();
    symlink("nowhere", fresh.0.root.join("dangling")).unwrap();
    for path in ["folder/kept", "file", "dangling", "dangling/x"] {
        assert_eq!(fresh.0.write(path, b"changed").unwrap_err().code(), "artifact.linked", "{path}");
    }
    assert_eq!(outside.bytes("kept"), b"kept");
}

#[cfg(unix)]
#[test]
fn another_name_of_a_file_is_not_written_through() {
    let (fresh, outside) = (Fresh::new(), Fresh::new());
    outside.0.write("kept", b"kept").unwrap();
    fs::hard_link(outside.0.root.join("kept"), fresh.0.root.join("file")).unwrap();
    fresh.0.write("file", b"changed").unwrap();
    assert_eq!(outside.bytes("kept"), b"kept");
    assert_eq!(fresh.bytes("file"), b"changed");
}

#[test]
fn what_is_no_file_is_in_the_way() {
    let fresh = Fresh::new();
    fresh.0.write("a/b", b"x").unwrap();
    assert_eq!(fresh.0.write("a", b"x").unwrap_err().code(), "artifact.special");
    assert_eq!(fresh.0.write("a/b/c", b"x").unwrap_err().code(), "artifact.special");
}

#[test]
fn the_last_write_counts() {
    let fresh = Fresh::new();
    fresh.0.write("b", b"long ago").unwrap();
    fresh.0.write_text("a", "1").unwrap();
    fresh.0.write("b", b"now").unwrap();
    let written: Vec<_> = fresh.0.written().into_iter().map(|a| (a.path, a.size, a.kind)).collect();
    let expected = [("a".to_owned(), 1, Some("text/plain".to_owned())), ("b".to_owned(), 3, None)];
    assert_eq!(written, expected);
    assert_eq!(fresh.bytes("b"), b"now");
}

#[test]
fn pieces_are_listed_when_they_are_finished() {
    let fresh = Fresh::new();
    let mut writer = fresh.0.create("log").unwrap().with_kind("text/csv");
    writer.write_all(b"a,b\n").unwrap();
    writer.flush().unwrap();
    assert!(fresh.0.written().is_empty());
    assert_eq!(writer.finish().unwrap().kind.as_deref(), Some("text/csv"));
    assert_eq!(fresh.0.written().len(), 1);
}

#[test]
fn json_is_written_with_sorted_keys() {
    let fresh = Fresh::new();
    let value = json!({ "b": [1, 0.5, null], "a": { "\u{e000}": "\n", "\u{10000}": true }, "": "é" });
    fresh.0.write_json("x.json", &value).unwrap();
    // By UTF-16 code units a surrogate pair comes before U+E000.
    let expected = "{\"\":\"é\",\"a\":{\"\u{10000}\":true,\"\u{e000}\":\"\\n\"},\"b\":[1,0.5,null]}\n";
    assert_eq!(String::from_utf8(fresh.bytes("x.json")).unwrap(), expected);
}
