//! The templates for CI of others: they are what GitHub and GitLab read, and their scripts do what they say.

use crate::tool::{Done, Project, command, done};
use crate::world::{root, tool};
use regex_lite::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The documents of a template.
fn documents(path: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(root().join("templates/ci").join(path)).expect("the template");
    text.split("\n---\n")
        .map(|text| serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}")))
        .collect()
}

/// The names that a text takes from somewhere, such as `inputs`.
fn named(text: &str, pattern: &str) -> BTreeSet<String> {
    let pattern = Regex::new(pattern).expect("a pattern");
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().expect("an object").keys().cloned().collect()
}

/// Cargo looks for subcommands in its own home first, unless that is somewhere in `PATH`. The script is told of a home
/// where the tool is all that is installed; cargo keeps its own, since another has everything built anew.
const CARGO: &str = "cargo() { CARGO_HOME=$KEPT_HOME command cargo \"$@\"; }\n";

/// A script as the shell of a pipeline runs it, where the tool is installed.
fn script(project: &Project, text: &str, variables: &[(&str, &Path)]) -> Done {
    // What it inherits but for the program is what a call of the tool has.
    let like = command(&project.root, &[]);
    let mut shell = Command::new("bash");
    let text = format!("{CARGO}{text}");
    shell.args(["-e", "-o", "pipefail", "-c", &text]).current_dir(&project.root).stdin(Stdio::null());
    for (name, value) in like.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    let home = tempfile::tempdir().expect("a folder");
    let installed = home.path().join("bin");
    std::fs::create_dir(&installed).expect("a folder");
    symlink(tool(), installed.join("cargo-orket")).expect("a link");
    let kept = std::env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    let kept = kept.or_else(|| Some(std::env::home_dir()?.join(".cargo"))).expect("a home of cargo");
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&folders).chain([kept.join("bin")]);
    let path = std::env::join_paths([installed].into_iter().chain(folders)).expect("folders");
    shell.env("PATH", path).env("CARGO_HOME", home.path()).env("KEPT_HOME", kept);
    shell.envs(variables.iter().copied());
    done(&mut shell)
}

#[test]
fn an_action_names_only_what_it_has() {
    let [action] = <[Value; 1]>::try_from(documents("github/action.yml")).expect("one document");
    assert_eq!(action["runs"]["using"], "composite");
    let text = action.to_string();
    assert_eq!(named(&text, r"inputs\.([a-z-]+)"), keys(&action["inputs"]));
    let steps = action["runs"]["steps"].as_array().expect("steps");
    for step in steps {
        assert!(step["run"].is_string() != step["uses"].is_string(), "{step}");
        assert!(step["run"].is_null() || step["shell"] == "bash", "{step}");
        // What an input says never becomes part of a script.
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step}");
        let always = step["if"].as_str().unwrap_or_default().contains("always()");
        assert_eq!(
            always,
            step["uses"].is_string(),
            "what publishes does so above all after a failure: {step}"
        );
    }
    let ids: BTreeSet<String> =
        steps.iter().filter_map(|step| Some(step["id"].as_str()?.to_owned())).collect();
    assert_eq!(named(&text, r"steps\.([a-z]+)\.outputs"), ids);
}

#[test]
fn a_template_of_gitlab_names_only_what_it_has() {
    let [head, jobs] = <[Value; 2]>::try_from(documents("gitlab/orket.yml")).expect("two documents");
    assert_eq!(named(&jobs.to_string(), r"\$\[\[ inputs\.([a-z-]+) \]\]"), keys(&head["spec"]["inputs"]));
    let artifacts = &jobs["orket"]["artifacts"];
    assert_eq!(artifacts["when"], "always");
    assert_eq!(artifacts["reports"]["junit"], "orket-reports/junit.xml");
}

#[test]
fn the_scripts_of_the_templates_write_the_reports() {
    let project = Project::new("called-by-pipelines", &["--template", "minimal"]);
    project.orket(&["build"]).exits(0);
    let files = ["junit.xml", "messages.jsonl", "orket.sarif", "summary.md"];

    let [action] = <[Value; 1]>::try_from(documents("github/action.yml")).expect("one document");
    let steps = action["runs"]["steps"].as_array().expect("steps");
    let (output, summary, temporary) =
        (project.root.join("output"), project.root.join("step.md"), project.root.join("temporary"));
    let variables = [
        ("GITHUB_OUTPUT", output.as_path()),
        ("GITHUB_STEP_SUMMARY", &summary),
        ("RUNNER_TEMP", &temporary),
        ("ARGUMENTS", Path::new("--runs 2")),
        ("REPOSITORY", Path::new("nowhere")),
        ("REVISION", Path::new("")),
    ];
    let scripts: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
    assert_eq!(scripts.len(), 2);
    for text in scripts {
        script(&project, text, &variables).exits(0);
    }
    let told = std::fs::read_to_string(output).expect("outputs");
    let reports = told.trim_end().strip_prefix("reports=").expect("the folder is told");
    assert_eq!(Path::new(reports), temporary.join("orket-reports"));
    assert!(std::fs::read_to_string(summary).expect("a summary").contains("Nothing was found."));
    files.iter().for_each(|file| assert!(Path::new(reports).join(file).is_file(), "{file}"));

    let [head, jobs] = <[Value; 2]>::try_from(documents("gitlab/orket.yml")).expect("two documents");
    let lines = jobs["orket"]["script"].as_array().expect("lines").iter().filter_map(Value::as_str);
    let mut text = lines.collect::<Vec<_>>().join("\n");
    for (name, input) in head["spec"]["inputs"].as_object().expect("inputs") {
        let value = if name == "arguments" { "--runs 2" } else { input["default"].as_str().expect("a text") };
        text = text.replace(&format!("$[[ inputs.{name} ]]"), value);
    }
    script(&project, &text, &[("CI_PROJECT_DIR", project.root.as_path())]).exits(0);
    files.iter().for_each(|file| assert!(project.root.join("orket-reports").join(file).is_file(), "{file}"));
}
