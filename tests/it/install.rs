//! Installing as people do: real processes, real repositories, homes of their own.

use crate::tool::{Done, Project, command, git};
use crate::world::{copy, nothing, probe, request, root, target, tests, tool};
use orket_contract::issue::Issue;
use orket_engine::catalog::{Catalog, Method, Place};
use orket_engine::home::Home;
use orket_engine::loader::{Candidate, Origin, resolve};
use orket_engine::source::{self, Address};
use orket_engine::{ExtensionManager, Interrupt, Policy, install, package};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

/// A home, and a folder that belongs to no project.
pub(crate) struct Elsewhere {
    /// Removes all of it.
    pub(crate) dir: TempDir,
}

impl Elsewhere {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(dir.path().join("here")).expect("a folder");
        Self { dir }
    }

    pub(crate) fn home(&self) -> Home {
        Home::at(self.dir.path().join("home"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = command(&self.path("here"), words);
        command.env("ORKET_HOME", self.home().dir());
        command
    }

    pub(crate) fn orket(&self, words: &[&str]) -> Done {
        crate::tool::done(&mut self.command(words))
    }

    /// The ids and versions that `list` names as installed.
    fn listed(&self) -> Vec<String> {
        let done = self.orket(&["list", "--installed", "--message-format", "json"]).exits(0);
        let named = |told: serde_json::Value| {
            format!(
                "{}@{}",
                told["id"].as_str().expect("an id"),
                told["version"].as_str().expect("a version")
            )
        };
        done.told("orket-installed").into_iter().map(named).collect()
    }
}

/// A repository of a new crate.
fn repository(name: &str) -> (Project, String) {
    let project = Project::new(name, &["--template", "minimal"]);
    git(&project.root, &["init", "--quiet", "--initial-branch", "main"]);
    git(&project.root, &["add", "--all"]);
    git(&project.root, &["commit", "--quiet", "--message", "first"]);
    let commit = git(&project.root, &["rev-parse", "HEAD"]);
    (project, commit)
}

/// The probe without what only a debugger reads: it is installed often.
fn stripped() -> &'static Path {
    static STRIPPED: LazyLock<PathBuf> = LazyLock::new(|| {
        let path = target().join("probe-stripped");
        let fresh = path.with_extension(std::process::id().to_string());
        let status = Command::new("strip").arg("-o").arg(&fresh).arg(probe()).status();
        assert!(status.expect("`strip` is needed by this test").success());
        std::fs::rename(&fresh, &path).expect("renamed");
        path
    });
    &STRIPPED
}

/// A package of the probe; `text` is a material, which tells packages apart.
pub(crate) fn packed(folder: &Path, text: &str) -> PathBuf {
    let project = folder.join(format!("probe-{text}"));
    copy(&tests().join("fixtures/probe/content"), &project.join("content"));
    std::fs::write(project.join("content/absent.yaml"), text).expect("a file");
    let resolved = resolve(Candidate::new(project, stripped().to_path_buf())).expect("the probe");
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let contents = package::collect(&resolved, &target, Origin::default()).expect("its files");
    let path = folder.join(format!("{text}.ork"));
    package::pack(&contents, std::fs::File::create(&path).expect("a file")).expect("packed");
    path
}

