//! Completion in real shells, and the manual.

use crate::tool::{Project, command, orket};
use crate::world::tool;
use std::path::Path;
use std::process::Command;

/// What a shell prints that runs a text with the script of our completion at `$SCRIPT`; none where there is no such shell.
#[track_caller]
fn run(shell: &str, options: &[&str], folder: &Path, text: &str) -> Option<String> {
    let script = tempfile::NamedTempFile::new().expect("a file");
    let printed = orket(folder, &["completions", shell]).exits(0).out;
    std::fs::write(&script, printed).expect("the file can be written");
    let mut process = Command::new(shell);
    process.args(options).args(["-c", text]).current_dir(folder).env("SCRIPT", script.path());
    let output = match process.output() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && shell != "bash" => {
            eprintln!("skipped: there is no {shell} here");
            return None;
        }
        output => output.expect("the shell starts"),
    };
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{shell}: {errors}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A project that has something to offer.
fn project(name: &str) -> Project {
    let project = Project::new(name, &["--template", "minimal"]);
    project.write(".orket/runs/ran_v1/2026-11-28T10-00-00Z-1/plan.json", "{}");
    project.write("replays/cased_v1/won/case.json", "{}");
    project
}

/// Line by line: the words so far, each quoted, and one that must be among the candidates.
const ASKED: [(&[&str], &str); 9] = [
    (&["cargo", "orket", "ru"], "run"),
    (&["cargo-orket", "ru"], "run"),
    (&["cargo", "orket", "run", ""], "ran_v1"),
    (&["cargo", "orket", "run", "ca"], "cased_v1"),
    (&["cargo", "orket", "replay", "20"], "2026-11-28T10-00-00Z-1"),
    (&["cargo", "orket", "verify", "--case", ""], "won"),
    (&["cargo", "orket", "run", "ran_v1", "--deny", "cons"], "console"),
    (&["cargo", "orket", "explain", "capability.de"], "capability.denied"),
    (&["cargo", "orket", "new", "--template", ""], "minimal"),
];

