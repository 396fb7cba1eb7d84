//! Real repositories whose configuration would run a program; each would, if it were asked carelessly.

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// A repository with one commit, and a program beside it that leaves a mark.
struct Repository {
    dir: tempfile::TempDir,
}

impl Repository {
    fn new() -> Self {
        let this = Self { dir: tempfile::tempdir().expect("temp dir") };
        let script = format!("#!/bin/sh\ntouch '{}'\ncat\n", this.mark().display());
        this.program("evil", &script);
        this.git(&["init", "--quiet", "repo"], this.dir.path());
        this.write("a.txt", "a");
        this.commit();
        this
    }

    fn top(&self) -> PathBuf {
        self.dir.path().join("repo")
    }

    fn mark(&self) -> PathBuf {
        self.dir.path().join("mark")
    }

    fn evil(&self) -> String {
        self.dir.path().join("evil").display().to_string()
    }

    fn program(&self, path: &str, text: &str) {
        let path = self.dir.path().join(path);
        fs::write(&path, text).expect("program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("mode");
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.top().join(path), text).expect("file");
    }

    fn config(&self, key: &str, value: &str) {
        self.git(&["config", key, value], &self.top());
    }

    fn commit(&self) {
        self.git(&["add", "."], &self.top());
        self.git(&["commit", "--quiet", "--message", "x"], &self.top());
    }

    /// What somebody does who trusts the repository. It may fail.
    fn git(&self, words: &[&str], at: &Path) {
        let mut command = Command::new("git");
        command.args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            "-c",
            "protocol.file.allow=always",
        ]);
        alone(command.args(words).current_dir(at)).output().expect("git");
    }

    fn state(&self) -> Result<State, Issue> {
        State::of(&self.top())
    }
}

/// With neither settings nor a repository of whoever runs the tests.
fn alone(git: &mut Command) -> &mut Command {
    git.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1")
}

/// Two looks: with git as it is, which runs the program, and with ours, which does not.
#[track_caller]
fn check_runs_nothing(prepare: impl FnOnce(&Repository)) -> State {
    let repository = Repository::new();
    prepare(&repository);
    let _ = fs::remove_file(repository.mark());
    let state = repository.state().expect("state");
    assert!(!repository.mark().exists(), "our git ran the program");
    repository.git(&["status"], &repository.top());
    assert!(repository.mark().exists(), "a careless git would have run it");
    state
}

#[test]
fn a_monitor_is_not_asked() {
    let state = check_runs_nothing(|repository| repository.config("core.fsmonitor", &repository.evil()));
    assert!(state.is_clean());
}

#[test]
fn no_hook_runs() {
    check_runs_nothing(|repository| {
        let hook = "#!/bin/sh\ntouch ../mark\n";
        repository.program("repo/.git/hooks/post-index-change", hook);
        // Another time, so that git writes its index anew.
        repository.write("a.txt", "a");
    });
}

#[test]
fn no_filter_runs_wherever_it_is_configured() {
    let filtered = |repository: &Repository| {
        repository.write(".gitattributes", "*.txt filter=f=g.x\n");
        repository.write("a.txt", "b");
    };
    let state = check_runs_nothing(|repository| {
        filtered(repository);
        repository.config("filter.f=g.x.clean", &repository.evil());
        repository.config("filter.f=g.x.required", "true");
    });
    assert_eq!(
        state.named,
        [".gitattributes", "a.txt"].map(str::to_owned).into_iter().rev().collect::<Vec<_>>()
    );
    check_runs_nothing(|repository| {
        filtered(repository);
        repository.config("filter.f=g.x.process", &repository.evil());
    });
    check_runs_nothing(|repository| {
        filtered(repository);
        repository.git(
            &["config", "--file", "more", "filter.f=g.x.clean", &repository.evil()],
            repository.dir.path(),
        );
        repository.config("include.path", &repository.dir.path().join("more").display().to_string());
    });
    check_runs_nothing(|repository| {
        filtered(repository);
        repository.config("extensions.worktreeConfig", "true");
        repository
            .git(&["config", "--worktree", "filter.f=g.x.clean", &repository.evil()], &repository.top());
    });
}

#[test]
fn a_submodule_is_looked_at_as_carefully() {
    let state = check_runs_nothing(|repository| {
        let top = repository.top();
        repository.git(&["submodule", "--quiet", "add", &top.display().to_string(), "inner"], &top);
        repository.commit();
        repository.git(&["config", "core.fsmonitor", &repository.evil()], &top.join("inner"));
        repository.write("inner/a.txt", "changed");
    });
    assert_eq!((state.changes, state.named), (1, vec!["inner/a.txt".to_owned()]));
}

