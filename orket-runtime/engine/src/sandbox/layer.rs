//! The layers of protection, by name: what each one is for, and whether it holds.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One mechanism of the sandbox that can be there or be missing on its own.
///
/// The names are stable: operators accept a missing layer by name, and provenance records them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Layer {
    /// The kernel kills the guest when the host ends, however the host ends.
    ParentDeath,
    /// Nothing that the host has open is open in the guest.
    Descriptors,
    /// `no_new_privs` is set and no capability is left, also for root.
    Privileges,
    /// Memory, processor time, open files, size of files.
    Limits,
    /// Memory is never both writable and executable (`PR_SET_MDWE`). Not required: the system call filter refuses the same calls.
    WriteXorExecute,
    /// Files: Landlock rules for the trees that the confinement names.
    Files,
    /// TCP: Landlock refuses every port. Not required: the system call filter refuses every new socket.
    Ports,
    /// Signals and abstract Unix sockets: Landlock scopes. Not required: the system call filter refuses both.
    Scopes,
    /// System calls: a seccomp allow-list.
    SystemCalls,
    /// The guest is never root of the host: as root's guest it is a user that owns nothing but its artifacts.
    Identity,
    /// A process namespace: the guest sees no other process, and nothing that it starts outlives it.
    Processes,
    /// A mount namespace: the guest's tree of files is empty but for what the confinement names.
    Tree,
    /// A network namespace without any interface.
    Network,
    /// Namespaces for System V objects, the host's name and control groups.
    Ipc,
    /// The same addresses in every run: code, heap and stack lie where the kernel puts them without chance.
    Layout,
    /// The same words of the kernel at the start: no vDSO, fixed bytes for `AT_RANDOM`, no features of the processor.
    StartVector,
    /// Nothing of the moment and the machine: the kernel tells neither time, entropy, memory nor processors. Only for programs
    /// with a virtual standard library, which need none of it.
    Ambient,
    /// The processor does not tell its counter (`rdtsc`): asking for it is a fault. Only for such programs, too.
    Counter,
}

impl Layer {
    /// Every layer, in the order in which the launcher applies them.
    pub const ALL: [Layer; 18] = [
        Layer::Descriptors,
        Layer::Network,
        Layer::Ipc,
        Layer::Tree,
        Layer::Identity,
        Layer::ParentDeath,
        Layer::Processes,
        Layer::StartVector,
        Layer::Layout,
        Layer::Counter,
        Layer::Limits,
        Layer::Privileges,
        Layer::WriteXorExecute,
        Layer::Files,
        Layer::Ports,
        Layer::Scopes,
        Layer::SystemCalls,
        Layer::Ambient,
    ];

