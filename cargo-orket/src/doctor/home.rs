//! Where this user's installed extensions lie.

use super::Line;
use crate::config::Config;
use orket_contract::issue::Issue;
use orket_engine::catalog::Catalog;
use orket_engine::home::Home;
use std::path::Path;

const GROUP: &str = "home";

pub(super) fn lines() -> Vec<Line> {
    match Home::of_environment() {
        Ok(home) => vec![folder(home.dir()), config(&home), catalog(&home)],
        Err(error) => vec![refused("folder", error.issues())],
    }
}

/// Whether a file can be made there, or in the nearest folder above it.
fn folder(root: &Path) -> Line {
    let nearest = root.ancestors().find(|folder| folder.exists()).unwrap_or(root);
    match tempfile::NamedTempFile::new_in(nearest) {
        Ok(_) => Line::ok(GROUP, "folder", format!("{} can be written", root.display())),
        Err(error) => {
            let found = format!("nothing can be installed in {}: {error}", root.display());
            Line::problem(GROUP, "folder", found, "set `ORKET_HOME` to a folder that you may write to")
        }
    }
}

fn config(home: &Home) -> Line {
    match Config::read(home) {
        Ok(_) if home.config().exists() => Line::ok(GROUP, "config", home.config().display().to_string()),
        Ok(_) => Line::ok(GROUP, "config", "none: the defaults hold (`cargo orket config` shows them)"),
        Err(error) => refused("config", error.issues()),
    }
}

fn catalog(home: &Home) -> Line {
    let installed =
        Catalog::existing(home).and_then(|catalog| catalog.map(|catalog| catalog.installed()).transpose());
    match installed {
        Ok(None) => Line::ok(GROUP, "catalog", "none yet: nothing is installed"),
        Ok(Some(installed)) => {
            Line::ok(GROUP, "catalog", format!("installed extensions: {}", installed.len()))
        }
        Err(error) => refused("catalog", error.issues()),
    }
}

fn refused(name: &str, issues: Vec<Issue>) -> Line {
    let fix = issues.iter().find_map(|issue| issue.hint.clone());
    let code = issues.first().map(|issue| format!("cargo orket explain {}", issue.code));
    let found: Vec<String> = issues.into_iter().map(|issue| issue.message).collect();
    Line::problem(GROUP, name, found.join("; "), &fix.or(code).unwrap_or_default())
}
