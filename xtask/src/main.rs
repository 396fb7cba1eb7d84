//! Development tasks: `cargo xtask TASK`.

#![forbid(unsafe_code)]
#![expect(clippy::print_stdout, reason = "a development tool answers on stdout")]

mod args;
mod bare;
mod bench;
mod ci;
mod codegen;
mod error;
mod layers;
mod process;
mod third_party;
mod tidy;
mod workspace;

fn main() -> std::process::ExitCode {
    args::run()
}
