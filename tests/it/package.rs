//! Packages of real extensions: the same bytes each time, and what is in them.

use crate::tool::{Project, command};
use crate::world::{copy, probe, tests};
use orket_engine::loader::{Candidate, Origin, resolve};
use orket_engine::package::{collect, open, pack};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

/// The package of a project of the probe at `root`.
fn packed(root: &Path) -> Vec<u8> {
    let resolved = resolve(Candidate::new(root.to_path_buf(), probe().to_path_buf())).expect("the probe");
    let contents = collect(&resolved, "x86_64-unknown-linux-gnu", Origin::default()).expect("its files");
    let mut bytes = Vec::new();
    pack(&contents, &mut bytes).expect("packed");
    bytes
}

#[test]
fn equal_contents_give_equal_packages_wherever_they_lie() {
    let around = tempfile::tempdir().expect("a folder");
    let (one, two) = (around.path().join("one"), around.path().join("a/longer/path"));
    copy(&tests().join("fixtures/probe/content"), &one.join("content"));
    // One of the probe's workloads declares a file that its project lacks.
    std::fs::write(one.join("content/absent.yaml"), "here").expect("a file");
    // The other way round, at another time, with other rights.
    let mut files: Vec<_> = std::fs::read_dir(one.join("content")).expect("a folder").flatten().collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.file_name()));
    std::fs::create_dir_all(two.join("content")).expect("a folder");
    for file in files {
        let to = two.join("content").join(file.file_name());
        std::fs::copy(file.path(), &to).expect("a file");
        std::fs::File::options()
            .append(true)
            .open(&to)
            .and_then(|file| file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)))
            .expect("a time");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&to, mode).expect("rights");
    }
    assert_eq!(packed(&one), packed(&two));
}

#[test]
fn the_tool_packs_the_same_bytes_twice() {
    let project = Project::new("packed", &["--template", "minimal"]);
    project.orket(&["verify", "packed_v1", "--bless", "--case", "first"]).exits(0);
    let first = project.orket(&["package", "--profile", "dev", "--message-format", "json"]).exits(0);
    let told = first.told("orket-packed").pop().expect("it is told");
    assert_eq!(told["path"], "packed-0.1.0.ork");
    let words = ["package", "--profile", "dev", "--output", "again.ork"];
    let mut again = Command::new("sh");
    again.args(["-c", "umask 077; exec \"$0\" \"$@\""]).arg(crate::world::tool()).arg("orket").args(words);
    let plain = command(&project.root, &[]);
    again.current_dir(&project.root).envs(plain.get_envs().filter_map(|(k, v)| Some((k, v?))));
    again.env("LC_ALL", "tr_TR.UTF-8").env("TZ", "Asia/Kathmandu");
    assert!(again.status().expect("sh runs").success());
    let (one, two) = (project.root.join("packed-0.1.0.ork"), project.root.join("again.ork"));
    assert_eq!(std::fs::read(&one).expect("there"), std::fs::read(&two).expect("there"));
    let manifest = open(&two).expect("it is right").manifest().clone();
    let paths: Vec<_> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    assert!(paths.contains(&"replays/packed_v1/first/case.json"), "{paths:?}");
    assert!(paths.contains(&"schemas/packed_v1.json"), "{paths:?}");
    assert!(manifest.program().is_some(), "{:?}", manifest.programs);
}
