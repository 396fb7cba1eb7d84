//! `new`: a crate for a new extension from a template, ours or somebody else's.

use super::wanted::{self, Wanted};
use super::{pasted, prompt, source};
use crate::args::{Ci, NewArgs};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Message, Report};
use crate::template::{Chosen, CrateName, Declared, Given, Template, choose};
use orket_contract::code;
use orket_contract::issue::Issue;
use orket_engine::home::Home;
use orket_engine::package::check_path;
use orket_engine::source::Source;
use std::path::{Path, PathBuf};

/// The largest repository of a template, in bytes (64 MiB).
const FETCHED_BYTES_MAX: u64 = 64 << 20;

/// Creates the crate, or lists the templates.
pub(super) fn run(args: &NewArgs, report: &Report) -> Result<Exit> {
    let Some(path) = args.path.as_ref().filter(|_| !args.list) else {
        list(args, report)?;
        return Ok(Exit::Ok);
    };
    let target = std::path::absolute(path).map_err(Error::file("find", path))?;
    let target = target.components().collect::<PathBuf>();
    let name = name(&target)?;
    // Before anything is fetched or anybody is asked.
    wanted::vacant(&target, path)?;
    let template = template(args, report)?;
    let chosen = chosen(&template, args, report)?;
    let ci = args.ci.unwrap_or(if template.is_foreign() { Ci::None } else { Ci::Github });
    let template = template.with_ci(ci);
    let wanted = Wanted {
        template: &template,
        name: &name,
        sdk: args.sdk.as_deref(),
        edition: &args.edition,
        vcs: args.vcs,
        chosen: &chosen,
    };
    let services = wanted.write(&target, path, None, report)?;
    let enter = format!("cd {}", path.display());
    if template.is_foreign() {
        report.warn(
            "nothing of the template has run yet; its code runs when the crate is built: read it first",
        );
        // Whatever else there is to call builds it.
        report.next(&[&enter]);
    } else {
        let export =
            |(variable, value)| pasted::line(&["export".into(), format!("{variable}={value}").into()]);
        let run = format!("cargo orket run {}", name.workload());
        let mut lines = vec![enter];
        lines.extend(services.iter().map(export));
        lines.extend([run, "cargo orket verify".to_owned()]);
        report.next(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    }
    Ok(Exit::Ok)
}

/// The template that is meant: one of ours, or what is fetched.
fn template(args: &NewArgs, report: &Report) -> Result<Template> {
    let Some(word) = &args.git else { return Template::find(&args.template) };
    let config = Config::read(&Home::of_environment()?)?;
    let rev = match &args.branch {
        Some(branch) => format!("refs/heads/{branch}"),
        None => args.rev.clone().unwrap_or_else(|| "HEAD".to_owned()),
    };
    let Source::Git { address, rev } = source::allowed(word, Some(&rev), &config, report)? else {
        return Err(Error::Usage(format!("`--git {word}` is no repository")));
    };
    let around = tempfile::tempdir().map_err(Error::file("create a folder in", &std::env::temp_dir()))?;
    let to = around.path().join("template");
    source::fetched(&address, rev.as_deref(), &to, FETCHED_BYTES_MAX, report)?;
    let folder = subfolder(&to, args.subfolder.as_deref())?;
    Template::read(&folder, &address.to_string())
}

/// The folder of the template in what was fetched; none of its parts may be a link.
fn subfolder(root: &Path, below: Option<&str>) -> Result<PathBuf> {
    let mut folder = root.to_path_buf();
    let Some(below) = below.map(|below| below.trim_end_matches('/')) else { return Ok(folder) };
    let refused = |why: &str| {
        Issue::error(
            code::TEMPLATE_PATH,
            format!("the folder `{}` of the template {why}", below.escape_debug()),
        )
    };
    check_path(below).map_err(refused)?;
    for segment in below.split('/') {
        folder.push(segment);
        let is_folder = std::fs::symlink_metadata(&folder).is_ok_and(|found| found.is_dir());
        if !is_folder || segment.eq_ignore_ascii_case(".git") {
            return Err(refused("is no folder in the repository").into());
        }
    }
    Ok(folder)
}

/// The values that the template asks for: of a file, of the command line, of whoever sits there.
fn chosen(template: &Template, args: &NewArgs, report: &Report) -> Result<Chosen> {
    let mut given = args.values.as_deref().map_or_else(|| Ok(Vec::new()), Given::read)?;
    given.extend(args.define.iter().cloned());
    let mut ask = |name: &str, declared: &Declared| prompt::ask(name, declared, report);
    let is_possible = prompt::is_possible(args, report);
    choose(&template.description.values, &given, if is_possible { Some(&mut ask) } else { None })
}

fn list(args: &NewArgs, report: &Report) -> Result<()> {
    let templates = if args.git.is_some() { vec![template(args, report)?] } else { Template::all() };
    for template in templates {
        let (name, description) = (template.name.as_str(), &template.description);
        report.text(&format!("{name:<14} {}", description.summary));
        for (value, declared) in &description.values {
            report.text(&format!("    {value:<10} {}: {}", declared.about, wanted(declared)));
        }
        let values = &description.values;
        report.message(&Message::Template { name, summary: &description.summary, values });
    }
    Ok(())
}

/// What a value has to be, and what it is when nobody says.
fn wanted(declared: &Declared) -> String {
    match &declared.default {
        Some(default) => format!("{} [default: {default}]", declared.wanted()),
        None => format!("{}, required", declared.wanted()),
    }
}

fn name(target: &Path) -> Result<CrateName> {
    let name = target
        .file_name()
        .ok_or_else(|| Error::Usage("the path of a new crate ends in its name".to_owned()))?;
    Ok(CrateName::parse(&name.to_string_lossy())?)
}
