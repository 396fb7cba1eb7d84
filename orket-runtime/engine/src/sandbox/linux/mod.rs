//! The Linux sandbox, which needs no privilege: a launcher that confines itself and then becomes the guest.
//!
//! Absent on purpose: `fork` and `pre_exec` in the host, because copying the page tables of a large host costs more than
//! everything else together.
//!
//! What these layers cannot do, and namespaces and cgroups could: hide that a path of the host exists (`stat` is not mediated);
//! keep code that a guest wrote into its artifacts from being mapped (it could compute the same without); bound the number of
//! files, their total size, or the number of threads where threads are allowed.

mod files;
mod guest;
mod handover;
mod kernel;
pub mod launcher;
mod limits;
mod machine;
mod privileges;
mod probe;
mod room;
mod seccomp;
mod start;
mod supervisor;
mod throttle;
pub mod trial;

pub use guest::{Guest, Killer};
pub use machine::machine;
pub use probe::probe;
pub use start::{Launcher, Program, spawn};

/// The host's end of the conversation with the guest.
pub type Socket = std::os::unix::net::UnixStream;

/// The guest's end of the conversation, as the guest sees it.
const SOCKET_FD: i32 = 3;
