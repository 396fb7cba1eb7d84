//! Where recorded runs and cases lie, and which one is meant by a name.

use crate::args::{PlaceArgs, Selection};
use crate::error::{Error, Result};
use crate::project;
use crate::report::Report;
use orket_contract::issue::Issue;
use orket_contract::{code, suggest};
use orket_engine::home::Home;
use orket_engine::journal::case;
use orket_engine::runs::{self, Listed};
use orket_engine::store::Store;
use std::cmp::Reverse;
use std::path::{Path, PathBuf};

/// The newest run, by name.
const LATEST: &str = "latest";
/// How many names a hint lists.
const NAMED_MAX: usize = 5;

/// The stores and projects that a command looks at.
#[derive(Debug)]
pub(crate) struct Places {
    /// The stores.
    pub(crate) stores: Vec<Store>,
    /// The projects, for their cases.
    roots: Vec<PathBuf>,
    /// Those of installed extensions, where a name is looked for that is not in the stores.
    installed: Vec<Store>,
}

impl Places {
    /// Those that the command line names: a store, the extensions here, or the installed ones.
    ///
    /// # Errors
    /// `project.not-found` when there are none of them.
    pub(crate) fn open(args: &PlaceArgs, report: &Report) -> Result<Self> {
        if args.installed {
            return Ok(Self { stores: installed()?, roots: Vec::new(), installed: Vec::new() });
        }
        Self::at(args.store.as_deref(), &args.selection(), report)
    }

    /// Those of a store or of a selection.
    fn at(store: Option<&Path>, selection: &Selection, report: &Report) -> Result<Self> {
        if let Some(store) = store {
            if !store.is_dir() {
                let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
                return Err(Error::file("find the store", store)(missing));
            }
            let stores = vec![Store::at(store.to_path_buf())];
            return Ok(Self { stores, roots: Vec::new(), installed: Vec::new() });
        }
        match roots(selection, report) {
            Ok(roots) => {
                let stores = roots.iter().map(|root| Store::of(root)).collect();
                Ok(Self { stores, roots, installed: installed()? })
            }
            // Outside of any project what is installed is all there is.
            Err(error) => match installed()? {
                none if none.is_empty() || !error.is_no_project() => Err(error),
                stores => Ok(Self { stores, roots: Vec::new(), installed: Vec::new() }),
            },
        }
    }

    /// Every published run, newest first; of one workload where it is named.
    ///
    /// # Errors
    /// What the stores refuse.
    pub(crate) fn list(&self, workload: Option<&str>) -> Result<Vec<Listed>> {
        let mut all = Vec::new();
        for store in &self.stores {
            all.extend(runs::list(store, workload)?);
        }
        all.sort_by_cached_key(|run| Reverse((run.started.clone(), run.name.clone())));
        Ok(all)
    }

    /// The folder of the run or case of that name: `NAME`, its beginning or that of the digits after
    /// its time, `latest`, or any of these after `WORKLOAD/`.
    ///
    /// # Errors
    /// `case.missing`, `run.ambiguous`.
    fn find(&self, meant: &str) -> Result<PathBuf> {
        let (workload, wanted) = match meant.split_once('/') {
            Some((workload, wanted)) => (Some(workload), wanted),
            None => (None, meant),
        };
        let mut known = Vec::new();
        for store in &self.stores {
            known.extend(runs::find(store, workload)?);
        }
        known.sort_by_cached_key(|folder| Reverse(name(folder)));
        if wanted == LATEST {
            return known.into_iter().next().ok_or_else(|| missing(meant, &[]));
        }
        for root in &self.roots {
            let cases = case::all(root, None)?;
            let is_of = |case: &PathBuf| workload.is_none_or(|id| name(case.parent().unwrap_or(root)) == id);
            known.extend(cases.into_iter().filter(is_of));
        }
        if !known.iter().any(|folder| begins(&name(folder), wanted)) {
            for store in &self.installed {
                known.extend(runs::find(store, workload)?);
            }
        }
        let exact = known.iter().filter(|folder| name(folder) == wanted);
        let begun = known.iter().filter(|folder| begins(&name(folder), wanted));
        let found: Vec<&PathBuf> = match exact.collect::<Vec<_>>() {
            none if none.is_empty() => begun.collect(),
            exact => exact,
        };
        match found.as_slice() {
            [] => Err(missing(meant, &known)),
            [only] => Ok((*only).clone()),
            several => Err(ambiguous(meant, several)),
        }
    }
}

