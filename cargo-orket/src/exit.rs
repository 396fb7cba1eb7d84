//! Exit codes: which code of the table ends the process with which number.
//!
//! Invariant: what an extension, an input or a case did wrong is a negative answer; what kept the
//! tool from an answer is a failure; a word on the command line that names nothing is usage.

use orket_contract::code;
use orket_contract::issue::Issue;
use std::process::ExitCode;

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked for.
    Ok,
    /// The command line asks for something that cannot be.
    Usage,
    /// It finished, and the answer is no.
    Negative,
    /// It could not finish.
    Failed,
    /// The user stopped it.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Usage => 2,
            Self::Negative => 100,
            Self::Failed => 101,
            Self::Interrupted => 130,
        }
    }

    /// Whether there is an answer, be it a no.
    pub(crate) fn is_finished(self) -> bool {
        matches!(self, Self::Ok | Self::Negative)
    }

    /// The exit for issues: the first error decides, because it is what stopped the work.
    pub(crate) fn of(issues: &[Issue]) -> Self {
        issues.iter().find(|issue| issue.is_error()).map_or(Self::Ok, |issue| of_code(&issue.code))
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.number())
    }
}

fn of_code(name: &str) -> Exit {
    match name {
        code::RUN_AMBIGUOUS
        | code::EXTENSION_UNKNOWN
        | code::TEMPLATE_UNKNOWN
        | code::TEMPLATE_VALUE_INVALID
        | code::TEMPLATE_VALUE_MISSING
        | code::TEMPLATE_VALUE_UNKNOWN
        | code::WORKLOAD_UNKNOWN
        | code::WORKLOAD_AMBIGUOUS => Exit::Usage,
        code::BUILD_FAILED
        | code::BUILD_NO_ARTIFACT
        | code::KEY_EXISTS
        | code::CATALOG_DAMAGED
        | code::CATALOG_FOREIGN
        | code::CATALOG_NEWER
        | code::CONFIG_INVALID
        | code::HOME_UNKNOWN
        | code::PROJECT_NOT_FOUND
        | code::PYTHON_MISSING
        | code::SANDBOX_BROKEN
        | code::SANDBOX_FAILED
        | code::SANDBOX_UNAVAILABLE
        | code::SANDBOX_UNREAPABLE
        | code::SANDBOX_UNSUPPORTED_PLATFORM
        | code::STORE_FAILED
        | code::TEMPLATE_TARGET_EXISTS => Exit::Failed,
        _ => Exit::Negative,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_decides() {
        let warning = Issue::warning(code::CAPABILITY_UNKNOWN, "");
        let refused = Issue::error(code::MATERIAL_MISSING, "");
        let failed = Issue::error(code::STORE_FAILED, "");
        assert_eq!(Exit::of(&[]), Exit::Ok);
        assert_eq!(Exit::of(std::slice::from_ref(&warning)), Exit::Ok);
        assert_eq!(Exit::of(&[warning, refused, failed]), Exit::Negative);
        assert_eq!(of_code("author.own-code"), Exit::Negative);
    }
}
