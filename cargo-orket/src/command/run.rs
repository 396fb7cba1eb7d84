//! `run`: one execution of a workload, recorded and published.

use super::{pasted, sign};
use crate::args::RunArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::host::{self, Asked, Recorded, Watch, relative};
use crate::report::{Message, Report, counted};
use orket_contract::result::Status;
use orket_engine::attest::Signed;
use orket_engine::journal::Recording;
use orket_engine::registry::Published;
use orket_engine::{ExtensionManager, Plan};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Runs, or prints the plan and stops.
pub(super) fn run(args: &RunArgs, report: &Report) -> Result<Exit> {
    if args.replay.is_some() && args.request.is_given() {
        let message = "`--replay` brings its own seed, input, script and `kv` snapshot";
        return Err(Error::Usage(message.to_owned()));
    }
    let recorded =
        args.replay.as_deref().map(|meant| Recorded::find(meant, &args.selection, report)).transpose()?;
    let mut asked = Asked::read(&args.request)?;
    if let Some(recorded) = &recorded {
        asked.take_from(recorded);
    }
    // Before anything runs: a key that cannot be used is known now.
    let key = args.sign_key.as_deref().map(|path| sign::key(path, report)).transpose()?;
    let services = host::services(&args.services)?;
    let mut selection = args.selection.clone();
    selection.compilation.reproducible = args.reproducible;
    let manager = host::open(&selection, &args.policy, Some(&args.workload), report)?.with_services(services);
    if args.dry_run {
        let plan = manager.plan(&asked.request(&args.workload, report))?;
        show_plan(&plan, report)?;
        return Ok(Exit::Ok);
    }
    host::warn_weakened(manager.policy(), report);
    host::warn_machine_std(&manager, report);
    announce(&manager, args, &asked, report)?;
    host::end_on_interrupt(manager.interrupt(), report);
    let recording = recorded.as_ref().map(|recorded| Recording::load(&recorded.folder)).transpose()?;
    let mut watch = Watch { report };
    let finished = manager.execute(asked.request(&args.workload, report), recording, &mut watch)?;
    let signed = key.map(|key| finished.sign(&key)).transpose()?;
    let published = manager.publish(finished, &mut watch)?;
    show(&published, args, report);
    if let Some(signed) = signed {
        sign::show(&Signed { folder: published.folder.clone(), ..signed }, report);
    }
    Ok(Exit::Ok)
}

fn announce(manager: &ExtensionManager, args: &RunArgs, asked: &Asked, report: &Report) -> Result<()> {
    let (extension, workload) = manager.find(&args.workload)?;
    let manifest = extension.manifest();
    let text = format!("{} of {} {} with seed {}", workload.id, manifest.id, manifest.version, asked.seed);
    report.status("Running", &text);
    Ok(())
}

fn show_plan(plan: &Plan, report: &Report) -> Result<()> {
    let digest = plan.digest()?.to_string();
    report.text(&serde_json::to_string_pretty(plan).map_err(Error::Answer)?);
    report.message(&Message::Plan { digest, plan });
    Ok(())
}

fn show(published: &Published, args: &RunArgs, report: &Report) {
    published.findings.iter().chain(&published.result.issues).for_each(|issue| report.issue(issue));
    let folder = relative(&published.folder);
    let replay = replay_line(&folder, args);
    let status = match published.result.status {
        Status::Stop => "stopped",
        _ => "ok",
    };
    let plan = &published.plan;
    report.status("Finished", &format!("{} with seed {}: {status}", plan.workload, plan.seed));
    report.status("Output", &serde_json::Value::Object(published.result.output.clone()).to_string());
    for file in &published.artifacts.files {
        let path = folder.join(&file.path);
        report.status("Artifact", &format!("{} ({})", path.display(), counted(file.size, "byte")));
    }
    report.status("Recorded", &folder.display().to_string());
    report.status("Replay", &replay);
    report.message(&Message::RunFinished { replay: &replay, run: published });
}

/// The line that replays a run, with the words that selected and built its extension.
fn replay_line(folder: &Path, args: &RunArgs) -> String {
    let mut words: Vec<OsString> = ["cargo", "orket", "replay"].map(OsString::from).to_vec();
    words.push(folder.into());
    let mut option = |name: &str, value: Option<OsString>| {
        if let Some(value) = value {
            words.extend([name.into(), value]);
        }
    };
    option("--manifest-path", args.selection.manifest.manifest_path.clone().map(PathBuf::into_os_string));
    args.selection.workspace.package.iter().for_each(|name| option("--package", Some(name.into())));
    words.extend(args.selection.compile_words());
    pasted::line(&words)
}
