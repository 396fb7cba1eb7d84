//! The Linux sandbox, which needs no privilege: a small program confines itself by an order of the host's and becomes the guest.
//!
//! Absent on purpose: `fork` and `pre_exec` in the host, because copying the page tables of a large host costs more than
//! everything else together; any decision in the launcher (`launcher/`, a program of its own, which the build script compiles).

mod around;
mod course;
mod files;
mod guest;
mod identity;
mod input;
mod jitter;
mod kernel;
mod lent;
mod limits;
mod machine;
#[path = "launcher/order.rs"]
#[allow(unreachable_pub)] // the launcher has it as well
mod order;
mod probe;
mod process;
mod proof;
mod report;
mod room;
mod script;
mod seccomp;
mod serve;
mod server;
mod spawner;
mod start;
mod supervisor;
mod terminal;
mod throttle;
mod tree;
pub mod trial;
mod vector;
mod watchers;

pub use guest::{Guest, Killer};
pub use machine::machine;
pub use probe::probe;
pub(crate) use proof::prove;
pub use server::Server;
pub use start::{Program, spawn, spawn_here};

/// The host's end of the conversation with the guest.
pub type Socket = std::os::unix::net::UnixStream;

/// The guest's end of the conversation, as the guest sees it.
const SOCKET_FD: i32 = 3;
