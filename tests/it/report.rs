//! A run as a page: what is in it, that nothing of a run can act in it, and how a real browser takes it.

use crate::diff::with_artifacts;
use crate::tool::orket;
use crate::world::{World, nothing, request, scripted};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a hostile run writes wherever it can write.
const EVIL: &str = "</pre></kbd></script><script>document.documentElement.dataset.pwned=1</script>\
                    <img src=x onerror=document.documentElement.dataset.pwned=1><svg/onload=alert(1)>\
                    {{ 7*7 }}'\"--><b id=injected>\u{202e}\u{200f}\n";

/// The page of a run, as the tool writes it.
fn page(words: &[&Path]) -> String {
    let mut all = vec!["report".to_owned(), "--output".to_owned(), "-".to_owned()];
    all.extend(words.iter().map(|word| word.display().to_string()));
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    // A slash is escaped, too; here it need not be looked for in two ways.
    orket(&std::env::temp_dir(), &all).exits(0).out.replace("&#x2f;", "/")
}

/// A run that has said and left hostile text, with hostile artifacts put beside.
fn hostile(world: &World) -> PathBuf {
    let run =
        world.run(scripted("everything_v1", json!({ "text": EVIL }), EVIL).0).expect("published").folder;
    let fake: Vec<u8> = [b"\x89PNG\r\n\x1a\n".as_slice(), EVIL.as_bytes()].concat();
    let name = "artifacts/\"><img src=x onerror=alert(1)>.svg";
    let picture = b"GIF89a\x02\0\x02\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x02\0\x02\0\0\x02\x02\x84Q\0;";
    let artifacts = [
        ("artifacts/page.html", EVIL.as_bytes()),
        ("artifacts/fake.png", &fake),
        ("artifacts/real.gif", picture),
        ("artifacts/binary", b"\x00\x01\x1b[2J<script>"),
        (name, EVIL.as_bytes()),
    ];
    let folder = with_artifacts(&run, "hostile", &artifacts);
    std::fs::write(
        folder.join("logs/log.jsonl"),
        json!({ "level": "\"><script>", "message": EVIL }).to_string(),
    )
    .expect("written");
    std::fs::write(folder.join("logs/stderr"), EVIL).expect("written");
    folder
}

/// How often a page has a text.
fn count(page: &str, text: &str) -> usize {
    page.matches(text).count()
}

#[test]
fn a_page_has_all_of_a_run_and_is_the_same_each_time() {
    let world = World::new();
    let run = world.run(scripted("everything_v1", nothing(), "Ann\n").0).expect("published");
    let html = page(&[&run.folder]);
    assert_eq!(page(&[&run.folder]), html);
    let head = run.digests.transcript.to_string();
    let parts = [
        "everything_v1",
        "seed",
        "console.read_line",
        "5.001 ms",
        "probe.rolled",
        "nearly done",
        "<kbd>Ann",
        "hello, Ann",
        "artifacts/roll.json",
        "<audio controls",
        "data:audio/wav;base64,UklGR",
        "class=\"box step\"",
        "system-calls",
        "Reliable Mode was on. Nothing was weakened.",
        &head,
    ];
    for part in parts {
        assert!(html.contains(part), "{part} is missing");
    }
    assert!(html.contains("cargo orket replay everything_v1/2"), "a line that replays it");
    assert!(!html.contains(&world.dir.path().display().to_string()), "no path of the machine");
    for outside in
        ["http://", "src=\"/", "href=\"/", "url(http", "@import", "<link", "<iframe", "<object", "<base"]
    {
        let own = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!own.contains(outside), "{outside}");
    }
    assert!(html.contains("content=\"default-src &#x27;none&#x27;; style-src &#x27;sha256-"), "a policy");
}

#[test]
fn what_a_run_says_stays_text() {
    let world = World::new();
    let html = page(&[&hostile(&world)]);
    assert_eq!(count(&html, "<script>"), 1, "its own");
    assert_eq!(count(&html, "<img "), 1, "the picture that is one");
    assert!(html.contains("&lt;b id=injected&gt;") && !html.contains("<b id"), "as text");
    assert!(html.contains("{{ 7*7 }}"), "no template within the template");
    assert!(!html.contains(['\u{202e}', '\u{200f}', '\u{1b}']), "nothing hides or reorders text");
    assert_eq!((count(&html, "data:image/gif"), count(&html, "data:image/png")), (1, 0), "its bytes decide");
}

#[test]
fn a_damaged_run_has_a_page_that_says_so() {
    let world = World::new();
    let run = world.run(request("everything_v1", nothing())).expect("published").folder;
    std::fs::write(run.join("artifacts/roll.json"), "{}").expect("written");
    std::fs::write(run.join("transcript.jsonl.zst"), "nonsense").expect("written");
    let html = page(&[&run]);
    for part in [
        "The record of this run is damaged",
        "artifact.mismatch",
        "transcript.damaged",
        "The transcript cannot be read",
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
    std::fs::write(run.join("result.json"), "{").expect("written");
    let run = run.display().to_string();
    orket(&std::env::temp_dir(), &["report", &run, "-o", "-"]).exits(100).says("error[run.damaged]");
}

#[test]
fn a_long_run_has_a_bounded_page() {
    let world = World::new();
    let run = world.run(request("everything_v1", nothing())).expect("published").folder;
    let large = vec![b'x'; 3 << 20];
    let names: Vec<String> = (0..300).map(|n| format!("artifacts/many-{n:03}")).collect();
    let mut artifacts: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), b"small".as_slice())).collect();
    artifacts.push(("artifacts/large", &large));
    let html = page(&[&with_artifacts(&run, "many", &artifacts)]);
    assert!(html.len() < 1 << 20, "{}", html.len());
    assert!(html.contains("more artifacts are not shown") && html.contains("3.0 MiB in all"));
}

