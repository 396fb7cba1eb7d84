//! Reading manifest files.

use orket_runtime::manifest::{load_manifest, validate_manifest};

#[track_caller]
fn refused(file: &str, code: &str, place: Option<&str>) {
    let issues = load_manifest(file).unwrap_err();
    let found: Vec<_> = issues
        .iter()
        .map(|issue| (issue.code.as_str(), issue.location.as_ref().map(ToString::to_string)))
        .collect();
    assert!(found.contains(&(code, place.map(str::to_owned))), "{found:?}");
}

#[test]
fn formats_load_equal_and_unknown_capabilities_warn() {
    let manifest = load_manifest("tests/manifests/tour.yaml").unwrap();
    assert_eq!(manifest, load_manifest("tests/manifests/tour.toml").unwrap());
    assert_eq!(manifest.workload("tour_v1").unwrap().version, "0.1.0");
    let issues = validate_manifest(&manifest);
    assert_eq!(issues.len(), 1);
    assert_eq!((issues[0].code.as_str(), issues[0].is_error()), ("capability.unknown", false));
}

#[test]
fn what_is_wrong_with_a_file_is_named_with_its_place() {
    let broken = "tests/manifests/broken.toml";
    refused(broken, "manifest.unknown-key", Some("tests/manifests/broken.toml:5:1"));
    refused("tests/manifests/none.toml", "project.not-found", None);
    refused("tests/manifests/tour.ini", "manifest.unsupported-version", None);
}
