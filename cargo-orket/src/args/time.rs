//! Spans of time as people write them.

use orket_contract::quantity;

/// A span of time in milliseconds, from `90`, `90s` or `250ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) ms: u64,
}

impl std::str::FromStr for Time {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        quantity::milliseconds(text).map(|ms| Self { ms }).ok_or(quantity::TIME)
    }
}
