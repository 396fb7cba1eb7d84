//! The list of components against what cargo itself says is built. `cargo xtask third-party` has a validator of
//! CycloneDX look at it.

use crate::tool::Project;
use crate::world::root;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

fn components(document: &Value) -> BTreeSet<String> {
    let named = |component: &Value| {
        format!(
            "{} v{}",
            component["name"].as_str().unwrap_or_default(),
            component["version"].as_str().unwrap_or_default()
        )
    };
    document["components"].as_array().into_iter().flatten().map(named).collect()
}

#[test]
fn the_components_are_what_cargo_builds_and_the_same_everywhere() {
    let project = Project::new("parts", &["--template", "minimal"]);
    project.orket(&["sbom", "--output", "sbom.json"]).exits(0);
    let text = std::fs::read_to_string(project.root.join("sbom.json")).expect("the document");
    let document: Value = serde_json::from_str(&text).expect("JSON");
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--edges", "no-dev", "--prefix", "none", "--format", "{p}"])
        .current_dir(&project.root);
    let tree = String::from_utf8(tree.output().expect("cargo starts").stdout).expect("text");
    let package = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let expected: BTreeSet<_> = tree.lines().skip(1).map(package).collect();
    assert_eq!(components(&document), expected);
    assert!(
        !text.contains(&project.root.display().to_string()) && !text.contains(&root().display().to_string())
    );
    let again = project.orket(&["sbom"]).exits(0);
    assert_eq!(again.out, text, "to standard output, and once more");
    let elsewhere = Project::new("parts", &["--template", "minimal"]);
    std::fs::copy(project.root.join("Cargo.lock"), elsewhere.root.join("Cargo.lock")).expect("a copy");
    assert_eq!(elsewhere.orket(&["sbom"]).exits(0).out, text, "in another folder");
    let told = project.orket(&["sbom", "--message-format", "json"]).exits(0).told("orket-sbom");
    assert_eq!(told[0]["document"], document);
}

#[test]
fn every_component_has_what_an_audit_asks_for() {
    let project = Project::new("audit", &["--template", "minimal"]);
    let document: Value = serde_json::from_str(&project.orket(&["sbom"]).exits(0).out).expect("JSON");
    let all = document["components"].as_array().expect("a list");
    let packed = all.iter().filter(|component| component["purl"].is_string());
    for component in packed.clone() {
        let hash = component["hashes"][0]["content"].as_str().unwrap_or_default();
        let license = component["licenses"][0]["expression"].as_str().unwrap_or_default();
        assert!(hash.len() == 64 && !license.is_empty(), "{component:#}");
    }
    assert!(packed.count() >= 10);
    let scope = |name: &str| all.iter().find(|part| part["name"] == name).map(|part| part["scope"].clone());
    assert_eq!(scope("serde_json"), Some("required".into()));
    assert_eq!(scope("syn"), Some("excluded".into()), "it takes part in building alone");
    let known: BTreeSet<_> = all
        .iter()
        .chain([&document["metadata"]["component"]])
        .map(|part| &part["bom-ref"])
        .map(Value::to_string)
        .collect();
    let edges = document["dependencies"].as_array().expect("a list");
    assert_eq!(edges.len(), known.len());
    for edge in edges {
        let needed = edge["dependsOn"].as_array().into_iter().flatten();
        assert!(needed.chain([&edge["ref"]]).all(|part| known.contains(&part.to_string())), "{edge}");
    }
    for timely in ["timestamp", "serialNumber"] {
        assert!(!document.to_string().contains(timely));
    }
}
