//! Content that cannot be used is refused, with file and field.

use crate::table::package;
use mystery_game::content::Content;
use std::fs;
use std::path::Path;

/// Loads a copy of the content in which `from` is replaced by `to` in one file.
fn check(test: &str, file: &str, from: &str, to: &str, expected: &[&str]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(package("content")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap();
        let text = if name == file {
            assert!(text.contains(from), "{file} has no {from:?}");
            text.replacen(from, to, 1)
        } else {
            text
        };
        fs::write(folder.join(name), text).unwrap();
    }
    let error = Content::load(&folder).unwrap_err().to_string();
    for part in expected {
        assert!(error.contains(part), "{error:?} lacks {part:?}");
    }
}

#[test]
fn an_unknown_key_is_refused() {
    check("unknown-key", "cast.yaml", "role:", "rule:", &["content/cast.yaml", "rule"]);
}

#[test]
fn an_id_that_is_there_twice_is_refused() {
    check(
        "twice",
        "cast.yaml",
        "GABE_ROURKE",
        "NICK_VALE",
        &["content/cast.yaml: `npcs`", "`NICK_VALE` is there twice"],
    );
}

#[test]
fn an_object_kept_nowhere_is_refused() {
    let expected = ["content/setting.yaml: `objects[0].kept_in`", "there is no place `CELLAR`"];
    check("nowhere", "setting.yaml", "kept_in: ARCHIVE", "kept_in: CELLAR", &expected);
}

#[test]
fn a_placeholder_that_means_nothing_is_refused() {
    let expected = ["content/phrases.yaml: `answers.time_anchor`", "{when_}"];
    check("placeholder", "phrases.yaml", "{when}", "{when_}", &expected);
}

#[test]
fn an_intent_nobody_can_ask_for_is_refused() {
    let expected = ["content/intents.yaml: `intents`", "WHEN_WAS is missing"];
    check("intent", "intents.yaml", "intent: WHEN_WAS", "intent: WHERE_WAS", &expected);
}

#[test]
fn a_missing_file_is_named() {
    let error = Content::load(Path::new("no/such/folder")).unwrap_err().to_string();
    assert!(error.starts_with("content/cast.yaml: "), "{error}");
}