#[test]
fn an_extension_of_another_repository_runs_from_anywhere() {
    let (project, commit) = repository("far-away");
    let elsewhere = Elsewhere::new();
    let address = format!("file://{}", project.root.display());
    let install = ["install", address.as_str(), "--rev", "main", "--profile", "dev"];
    elsewhere.orket(&install).exits(0).says(&commit).says("cargo orket run far_away_v1");
    assert_eq!(elsewhere.listed(), ["far-away@0.1.0"]);
    drop(project);

    let run = elsewhere.orket(&["run", "far_away_v1", "--seed", "123", "--message-format", "json"]).exits(0);
    let folder =
        PathBuf::from(run.told("orket-run-finished")[0]["run"]["folder"].as_str().expect("a folder"));
    assert!(folder.starts_with(elsewhere.home().dir().join("state/far-away/runs")), "{}", folder.display());
    let statement = std::fs::read_to_string(folder.join("provenance.json")).expect("the statement");
    assert!(statement.contains(&commit) && statement.contains("\"name\":\"package\""), "{statement}");
    elsewhere.orket(&["replay", &folder.display().to_string()]).exits(0).says("Repeats");
    elsewhere.orket(&["verify", "far_away_v1"]).exits(0);
    elsewhere.orket(&["verify", "far_away_v1", "--bless"]).exits(2).says("record its cases in its project");
    let show = elsewhere.orket(&["show", "far-away"]).exits(0);
    assert!(show.out.contains(&commit) && show.out.contains("far_away_v1"), "{show}");

    let removed = elsewhere.orket(&["uninstall", "far-away"]).exits(0).says("Kept its runs in");
    assert!(folder.is_dir(), "{removed}");
    assert_eq!(elsewhere.listed(), Vec::<String>::new());
    elsewhere.orket(&["run", "far_away_v1"]).exits(101).says("project.not-found");
    elsewhere.orket(&["uninstall", "far-away"]).exits(2).says("error[extension.unknown]");
}

#[test]
fn the_game_is_installed_and_played_without_source_and_compiler() {
    let elsewhere = Elsewhere::new();
    let game = root().join("examples/mystery-game");
    let output = elsewhere.path("game.ork").display().to_string();
    let manifest = game.join("Cargo.toml").display().to_string();
    let pack = ["package", "--manifest-path", &manifest, "--profile", "dev", "--output", &output];
    elsewhere.orket(&pack).exits(0);
    elsewhere.orket(&["install", &output]).exits(0);
    let play = ["orket", "run", "mystery_v1", "--seed", "123"];
    let mut bare = Command::new(tool());
    bare.args(play).current_dir(elsewhere.path("here")).env_clear().env("PATH", "/nowhere");
    bare.env("ORKET_HOME", elsewhere.home().dir()).stdin(std::process::Stdio::null());
    crate::tool::done(&mut bare).exits(0).says("Finished mystery_v1 with seed 123");
    // Its recorded cases came with it.
    let mut verify = Command::new(tool());
    verify
        .args(["orket", "verify", "mystery_v1", "--runs", "1"])
        .current_dir(elsewhere.path("here"))
        .env_clear();
    verify.env("ORKET_HOME", elsewhere.home().dir());
    crate::tool::done(&mut verify).exits(0).says("from its record and in 1 run");
}

#[test]
fn a_run_is_compared_with_the_package_that_it_was_installed_from() {
    let elsewhere = Elsewhere::new();
    let [one, two] = ["one", "two"].map(|text| packed(elsewhere.dir.path(), text).display().to_string());
    elsewhere.orket(&["install", &one]).exits(0);
    let run = elsewhere.orket(&["run", "stop_v1", "--message-format", "json"]).exits(0);
    let folder = run.told("orket-run-finished")[0]["run"]["folder"].as_str().expect("a folder").to_owned();
    let verify = |more: &[&str]| {
        elsewhere.orket(&[&["attest", "verify", &folder, "--message-format", "json"], more].concat())
    };
    let unchecked = |done: Done| done.exits(0).told("orket-attestation")[0]["unchecked"].to_string();
    assert!(unchecked(verify(&[])).contains("--package-file"));
    assert!(!unchecked(verify(&["--package-file", &one])).contains("--package-file"));
    verify(&["--package-file", &two]).exits(100).says("error[attest.mismatch]").says("two.ork");
}

