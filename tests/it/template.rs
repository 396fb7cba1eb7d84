//! Templates: the values that they ask for, and those of others, which are fetched without running anything of theirs.

use crate::new::cargo;
use crate::tool::{Done, Project, command, done, git, orket};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A repository of a template, and a folder in which crates are made.
struct Theirs {
    dir: TempDir,
}

impl Theirs {
    /// A template that is as it should be.
    fn new() -> Self {
        let theirs = Self { dir: tempfile::tempdir().expect("a folder") };
        std::fs::create_dir_all(theirs.repository()).expect("a folder");
        std::fs::create_dir_all(theirs.here()).expect("a folder");
        theirs.write(
            "template.toml",
            "summary = \"a greeting\"\n[values.whom]\nabout = \"who is greeted\"\n\
             [values.loud]\nabout = \"whether loudly\"\ntype = \"boolean\"\ndefault = false\n",
        );
        theirs.write(
            "Cargo.toml.in",
            "[package]\nname = \"{{ name }}\"\nversion = \"0.1.0\"\nedition = \"{{ edition }}\"\n\n[workspace]\n",
        );
        theirs.write(
            "src/lib.rs.in",
            "//! Greets.\n\n/// Whom.\npub const WHOM: &str =   {{ whom | rust }};\n\
             {%- if loud %}\n\n/// Loudly.\npub const LOUD: bool = true;\n{%- endif %}\n",
        );
        theirs.write("notes.txt", "{{ this is copied as it is }}\n");
        theirs
    }

    fn repository(&self) -> PathBuf {
        self.dir.path().join("repository")
    }

    fn here(&self) -> PathBuf {
        self.dir.path().join("here")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.repository().join(path);
        std::fs::create_dir_all(path.parent().expect("it lies in the repository")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// Commits everything; the address.
    fn commit(&self) -> String {
        let at = self.repository();
        if !at.join(".git").exists() {
            git(&at, &["init", "--quiet", "--initial-branch", "main"]);
        }
        git(&at, &["add", "--all", "--force"]);
        git(&at, &["commit", "--quiet", "--allow-empty", "--message", "some"]);
        format!("file://{}", at.display())
    }

    /// Makes a crate of it.
    fn made(&self, words: &[&str]) -> Done {
        let address = self.commit();
        orket(&self.here(), &[&["new", "made", "--vcs", "none", "--git", &address], words].concat())
    }

    fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.here().join("made").join(path)).expect("it was made")
    }

    /// Makes a crate of it, which is refused with this code, and leaves nothing behind.
    #[track_caller]
    fn refused(&self, words: &[&str], code: &str, says: &str) {
        let done = self.made(&[&["--define", "whom=Ada"], words].concat());
        assert!(done.exit == 100 || done.exit == 2, "{done}");
        assert!(
            done.err.contains(&format!("error[{code}]")) && done.err.contains(says),
            "{code}, {says}\n{done}"
        );
        assert_eq!(std::fs::read_dir(self.here()).expect("a folder").count(), 0, "{done}");
    }
}

#[test]
fn a_template_of_others_is_filled() {
    let theirs = Theirs::new();
    let done = theirs.made(&["--define", "whom=the \"Queen\"", "--define", "loud=true"]).exits(0);
    let done = done.says("nothing of the template has run").says("cd made");
    assert!(!done.err.contains("cargo orket"), "what is to be read first is not to be built next\n{done}");
    assert_eq!(
        theirs.text("src/lib.rs"),
        "//! Greets.\n\n/// Whom.\npub const WHOM: &str = \"the \\\"Queen\\\"\";\n\n/// Loudly.\npub const LOUD: bool = true;\n"
    );
    assert_eq!(theirs.text("notes.txt"), "{{ this is copied as it is }}\n");
    let made = theirs.here().join("made");
    let address = theirs.commit();
    let listed = orket(&theirs.here(), &["new", "--list", "--git", &address]).exits(0).out;
    assert!(listed.contains("a greeting") && listed.contains("a line of text, required"), "{listed}");
    for absent in [".git", "template.toml", "Cargo.toml.in", ".github"] {
        assert!(!made.join(absent).exists(), "{absent}");
    }
}

