//! Projects with every wrong kind of material.

use super::*;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

/// A project with `content/{a,b}.yaml`, links that stay inside and links that lead out, a pipe, and a
/// sibling with a similar name.
struct Project {
    dir: tempfile::TempDir,
    outside: Outside,
}

impl Project {
    fn new() -> Self {
        let this = Self { dir: tempfile::tempdir().expect("temp dir"), outside: Outside::new() };
        for (path, text) in [
            ("proj/content/a.yaml", "a"),
            ("proj/content/b.yaml", "b"),
            ("proj/content/deep/c.yaml", "c"),
            ("proj-evil/x.yaml", "x"),
            ("proj/c.txt", "c"),
        ] {
            let path = this.dir.path().join(path);
            fs::create_dir_all(path.parent().expect("folder")).expect("folder");
            fs::write(path, text).expect("file");
        }
        this.link("../c.txt", "content/inside.yaml");
        this
    }

    fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().expect("folder").join("proj")
    }

    fn link(&self, to: &str, from: &str) {
        symlink(to, self.root().join(from)).expect("link");
    }

    fn pipe(&self, path: &str) {
        let made = std::process::Command::new("mkfifo").arg(self.root().join(path)).status();
        assert!(made.expect("mkfifo").success());
    }

    fn stage(&self, patterns: &[(&str, Option<&str>)]) -> Result<Vec<String>, Vec<String>> {
        let declared: Vec<_> = patterns
            .iter()
            .map(|(path, sha256)| Material { path: (*path).to_owned(), sha256: sha256.map(str::to_owned) })
            .collect();
        let staged = stage(&self.root(), &self.outside, &declared, &self.dir.path().join("workspace"));
        staged
            .map(|files| files.into_iter().map(|file| file.path).collect())
            .map_err(|error| error.issues().into_iter().map(|issue| issue.code).collect())
    }
}

/// The codes that one declared material of a prepared project is refused with.
#[track_caller]
fn check(pattern: &str, prepare: impl FnOnce(&Project), expected: &[&str]) {
    let project = Project::new();
    prepare(&project);
    let expected: Vec<String> = expected.iter().map(|code| (*code).to_owned()).collect();
    assert_eq!(project.stage(&[(pattern, None)]).err().unwrap_or_default(), expected, "{pattern}");
}

#[test]
fn patterns_are_staged_sorted_and_once() {
    let files = Project::new().stage(&[("content/*.yaml", None), ("content/a.yaml", None), ("c.txt", None)]);
    let expected = ["c.txt", "content/a.yaml", "content/b.yaml", "content/inside.yaml"];
    assert_eq!(files, Ok(expected.map(str::to_owned).to_vec()));
    let files = Project::new().stage(&[("*/deep/*", None)]);
    assert_eq!(files, Ok(vec!["content/deep/c.yaml".to_owned()]));
}

#[test]
fn every_wrong_kind_has_its_own_code() {
    let as_it_is = |_: &Project| ();
    check("absent.txt", as_it_is, &[code::MATERIAL_MISSING]);
    check("c.txt/below", as_it_is, &[code::MATERIAL_MISSING]);
    check("content/*.yml", as_it_is, &[code::MATERIAL_MISSING]);
    check("content", as_it_is, &[code::MATERIAL_SPECIAL]);
    check("/etc/passwd", as_it_is, &[code::MATERIAL_PATH]);
    check("content/../c.txt", as_it_is, &[code::MATERIAL_PATH]);
    check("../proj-evil/x.yaml", as_it_is, &[code::MATERIAL_PATH]);
    check("content/pipe", |project| project.pipe("content/pipe"), &[code::MATERIAL_SPECIAL]);
}

#[test]
fn a_link_is_judged_by_where_it_leads() {
    let link = |to: &'static str, from: &'static str| move |project: &Project| project.link(to, from);
    let (escapes, dangling) = (&[code::MATERIAL_ESCAPES], &[code::MATERIAL_DANGLING]);
    check("content/inside.yaml", |_| (), &[]);
    check("content/out.yaml", link("../../proj-evil/x.yaml", "content/out.yaml"), escapes);
    check("content/*.yaml", link("../../proj-evil/x.yaml", "content/out.yaml"), escapes);
    check("c", link("/etc/passwd", "c"), escapes);
    check("device", link("/dev/zero", "device"), escapes);
    check("linked/x.yaml", link("../proj-evil", "linked"), escapes);
    check("linked/*.yaml", link("../proj-evil", "linked"), escapes);
    check("linked/*.none", link("../proj-evil", "linked"), escapes);
    check("linked/a.yaml", link("content", "linked"), &[]);
    check("d", link("nowhere", "d"), dangling);
    check("linked/a.yaml", link("nowhere", "linked"), dangling);
    check("content/*.yaml", link("nowhere", "content/z.yaml"), dangling);
    check("loop", link("loop", "loop"), dangling);
    let to_pipe = |project: &Project| {
        project.pipe("pipe");
        project.link("../pipe", "content/p.yaml");
    };
    check("content/p.yaml", to_pipe, &[code::MATERIAL_SPECIAL]);
    check("content/*.yaml", to_pipe, &[code::MATERIAL_SPECIAL]);
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let zeros = "0".repeat(64);
    let refused = Project::new().stage(&[
        ("absent.txt", None),
        ("content", None),
        ("../proj-evil/x.yaml", None),
        ("c.txt", Some(&zeros)),
    ]);
    let expected =
        [code::MATERIAL_MISSING, code::MATERIAL_SPECIAL, code::MATERIAL_PATH, code::MATERIAL_CHANGED];
    assert_eq!(refused, Err(expected.map(str::to_owned).to_vec()));
}