/// A server that says it has a commit, and then sends a pack without an end; what it sent until nobody listened.
fn flood() -> (String, std::thread::JoinHandle<u64>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("git://{}/x", listener.local_addr().expect("an address"));
    let line = |text: &str| format!("{:04x}{text}", text.len() + 4);
    let commit = "5".repeat(40);
    let start = [
        line(&format!("{commit} HEAD\0side-band-64k shallow symref=HEAD:refs/heads/main\n")),
        line(&format!("{commit} refs/heads/main\n")),
        "0000".to_owned(),
        line(&format!("shallow {commit}\n")),
        "0000".to_owned(),
        line("NAK\n"),
    ];
    // A thousand objects, the first of them a blob of a terabyte, in pieces that are not compressed.
    let object =
        [&b"PACK\0\0\0\x02\0\0\x03\xe8"[..], &[0xb0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x08], &[0x78, 0x01]]
            .concat();
    let piece = [&[0, 0, 0x80, 0xff, 0x7f][..], &[b'x'; 0x8000]].concat();
    let framed = |bytes: &[u8]| [format!("{:04x}\x01", bytes.len() + 5).as_bytes(), bytes].concat();
    let server = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a client");
        client.write_all(start.concat().as_bytes()).expect("it listens");
        client.write_all(&framed(&object)).expect("it listens");
        let (piece, mut sent) = (framed(&piece), 0);
        while sent < 8 << 30 && client.write_all(&piece).is_ok() {
            sent += piece.len() as u64;
        }
        sent
    });
    (address, server)
}

#[test]
fn a_server_that_sends_without_an_end_is_left() {
    let (address, server) = flood();
    let folder = tempfile::tempdir().expect("a folder");
    let address = Address::parse(&address).expect("an address");
    let most = 32 << 20;
    let refused =
        source::fetch(&address, None, folder.path(), most, &Interrupt::default()).expect_err("refused");
    assert_eq!(refused.issues()[0].code, "source.too-large", "{:?}", refused.issues());
    let sent = server.join().expect("it noticed");
    assert!((most..8 << 30).contains(&sent), "{sent} bytes were sent");

    let (project, _) = repository("large");
    let address = Address::of_path(&project.root);
    let folder = tempfile::tempdir().expect("a folder");
    let refused =
        source::fetch(&address, None, folder.path(), 1_000, &Interrupt::default()).expect_err("refused");
    assert_eq!(refused.issues()[0].code, "source.too-large", "also what is there before anybody looks");
}

#[test]
fn what_was_changed_after_it_was_installed_does_not_run() {
    let elsewhere = Elsewhere::new();
    let package = packed(elsewhere.dir.path(), "one").display().to_string();
    let install = || elsewhere.orket(&["install", &package]).exits(0);
    install();
    let entry = install::installed(&elsewhere.home()).expect("a catalog").remove(0);
    let files = elsewhere.home().package(entry.package);
    let program = entry_program(&files);
    let refuses = |code: &str| {
        for words in [&["run", "steps_v1"][..], &["verify", "steps_v1"], &["show", "orket.probe"]] {
            elsewhere.orket(words).exits(100).says(&format!("error[{code}]"));
        }
        // Installing again mends it, though the package is the same.
        install();
        elsewhere.orket(&["show", "orket.probe"]).exits(0);
    };
    append(&program, "x");
    refuses("program.changed");
    append(&files.join("materials/content/a.yaml"), "x");
    refuses("material.changed");
    append(&files.join("manifest.json"), " ");
    refuses("manifest.changed");
    append(&files.join("schemas/steps_v1.json"), " ");
    refuses("package.mismatch");
    std::fs::write(files.join("materials/content/z.yaml"), "one more").expect("written");
    refuses("package.unlisted");
    std::fs::remove_file(&program).expect("removed");
    refuses("program.changed");
    std::fs::remove_dir_all(&files).expect("removed");
    refuses("manifest.changed");
}

#[test]
fn what_is_exchanged_between_the_check_and_the_run_is_not_used() {
    let elsewhere = Elsewhere::new();
    let package = packed(elsewhere.dir.path(), "one").display().to_string();
    elsewhere.orket(&["install", &package]).exits(0);
    let home = elsewhere.home();
    let entry = install::installed(&home).expect("a catalog").remove(0);
    let files = home.package(entry.package).join("materials/content");
    let run = |change: &dyn Fn()| {
        let mut manager = ExtensionManager::new(Policy::default());
        for resolved in install::load(&home, "everything_v1").expect("it is as it was installed") {
            manager.add(resolved);
        }
        change();
        let ended = manager.run(request("everything_v1", nothing()), &mut ()).map(|run| run.folder);
        ended.map_err(|error| error.issues().remove(0))
    };
    run(&|| ()).expect("nothing was changed");
    let refused = |issue: Result<PathBuf, Issue>, path: &str| {
        let issue = issue.expect_err("refused");
        assert_eq!(issue.code, "material.changed");
        assert!(issue.message.contains(path), "{}", issue.message);
    };
    refused(run(&|| std::fs::write(files.join("z.yaml"), "one more").expect("written")), "content/z.yaml");
    std::fs::remove_file(files.join("z.yaml")).expect("removed");
    refused(run(&|| append(&files.join("a.yaml"), "x")), "content/a.yaml");
}