#[test]
fn revision_branch_and_subfolder_are_chosen() {
    let theirs = Theirs::new();
    theirs.commit();
    git(&theirs.repository(), &["tag", "v1"]);
    git(&theirs.repository(), &["checkout", "--quiet", "-b", "next"]);
    theirs.write("notes.txt", "the next\n");
    theirs.commit();
    git(&theirs.repository(), &["checkout", "--quiet", "-b", "deep"]);
    std::fs::create_dir(theirs.repository().join("kinds")).expect("a folder");
    git(&theirs.repository(), &["mv", "template.toml", "Cargo.toml.in", "src", "notes.txt", "kinds"]);
    let address = theirs.commit();
    for (words, notes) in [
        (&["--rev", "v1"][..], "{{ this is copied as it is }}\n"),
        (&["--branch", "next"][..], "the next\n"),
        (&["--branch", "deep", "--subfolder", "kinds/"][..], "the next\n"),
    ] {
        let fixed = ["new", "made", "--git", &address, "--define", "whom=Ada", "--ci", "gitlab"];
        orket(&theirs.here(), &[&fixed[..], words].concat()).exits(0);
        assert_eq!(theirs.text("notes.txt"), notes, "{words:?}");
        assert!(theirs.text(".gitlab-ci.yml").contains("cargo orket"), "{words:?}");
        std::fs::remove_dir_all(theirs.here().join("made")).expect("removed");
    }
    theirs.refused(&["--branch", "deep"], "template.invalid", "--subfolder");
    theirs.refused(&["--rev", "v9"], "source.invalid", "v9");
    theirs.refused(&["--rev=--upload-pack=x"], "source.invalid", "upload-pack");
    for outside in ["../here", "/etc", "kinds/..", ".git", "absent", "kinds/notes.txt"] {
        theirs.refused(&["--branch", "deep", "--subfolder", outside], "template.path", "folder");
    }
}

#[test]
fn what_would_leave_the_crate_or_steer_a_tool_is_refused() {
    for (path, says) in [
        ("dot-./escaped.txt", "leads out"),
        ("dot-git/hooks/post-commit", "would steer"),
        ("dot-cargo/config.toml", "would steer"),
        (".cargo/config.toml.in", "would steer"),
        ("rust-toolchain.toml", "would steer"),
        ("src/nul.rs", "device"),
        ("NOTES.txt", "would both be"),
        ("notes.txt.in", "would both be"),
        ("na\u{ef}ve.txt", "ASCII"),
    ] {
        let theirs = Theirs::new();
        theirs.write(path, "x\n");
        theirs.refused(&[], "template.path", says);
    }
}