/// The folder of the run or case that is meant: a folder, a file in it, or a name.
///
/// # Errors
/// `case.missing`, `run.ambiguous`.
pub(crate) fn resolve(meant: &Path, places: &PlaceArgs, report: &Report) -> Result<PathBuf> {
    if meant.is_file() {
        let above = meant.parent().filter(|folder| *folder != Path::new(""));
        return Ok(above.unwrap_or(Path::new(".")).to_path_buf());
    }
    if meant.is_dir() {
        return Ok(meant.to_path_buf());
    }
    let text = meant.to_str().unwrap_or_default();
    let is_name = !text.is_empty() && !text.starts_with(['/', '.']) && text.split('/').count() <= 2;
    if !is_name {
        return Err(missing(&meant.display().to_string(), &[]));
    }
    Places::open(places, report)?.find(text)
}

/// The roots of the extensions here; of none, this folder when runs lie in it.
fn roots(selection: &Selection, report: &Report) -> Result<Vec<PathBuf>> {
    match project::current(selection) {
        Ok(Some(extension)) => return Ok(vec![extension.root]),
        Ok(None) => {}
        Err(error) => return here(error),
    }
    match project::discover(selection, report) {
        Ok(project) => {
            let roots = project.extensions.into_iter().map(|extension| extension.root);
            Ok(roots.chain(project.python).collect())
        }
        Err(error) => here(error),
    }
}

fn here(error: Error) -> Result<Vec<PathBuf>> {
    let here = Path::new(".");
    let has_runs = Store::of(here).dir().join("runs").is_dir();
    if error.is_no_project() && has_runs { Ok(vec![here.to_path_buf()]) } else { Err(error) }
}

/// The stores of what is installed; none where nothing says where that would be.
fn installed() -> Result<Vec<Store>> {
    Home::of_environment().map_or(Ok(Vec::new()), |home| Ok(home.states()?))
}

/// Whether a name, or the digits of its identity after the time, begin so.
fn begins(name: &str, wanted: &str) -> bool {
    name.starts_with(wanted) || name.split_once('-').is_some_and(|(_, identity)| identity.starts_with(wanted))
}

fn missing(meant: &str, known: &[PathBuf]) -> Error {
    let issue = Issue::error(code::CASE_MISSING, format!("there is no folder, run or case `{meant}`"));
    let names: Vec<String> = known.iter().map(|folder| name(folder)).chain([LATEST.to_owned()]).collect();
    let hint = match suggest::nearest(meant, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`cargo orket runs list` lists the runs here; cases lie below `replays/`".to_owned(),
    };
    issue.with_hint(hint).into()
}

fn ambiguous(meant: &str, several: &[&PathBuf]) -> Error {
    let named = |folder: &&PathBuf| format!("{}/{}", name(folder.parent().unwrap_or(folder)), name(folder));
    let mut names: Vec<String> = several.iter().take(NAMED_MAX).map(named).collect();
    if several.len() > NAMED_MAX {
        names.push(format!("and {} more", several.len() - NAMED_MAX));
    }
    let message = format!("{} runs or cases are called `{meant}` or begin so", several.len());
    let issue = Issue::error(code::RUN_AMBIGUOUS, message);
    issue.with_hint(format!("say which one, or give its folder: {}", names.join(", "))).into()
}

/// The path as it is written from here.
pub(crate) fn relative(path: &Path) -> PathBuf {
    let here = std::env::current_dir().ok();
    let below = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    below.unwrap_or_else(|| path.to_path_buf())
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
