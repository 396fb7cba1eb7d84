//! The escape suite: what no guest may do, attempted by a guest, and by the same program outside as its control.
//!
//! One program is the suite, the hosts that it starts (`play`) and the guests (`attempt`). What there is to
//! be got is bait (`bait`) that the suite has laid out itself, and that shows whether it was touched. An attempt that succeeds
//! in a sandbox is an escape unless it is listed with the reason why it is harmless (`harmless`); one whose control does not
//! succeed must say what this machine may lack.
//!
//! Without libtest, because this binary is also the hosts and the guests.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

mod attempt;
mod bait;
mod descriptors;
mod execution;
mod files;
mod harmless;
mod host;
mod ipc;
mod kernel;
mod lifetime;
mod limits;
mod machine;
mod make;
mod metadata;
mod network;
mod play;
mod privileges;
mod processes;
mod profile;
mod repeat;
mod report;
mod signals;
mod subject;
mod suite;
mod sys;

fn main() -> std::process::ExitCode {
    let words: Vec<String> = std::env::args().collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [make::NAME, name, bait] => attempt::make(name, bait),
        // What attempts would have started, had they been let.
        ["echo", word] => attempt::say(word),
        [_, play::MARK, part] => serde_json::from_str::<play::Part>(part).expect("a part").serve(),
        [_, arguments @ ..] => suite::run(arguments),
        [] => suite::run(&[]),
    }
}
