//! `cargo orket --help`: the commands, by what one wants to do.

use clap::Command;
use clap_cargo::style::{HEADER, LITERAL};
use std::fmt::Write as _;

/// Every visible command, once. What is new belongs somewhere: the tests say so.
const GROUPS: [(&str, &[&str]); 4] = [
    ("Write", &["new", "add", "check", "lint", "build", "test", "ci", "conformance"]),
    ("Run", &["run", "replay", "verify", "reduce", "list", "install", "show", "uninstall", "package"]),
    ("Look", &["runs", "diff", "graph", "report", "inspect", "explain", "schema"]),
    ("Trust", &["keygen", "sign", "attest", "sbom"]),
];

/// The heading of what is in no other group.
const TOOL: &str = "Tool";

/// The definition with help that shows its commands in groups.
pub(super) fn grouped(command: Command) -> Command {
    let list = listed(&command);
    command.help_template(format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{list}{HEADER}Options:{HEADER:#}\n{{options}}{{after-help}}"
    ))
}

fn listed(command: &Command) -> String {
    let is_elsewhere = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    let visible = || command.get_subcommands().filter(|command| !command.is_hide_set());
    let rest: Vec<&str> = visible().map(Command::get_name).filter(|name| !is_elsewhere(name)).collect();
    let groups = GROUPS.iter().map(|(heading, names)| (*heading, names.to_vec())).chain([(TOOL, rest)]);
    let mut text = String::new();
    for (heading, names) in groups {
        let _ = writeln!(text, "{HEADER}{heading}:{HEADER:#}");
        for command in
            names.into_iter().filter_map(|name| visible().find(|command| command.get_name() == name))
        {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            let aliases = command.get_visible_aliases().map(|alias| format!(" [alias: {alias}]"));
            let about = about + &aliases.collect::<String>();
            let _ = writeln!(text, "  {LITERAL}{:<12}{LITERAL:#} {about}", command.get_name());
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Args;
    use clap::CommandFactory;

    #[test]
    fn every_command_is_shown_once_in_a_line() {
        let command = Args::command();
        let text = anstream::adapter::strip_str(&listed(&command)).to_string();
        for visible in command.get_subcommands().filter(|command| !command.is_hide_set()) {
            let line = format!("  {:<12} ", visible.get_name());
            assert_eq!(text.matches(&line).count(), 1, "{}", visible.get_name());
        }
        let named = GROUPS.iter().flat_map(|(_, names)| *names);
        let missing: Vec<_> = named.filter(|name| command.find_subcommand(name).is_none()).collect();
        assert!(missing.is_empty(), "there is no command {missing:?}");
    }
}
