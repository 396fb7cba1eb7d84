//! `uninstall`: removes an installed extension and leaves its runs.

use crate::args::UninstallArgs;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{Message, Report};
use orket_engine::home::Home;
use orket_engine::install;

/// Removes, and says what stays.
pub(super) fn run(args: &UninstallArgs, report: &Report) -> Result<Exit> {
    let home = Home::of_environment()?;
    let removed = install::uninstall(&home, &args.name.id, args.name.version.as_deref())?;
    let state = home.state(&args.name.id);
    for extension in &removed {
        report.status("Removed", &format!("{} {}", extension.id, extension.version));
        report.message(&Message::Installed { extension, present: false, state: state.dir() });
    }
    if state.dir().exists() {
        report.status("Kept", &format!("its runs in {}", state.dir().display()));
    }
    Ok(Exit::Ok)
}
