//! What a governed start, a capability call, a look at the clock, a replay and a record cost, each beside what there is to compare it with.
//!
//! `cargo xtask bench spawn|call|clock|replay|limits|transcript` builds what is needed and starts this. Each prints one JSON object. Ratios
//! are of medians that were measured interleaved, in one run, on the same cores; nothing here passes or fails.

#[cfg(target_os = "linux")]
mod call;
#[cfg(target_os = "linux")]
mod clock;
#[cfg(target_os = "linux")]
mod echo;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod machine;
#[cfg(target_os = "linux")]
mod measure;
#[cfg(target_os = "linux")]
mod options;
#[cfg(target_os = "linux")]
mod peers;
#[cfg(target_os = "linux")]
mod replay;
#[cfg(target_os = "linux")]
mod spawn;
#[cfg(target_os = "linux")]
mod transcript;
#[cfg(target_os = "linux")]
mod world;

#[cfg(target_os = "linux")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    use options::{Options, Task};
    use std::io::Write;
    let options = Options::read(std::env::args().skip(1))?;
    let answer = match &options.task {
        Task::Spawn => spawn::run(&options)?,
        Task::Call => call::run(&options)?,
        Task::Clock => clock::run(&options)?,
        Task::Replay => replay::run(&options)?,
        Task::Transcript => transcript::run(&options)?,
        Task::Limits => limits::run(&options)?,
        Task::Host { mib } => return spawn::serve(*mib),
        Task::Echo => return Ok(echo::serve()?),
    };
    Ok(writeln!(std::io::stdout(), "{answer:#}")?)
}

#[cfg(not(target_os = "linux"))]
fn main() {}
