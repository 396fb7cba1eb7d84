//! Calls of the real tool in folders of their own.
//!
//! Every project gets the repository's Cargo.lock, so that cargo needs no network to choose versions.

use crate::world::{copy, root, target, tests, tool};
use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// An expression whose text no seed decides, because everything else repeats: a number that the processor draws, by an
/// instruction that is hidden in another, or where a variable lies.
pub(crate) const CHANCE: &str = if cfg!(target_arch = "x86_64") {
    "{ let drawn: u64; \
     unsafe { std::arch::asm!(\"jmp 2f + 1\", \"2: mov eax, 0x90f0c70f\", out(\"rax\") drawn) }; drawn.to_string() }"
} else {
    "format!(\"{:p}\", &0_u8)"
};

/// How a call ended.
#[derive(Debug)]
pub(crate) struct Done {
    /// The exit code.
    pub(crate) exit: i32,
    /// What was printed for machines, or as a result.
    pub(crate) out: String,
    /// What was printed for people.
    pub(crate) err: String,
}

impl Done {
    /// The call, if it ended with that exit code.
    #[track_caller]
    pub(crate) fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{self}");
        self
    }

    /// The call, if people were told that.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text:?} is missing\n{self}");
        self
    }

    /// Its messages, each a JSON object with a reason.
    #[track_caller]
    pub(crate) fn messages(&self) -> Vec<Value> {
        let parse =
            |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?} is no JSON\n{self}"));
        self.out.lines().map(parse).collect()
    }

    /// The messages of one reason.
    #[track_caller]
    pub(crate) fn told(&self, reason: &str) -> Vec<Value> {
        self.messages().into_iter().filter(|message| message["reason"] == reason).collect()
    }
}

impl std::fmt::Display for Done {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}\n--- stdout\n{}\n--- stderr\n{}", self.exit, self.out, self.err)
    }
}

/// The tool in a folder, with nothing of the test run's own environment that would steer it.
pub(crate) fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(tool());
    command.arg("orket").args(words).current_dir(folder).stdin(Stdio::null());
    command.env("CARGO", env!("CARGO")).env("CARGO_TARGET_DIR", target());
    // What whoever runs the tests has installed is none of theirs.
    command.env("ORKET_HOME", target().join("no-home"));
    // Where the temporary folder lies in a git tree, that tree is none of theirs either.
    command.env("GIT_CEILING_DIRECTORIES", std::env::temp_dir());
    let steering = [
        "CARGO_MANIFEST_DIR",
        "CARGO_TERM_COLOR",
        "GIT_COMMON_DIR",
        "GIT_DIR",
        "GIT_INDEX_FILE",
        "GIT_NAMESPACE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_WORK_TREE",
        "ORKET_RELIABLE_MODE",
        "ORKET_RELIABLE_REQUIRE_CLEAN_GIT",
        "RUSTC_WORKSPACE_WRAPPER",
    ];
    for name in steering {
        command.env_remove(name);
    }
    // A hook of git names its own repository, and tests run in one, too.
    std::env::vars_os()
        .filter(|(name, _)| name.as_encoded_bytes().starts_with(b"GIT_"))
        .for_each(|(name, _)| _ = command.env_remove(name));
    command.env("GIT_CEILING_DIRECTORIES", std::env::temp_dir());
    command
}

/// Calls git, with neither settings nor a repository of whoever runs the tests, and gives what it prints.
#[track_caller]
pub(crate) fn git(folder: &Path, words: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"]).args(words).current_dir(folder);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    let output = command.stdin(Stdio::null()).output().expect("git starts");
    assert!(output.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Calls the tool.
pub(crate) fn orket(folder: &Path, words: &[&str]) -> Done {
    done(&mut command(folder, words))
}

/// Calls the tool with text on standard input.
pub(crate) fn orket_reading(folder: &Path, words: &[&str], input: &str) -> Done {
    let mut child = command(folder, words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tool starts");
    // The tool may end without reading all of it.
    let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
    read(&child.wait_with_output().expect("the tool ends"))
}

/// Calls the tool as it was prepared.
pub(crate) fn done(command: &mut Command) -> Done {
    read(&command.output().expect("the tool starts"))
}

fn read(output: &std::process::Output) -> Done {
    Done {
        exit: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A crate in a folder of its own.
///
/// All of them share one target folder, in which cargo tells workspaces apart by the names in them and not
/// by where they lie: two tests that run at once must not give different sources one name.
pub(crate) struct Project {
    /// Removes the crate with the folder around it.
    _around: TempDir,
    /// The crate.
    pub(crate) root: PathBuf,
}

impl Project {
    /// What `cargo orket new` makes.
    #[track_caller]
    pub(crate) fn new(name: &str, words: &[&str]) -> Self {
        let around = tempfile::tempdir().expect("a folder");
        let words = [&["new", name, "--vcs", "none"], words].concat();
        orket(around.path(), &words).exits(0);
        let root = around.path().join(name);
        lock(&root);
        Self { _around: around, root }
    }

    /// A copy of `tests/cases/<case>`, in which `Cargo.toml.in` may say `@SDK@` for the folder of the SDK.
    pub(crate) fn case(case: &str) -> Self {
        let around = tempfile::tempdir().expect("a folder");
        let root = around.path().join("case");
        copy(&tests().join("cases").join(case), &root);
        manifests(&root);
        lock(&root);
        Self { _around: around, root }
    }

    /// Calls the tool in the crate.
    pub(crate) fn orket(&self, words: &[&str]) -> Done {
        orket(&self.root, words)
    }

    /// Replaces text in a file.
    #[track_caller]
    pub(crate) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.root.join(file);
        let text = std::fs::read_to_string(&path).expect("the file is there");
        assert!(text.contains(from), "{file} has no {from:?}\n{text}");
        std::fs::write(path, text.replace(from, to)).expect("the file can be written");
    }

    /// Writes a file.
    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.root.join(file);
        std::fs::create_dir_all(path.parent().expect("it lies in the crate")).expect("a folder");
        std::fs::write(path, text).expect("the file can be written");
    }

    /// The published runs of a workload.
    pub(crate) fn runs(&self, workload: &str) -> Vec<PathBuf> {
        let folder = self.root.join(".orket/runs").join(workload);
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    }
}

fn lock(folder: &Path) {
    std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("a copy");
}

fn manifests(folder: &Path) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            manifests(&path);
        } else if path.ends_with("Cargo.toml.in") {
            let text = std::fs::read_to_string(&path).expect("text");
            let text = text.replace("@SDK@", &root().join("orket-runtime").display().to_string());
            std::fs::write(path.with_extension(""), text).expect("the file can be written");
            std::fs::remove_file(path).expect("the file can be removed");
        }
    }
}
