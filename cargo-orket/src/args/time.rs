//! Spans of time as people write them.

/// A span of time in milliseconds, from `90`, `90s` or `250ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time {
    pub(crate) ms: u64,
}

/// What a number may be followed by, and how many milliseconds that is. A bare number is in seconds.
const UNITS: [(&str, u64); 4] = [("", 1000), ("ms", 1), ("s", 1000), ("min", 60_000)];

/// The longest span: what JSON can carry exactly.
const MS_MAX: u64 = (1 << 53) - 1;

impl std::str::FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let known = UNITS.iter().find(|(name, _)| *name == unit.trim_start());
        let ms = known.and_then(|(_, factor)| number.parse::<u64>().ok()?.checked_mul(*factor));
        ms.filter(|ms| (1..=MS_MAX).contains(ms)).map(|ms| Self { ms }).ok_or_else(|| {
            "a time is a whole number and ms, s or min, such as 250ms; without, seconds".to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<u64>) {
        assert_eq!(text.parse::<Time>().ok().map(|time| time.ms), expected, "{text:?}");
    }

    #[test]
    fn times_are_read_exactly_or_not_at_all() {
        check("90", Some(90_000));
        check("90s", Some(90_000));
        check("250 ms", Some(250));
        check("2min", Some(120_000));
        for wrong in ["", "0", "s", "-1", "1.5s", "1h", "1S", "18446744073709551615s", "9007199254740992ms"] {
            check(wrong, None);
        }
    }
}
