//! What can go wrong before a guest runs, and with its supervision.

use super::Layer;
use orket_contract::code;
use std::io;

/// The host could not start or supervise a guest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A layer is missing on this machine, and its absence was not accepted. Nothing was run.
    #[error(
        "layer `{layer}` of the sandbox is not available: {message} (errno {errno}); to have it: {remedy}"
    )]
    Unavailable {
        /// The layer.
        layer: Layer,
        /// What the kernel answered; 0 where no call was made.
        errno: i32,
        /// The call or fact that shows it.
        message: String,
        /// What the operator can do.
        remedy: &'static str,
    },
    /// A layer is said to be in force and does not hold: a guest of the host's own showed it. Nothing foreign was run.
    #[error(
        "layer `{layer}` of the sandbox does not hold on this machine: a guest {deed}; `cargo orket doctor --sandbox` shows all \
         that was tried"
    )]
    Broken {
        /// The layer.
        layer: Layer,
        /// What was shown, such as `could list /dev`.
        deed: String,
    },
    /// A step of the start or of the supervision failed.
    #[error("sandbox: {step}")]
    Failed {
        /// The step.
        step: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It was killed, and the kernel does not let go of it: it waits for a device, or its group is frozen.
    #[error(
        "guest {pid} was killed and has not ended; what holds it shows in /proc/{pid}/stack and /proc/{pid}/cgroup"
    )]
    Unreapable {
        /// Its process id.
        pid: u32,
    },
    /// There is no sandbox for this platform, so nothing is run.
    #[error("extensions cannot be confined on {platform} yet, so they are not run")]
    UnsupportedPlatform {
        /// Operating system and architecture.
        platform: String,
    },
}

impl Error {
    /// The stable code.
    ///
    /// # Example
    /// ```
    /// # use orket_engine::sandbox::Error;
    /// let error = Error::UnsupportedPlatform { platform: "plan9 mips".into() };
    /// assert_eq!(error.code(), "sandbox.unsupported-platform");
    /// ```
    pub fn code(&self) -> &'static str {
        match self {
            Error::Unavailable { .. } => code::SANDBOX_UNAVAILABLE,
            Error::Broken { .. } => code::SANDBOX_BROKEN,
            Error::Failed { .. } => code::SANDBOX_FAILED,
            Error::Unreapable { .. } => code::SANDBOX_UNREAPABLE,
            Error::UnsupportedPlatform { .. } => code::SANDBOX_UNSUPPORTED_PLATFORM,
        }
    }

    pub(crate) fn failed(step: impl Into<String>, source: impl Into<io::Error>) -> Self {
        Error::Failed { step: step.into(), source: source.into() }
    }

    pub(crate) fn unavailable(layer: Layer, errno: i32, message: impl Into<String>) -> Self {
        Error::Unavailable { layer, errno, message: message.into(), remedy: layer.remedy() }
    }
}
