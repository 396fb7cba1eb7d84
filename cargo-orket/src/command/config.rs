//! `config`: what is configured, with the defaults, and the file that sets it.

use crate::config::Config;
use crate::error::Result;
use crate::exit::Exit;
use crate::report::{Message, Report};
use orket_engine::home::Home;

/// Shows the configuration in the form in which it is written.
pub(super) fn run(report: &Report) -> Result<Exit> {
    let home = Home::of_environment()?;
    let (path, config) = (home.config(), Config::read(&home)?);
    let where_from = if path.exists() { "" } else { " (not there: these are the defaults)" };
    report.status("Config", &format!("{}{where_from}", path.display()));
    report.text(&toml::to_string(&config).expect("the configuration is plain data"));
    report.message(&Message::Config { path: &path, source: &config.source });
    Ok(Exit::Ok)
}