/// What must have been offered, and where it was not.
#[track_caller]
fn check(printed: &str) {
    let blocks: Vec<&str> = printed.split("---\n").collect();
    assert_eq!(blocks.len(), ASKED.len() + 1, "{printed}");
    for ((words, expected), block) in ASKED.iter().zip(blocks) {
        let offered = block.lines().any(|line| line.split(['\t', ':']).next() == Some(expected));
        assert!(offered, "{words:?} is not completed by {expected}: {block}");
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
}

#[test]
fn bash_completes_what_is_defined_and_what_lies_in_the_project() {
    let project = project("bash_completed");
    let setup = r#"
        _cargo() { COMPREPLY=(build); }
        complete -F _cargo cargo
        source "$SCRIPT"
        source "$SCRIPT"
        ask() {
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9; COMPREPLY=()
            "$(complete -p "$1" | sed -n 's/.*-F \([^ ]*\) .*/\1/p')" "$1" "${!#}" "" 2>/dev/null
            printf '%s\n' "${COMPREPLY[@]}"
            echo ---
        }
    "#;
    let asked: String = ASKED.iter().map(|(words, _)| format!("ask {}\n", quoted(words))).collect();
    let printed = run("bash", &["--norc"], &project.root, &format!("{setup}\n{asked}"));
    check(&printed.expect("bash is everywhere").replace('\u{b}', "\n"));
    let others = run("bash", &["--norc"], &project.root, &format!("{setup}\nask cargo bui"));
    assert_eq!(others.as_deref(), Some("build\n---\n"), "what completed `cargo` before still does");
}

#[test]
fn zsh_completes_what_is_defined_and_what_lies_in_the_project() {
    let project = project("zsh_completed");
    // Candidates are printed instead of being shown in a menu.
    let setup = r#"
        autoload -U compinit; compinit -D -u
        source $SCRIPT
        _describe() { print -l -- ${(P)argv[-1]} }
        ask() {
            words=("$@"); CURRENT=$#
            $_comps[$1]
            print -- ---
        }
        _comps[cargo]=_cargo_with_orket
    "#;
    let asked: String = ASKED.iter().map(|(words, _)| format!("ask {}\n", quoted(words))).collect();
    let Some(printed) = run("zsh", &["-f"], &project.root, &format!("{setup}\n{asked}")) else { return };
    check(&printed);
    // Cargo's own completion calls this with the words from `orket` on.
    let text = format!("{setup}\nwords=(orket explain replay.d); CURRENT=3; _cargo-orket");
    let printed = run("zsh", &["-f"], &project.root, &text).expect("it ran before");
    assert!(printed.starts_with("replay.diverged:"), "{printed}");
}

#[test]
fn fish_completes_what_is_defined_and_what_lies_in_the_project() {
    let project = project("fish_completed");
    let line = |words: &[&str]| words.join(" ");
    let asked: String = ASKED
        .iter()
        .map(|(words, _)| format!("complete --do-complete '{}'\necho ---\n", line(words)))
        .collect();
    let text = format!("source $SCRIPT\n{asked}");
    if let Some(printed) = run("fish", &["--no-config"], &project.root, &text) {
        check(&printed);
    }
}

#[test]
fn every_shell_has_a_script_and_nothing_is_run_for_an_answer() {
    let folder = tempfile::tempdir().expect("a folder");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = orket(folder.path(), &["completions", shell]).exits(0).out;
        assert!(script.contains("ORKET_COMPLETE") && script.contains("cargo-orket"), "{script}");
    }
    orket(folder.path(), &["completions", "tcsh"]).exits(2);
    let mut asked = Command::new(tool());
    asked.current_dir(folder.path()).env("ORKET_COMPLETE", "fish").args(["--", "cargo", "orket", "run", ""]);
    let output = asked.env("CARGO", "/nowhere/cargo").output().expect("the tool starts");
    assert!(output.status.success() && output.stderr.is_empty());
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
    asked.env("ORKET_COMPLETE", "no-shell");
    assert!(!asked.output().expect("the tool starts").status.success());
}

#[test]
fn every_visible_command_has_a_page_that_a_manual_can_show() {
    let folder = tempfile::tempdir().expect("a folder");
    orket(folder.path(), &["man", "--output", "pages"]).exits(0);
    let pages = folder.path().join("pages");
    let help = String::from_utf8(command(folder.path(), &["--help"]).output().expect("help").stdout);
    let help = help.expect("text");
    let listed =
        help.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let names =
        listed.filter_map(|line| line.split_whitespace().next()).filter(|word| !word.starts_with('-'));
    let names: Vec<&str> = names.filter(|name| *name != "help").collect();
    assert!(names.contains(&"run") && names.contains(&"doctor"), "{help}");
    for name in names {
        let page = pages.join(format!("cargo-orket-{name}.1"));
        let text = std::fs::read_to_string(&page).unwrap_or_else(|_| panic!("{} is missing", page.display()));
        assert!(text.contains(".TH CARGO-ORKET-") && text.contains(".SH SYNOPSIS"), "{text}");
    }
    let printed = orket(folder.path(), &["man", "run"]).exits(0).out;
    let written = std::fs::read_to_string(pages.join("cargo-orket-run.1")).expect("the page");
    assert_eq!(printed.trim_end(), written.trim_end());
    orket(folder.path(), &["man", "rnu"]).exits(2).says("did you mean `run`?");
    lint(&pages);
}

/// groff must have nothing to say.
fn lint(pages: &Path) {
    for page in std::fs::read_dir(pages).expect("pages").flatten() {
        match Command::new("groff").args(["-ww", "-man", "-Tutf8", "-z"]).arg(page.path()).output() {
            Err(_) => return eprintln!("skipped: there is no groff here"),
            Ok(output) => {
                let errors = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success() && errors.is_empty(), "{}: {errors}", page.path().display());
            }
        }
    }
}