fn entry_program(files: &Path) -> PathBuf {
    let mut programs = std::fs::read_dir(files.join("program")).expect("a folder").flatten();
    programs.next().expect("a program").path()
}

/// Appends to a file, as somebody may who owns it.
fn append(path: &Path, text: &str) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(path, mode).expect("rights");
    let mut file = std::fs::File::options().append(true).open(path).expect("it opens");
    file.write_all(text.as_bytes()).expect("written");
}

#[test]
fn a_commit_that_was_edited_is_noticed() {
    let elsewhere = Elsewhere::new();
    let mut package = package::open(&packed(elsewhere.dir.path(), "one")).expect("a package");
    let place = |commit: &str| Place {
        method: Method::Git,
        location: "https://example.org/x".to_owned(),
        rev: None,
        commit: Some(commit.to_owned()),
    };
    install::publish(&elsewhere.home(), &mut package, place(&"a".repeat(40))).expect("published");
    elsewhere.orket(&["run", "steps_v1"]).exits(100).says("error[commit.moved]");
}

#[test]
fn two_that_offer_one_workload_are_told_apart_by_name() {
    let elsewhere = Elsewhere::new();
    let twins = ["twin-a", "twin-b"].map(|name| {
        let project = Project::new(name, &["--template", "minimal"]);
        let workload = format!("{}_v1", name.replace('-', "_"));
        project.edit("src/lib.rs", &format!("id = \"{workload}\""), "id = \"twin_v1\"");
        let folder = project.root.display().to_string();
        elsewhere.orket(&["install", &folder, "--profile", "dev"]).exits(0);
        project
    });
    let ambiguous = elsewhere.orket(&["run", "twin_v1"]).exits(2).says("error[workload.ambiguous]");
    ambiguous.says("`twin-a/twin_v1` or `twin-b/twin_v1`");
    elsewhere.orket(&["run", "twin-b/twin_v1"]).exits(0);
    // What the project here offers goes before what is installed.
    let mut here = command(&twins[0].root, &["run", "twin_v1"]);
    crate::tool::done(here.env("ORKET_HOME", elsewhere.home().dir())).exits(0).says(".orket/runs/twin_v1");
    let mut other = command(&twins[0].root, &["run", "twin-b/twin_v1"]);
    crate::tool::done(other.env("ORKET_HOME", elsewhere.home().dir())).exits(0).says("state/twin-b");
    elsewhere.orket(&["run", "twin_v2"]).exits(2).says("did you mean `twin_v1`?");
}

#[test]
fn the_policy_decides_before_anything_is_fetched() {
    let elsewhere = Elsewhere::new();
    let refuses = |source: &str, code: &str| {
        let done = elsewhere.orket(&["install", source]).exits(100).says(&format!("error[{code}]"));
        assert!(!done.err.contains("Fetching"), "{done}");
        done
    };
    let secret = refuses("https://ann:s3cret@example.org/x", "source.credentials");
    assert!(!secret.to_string().contains("s3cret"), "{secret}");
    refuses("http://example.org/x", "source.protocol");
    refuses("git://example.org/x", "source.protocol");
    refuses("ext::sh -c x", "source.invalid");
    refuses("no/such/thing", "source.invalid");
    let config = |text: &str| std::fs::write(elsewhere.home().config(), text).expect("written");
    config("[source]\nallow-hosts = [\"example.net\"]\nlocal = false\n");
    refuses("https://example.org/x", "source.host");
    refuses(".", "source.local");
    config("[source]\nlocal = false\nmode = \"warn\"\n");
    let package = packed(elsewhere.dir.path(), "one").display().to_string();
    elsewhere.orket(&["install", &package]).exits(0).says("warning[source.local]");
    config("[source]\nmod = \"off\"\n");
    elsewhere.orket(&["install", &package]).exits(101).says("error[config.invalid]").says("config.toml:2:1");
    elsewhere.orket(&["config"]).exits(101);
    let audit = Catalog::open(&elsewhere.home()).and_then(|catalog| catalog.audit()).expect("the audit");
    let refusals: Vec<_> = audit.iter().map(|entry| entry.detail.as_str()).collect();
    let expected = ["source.credentials", "source.protocol", "source.protocol", "source.invalid"];
    assert_eq!(&refusals[..4], expected);
    assert!(audit.iter().all(|entry| !entry.location.contains("s3cret")), "{audit:?}");
}

