//! Runs a guest so that it can touch nothing but what its [`Confinement`] names.
//!
//! Policy is data: a [`Confinement`] is built by pure code, prints completely and decides everything. [`spawn`] is the only
//! function with an effect. A layer of protection that this machine lacks stops the start, unless the operator accepted its
//! absence by name; what was enforced is reported by [`Guest::report`] and belongs into the record of the run.
//!
//! The host never forks. It starts a *launcher*, a small program that it carries in itself, which confines itself, layer by layer,
//! and then becomes the guest.
//!
//! # Example
//! ```no_run
//! use orket_engine::sandbox::{self, Confinement, Program};
//! use std::io::Read;
//!
//! let program = Program::new(std::fs::File::open("target/release/guest")?);
//! let confinement = Confinement::new("/tmp/stage");
//! let mut guest = sandbox::spawn(&confinement, &program)?;
//! let mut answer = Vec::new();
//! guest.socket().read_to_end(&mut answer)?;
//! println!("{:?}", guest.wait()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod around;
mod attempt;
mod confinement;
mod error;
mod exit;
mod layer;
mod limit;
mod machine;
mod profile;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod linux;
#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
use linux as platform;

#[cfg(any(test, not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))))]
mod unsupported;
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
use unsupported as platform;

pub use around::{Ambient, Around};
pub use attempt::{Attempt, Outcome, Showing, Trial};
pub use confinement::{Confinement, Limits};
pub use error::Error;
pub use exit::{Cause, Ending, Exit};
pub use layer::{Layer, LayerStatus, State};
pub use limit::{Limit, Reached};
pub use machine::Machine;
pub(crate) use platform::prove;
pub use platform::{Guest, Killer, Program, Server, Socket, machine, probe, spawn, spawn_here, trial};
pub use profile::Profile;
