//! The binary `cargo-orket`: everything lies behind [`command::run`].

mod addition;
mod args;
mod cargo;
mod command;
mod completion;
mod config;
mod conformance;
mod difference;
mod doctor;
mod error;
mod exit;
mod expand;
mod file;
mod graph;
mod host;
mod lint;
mod media;
mod outline;
mod page;
mod project;
mod report;
mod reproduce;
mod sbom;
mod template;

fn main() -> std::process::ExitCode {
    lint::wrapper::enter();
    reproduce::wrapper::enter();
    completion::enter();
    command::run(std::env::args_os()).into()
}
