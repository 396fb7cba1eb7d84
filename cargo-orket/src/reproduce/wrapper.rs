//! The third life of this binary: cargo calls it in rustc's place (`RUSTC_WRAPPER`), and it becomes rustc with the
//! flags that keep paths of the machine out of what is compiled.
//!
//! `RUSTFLAGS` would replace the flags of the project's own configuration.

use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Holds the flags, for the calls that are meant.
pub(super) const FLAGS: &str = "ORKET_REPRODUCIBLE_FLAGS";
/// What stands between them.
pub(super) const SEPARATOR: char = '\u{1f}';

/// Becomes rustc and does not return, when cargo calls this binary as its wrapper.
pub(crate) fn enter() {
    let Ok(flags) = std::env::var(FLAGS) else { return };
    let mut words = std::env::args_os().skip(1);
    let rustc = words.next().unwrap_or_else(|| OsString::from("rustc"));
    let error = Command::new(rustc).args(words).args(flags.split(SEPARATOR)).env_remove(FLAGS).exec();
    // Nothing else could say it: cargo shows what its compiler prints.
    let _ = std::io::Write::write_all(
        &mut std::io::stderr(),
        format!("cannot start rustc: {error}\n").as_bytes(),
    );
    std::process::exit(101);
}
