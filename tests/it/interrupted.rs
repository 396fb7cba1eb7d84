//! Installing and uninstalling, killed at every step that writes, and many of them at once.
//!
//! `strace` does the killing: the process dies at the n-th call of one kind, as it would die at `kill -9`.

use crate::install::{Elsewhere, packed};
use crate::world::{copy, tool};
use orket_contract::digest::Digest;
use orket_contract::id::ExtensionId;
use orket_engine::catalog::{Action, Catalog};
use orket_engine::home::Home;
use orket_engine::install;
use orket_engine::runs::{Keep, State, list, prune};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Every call by which a process changes files or tells others that it did; those that a processor does not
/// have are left out.
const CALLS: &str = "?write,?pwrite64,?writev,?pwritev,?pwritev2,?rename,?renameat,?renameat2,?link,?linkat,?unlink,\
                     ?unlinkat,?mkdir,?mkdirat,?rmdir,?ftruncate,?fallocate,?fsync,?fdatasync,?fchmod,?fchmodat,\
                     ?chmod,?flock,?symlink,?symlinkat,?utimensat,?copy_file_range,?sendfile";

/// The tool under strace, in a home.
fn traced(home: &Path, options: &[&str], words: &[&str]) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq"]).args(options).arg(tool()).arg("orket").args(words);
    command.current_dir(home.parent().expect("a folder")).env("ORKET_HOME", home);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

