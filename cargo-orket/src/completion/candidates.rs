//! What can stand for a value: names out of the tool itself, and names of what lies in the project.
//!
//! Invariants: nothing is built, no other program is started, and what cannot be read offers nothing. A name may be
//! offered that is gone by now; then the command says so.

use crate::args::Args;
use crate::template::Template;
use clap::CommandFactory;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use orket_contract::{capability, code};
use orket_engine::sandbox::Layer;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The ids of workloads, as far as builds, runs and cases here show them.
pub(crate) fn workloads() -> ArgValueCandidates {
    ArgValueCandidates::new(|| described(known_workloads(&here())))
}

/// The names of runs and of recorded cases.
pub(crate) fn recorded() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let mut all = below(&here(), ".orket/runs");
        all.extend(below(&here(), "replays"));
        described(all)
    })
}

/// The names of recorded cases.
pub(crate) fn cases() -> ArgValueCandidates {
    ArgValueCandidates::new(|| described(below(&here(), "replays")))
}

/// Every code.
pub(crate) fn codes() -> ArgValueCandidates {
    ArgValueCandidates::new(|| pairs(code::ALL.iter().map(|code| (code.name, code.summary))))
}

/// Every template.
pub(crate) fn templates() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let all = Template::all().into_iter();
        described(all.map(|template| (template.name, template.description.summary)).collect())
    })
}

/// Every capability.
pub(crate) fn capabilities() -> ArgValueCandidates {
    ArgValueCandidates::new(|| pairs(capability::ALL.iter().map(|known| (known.name, known.summary))))
}

/// Every layer of the sandbox.
pub(crate) fn layers() -> ArgValueCandidates {
    ArgValueCandidates::new(|| pairs(Layer::ALL.iter().map(|layer| (layer.name(), ""))))
}

/// Every command.
pub(crate) fn commands() -> ArgValueCandidates {
    ArgValueCandidates::new(|| {
        let definition = Args::command();
        let visible = definition.get_subcommands().filter(|command| !command.is_hide_set());
        let about =
            |command: &clap::Command| command.get_about().map(ToString::to_string).unwrap_or_default();
        described(visible.map(|command| (command.get_name().to_owned(), about(command))).collect())
    })
}

fn pairs<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<CompletionCandidate> {
    described(all.map(|(name, summary)| (name.to_owned(), summary.to_owned())).collect())
}

fn described(all: BTreeMap<String, String>) -> Vec<CompletionCandidate> {
    let candidate = |(name, summary): (String, String)| {
        let help = summary.lines().next().filter(|line| !line.is_empty()).map(|line| line.to_owned().into());
        CompletionCandidate::new(name).help(help)
    };
    all.into_iter().map(candidate).collect()
}

/// The working folder and those above it.
fn here() -> Vec<PathBuf> {
    let folder = std::env::current_dir().unwrap_or_default();
    folder.ancestors().map(Path::to_path_buf).collect()
}

/// The index that builds leave, and the folders that runs and cases leave.
fn known_workloads(folders: &[PathBuf]) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for above in [".orket/runs", "replays"] {
        let groups = folders.iter().flat_map(|folder| names(&folder.join(above)));
        all.extend(groups.map(|name| (name, String::new())));
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let targets = target.into_iter().chain(folders.iter().map(|folder| folder.join("target")));
    for index in targets.filter_map(|target| std::fs::read(target.join("orket/index.json")).ok()) {
        let index: Value = serde_json::from_slice(&index).unwrap_or_default();
        let entries =
            index.as_object().into_iter().flatten().filter_map(|(_, entry)| entry["workloads"].as_object());
        all.extend(
            entries.flatten().map(|(id, text)| (id.clone(), text.as_str().unwrap_or_default().to_owned())),
        );
    }
    all
}

/// The folders two levels below, such as `replays/WORKLOAD/CASE`, and whose they are.
fn below(folders: &[PathBuf], above: &str) -> BTreeMap<String, String> {
    let groups = folders.iter().map(|folder| folder.join(above));
    let groups =
        groups.flat_map(|above| names(&above).into_iter().map(move |group| (above.join(&group), group)));
    groups.flat_map(|(path, group)| names(&path).into_iter().map(move |name| (name, group.clone()))).collect()
}

/// The folders in a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries =
        std::fs::read_dir(folder).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir());
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_the_project_is_offered() {
        let folder = tempfile::tempdir().unwrap();
        for made in [".orket/runs/a_v1/2026-x", "replays/b_v1/won", "src"] {
            std::fs::create_dir_all(folder.path().join(made)).unwrap();
        }
        std::fs::write(folder.path().join("replays/README"), "").unwrap();
        let folders = [folder.path().join("src"), folder.path().to_path_buf()];
        let known: Vec<String> = known_workloads(&folders).into_keys().collect();
        assert!(["a_v1", "b_v1"].iter().all(|id| known.iter().any(|known| known == id)), "{known:?}");
        assert_eq!(below(&folders, "replays"), [("won".to_owned(), "b_v1".to_owned())].into());
        assert!(known_workloads(&[]).len() <= known.len());
    }
}
