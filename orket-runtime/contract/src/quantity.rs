//! Sizes and times as people write them: on the command line and in attributes alike.

/// The largest quantity: what JSON can carry exactly.
const MAX: u64 = (1 << 53) - 1;

/// What a size may be followed by. A bare `M` means one thing here and another there.
const SIZES: [(&str, u64); 8] = [
    ("", 1),
    ("B", 1),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
];

/// What a time may be followed by, in milliseconds. A bare number is in seconds.
const TIMES: [(&str, u64); 4] = [("", 1000), ("ms", 1), ("s", 1000), ("min", 60_000)];

/// What is said of a text that is no size.
pub const SIZE: &str = "a size is a whole number and B, kB, MB, GB, KiB, MiB or GiB, such as 64MiB";
/// What is said of a text that is no time.
pub const TIME: &str = "a time is a whole number and ms, s or min, such as 250ms; without, seconds";

/// The bytes of `4096`, `64MiB` or `5 kB`.
///
/// ```
/// use orket_contract::quantity::bytes;
/// assert_eq!(bytes("64MiB"), Some(64 << 20));
/// assert_eq!(bytes("64M"), None);
/// ```
#[must_use]
pub fn bytes(text: &str) -> Option<u64> {
    parse(text, &SIZES, str::eq_ignore_ascii_case)
}

/// The milliseconds of `90`, `90s` or `250ms`; no time at all is none.
///
/// ```
/// use orket_contract::quantity::milliseconds;
/// assert_eq!(milliseconds("2min"), Some(120_000));
/// assert_eq!(milliseconds("0"), None);
/// ```
#[must_use]
pub fn milliseconds(text: &str) -> Option<u64> {
    parse(text, &TIMES, |left, right| left == right).filter(|ms| *ms > 0)
}

fn parse(text: &str, units: &[(&str, u64)], same: impl Fn(&str, &str) -> bool) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|(name, _)| same(name, unit.trim_start()))?;
    number.parse::<u64>().ok()?.checked_mul(*factor).filter(|value| *value <= MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(parse: fn(&str) -> Option<u64>, text: &str, expected: Option<u64>) {
        assert_eq!(parse(text), expected, "{text:?}");
    }

    #[test]
    fn sizes_are_read_exactly_or_not_at_all() {
        check(bytes, "0", Some(0));
        check(bytes, "4096", Some(4096));
        check(bytes, "32MiB", Some(32 << 20));
        check(bytes, "32 mib", Some(32 << 20));
        check(bytes, "5kB", Some(5000));
        check(bytes, "2GiB", Some(2 << 30));
        check(bytes, "9007199254740991", Some(MAX));
        check(bytes, "9007199254740992", None);
        check(bytes, "99999999999GiB", None);
        for wrong in ["", "MiB", "1.5MiB", "-1", "1M", "1TiB", "0x10", "1 2", "１"] {
            check(bytes, wrong, None);
        }
    }

    #[test]
    fn times_are_read_exactly_or_not_at_all() {
        check(milliseconds, "90", Some(90_000));
        check(milliseconds, "90s", Some(90_000));
        check(milliseconds, "250 ms", Some(250));
        check(milliseconds, "2min", Some(120_000));
        for wrong in ["", "0", "s", "-1", "1.5s", "1h", "1S", "18446744073709551615s", "9007199254740992ms"] {
            check(milliseconds, wrong, None);
        }
    }
}
