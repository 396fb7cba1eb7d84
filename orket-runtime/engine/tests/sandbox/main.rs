//! The sandbox with real processes: each attempt is made inside, where it must be refused, and outside, where it must succeed.
//!
//! Without libtest, because this binary also plays hosts of their own: with one thread, another user, or a layer missing.

#[cfg(target_os = "linux")]
mod attempts;
#[cfg(target_os = "linux")]
mod bench;
#[cfg(target_os = "linux")]
mod greedy;
#[cfg(target_os = "linux")]
mod host;
#[cfg(target_os = "linux")]
mod kill;
#[cfg(target_os = "linux")]
mod lifetime;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod measure;
#[cfg(target_os = "linux")]
mod profiles;
#[cfg(target_os = "linux")]
mod repeat;
#[cfg(target_os = "linux")]
mod runner;
#[cfg(target_os = "linux")]
mod server;

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    runner::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {}