#[test]
fn links_and_pointers_are_refused() {
    let secret = tempfile::NamedTempFile::new().expect("a file");
    for to in [secret.path(), Path::new("/etc"), Path::new("notes.txt"), Path::new("absent")] {
        let theirs = Theirs::new();
        symlink(to, theirs.repository().join("link")).expect("a link");
        let inside = to == Path::new("notes.txt");
        theirs.refused(&[], if inside { "template.path" } else { "source.link" }, "link");
    }
    let theirs = Theirs::new();
    let elsewhere = theirs.repository().join("kinds");
    symlink(".", &elsewhere).expect("a link");
    theirs.refused(&["--subfolder", "kinds"], "template.path", "no folder in the repository");

    let theirs = Theirs::new();
    theirs.write("model.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
    theirs.write(".gitattributes", "model.bin filter=lfs\n");
    theirs.refused(&[], "template.path", "git LFS");
}

#[test]
fn what_is_too_large_is_refused() {
    let theirs = Theirs::new();
    theirs.write("large.txt", &"x".repeat((1 << 20) + 1));
    theirs.refused(&[], "template.too-large", "large.txt");

    let theirs = Theirs::new();
    for n in 0..1000 {
        theirs.write(&format!("many/{n}.txt"), "x");
    }
    theirs.refused(&[], "template.too-large", "1000 files");

    let theirs = Theirs::new();
    theirs.write(&format!("{}x.txt", "deep/".repeat(20)), "x");
    theirs.refused(&[], "template.too-large", "deeper than");

    // Each value is short; what comes of many is not.
    let theirs = Theirs::new();
    theirs.write("much.txt.in", &"{{ whom | rust }}".repeat(60_000));
    let long = format!("whom={}", "x".repeat(200));
    let done = theirs.made(&["--define", &long]).exits(100).says("error[template.invalid]");
    assert_eq!(std::fs::read_dir(theirs.here()).expect("a folder").count(), 0, "{done}");
}

#[test]
fn what_is_no_template_is_refused_with_everything_that_is_wrong() {
    let theirs = Theirs::new();
    theirs.write("template.toml", "summary = 'x'\nhooks = ['rm -rf /']\n");
    theirs.refused(&[], "template.invalid", "hooks");
    theirs.write("template.toml", "summary = 'x'\n[services]\nORKET_TTS = 'sh -c id'\n");
    theirs.refused(&[], "template.invalid", "services");
    std::fs::remove_file(theirs.repository().join("template.toml")).expect("removed");
    theirs.refused(&[], "template.invalid", "this is no template");

    let theirs = Theirs::new();
    theirs.write("src/lib.rs.in", "{% for x in range(99999) %}{{ x }}{% endfor %}\n{{ nobody }}\n{{ name");
    let done = theirs.made(&["--define", "whom=Ada"]).exits(100);
    for says in ["for x in range", "there is no value `nobody`", "is not closed"] {
        assert!(done.err.contains(says), "{says}\n{done}");
    }

    let theirs = Theirs::new();
    theirs.write("Cargo.toml.in", "[package]\nname = \"another\"\n");
    theirs.refused(&[], "template.invalid", "does not name the package `made`");
    theirs.write("Cargo.toml.in", "[package\n");
    theirs.refused(&[], "template.invalid", "");
    std::fs::write(theirs.repository().join("Cargo.toml.in"), b"\xff").expect("a file");
    theirs.refused(&[], "template.invalid", "UTF-8");
    std::fs::remove_file(theirs.repository().join("Cargo.toml.in")).expect("removed");
    theirs.refused(&[], "template.invalid", "gives no crate");
}

/// Everything of a repository that some tool would run, each of which leaves a mark.
#[test]
fn nothing_of_theirs_runs() {
    let theirs = Theirs::new();
    let mark = theirs.dir.path().join("mark");
    let script = format!("#!/bin/sh\ntouch '{}'\n", mark.display());
    theirs.write("run.sh", &script);
    theirs.write(".gitattributes", "* filter=evil diff=evil merge=evil\n");
    theirs.write("build.rs", &format!("fn main() {{ std::fs::write({mark:?}, \"\").unwrap() }}\n"));
    theirs.write("rustfmt.toml", "hard_tabs = true\n");
    theirs.write(
        "src/outside.rs.in",
        &format!("#[path = {:?}]\nmod   outside;\n", theirs.dir.path().join("mine.rs")),
    );
    std::fs::write(theirs.dir.path().join("mine.rs"), "fn   mine( ){}\n").expect("a file");
    let address = theirs.commit();
    // The repository's own settings and hooks are not part of what is cloned, and must not be read either.
    let config = format!(
        "[filter \"evil\"]\n\tsmudge = sh {0}/run.sh\n\tclean = cat\n[core]\n\tfsmonitor = {0}/run.sh\n\thooksPath = {0}/hooks\n[uploadpack]\n\tpackObjectsHook = {0}/run.sh\n",
        theirs.repository().display()
    );
    let mut settings = std::fs::read_to_string(theirs.repository().join(".git/config")).expect("settings");
    settings.push_str(&config);
    std::fs::write(theirs.repository().join(".git/config"), settings).expect("a file");
    for hook in [".git/hooks/post-checkout", "hooks/post-checkout", ".git/hooks/post-index-change"] {
        theirs.write(hook, &script);
        let path = theirs.repository().join(hook);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("a program");
    }
    let words = ["new", "made", "--git", &address, "--define", "whom=Ada"];
    orket(&theirs.here(), &words).exits(0);
    assert!(!mark.exists(), "something of theirs ran");
    let mine = std::fs::read_to_string(theirs.dir.path().join("mine.rs")).expect("a file");
    assert_eq!(mine, "fn   mine( ){}\n", "a module of theirs leads nowhere");
    assert!(theirs.text("src/outside.rs").contains("\nmod outside;"));
}

#[test]
fn the_policy_for_sources_holds_for_templates() {
    let theirs = Theirs::new();
    let address = theirs.commit();
    let home = theirs.dir.path().join("home");
    std::fs::create_dir(&home).expect("a folder");
    std::fs::write(home.join("config.toml"), "[source]\nlocal = false\n").expect("a file");
    let refused = |address: &str, code: &str| {
        let mut command = command(&theirs.here(), &["new", "made", "--git", address, "--define", "whom=Ada"]);
        done(command.env("ORKET_HOME", &home)).exits(100).says(&format!("error[{code}]"));
        assert_eq!(std::fs::read_dir(theirs.here()).expect("a folder").count(), 0);
    };
    refused(&address, "source.local");
    refused("http://127.0.0.1:1/x", "source.protocol");
    refused("https://ann:s3cret@127.0.0.1/x", "source.credentials");
    refused("ext::sh -c touch% x", "source.invalid");
}

#[test]
fn a_submodule_is_not_fetched() {
    let theirs = Theirs::new();
    theirs.commit();
    let inner = Theirs::new();
    let address = inner.commit();
    let commit = git(&inner.repository(), &["rev-parse", "HEAD"]);
    theirs.write(".gitmodules", &format!("[submodule \"sub\"]\n\tpath = sub\n\turl = {address}\n"));
    git(&theirs.repository(), &["add", "--all"]);
    git(&theirs.repository(), &["update-index", "--add", "--cacheinfo", &format!("160000,{commit},sub")]);
    git(&theirs.repository(), &["commit", "--quiet", "--message", "a submodule"]);
    let address = format!("file://{}", theirs.repository().display());
    let words = ["new", "made", "--git", &address, "--define", "whom=Ada"];
    orket(&theirs.here(), &words).exits(100).says("source.submodule").says("error[template.path]");
    assert_eq!(std::fs::read_dir(theirs.here()).expect("a folder").count(), 0);
}

#[test]
fn every_missing_value_is_named_with_the_words_that_give_it() {
    let theirs = Theirs::new();
    theirs.write(
        "template.toml",
        "summary = \"x\"\n[values.whom]\nabout = \"who is greeted\"\n[values.size]\nabout = \"how large\"\ntype = \"integer\"\n",
    );
    theirs.write("src/lib.rs.in", "//! {{ whom }} {{ size }}\n");
    let missing = theirs.made(&["--no-input"]).exits(2);
    for says in
        ["`--define whom=VALUE`", "`--define size=VALUE`, an integer", "error[template.value-missing]"]
    {
        assert!(missing.err.contains(says), "{says}\n{missing}");
    }
    theirs.made(&["--define", "whom=Ada"]).exits(2).says("`--define size=VALUE`");
    theirs
        .made(&["--define", "whom=Ada", "--define", "size=x"])
        .exits(2)
        .says("error[template.value-invalid]");
    theirs.made(&["--define", "whom=Ada", "--define", "sice=1"]).exits(2).says("did you mean `size`?");
    std::fs::write(theirs.here().parent().expect("around").join("v.toml"), "whom = 'Bob'\nsize = 7\n")
        .expect("a file");
    theirs.made(&["--values", "../v.toml", "--define", "whom=Ada"]).exits(0);
    assert_eq!(theirs.text("src/lib.rs"), "//! Ada 7\n");
}

/// The tool at a terminal of its own, at which this is typed.
fn at_a_terminal(folder: &Path, words: &[&str], typed: &str) -> Done {
    use rustix::fs::{Mode, OFlags, open};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let pair = || {
        let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&near)?;
        unlockpt(&near)?;
        // Neither end becomes the terminal of the tests themselves.
        let far = open(ptsname(&near, Vec::new())?, OFlags::RDWR | OFlags::NOCTTY, Mode::empty())?;
        std::io::Result::Ok((std::fs::File::from(near), std::fs::File::from(far)))
    };
    let (mut near, far) = pair().expect("a terminal");
    let mut command = command(folder, words);
    command.env_remove("CI").stdin(far.try_clone().expect("a copy")).stderr(far);
    command.stdout(std::process::Stdio::piped());
    // What is typed waits for whoever reads.
    std::io::Write::write_all(&mut near, typed.as_bytes()).expect("typed");
    let child = command.spawn().expect("the tool starts");
    // The far end closes with the child, not before.
    drop(command);
    let mut err = Vec::new();
    // A terminal ends with an error.
    let _ = std::io::Read::read_to_end(&mut near, &mut err);
    let output = child.wait_with_output().expect("the tool ends");
    Done {
        exit: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&err).into_owned(),
    }
}

