//! What a class of nondeterminism is, and what is to come of it.

/// Something that makes two runs differ, or for the sake of comparison does not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Class {
    /// Its workload.
    pub(crate) name: &'static str,
    /// What comes of it in a governed run.
    pub(crate) governed: Governed,
    /// Why it differs without one.
    pub(crate) ambient: Ambient,
}

/// What comes of a class in a governed run, whatever the surroundings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Governed {
    /// The same each time.
    Equal,
    /// It is refused with this code, at the line that asked, in words that have these in them.
    Refused(&'static str, &'static str),
}

/// Why a class differs between runs that nobody governs. Dimensions have the names that `cargo orket verify` gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ambient {
    /// It does so by itself.
    Intrinsic,
    /// Some of these dimensions of the surroundings make it differ.
    Dimensions(&'static [&'static str]),
    /// They do, and from time to time it does so by itself.
    Either(&'static [&'static str]),
    /// It differs between machines, or with what `verify` does not change.
    Still,
    /// It never differs.
    Never,
}

pub(crate) const INTRINSIC: Ambient = Ambient::Intrinsic;
pub(crate) const STILL: Ambient = Ambient::Still;

/// A class that comes to the same each time.
pub(crate) const fn equal(name: &'static str, ambient: Ambient) -> Class {
    Class { name, governed: Governed::Equal, ambient }
}

/// The same with dimensions as the cause.
pub(crate) const fn varies(name: &'static str, dimensions: &'static [&'static str]) -> Class {
    equal(name, Ambient::Dimensions(dimensions))
}

/// What never differs.
pub(crate) const fn control(name: &'static str) -> Class {
    equal(name, Ambient::Never)
}

impl Class {
    /// The same, refused in a governed run.
    pub(crate) const fn refused(self, code: &'static str, says: &'static str) -> Class {
        Class { governed: Governed::Refused(code, says), ..self }
    }

    /// The same, asking for a file that is not there in a governed run.
    pub(crate) const fn absent(self) -> Class {
        self.refused("result.error", "No such file or directory")
    }

    /// The same, asking the kernel for what no guest may have.
    pub(crate) const fn denied(self) -> Class {
        self.refused("result.error", "Operation not permitted")
    }

    /// The same, starting threads.
    pub(crate) const fn threaded(self) -> Class {
        self.refused("thread.refused", "Operation not permitted")
    }

    /// The same, starting another process.
    pub(crate) const fn forking(self) -> Class {
        self.refused("process.refused", "Operation not permitted")
    }

    /// Whether it is there for the sake of comparison.
    pub(crate) fn is_control(&self) -> bool {
        self.ambient == Ambient::Never
    }
}