#[test]
fn a_repository_brings_neither_hooks_nor_links_nor_submodules() {
    let (project, commit) = repository("careful");
    let (elsewhere, ran) = (Elsewhere::new(), project.root.join("ran"));
    let hook = project.root.join(".git/hooks/post-checkout");
    std::fs::create_dir_all(hook.parent().expect("a folder")).expect("a folder");
    std::fs::write(&hook, format!("#!/bin/sh\ntouch {}\n", ran.display())).expect("a hook");
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("rights");
    let module = format!("160000,{commit},vendor/dice");
    git(&project.root, &["update-index", "--add", "--cacheinfo", &module]);
    git(&project.root, &["commit", "--quiet", "--message", "second"]);
    let source = project.root.display().to_string();
    // An abbreviated commit is no name that a repository offers.
    let second = git(&project.root, &["rev-parse", "--short=10", "HEAD"]);
    let install = |rev: &str| elsewhere.orket(&["install", &source, "--rev", rev, "--profile", "dev"]);
    install(&second).exits(0).says("warning[source.submodule]").says("vendor/dice");
    assert!(!ran.exists(), "a hook ran");

    std::os::unix::fs::symlink("/etc/hostname", project.root.join("src/host.txt")).expect("a link");
    git(&project.root, &["add", "src/host.txt"]);
    git(&project.root, &["commit", "--quiet", "--message", "third"]);
    install("main").exits(100).says("error[source.link]").says("src/host.txt");
    install("absent").exits(100).says("error[source.invalid]");
    install("--upload-pack=x").exits(2);
    assert_eq!(elsewhere.listed(), ["careful@0.1.0"]);
    assert_eq!(std::fs::read_dir(elsewhere.home().dir().join("stage")).expect("a folder").count(), 0);
}

#[test]
fn a_package_for_another_machine_or_with_a_lie_is_refused() {
    let elsewhere = Elsewhere::new();
    let project = elsewhere.path("probe");
    copy(&tests().join("fixtures/probe/content"), &project.join("content"));
    std::fs::write(project.join("content/absent.yaml"), "").expect("a file");
    let resolved = resolve(Candidate::new(project, probe().to_path_buf())).expect("the probe");
    let pack = |target: &str, change: &dyn Fn(&mut package::Contents)| {
        let mut contents = package::collect(&resolved, target, Origin::default()).expect("its files");
        change(&mut contents);
        let path = elsewhere.path("x.ork");
        package::pack(&contents, std::fs::File::create(&path).expect("a file")).expect("packed");
        elsewhere.orket(&["install", &path.display().to_string()]).exits(100)
    };
    pack("riscv64gc-unknown-none-elf", &|_| ()).says("error[package.target]");
    let here = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    pack(&here, &|contents| contents.extension.version = "9.9.9".to_owned()).says("error[package.mismatch]");
    assert_eq!(elsewhere.listed(), Vec::<String>::new());
}

#[test]
fn a_home_that_is_broken_is_an_error_and_no_empty_list() {
    let elsewhere = Elsewhere::new();
    let package = packed(elsewhere.dir.path(), "one").display().to_string();
    elsewhere.orket(&["install", &package]).exits(0);
    std::fs::write(elsewhere.home().catalog(), "").expect("written");
    for words in [&["list"][..], &["run", "steps_v1"], &["install", &package], &["uninstall", "orket.probe"]]
    {
        elsewhere.orket(words).exits(101).says("error[catalog.damaged]");
    }
}
