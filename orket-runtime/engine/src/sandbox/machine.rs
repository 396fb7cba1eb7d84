//! The kernel under the host, as far as it matters to the sandbox.

use serde::Serialize;

/// What the kernel is and offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Its release, as `uname -r` prints it.
    pub release: String,
    /// The architecture that this program was built for.
    pub architecture: &'static str,
    /// The version of Landlock; none where the kernel has it not or keeps it off.
    pub landlock: Option<i64>,
    /// Whether a filtered system call can be answered with an error.
    pub seccomp: bool,
    /// Whether memory can be kept from being both writable and executable (`PR_SET_MDWE`).
    pub write_xor_execute: bool,
    /// Whether a process can be held by a descriptor.
    pub pidfd: bool,
    /// Whether its settings let anyone make user namespaces; none where it does not say.
    pub user_namespaces: Option<bool>,
}
