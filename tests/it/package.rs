//! Packages of real extensions: the same bytes each time, and what is in them.

use crate::attest::target;
use crate::tool::{Project, command, done};
use crate::world::{copy, probe, tests, tool};
use orket_engine::loader::{Candidate, Origin, resolve};
use orket_engine::package::{collect, open, pack};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

#[path = "../fuzz/src/package.rs"]
#[expect(unreachable_pub, reason = "the fuzz package shares this file as a library")]
mod body;

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
    again.args(["-c", "umask 077; exec \"$0\" \"$@\""]).arg(tool()).arg("orket").args(words);
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

#[test]
fn two_folders_give_the_same_package_where_they_give_the_same_program() {
    let words = ["package", "--reproducible", "--profile", "dev"];
    let packed = || {
        let project = Project::new("same", &["--template", "minimal"]);
        project.orket(&words).exits(0).says("Reproduced same as sha256:").says("Packed same 0.1.0");
        std::fs::read(project.root.join("same-0.1.0.ork")).expect("the package")
    };
    assert_eq!(packed(), packed());

    let project = Project::new("apart", &["--template", "minimal"]);
    let source = std::fs::read_to_string(project.root.join("src/lib.rs")).expect("the source");
    let place = "\n/// Where.\n#[used]\npub static PLACE: &str = env!(\"CARGO_MANIFEST_DIR\");\n";
    project.write("src/lib.rs", &(source + place));
    project.orket(&words).exits(100).says("error[build.not-reproducible]");
    assert!(!project.root.join("apart-0.1.0.ork").exists(), "nothing is packed");
}

#[test]
fn what_is_exchanged_after_it_was_looked_at_is_not_packed() {
    let around = tempfile::tempdir().expect("a folder");
    let (root, secret) = (around.path().join("project"), around.path().join("secret"));
    copy(&tests().join("fixtures/probe/content"), &root.join("content"));
    std::fs::write(root.join("content/absent.yaml"), "here").expect("a file");
    std::fs::write(&secret, "of somebody else").expect("a file");
    let program = around.path().join("probe");
    std::fs::copy(probe(), &program).expect("a copy");
    let resolved = resolve(Candidate::new(root.clone(), program.clone())).expect("the probe");
    let contents = collect(&resolved, "x86_64-unknown-linux-gnu", Origin::default()).expect("its files");
    std::fs::remove_file(&program).expect("removed");
    std::fs::write(&program, "another").expect("written");
    let manifest = pack(&contents, std::io::sink()).expect("packed");
    let packed = manifest.file("program/x86_64-unknown-linux-gnu").expect("the program");
    assert_eq!(packed.sha256, resolved.build(), "the program that was read is packed");

    std::fs::remove_file(root.join("content/absent.yaml")).expect("removed");
    std::os::unix::fs::symlink(&secret, root.join("content/absent.yaml")).expect("a link");
    let refused = pack(&contents, std::io::sink()).expect_err("refused");
    assert_eq!(refused.issues()[0].code, "material.escapes");
}

#[test]
fn no_package_and_no_address_makes_a_reader_panic() {
    let folder = std::fs::read_dir(tests().join("fuzz/corpus/package")).expect("the corpus");
    let mut files: Vec<_> = folder.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let seeds: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).expect("a seed")).collect();
    assert!(seeds.len() > 3, "{files:?}");
    let most = if std::env::var_os("ORKET_DEEP").is_some() { 4_000 } else { 300 };
    for (at, seed) in (0u64..).zip(&seeds) {
        body::package(seed);
        (0..most).for_each(|round| body::package(&target::mutated(seed, &seeds, at * most + round)));
    }
}

/// A tar header of a plain file.
fn header(path: &str, size: u64) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_path(path).expect("it fits");
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    header.as_bytes().to_vec()
}

/// A zstd frame of these bytes and then of zeros: four bytes for every 128 KiB of them.
fn bomb(start: &[u8], zeros: u64) -> Vec<u8> {
    const RUN: u32 = 128 << 10;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 12 << 3];
    for piece in start.chunks(RUN as usize) {
        frame.extend_from_slice(&(u32::try_from(piece.len()).expect("small") << 3).to_le_bytes()[..3]);
        frame.extend_from_slice(piece);
    }
    for _ in 0..zeros / u64::from(RUN) {
        frame.extend_from_slice(&(RUN << 3 | 2).to_le_bytes()[..3]);
        frame.push(0);
    }
    frame.extend_from_slice(&[1, 0, 0]);
    frame
}

/// Installs a package in a process that may have 192 MiB of memory in all.
#[track_caller]
fn refuses_in_bounds(name: &str, package: &[u8], says: &str) {
    let around = tempfile::tempdir().expect("a folder");
    let file = around.path().join(name);
    std::fs::write(&file, package).expect("written");
    let home: PathBuf = around.path().join("home");
    let mut install = Command::new("sh");
    install.args(["-c", "ulimit -v 196608 -f 2048; exec \"$0\" orket install \"$1\""]).arg(tool()).arg(&file);
    done(install.env("ORKET_HOME", &home).env("LC_ALL", "C")).exits(100).says(says);
    let packages = std::fs::read_dir(home.join("packages")).into_iter().flatten().count();
    assert_eq!(packages, 0, "nothing of it is there");
}

#[test]
fn bombs_and_crowds_are_refused_within_a_little_memory() {
    let ten_gigabytes = 10u64 << 30;
    let claimed = bomb(&header("manifest.json", ten_gigabytes), ten_gigabytes);
    assert!(claimed.len() < 1 << 20, "{}", claimed.len());
    refuses_in_bounds("claimed.ork", &claimed, "error[package.too-large]");

    let seed = std::fs::read(tests().join("fuzz/corpus/package/sample.tar")).expect("a seed");
    let text = String::from_utf8_lossy(&seed).into_owned();
    let entry = text.find("materials/content/a.yaml\0").expect("the first entry after the list");
    let real = [&seed[..entry], &header("materials/content/a.yaml", ten_gigabytes)].concat();
    refuses_in_bounds("real.ork", &bomb(&real, ten_gigabytes), "error[package.mismatch]");

    let path = |n: usize| format!("materials/{n:06}");
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let line = |n: usize| format!(r#"{{"path":"{}","sha256":"{digest}","size":0}}"#, path(n));
    let list = format!(r#"{{"files":[{}]}}"#, (0..100_000).map(line).collect::<Vec<_>>().join(","));
    let mut crowd = header("manifest.json", list.len() as u64);
    crowd.extend_from_slice(list.as_bytes());
    crowd.resize(crowd.len().next_multiple_of(512), 0);
    (0..100_000).for_each(|n| crowd.extend(header(&path(n), 0)));
    crowd.resize(crowd.len() + 1024, 0);
    let crowd = zstd::encode_all(crowd.as_slice(), 1).expect("zstd");
    refuses_in_bounds("crowd.ork", &crowd, "error[package.too-large]");
}