#[test]
fn a_configured_working_tree_elsewhere_hides_nothing() {
    let repository = Repository::new();
    repository.write("new.txt", "");
    let empty = tempfile::tempdir().expect("temp dir");
    repository.config("core.worktree", &empty.path().display().to_string());
    repository.config("status.showUntrackedFiles", "no");
    assert_eq!(repository.state().expect("state").named, ["new.txt"]);
}

#[test]
fn a_folder_laid_out_like_a_bare_repository_is_none() {
    let repository = Repository::new();
    repository.git(&["clone", "--quiet", "--bare", "repo", "repo/bare"], repository.dir.path());
    let top = repository.top().canonicalize().expect("top");
    assert_eq!(State::of(&top.join("bare")).expect("state").top, top);
    let alone = tempfile::tempdir().expect("temp dir");
    repository.git(&["init", "--quiet", "--bare", "bare"], alone.path());
    assert_eq!(State::of(&alone.path().join("bare")).expect_err("none").code, code::GIT_NO_REPOSITORY);
}

#[test]
fn commit_address_and_changes_are_told() {
    let repository = Repository::new();
    repository.config("remote.origin.url", "https://ann:secret@example.org/game.git");
    let state = repository.state().expect("state");
    assert_eq!(state.commit.as_deref().map(str::len), Some(40));
    assert_eq!(state.url.as_deref(), Some("https://example.org/game.git"));
    assert!(state.is_clean() && state.dirt().is_none());
    for at in 0..12 {
        repository.write(&format!("file {at}"), "");
    }
    let state = repository.state().expect("state");
    assert!(!state.is_clean());
    assert_eq!((state.changes, state.named.len(), &*state.named[0]), (12, 10, "file 0"));
    let dirt = state.dirt().expect("dirt");
    assert_eq!(dirt.code, code::GIT_DIRTY);
    assert!(dirt.message.starts_with("12 files in "), "{}", dirt.message);
}

#[test]
fn a_repository_without_a_commit_is_not_clean() {
    let dir = tempfile::tempdir().expect("temp dir");
    alone(Command::new("git").args(["init", "--quiet"]).current_dir(dir.path())).output().expect("git");
    let state = State::of(dir.path()).expect("state");
    assert_eq!((state.commit.clone(), state.changes, state.is_clean()), (None, 0, false));
    assert!(state.dirt().is_some_and(|dirt| dirt.message.ends_with("has no commit yet")));
}

#[test]
fn a_damaged_repository_is_a_failure_in_the_words_of_git() {
    let repository = Repository::new();
    fs::write(repository.top().join(".git/index"), "no index").expect("index");
    let issue = repository.state().expect_err("damaged");
    assert_eq!(issue.code, code::GIT_FAILED);
    assert!(issue.message.contains("index"), "{}", issue.message);
    fs::write(repository.top().join(".git/config"), b"[filter \"\xff\"]\n\tclean = x\n").expect("config");
    assert_eq!(repository.state().expect_err("no UTF-8").code, code::GIT_FAILED);
}

#[test]
fn a_call_that_prints_too_much_or_does_not_end_is_ended() {
    let repository = Repository::new();
    let ask = |words: &[&str], bytes_max, wall| {
        let mut command = Git::local().command(&repository.top(), "log").expect("git");
        command.args(words);
        output(command, bytes_max, wall).expect_err("ended").message
    };
    assert!(ask(&[], 10, LOCAL_WALL).contains("more than 10 bytes"));
    // It waits for its standard input, which a pipe that nobody writes to keeps open.
    let fifo = repository.dir.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
    let mut command = Git::local().command(&repository.top(), "hash-object").expect("git");
    command.arg(&fifo);
    let issue = output(command, 10, Duration::from_millis(1)).expect_err("ended");
    assert!(issue.message.contains("has not ended"), "{}", issue.message);
}

#[test]
fn git_is_found_in_absolute_folders_only() {
    assert_eq!(find(&[]).expect_err("absent").code, code::GIT_ABSENT);
    let kept = absolute(OsStr::new(".:bin:/usr/bin::/bin"));
    assert_eq!(kept, [PathBuf::from("/usr/bin"), PathBuf::from("/bin")]);
}

#[test]
fn a_protocol_that_was_not_named_is_refused() {
    let repository = Repository::new();
    let fetch = |git: &Git| {
        let mut command = git.command(repository.dir.path(), "ls-remote").expect("git");
        command.arg(format!("file://{}", repository.top().display()));
        output(command, BYTES, LOCAL_WALL).map(|bytes| bytes.len()).map_err(|issue| issue.code)
    };
    const BYTES: u64 = 1 << 20;
    assert!(fetch(&Git::over(&["file"])).is_ok_and(|bytes| bytes > 40));
    assert_eq!(fetch(&Git::over(&["https", "ssh"])), Err(code::GIT_FAILED.to_owned()));
    assert_eq!(fetch(&Git::local()), Err(code::GIT_FAILED.to_owned()));
}
