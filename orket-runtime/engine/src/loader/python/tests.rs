use super::interpreter::{Places, confine};
use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

const MANIFEST: &str = "manifest_version: v0\nextension_id: fen.walks\nextension_version: 1.2.0\n\
    workloads:\n  - workload_id: tour_v1\n    entrypoint: fen.tour:Tour\n";

fn read(folder: &Path) -> Result<Resolved, Vec<String>> {
    let candidate = Candidate::of_folder(folder).expect("one manifest").expect("a manifest");
    crate::loader::resolve(candidate)
        .map_err(|error| error.issues().into_iter().map(|issue| issue.code).collect())
}

#[test]
fn a_folder_is_read_without_running_anything_of_it() {
    let extension = folder(&[
        ("extension.yaml", MANIFEST),
        ("src/fen/tour.py", "raise SystemExit"),
        ("data/a.txt", "a"),
        (".git/HEAD", "x"),
        ("src/fen/__pycache__/tour.pyc", "x"),
        ("replays/tour_v1/a/case.json", "{}"),
    ]);
    let resolved = read(extension.path()).expect("it is read");
    assert_eq!(resolved.notes(), [MANIFEST]);
    assert_eq!(resolved.manifest_digest(), Digest::of(MANIFEST.as_bytes()));
    assert_eq!(resolved.warnings()[0].code, code::MANIFEST_DEPRECATED);
    let staged: Vec<_> =
        resolved.materials_of(&resolved.manifest().workloads[0]).into_iter().map(|m| m.path).collect();
    assert_eq!(staged, ["data/a.txt", "extension.yaml", "src/fen/tour.py"]);
}

#[test]
fn every_byte_counts_for_the_digest_and_what_is_left_out_does_not() {
    let extension = folder(&[("extension.yaml", MANIFEST), ("fen/tour.py", "a = 1"), ("data.txt", "a")]);
    let digest = || read(extension.path()).expect("it is read").build();
    let first = digest();
    for (path, text, counts) in [
        ("fen/tour.py", "a = 2", true),
        ("data.txt", "b", true),
        ("more.txt", "", true),
        (".hidden", "x", false),
        ("target/x", "x", false),
    ] {
        let (before, path) = (digest(), extension.path().join(path));
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
        std::fs::write(&path, text).expect("a file");
        assert_eq!(before != digest(), counts, "{}", path.display());
    }
    assert_ne!(first, digest());
}

#[cfg(unix)]
#[test]
fn what_leads_out_or_is_too_much_is_refused() {
    use std::os::unix::fs::symlink;
    let extension = folder(&[("extension.yaml", MANIFEST), ("fen/tour.py", "")]);
    symlink("/etc/passwd", extension.path().join("out.txt")).expect("a link");
    assert_eq!(read(extension.path()).expect_err("refused"), [code::MATERIAL_ESCAPES]);
    std::fs::remove_file(extension.path().join("out.txt")).expect("removed");
    symlink("fen/tour.py", extension.path().join("inside.py")).expect("a link");
    read(extension.path()).expect("a link inside is a file");
    std::fs::write(extension.path().join("a*b.py"), "").expect("a file");
    assert_eq!(read(extension.path()).expect_err("refused"), [code::MATERIAL_PATH]);
    std::fs::remove_file(extension.path().join("a*b.py")).expect("removed");
    File::create(extension.path().join("large")).expect("a file").set_len(65 << 20).expect("a hole");
    assert_eq!(read(extension.path()).expect_err("refused"), [code::MATERIAL_TOO_LARGE]);
}

#[test]
fn an_entrypoint_is_a_file_of_the_extension() {
    let extension = folder(&[("extension.yaml", MANIFEST), ("fen/other.py", "")]);
    assert_eq!(read(extension.path()).expect_err("refused"), [code::ENTRYPOINT_MISSING]);
    let several = folder(&[("extension.yaml", MANIFEST), ("orket_extension.json", "{}")]);
    let error = Candidate::of_folder(several.path()).expect_err("ambiguous");
    assert_eq!(error.issues()[0].code, code::MANIFEST_AMBIGUOUS);
    assert!(Candidate::of_folder(folder(&[("orket.toml", "")]).path()).expect("none").is_none());
}

#[test]
fn a_cell_for_python_is_this_and_no_more() {
    let places: Places = serde_json::from_value(json!({
        "executable": "/opt/py/bin/python3.11",
        "home": "/opt/py:/opt/py",
        "library": "/opt/py/lib/libpython3.11.so.1.0",
        "trees": ["/opt/py/lib/python3.11", "/opt/py/lib/python3.11/lib-dynload"],
        "version": [3, 11, 2],
    }))
    .expect("places");
    let mut cell = Confinement::new("/stage");
    let bare = cell.clone();
    confine(&places, &mut cell, Path::new("/stage/python"));
    assert_eq!(cell.arguments, ["-s", "-S", "-B", "python/start.py"]);
    let added = cell.environment.iter().filter(|(name, _)| !bare.environment.contains_key(*name));
    let environment: Vec<_> = added.map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        environment,
        [
            "LC_ALL=C.UTF-8",
            "PYTHONDONTWRITEBYTECODE=1",
            "PYTHONHASHSEED=0",
            "PYTHONHOME=/opt/py:/opt/py",
            "PYTHONUTF8=1",
            "TZ=UTC",
        ]
    );
    let granted = ["/opt/py/lib/python3.11", "/opt/py/lib/python3.11/lib-dynload", "/stage/python"];
    assert_eq!(cell.read_only, granted.map(std::path::PathBuf::from));
    assert_eq!(cell.libraries.last(), Some(&"/opt/py/lib".into()));
    let (libraries, environment) = (bare.libraries.clone(), bare.environment.clone());
    let rest = Confinement { arguments: Vec::new(), environment, libraries, read_only: Vec::new(), ..cell };
    assert_eq!(rest, bare, "nothing else is granted");
}
