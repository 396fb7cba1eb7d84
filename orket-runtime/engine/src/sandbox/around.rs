//! What of the world around a guest is not as usual, as data: `verify` starts guests in such worlds on purpose.
//!
//! A confined guest must not notice any of it. An *ambient* guest has no sandbox: it runs as any program of the user's does, in a
//! world that is written here completely, so that nothing of the host's own environment reaches it by accident.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is not as usual; by default nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Around {
    /// The host's name, where the guest has a namespace for it.
    pub host_name: Option<String>,
    /// The mask of modes that the launcher begins with.
    pub umask: Option<u32>,
    /// The flags of `personality(2)` that the launcher begins with.
    pub personality: Option<u32>,
    /// On how many processors it may run.
    pub processors: Option<usize>,
    /// The soft limit of the stack; the hard one stays.
    pub stack_bytes: Option<u64>,
    /// The soft limit of open files; the hard one stays.
    pub open_files: Option<u64>,
    /// How many descriptors more are open when it begins.
    pub descriptors: u8,
    /// It is stopped and goes on again at moments that follow from this number.
    pub jitter: Option<u64>,
    /// How many threads of the host work meanwhile for nothing.
    pub load: usize,
    /// Messages reach it in pieces of at most so many bytes.
    pub chunk_bytes: Option<usize>,
    /// Without a sandbox, in this world.
    pub ambient: Option<Box<Ambient>>,
}

/// The world of a guest without a sandbox. Its environment is that of the confinement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ambient {
    /// The user and group that it takes itself for; its own without.
    pub user: Option<u32>,
    /// Folders that are shown at other places, in order: what is shown, and where.
    pub shown: Vec<(PathBuf, PathBuf)>,
    /// Where it works.
    pub folder: PathBuf,
    /// The program, where it is shown.
    pub program: PathBuf,
    /// A terminal of so many columns takes what it prints.
    pub columns: Option<u16>,
    /// Its standard input comes through a pipe, in pieces of at most so many bytes; without, from a file.
    pub piece_bytes: Option<usize>,
    /// How many nanoseconds its clocks are ahead, or behind.
    pub ahead_ns: i64,
    /// The byte that all entropy of the system consists of.
    pub entropy: Option<u8>,
}
