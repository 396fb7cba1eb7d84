//! The corpus of nondeterminism: what makes runs differ, one class at a time, and what Orket makes of it.
//!
//! `program` is the extension: each class is one of its workloads. `table` says of each what is to come of it. *Governed*, every
//! class is run in several surroundings (`surroundings`): it comes to the same each time, or it is refused with the line that asked;
//! whatever else happens is a leak. *Ambient*, without what makes runs repeat, it shows what `cargo orket verify --ambient` finds, and
//! whether it names the cause.
//!
//! Without libtest, because this binary also plays the hosts, whose surroundings cannot be changed in a process that lives on.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

mod ambient;
#[path = "../../it/build.rs"]
#[allow(dead_code)] // the other test binary uses the rest
mod build;
mod change;
mod class;
mod governed;
mod play;
mod suite;
mod surroundings;
mod table;
mod traced;

fn main() -> std::process::ExitCode {
    let words: Vec<String> = std::env::args().collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [_, play::MOVE, part] => play::Part::read(part).move_in(),
        [_, play::SERVE, part] => play::Part::read(part).serve(),
        [_, arguments @ ..] => suite::run(arguments),
        [] => suite::run(&[]),
    }
}