#[test]
fn a_person_at_a_terminal_is_asked_for_what_is_missing() {
    let theirs = Theirs::new();
    let address = theirs.commit();
    let words = ["new", "made", "--vcs", "none", "--git", &address];
    // The first answer is no line of text.
    let done = at_a_terminal(&theirs.here(), &words, "\nAda\n").exits(0);
    assert!(done.err.contains("whom: who is greeted (a line of text)"), "{done}");
    assert!(done.err.contains("`whom` is empty") && !done.err.contains("loud:"), "{done}");
    assert!(theirs.text("src/lib.rs").contains("\"Ada\""));

    let other = Theirs::new();
    let address = other.commit();
    let words = ["new", "made", "--vcs", "none", "--git", &address];
    at_a_terminal(&other.here(), &[&words[..], &["--no-input"]].concat(), "Ada\n")
        .exits(2)
        .says("value-missing");
    at_a_terminal(&other.here(), &words, "\x04").exits(2).says("value-missing");
    assert_eq!(std::fs::read_dir(other.here()).expect("a folder").count(), 0);
}

#[test]
fn values_of_our_templates_are_typed_and_reach_the_crate() {
    let around = tempfile::tempdir().expect("a folder");
    let words = ["new", "night", "--template", "console-game", "--vcs", "none"];
    orket(around.path(), &[&words[..], &["--define", "moves=4"]].concat()).exits(2).says("from 5 to 500");
    orket(around.path(), &[&words[..], &["--define", "title=\"Boo\"", "-d", "moves=44"]].concat()).exits(0);
    let source = std::fs::read_to_string(around.path().join("night/src/lib.rs")).expect("a source");
    assert!(source.contains("        44\n") && source.contains(r#""\"Boo\"""#), "{source}");
}

#[test]
fn the_workflow_is_for_whose_ci_was_asked() {
    for (ci, there, absent) in [
        ("github", Some(".github/workflows/ci.yml"), ".gitlab-ci.yml"),
        ("gitlab", Some(".gitlab-ci.yml"), ".github"),
        ("none", None, ".github"),
    ] {
        let around = tempfile::tempdir().expect("a folder");
        let words = ["new", "asker", "--template", "model", "--vcs", "none", "--ci", ci];
        orket(around.path(), &words).exits(0).says("export ORKET_MODEL=@scripts/answers.jsonl");
        let made = around.path().join("asker");
        assert!(!made.join(absent).exists(), "{ci}");
        if let Some(there) = there {
            let text = std::fs::read_to_string(made.join(there)).expect("a workflow");
            assert!(text.contains("ORKET_MODEL: \"@scripts/answers.jsonl\"\n"), "{text}");
            assert!(text.contains("- run: cargo orket ci ") || text.contains("- cargo orket ci\n"), "{text}");
        }
    }
}

/// What is added to a crate is formatted, has nothing to lint, and runs; and what it is added to keeps its form.
#[test]
fn a_crate_grows_a_workload_and_its_hooks() {
    let project = Project::new("grower", &["--template", "minimal", "--edition", "2018"]);
    let told = project.orket(&["add", "workload", "tour_v1", "--message-format", "json"]).exits(0);
    assert_eq!(told.told("orket-added")[0]["files"].as_array().map(Vec::len), Some(2));
    for (name, phase) in
        [("route", "plan"), ("is_whole", "validate"), ("is_long", "validate"), ("facts", "summarize")]
    {
        project.orket(&["add", "hook", name, "--at", phase, "--workload", "tour_v1"]).exits(0);
    }
    cargo(&project.root, &["fmt", "--check"]);
    cargo(&project.root, &["clippy", "--all-targets", "--", "-D", "warnings"]);
    project.orket(&["lint"]).exits(0).says("nothing found");
    project.orket(&["test"]).exits(0);
    project.orket(&["run", "tour_v1", "--set", "name=Ada"]).exits(0).says("Hello, Ada!");
    let run = project.runs("tour_v1").pop().expect("a run was published");
    let plan = std::fs::read_to_string(run.join("plan.json")).expect("the plan");
    assert!(plan.contains("planned_by") && plan.contains("route"), "{plan}");

    let before = std::fs::read_to_string(project.root.join("src/lib.rs")).expect("a source");
    project.orket(&["add", "workload", "tour_v1"]).exits(100).says("error[addition.exists]");
    project
        .orket(&["add", "hook", "other", "--at", "plan", "--workload", "tour_v1"])
        .exits(100)
        .says("addition.exists");
    project.orket(&["add", "hook", "other", "--at", "plan"]).exits(100).says("error[addition.nowhere]");
    project.orket(&["add", "workload", "Tour"]).exits(2).says("small letters");
    assert_eq!(std::fs::read_to_string(project.root.join("src/lib.rs")).expect("a source"), before);
    assert!(!project.root.join("src/other.rs").exists());
    project.edit("src/lib.rs", "pub mod extension {", "pub mod extension {{");
    project.orket(&["add", "workload", "tour_v2"]).exits(100).says("error[addition.unreadable]");
}