/// Opens `c.txt`, lets something happen to it, and then copies it.
#[track_caller]
fn check_change(change: impl FnOnce(&Path), expected: Option<&str>) {
    let project = Project::new();
    let Ok(opened) = open::open(&project.root(), "c.txt") else { panic!("it can be opened") };
    change(&project.root().join("c.txt"));
    let copied = copy(&opened, "c.txt", &project.dir.path().join("workspace")).expect("it can be copied");
    assert_eq!(copied.err().map(|issue| issue.code).as_deref(), expected);
}

#[test]
fn a_change_while_it_is_staged_is_noticed() {
    check_change(|_| (), None);
    check_change(|path| fs::write(path, "longer").expect("write"), Some(code::MATERIAL_CHANGED));
    check_change(|path| fs::remove_file(path).expect("remove"), Some(code::MATERIAL_CHANGED));
    let replace = |path: &Path| {
        let other = path.with_extension("new");
        fs::write(&other, "d").expect("write");
        fs::rename(other, path).expect("rename");
    };
    check_change(replace, Some(code::MATERIAL_CHANGED));
}

#[test]
fn a_material_has_a_size_and_a_pattern_a_number_of_files() {
    let large = |project: &Project| {
        let file = File::create(project.root().join("large")).expect("file");
        file.set_len(MATERIAL_BYTES_MAX + 1).expect("a file with a hole");
    };
    check("large", large, &[code::MATERIAL_TOO_LARGE]);
    let many = |project: &Project| {
        let folder = project.root().join("many");
        fs::create_dir(&folder).expect("folder");
        for at in 0..=10_000 {
            fs::write(folder.join(at.to_string()), "").expect("file");
        }
    };
    check("many/*", many, &[code::MATERIAL_TOO_LARGE]);
}

impl Project {
    /// The same with what the operator provides: names, and paths beside the project.
    fn with(mut self, provided: &[(&str, &str)]) -> Self {
        for (name, path) in provided {
            let text = format!("{name}={}", self.dir.path().join(path).display());
            let (name, path) = super::provided(&text).expect("it is there");
            self.outside.insert(name, path);
        }
        self
    }
}

#[test]
fn files_and_folders_of_the_operator_stand_for_what_is_declared() {
    let project = || Project::new().with(&[("words.txt", "proj-evil/x.yaml"), ("data", "proj-evil")]);
    let staged = project().stage(&[("words.txt", None), ("data/*.yaml", None), ("c.txt", None)]);
    assert_eq!(staged, Ok(vec!["c.txt".to_owned(), "data/x.yaml".into(), "words.txt".into()]));
    let digest = Digest::of(b"x").to_string();
    assert!(project().stage(&[("words.txt", Some(&digest))]).is_ok());
    let other = project().stage(&[("words.txt", Some(&Digest::of(b"y").to_string()))]);
    assert_eq!(other, Err(vec![code::MATERIAL_CHANGED.to_owned()]));
    // The longest name wins, and a name is no beginning of another.
    let nested = Project::new().with(&[("data", "proj-evil"), ("data/deep", "proj/content/deep")]);
    assert_eq!(nested.stage(&[("data/deep/*", None)]), Ok(vec!["data/deep/c.yaml".to_owned()]));
    assert_eq!(project().stage(&[("database/x.yaml", None)]), Err(vec![code::MATERIAL_MISSING.to_owned()]));
}

#[test]
fn nothing_leads_out_of_what_the_operator_provides() {
    let provided = |prepare: &dyn Fn(&Project), pattern: &str| {
        let project = Project::new();
        prepare(&project);
        project.with(&[("data", "proj-evil")]).stage(&[(pattern, None)])
    };
    let link = |project: &Project| project.link("../proj/c.txt", "../proj-evil/out.yaml");
    assert_eq!(provided(&link, "data/out.yaml"), Err(vec![code::MATERIAL_ESCAPES.to_owned()]));
    assert_eq!(
        provided(&|project| project.pipe("../proj-evil/p"), "data/p"),
        Err(vec![code::MATERIAL_SPECIAL.to_owned()])
    );
    assert_eq!(
        provided(&|_| (), "data"),
        Err(vec![code::MATERIAL_SPECIAL.to_owned()]),
        "a folder is no file"
    );
    for wrong in
        ["words.txt", "=/etc/hostname", "../x=/etc/hostname", "*.txt=/etc/hostname", "x=/nowhere/at/all"]
    {
        assert!(super::provided(wrong).is_err(), "{wrong}");
    }
}
