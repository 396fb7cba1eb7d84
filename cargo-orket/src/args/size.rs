//! Sizes as people write them.

use orket_contract::quantity;

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl std::str::FromStr for Size {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        quantity::bytes(text).map(Self).ok_or(quantity::SIZE)
    }
}