/// How often the tool makes each of the calls until it has ended well.
fn calls(home: &Path, words: &[&str]) -> BTreeMap<String, u32> {
    let log = home.with_extension("log");
    let options = ["-o", &log.display().to_string(), "-e", &format!("trace={CALLS}"), "-e", "signal=none"];
    let output = traced(home, &options, words).output();
    let output = output.unwrap_or_else(|error| panic!("`strace` is needed by this test: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut counts = BTreeMap::new();
    for line in std::fs::read_to_string(&log).expect("a log").lines() {
        let call = line.split_whitespace().nth(1).and_then(|text| text.split_once('(')).map(|(name, _)| name);
        if let Some(name) =
            call.filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        {
            *counts.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    counts
}

/// How many of the calls of one kind are tried each time; `ORKET_DEEP` tries all of them.
const TRIED_EACH: u32 = 5;

/// Kills the tool at its calls, each time in a fresh copy of a home, and looks at what is left.
fn killed_at_each(home: &Path, words: &[&str], look: impl Fn(&Path, &str)) {
    let scratch = home.with_file_name("scratch");
    let fresh = || {
        let _ = std::fs::remove_dir_all(&scratch);
        copy(home, &scratch);
    };
    fresh();
    let (calls, is_deep) = (calls(&scratch, words), std::env::var_os("ORKET_DEEP").is_some());
    assert!(calls.values().sum::<u32>() > 30, "{calls:?}");
    for (call, count) in calls {
        let stride = if is_deep { 1 } else { count.div_ceil(TRIED_EACH) };
        for n in (1..=count).step_by(stride as usize) {
            fresh();
            let inject = format!("inject={call}:signal=KILL:when={n}");
            let status = traced(&scratch, &["-o", "/dev/null", "-e", &inject], words).status();
            let killed = !status.expect("strace starts").success();
            assert!(killed, "{call} {n} was not reached");
            look(&scratch, &format!("{call} {n}"));
        }
    }
}

fn installed(home: &Path) -> Vec<Digest> {
    let entries = install::installed(&Home::at(home.to_path_buf())).expect("a catalog that can be read");
    entries.into_iter().map(|entry| entry.package).collect()
}

/// Whether the installed probe lists, is what was installed, and runs.
fn runs(home: &Path, at: &str) {
    for words in [&["orket", "list", "--installed"][..], &["orket", "run", "steps_v1"]] {
        let mut command = Command::new(tool());
        let output =
            command.args(words).current_dir(home).env("ORKET_HOME", home).stdin(Stdio::null()).output();
        let output = output.expect("the tool starts");
        assert!(output.status.success(), "killed at {at}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// A home with one package, and the paths of it and of another one.
fn prepared() -> (Elsewhere, PathBuf, [PathBuf; 2]) {
    let elsewhere = Elsewhere::new();
    let packages = ["one", "two"].map(|text| packed(elsewhere.dir.path(), text));
    elsewhere.orket(&["install", &packages[0].display().to_string()]).exits(0);
    let home = elsewhere.home().dir().to_path_buf();
    (elsewhere, home, packages)
}

#[test]
fn an_install_that_is_killed_anywhere_leaves_what_was_there() {
    let (_elsewhere, home, [_, two]) = prepared();
    let (before, two) = (installed(&home), two.display().to_string());
    let after = vec![Digest::of(&std::fs::read(&two).expect("the package"))];
    let changed = std::cell::Cell::new(0);
    killed_at_each(&home, &["install", &two], |home, at| {
        let now = installed(home);
        assert!(now == before || now == after, "killed at {at}: {now:?}");
        changed.set(changed.get() + usize::from(now == after));
        runs(home, at);
        // The next one sweeps what was left, and is not disturbed by it.
        let mut again = Command::new(tool());
        again.args(["orket", "install", &two]).env("ORKET_HOME", home).stderr(Stdio::null());
        assert!(again.status().expect("the tool starts").success(), "killed at {at}");
        assert_eq!(installed(home), after, "killed at {at}");
        let left = |folder: &str| std::fs::read_dir(home.join(folder)).expect("a folder").count();
        assert_eq!((left("stage"), left("packages")), (0, 1), "killed at {at}");
    });
    assert!(changed.get() > 0, "no process was killed after it had published");
}

#[test]
fn an_uninstall_that_is_killed_anywhere_is_done_or_not() {
    let (_elsewhere, home, _) = prepared();
    let before = installed(&home);
    killed_at_each(&home, &["uninstall", "orket.probe"], |home, at| match installed(home) {
        now if now == before => runs(home, at),
        now => assert_eq!(now, [], "killed at {at}"),
    });
}

#[test]
fn pruning_that_is_killed_anywhere_leaves_whole_runs() {
    let (elsewhere, home, _) = prepared();
    for seed in ["1", "1", "2", "3"] {
        elsewhere.orket(&["run", "everything_v1", "--seed", seed]).exits(0);
    }
    let store = |home: &Path| {
        let id = ExtensionId::new("orket.probe").expect("an id");
        Home::at(home.to_path_buf()).state(&id)
    };
    let names = |home: &Path, at: &str| -> Vec<String> {
        let listed = list(&store(home), None).expect("a list");
        assert!(listed.iter().all(|run| run.state == State::Ok), "killed at {at}: {listed:?}");
        listed.into_iter().map(|run| run.name).collect()
    };
    let all = names(&home, "the start");
    assert_eq!(all.len(), 4);
    let words = ["runs", "prune", "--keep", "1", "--installed"];
    killed_at_each(&home, &words, |home, at| {
        let left = names(home, at);
        assert!(
            left.contains(&all[0]) && left.iter().all(|name| all.contains(name)),
            "killed at {at}: {left:?}"
        );
        // A run that is equal to one that stayed or went is still compared with it.
        let mut again = Command::new(tool());
        again
            .args(["orket", "run", "everything_v1", "--seed", "1"])
            .current_dir(home)
            .env("ORKET_HOME", home);
        assert!(
            again
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .expect("it starts")
                .success(),
            "{at}"
        );
        let keep = Keep { newest: Some(1), ..Keep::default() };
        assert_eq!(prune(&store(home), &keep, false).expect("pruned").kept, 1, "killed at {at}");
        let stages = std::fs::read_dir(store(home).dir().join("stage")).expect("a folder").count();
        assert_eq!(stages, 0, "killed at {at}: what was on its way out is swept");
    });
}

#[test]
fn many_processes_install_run_and_uninstall_at_once() {
    let (elsewhere, home, packages) = prepared();
    let [one, two] = packages.map(|path| path.display().to_string());
    let words: [&[&str]; 6] = [
        &["install", &one],
        &["install", &two],
        &["run", "steps_v1"],
        &["uninstall", "orket.probe"],
        &["list", "--installed"],
        &["show", "orket.probe"],
    ];
    let mut done = 0;
    for round in 0..4 {
        let start = |at: usize| {
            let mut command = elsewhere.command(words[(at + round) % words.len()]);
            (at, command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the tool starts"))
        };
        let children: Vec<_> = (0..2 * words.len()).map(start).collect();
        for (at, child) in children {
            let output = child.wait_with_output().expect("it ends");
            let (told, words) = (String::from_utf8_lossy(&output.stderr), words[(at + round) % words.len()]);
            let is_absent = ["extension.unknown", "project.not-found"].iter().any(|code| told.contains(code));
            // Only what asks for something that another one has just removed may be refused.
            let may_miss = matches!(words[0], "run" | "uninstall" | "show");
            assert!(output.status.success() || (may_miss && is_absent), "{words:?}: {told}");
            done += usize::from(output.status.success() && matches!(words[0], "install" | "uninstall"));
        }
    }
    let catalog = Catalog::open(&elsewhere.home()).expect("a catalog");
    let audit = catalog.audit().expect("the audit");
    let changes = audit.iter().filter(|entry| entry.action != Action::Refuse).count();
    assert_eq!(changes, done + 1, "every change is on record, with the first install");
    elsewhere.orket(&["install", &one]).exits(0);
    elsewhere.orket(&["install", &two]).exits(0);
    runs(&home, "the end");
    assert_eq!(std::fs::read_dir(home.join("packages")).expect("a folder").count(), 1);
}
