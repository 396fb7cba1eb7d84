//! `man`: the manual, a page for each command, made from the definition of the command line.

use crate::args::{Args, ManArgs};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Message, Report, counted};
use clap::{Command, CommandFactory};
use clap_mangen::Man;
use orket_contract::ORKET_VERSION;
use std::path::Path;

/// Writes all pages to a folder, or prints one.
pub(super) fn run(args: &ManArgs, report: &Report) -> Result<Exit> {
    let pages = pages();
    match (&args.output, &args.command) {
        (Some(folder), _) => write(&pages, folder, report)?,
        (None, command) => print(&pages, command.as_deref(), report)?,
    }
    Ok(Exit::Ok)
}

/// A page: its name without section, and its text.
type Page = (String, Vec<u8>);

/// The page about the tool and those about its commands.
fn pages() -> Vec<Page> {
    let mut all = Args::command();
    all.build();
    let visible =
        all.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
    let mut pages: Vec<Page> = visible.flat_map(|command| below("cargo-orket", command)).collect();
    pages.insert(0, page("cargo-orket", &all));
    pages
}

/// The pages about a command and the commands in it.
fn below(above: &str, command: &Command) -> Vec<Page> {
    let name = format!("{above}-{}", command.get_name());
    let visible =
        command.get_subcommands().filter(|command| !command.is_hide_set() && command.get_name() != "help");
    let within: Vec<Page> = visible.flat_map(|command| below(&name, command)).collect();
    let mut pages = vec![page(&name, command)];
    pages.extend(within);
    pages
}

fn page(name: &str, command: &Command) -> Page {
    // The name of a page is a word; in its synopsis the command is written as it is typed.
    let typed = name.replacen("cargo-orket", "cargo orket", 1).replace("orket-", "orket ");
    let command = command.clone().display_name(name.to_owned()).bin_name(typed);
    let man = Man::new(command).title(name.to_uppercase()).source(format!("Orket {ORKET_VERSION}"));
    let mut text = Vec::new();
    man.manual("Orket").render(&mut text).expect("a vector grows");
    (name.to_owned(), text)
}

fn write(pages: &[Page], folder: &Path, report: &Report) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    for (name, text) in pages {
        let path = folder.join(format!("{name}.1"));
        std::fs::write(&path, text).map_err(Error::file("write", &path))?;
        report.detail("Wrote", &path.display().to_string());
        report.message(&Message::Written { path: &path });
    }
    report.status("Wrote", &format!("{} to {}", counted(pages.len(), "page"), folder.display()));
    Ok(())
}

fn print(pages: &[Page], command: Option<&str>, report: &Report) -> Result<()> {
    let wanted = command.map_or("cargo-orket".to_owned(), |command| format!("cargo-orket-{command}"));
    let Some((_, text)) = pages.iter().find(|(name, _)| *name == wanted) else {
        let known = pages.iter().filter_map(|(name, _)| name.strip_prefix("cargo-orket-"));
        let near = orket_contract::suggest::nearest(command.unwrap_or_default(), known);
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(Error::Usage(format!("there is no command `{}`{near}", command.unwrap_or_default())));
    };
    let text = String::from_utf8_lossy(text);
    report.text(&text);
    report.message(&Message::Text { text: &text });
    Ok(())
}