    /// The stable name, as in `--accept-missing files`.
    pub fn name(self) -> &'static str {
        match self {
            Layer::ParentDeath => "parent-death",
            Layer::Descriptors => "descriptors",
            Layer::Privileges => "privileges",
            Layer::Limits => "limits",
            Layer::WriteXorExecute => "write-xor-execute",
            Layer::Files => "files",
            Layer::Ports => "ports",
            Layer::Scopes => "scopes",
            Layer::SystemCalls => "system-calls",
            Layer::Identity => "identity",
            Layer::Processes => "processes",
            Layer::Tree => "tree",
            Layer::Network => "network",
            Layer::Ipc => "ipc",
            Layer::Layout => "layout",
            Layer::StartVector => "start-vector",
            Layer::Ambient => "ambient",
            Layer::Counter => "counter",
        }
    }

    /// Whether a guest is refused where this layer is missing and was not accepted as missing; of those by which runs repeat,
    /// a guest that has to.
    pub fn is_required(self) -> bool {
        // There, older kernels have it not.
        let is_counter_of_arm = self == Layer::Counter && cfg!(target_arch = "aarch64");
        !is_counter_of_arm && !matches!(self, Layer::WriteXorExecute | Layer::Ports | Layer::Scopes)
    }

    /// Whether it is there for runs to repeat, and not for the guest to do no harm.
    pub fn is_repeatability(self) -> bool {
        matches!(self, Layer::Layout | Layer::StartVector) || self.is_for_virtual_std()
    }

    /// Whether two runs may differ where it is missing, because it keeps something from them that differs.
    pub fn keeps_runs_equal(self) -> bool {
        let is_world = matches!(self, Layer::Tree | Layer::Files | Layer::Processes | Layer::Ipc);
        let is_start = matches!(self, Layer::Descriptors | Layer::Limits | Layer::SystemCalls);
        is_world || is_start || self.is_repeatability()
    }

    /// Whether only a program with a virtual standard library can do without what it takes away.
    pub fn is_for_virtual_std(self) -> bool {
        matches!(self, Layer::Ambient | Layer::Counter)
    }

    /// Whether it is one of the namespaces, of which [`Profile::Landlock`](super::Profile::Landlock) has none.
    pub fn is_namespace(self) -> bool {
        matches!(self, Layer::Processes | Layer::Tree | Layer::Network | Layer::Ipc)
    }

    /// Whether it is made of Landlock, which [`Profile::Namespaces`](super::Profile::Namespaces) has not.
    pub fn is_landlock(self) -> bool {
        matches!(self, Layer::Files | Layer::Ports | Layer::Scopes)
    }

    /// What the operator can do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Layer::ParentDeath => "run the host outside of any tracer or emulator that hides its process id",
            Layer::Descriptors => "use Linux 5.9 or later; in a container, allow `close_range`",
            Layer::Privileges => "in a container, allow `prctl` and `capset`",
            Layer::Limits => "raise the host's own hard limits (`ulimit -H -a`) above those of the run",
            Layer::WriteXorExecute => "use Linux 6.3 or later",
            Layer::Files => {
                "use Linux 6.2 or later with `landlock` in CONFIG_LSM or on the kernel's command line (`lsm=landlock,...`); \
                 in a container, allow the landlock system calls"
            }
            Layer::Ports => "use Linux 6.7 or later with Landlock",
            Layer::Scopes => "use Linux 6.12 or later with Landlock",
            Layer::SystemCalls | Layer::Ambient => {
                "use a kernel with CONFIG_SECCOMP_FILTER; in a container, allow `seccomp`"
            }
            Layer::Counter => {
                "use Linux 6.12 or later on aarch64; in a container, allow `prctl` with PR_SET_TSC"
            }
            Layer::Identity => {
                "run the host as an ordinary user, or give root CAP_SETUID, CAP_SETGID and a range of users"
            }
            Layer::Processes | Layer::Tree | Layer::Network | Layer::Ipc => {
                "allow user namespaces: `sysctl user.max_user_namespaces=15000`; on Ubuntu 23.10 or later an AppArmor profile with \
                 `userns,` for this program, or `sysctl kernel.apparmor_restrict_unprivileged_userns=0`; in a container, allow \
                 `clone` with namespaces, `mount` and `pivot_root`"
            }
            Layer::Layout => "in a container, allow `personality` with ADDR_NO_RANDOMIZE (0x40000)",
            Layer::StartVector => {
                "allow a process to trace its child: `sysctl kernel.yama.ptrace_scope=1`; in a container, allow `ptrace`"
            }
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Whether a layer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It holds.
    Enforced,
    /// It does not, and why.
    Missing {
        /// What the kernel answered; 0 where no call was made.
        errno: i32,
        /// The call or fact that shows it.
        message: String,
    },
}

/// One layer and whether it holds, for one guest or (from [`probe`](super::probe)) for this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerStatus {
    /// Which one.
    pub layer: Layer,
    /// Whether it holds.
    pub state: State,
}

impl LayerStatus {
    /// Whether the layer holds.
    pub fn is_enforced(&self) -> bool {
        self.state == State::Enforced
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_serde_writes() {
        for layer in Layer::ALL {
            assert_eq!(serde_json::to_value(layer).unwrap(), layer.name());
        }
    }
}
