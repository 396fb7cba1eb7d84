//! The binary `cargo-orket`: everything lies behind [`command::run`].

mod args;
mod cargo;
mod command;
mod error;
mod exit;
mod host;
mod lint;
mod project;
mod report;
mod template;

fn main() -> std::process::ExitCode {
    orket_engine::sandbox::launcher::enter();
    lint::wrapper::enter();
    command::run(std::env::args_os()).into()
}