#[test]
fn two_runs_are_shown_side_by_side_up_to_where_they_part() {
    let world = World::new();
    let run = |name| world.run(scripted("everything_v1", nothing(), name).0).expect("published").folder;
    let (ann, bob, again) = (run("Ann\n"), run("Bob\n"), run("Ann\n"));
    let html = page(&[&ann, Path::new("--compare"), &bob]);
    assert!(html.contains("part first in <strong>event 1 of the transcript at /res</strong>"), "the cause");
    assert!(count(&html, "<tr class=\"same\">") > 1, "what is equal");
    assert_eq!(count(&html, "<tr class=\"changed first\">"), 1, "the cause");
    assert!(count(&html, "<tr class=\"changed\">") > 1, "its effects");
    assert!(
        html.contains("name? → <mark>Ann</mark>") && html.contains("name? → <mark>Bob</mark>"),
        "what differs"
    );
    let states =
        ["same", "same", "parted", "follows", "follows"].map(|state| format!("<li class=\"{state}\">"));
    let mut rest = html.as_str();
    for state in &states {
        rest = rest.split_once(state.as_str()).unwrap_or_else(|| panic!("{states:?} in this order")).1;
    }
    let equal = page(&[&ann, Path::new("--compare"), &again]);
    assert!(equal.contains("are equal") && !equal.contains("<table class=\"sides\">"));
}

#[test]
fn the_page_is_a_file_that_appears_whole() {
    let world = World::new();
    let run = world.run(request("stop_v1", nothing())).expect("published").folder;
    let told =
        orket(world.dir.path(), &["report", &run.display().to_string(), "--message-format", "json"]).exits(0);
    let name = format!("{}.html", run.file_name().expect("a name").to_string_lossy());
    assert_eq!(told.told("orket-report")[0]["path"], name);
    let text = std::fs::read_to_string(world.dir.path().join(&name)).expect("the page");
    assert!(text.starts_with("<!doctype html>") && text.trim_end().ends_with("</html>"));
    let nowhere = world.dir.path().join("nowhere/page.html").display().to_string();
    orket(world.dir.path(), &["report", &run.display().to_string(), "-o", &nowhere])
        .exits(101)
        .says("error[store.failed]");
}

/// What a browser makes of a page, after its script ran; nothing where there is no browser.
fn opened(world: &World, html: &str) -> Option<(String, String)> {
    let file = world.dir.path().join("page.html");
    std::fs::write(&file, html).expect("written");
    let profile = world.dir.path().join("profile").display().to_string();
    let quiet = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--enable-logging=stderr",
    ];
    let mut command = Command::new("chromium");
    command
        .args(quiet)
        .arg(format!("--user-data-dir={profile}"))
        .arg("--dump-dom")
        .arg(format!("file://{}", file.display()));
    match command.output() {
        Ok(output) => Some((
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )),
        Err(_) => {
            eprintln!("skipped: there is no chromium here");
            None
        }
    }
}

#[test]
fn a_browser_runs_nothing_of_a_hostile_run() {
    let world = World::new();
    let run = hostile(&world);
    let html = page(&[&run, Path::new("--compare"), &run.with_file_name("hostile")]);
    let Some((dom, log)) = opened(&world, &html) else { return };
    assert!(dom.contains("id=\"provenance\""), "the page is whole\n{log}");
    assert!(!dom.contains("data-pwned") && !dom.contains("<b id=\"injected\""), "{dom}");
    assert_eq!((count(&dom, "<script"), count(&dom, "<img "), count(&dom, "onerror=\"")), (1, 1, 0));
    let events = count(&html, "<li data-kind=");
    assert!(dom.contains("<form id=\"filter\">"), "its own script ran");
    assert!(dom.contains(&format!("{events} of {events}</output>")), "and found the events");
    assert!(!log.contains("Content Security Policy"), "its policy lets through what is its own\n{log}");
}

#[test]
fn a_browser_shows_where_two_runs_part() {
    let world = World::new();
    let run = |name| world.run(scripted("everything_v1", nothing(), name).0).expect("published").folder;
    let html = page(&[&run("Ann\n"), Path::new("--compare"), &run("Bob\n")]);
    let Some((dom, log)) = opened(&world, &html) else { return };
    let part =
        dom.split_once("id=\"parting\"").expect("the part").1.split_once("</section>").expect("its end").0;
    assert_eq!((count(part, "class=\"parted\""), count(part, "class=\"changed first\"")), (1, 1));
    assert_eq!((count(part, "<tr"), count(part, "<mark>")), (count(part, "</tr>"), count(part, "</mark>")));
    assert!(count(part, "<mark>Ann</mark>") > 1 && count(part, "<mark>Bob</mark>") > 1, "{part}");
    assert!(!log.contains("Content Security Policy"), "{log}");
}

#[test]
fn the_policy_of_the_page_stops_what_would_get_through() {
    let world = World::new();
    let run = world.run(request("stop_v1", nothing())).expect("published").folder;
    let evil = "<script>document.documentElement.dataset.pwned=1</script><img src=\"data:,\" onerror=\"document.documentElement.dataset.pwned=1\">";
    let html = page(&[&run]).replace("<main", &format!("{evil}<main"));
    let Some((dom, log)) = opened(&world, &html) else { return };
    assert!(!dom.contains("data-pwned"), "{dom}");
    assert!(log.contains("Content Security Policy"), "{log}");
}
