//! Sizes as people write them.

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

/// What a number may be followed by. A bare `M` means one thing here and another there.
const UNITS: [(&str, u64); 8] = [
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// The largest size: what JSON can carry exactly.
const BYTES_MAX: u64 = (1 << 53) - 1;

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let known = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim_start()));
        let bytes = known.and_then(|(_, factor)| number.parse::<u64>().ok()?.checked_mul(*factor));
        bytes.filter(|bytes| *bytes <= BYTES_MAX).map(Self).ok_or_else(|| {
            "a size is a whole number and B, kB, MB, GB, KiB, MiB or GiB, such as 64MiB".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(text.parse::<Size>().ok().map(|size| size.0), expected, "{text:?}");
    }

    #[test]
    fn sizes_are_read_exactly_or_not_at_all() {
        check("0", Some(0));
        check("4096", Some(4096));
        check("32MiB", Some(32 << 20));
        check("32 mib", Some(32 << 20));
        check("5kB", Some(5000));
        check("2GiB", Some(2 << 30));
        check("9007199254740991", Some(BYTES_MAX));
        check("9007199254740992", None);
        check("99999999999GiB", None);
        for wrong in ["", "MiB", "1.5MiB", "-1", "1M", "1TiB", "0x10", "1 2", "１"] {
            check(wrong, None);
        }
    }
}
