//! The catalog keeps what it is given, and never passes for empty when it is not.

use super::*;
use orket_contract::digest::Digest;
use orket_contract::id::WorkloadId;
use proptest::prelude::*;

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::at(folder.path().join("home"));
    (folder, home)
}

fn entry(id: &str, version: &str) -> Installed {
    Installed {
        id: ExtensionId::new(id).expect("an id"),
        version: version.to_owned(),
        package: Digest::of(version.as_bytes()),
        manifest: Digest::of(b"manifest"),
        program: Digest::of(b"program"),
        place: Place { method: Method::Package, location: "/x.ork".to_owned(), rev: None, commit: None },
        installed: "2026-01-31T12:00:00Z".to_owned(),
        workloads: vec![WorkloadId::new("hello_v1").expect("an id")],
        current: true,
    }
}

prop_compose! {
    fn any_entry()(
        (id, version) in ("[A-Za-z0-9]([._-]?[A-Za-z0-9]){0,9}", "[0-9]{1,3}\\.[0-9]{1,3}\\.(0|[1-9])(-[a-z]{1,5})?"),
        (package, manifest, program) in any::<([u8; 32], [u8; 32], [u8; 32])>(),
        (location, rev, commit) in any::<(String, Option<String>, Option<String>)>(),
        method in prop_oneof![Just(Method::Folder), Just(Method::Git), Just(Method::Package)],
        workloads in proptest::collection::vec("[A-Za-z0-9]{1,20}", 0..4),
        second in 10..60u8,
    ) -> Installed {
        let parts: Vec<u64> = version.split(['.', '-']).take(3).map(|part| part.parse().unwrap_or(0)).collect();
        let rest = version.find('-').map_or("", |at| &version[at..]);
        Installed {
            id: ExtensionId::new(id).expect("an id"),
            version: format!("{}.{}.{}{rest}", parts[0], parts[1], parts[2]),
            package: Digest(package),
            manifest: Digest(manifest),
            program: Digest(program),
            place: Place { method, location: location.replace('\0', ""), rev, commit },
            installed: format!("2026-01-31T12:00:{second}Z"),
            workloads: workloads.into_iter().map(|id| WorkloadId::new(id).expect("an id")).collect(),
            current: true,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn what_goes_in_comes_out(entries in proptest::collection::vec(any_entry(), 1..5)) {
        let (_folder, home) = home();
        let mut expected: Vec<Installed> = Vec::new();
        let mut catalog = Catalog::open(&home).expect("a catalog");
        for entry in &entries {
            catalog.publish(entry).expect("published");
            expected.retain(|old| (&old.id, &old.version) != (&entry.id, &entry.version));
            expected.iter_mut().filter(|old| old.id == entry.id).for_each(|old| old.current = false);
            expected.push(entry.clone());
        }
        drop(catalog);
        expected.sort_by(|a, b| (a.id.as_str(), &a.version).cmp(&(b.id.as_str(), &b.version)));
        let catalog = Catalog::existing(&home).expect("it opens").expect("it is there");
        prop_assert_eq!(catalog.installed().expect("rows"), expected);
        prop_assert_eq!(catalog.audit().expect("rows").len(), entries.len());
    }
}

#[test]
fn of_several_versions_the_last_one_runs() {
    let (_folder, home) = home();
    let mut catalog = Catalog::open(&home).expect("a catalog");
    for (version, at) in [("1.0.0", "2026-01-31T12:00:00Z"), ("0.9.0", "2026-01-31T12:00:01Z")] {
        catalog.publish(&Installed { installed: at.to_owned(), ..entry("a", version) }).expect("published");
    }
    let id = ExtensionId::new("a").expect("an id");
    let runs = |catalog: &Catalog| catalog.versions(&id).expect("rows").first().map(|v| v.version.clone());
    assert_eq!(runs(&catalog).as_deref(), Some("0.9.0"));
    assert_eq!(catalog.remove(&id, Some("0.9.0")).expect("removed").len(), 1);
    assert_eq!(runs(&catalog).as_deref(), Some("1.0.0"));
    assert_eq!(catalog.remove(&id, None).expect("removed").len(), 1);
    assert_eq!((runs(&catalog), catalog.audit().expect("rows").len()), (None, 4));
}

#[test]
fn the_audit_cannot_be_shortened_or_changed() {
    let (_folder, home) = home();
    let mut catalog = Catalog::open(&home).expect("a catalog");
    catalog.publish(&entry("a", "1.0.0")).expect("published");
    catalog.refuse(&entry("a", "1.0.0").place, code::CATALOG_DAMAGED).expect("entered");
    for statement in ["DELETE FROM audit", "UPDATE audit SET at = ''"] {
        catalog.connection.execute(statement, []).expect_err("refused");
    }
    assert_eq!(catalog.audit().expect("rows").len(), 2);
}

#[track_caller]
fn refuses(home: &Home, expected: &str) {
    for opened in [Catalog::existing(home).map(drop), Catalog::open(home).map(drop)] {
        assert_eq!(opened.expect_err("refused").issues()[0].code, expected);
    }
}

#[test]
fn a_catalog_that_is_not_ours_or_not_whole_is_no_empty_list() {
    let (_folder, home) = home();
    assert!(Catalog::existing(&home).expect("there is none").is_none());
    std::fs::create_dir_all(home.packages().join("x")).expect("a folder");
    refuses(&home, code::CATALOG_DAMAGED);
    std::fs::remove_dir(home.packages().join("x")).expect("removed");

    Catalog::open(&home).expect("a catalog").publish(&entry("a", "1.0.0")).expect("published");
    let whole = std::fs::read(home.catalog()).expect("the file");
    for damage in [&b""[..], b"no database at all", &whole[..100], &whole[..whole.len() / 2]] {
        std::fs::write(home.catalog(), damage).expect("written");
        refuses(&home, code::CATALOG_DAMAGED);
    }
    std::fs::write(home.catalog(), &whole).expect("written");
    let change = |statement: &str| {
        let catalog = Catalog::existing(&home).expect("it opens").expect("it is there");
        catalog.connection.execute_batch(statement).expect("changed");
    };
    change("UPDATE version SET package = 'x'");
    let catalog = Catalog::existing(&home).expect("it opens").expect("it is there");
    let error = catalog.installed().expect_err("a row makes no sense");
    assert_eq!(error.issues()[0].code, code::CATALOG_DAMAGED);
    drop(catalog);
    change("PRAGMA user_version = 2");
    refuses(&home, code::CATALOG_NEWER);
    let foreign = Connection::open(home.catalog()).expect("it opens");
    foreign.pragma_update(None, "application_id", 7).expect("changed");
    refuses(&home, code::CATALOG_FOREIGN);
}
