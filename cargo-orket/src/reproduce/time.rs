//! Times in bytes: what two builds have that were made one after the other.

/// Seconds since 1970 that a build may see: from 2020 to 2100.
const SECONDS: std::ops::Range<u64> = 1_577_836_800..4_102_444_800;
/// How far two builds may lie apart, in seconds.
const APART_MAX: u64 = 86_400;
/// How many places that differ are looked at.
const PLACES_MAX: usize = 64;

/// A time in the first bytes that is another, later or earlier one at the same place of the second.
pub(super) fn differing(ours: &[u8], theirs: &[u8]) -> Option<(String, String)> {
    if ours.len() != theirs.len() {
        return None;
    }
    let mut from = 0;
    for _ in 0..PLACES_MAX {
        let at = from + ours[from..].iter().zip(&theirs[from..]).position(|(a, b)| a != b)?;
        let (here, there) = (word(ours, at), word(theirs, at));
        if is_time(here, there) {
            return Some((text(here), text(there)));
        }
        from = at + 1;
    }
    None
}

/// The run of characters of dates and numbers around a place.
fn word(bytes: &[u8], at: usize) -> &[u8] {
    let belongs = |byte: &u8| byte.is_ascii_digit() || b":-+.TZ ".contains(byte);
    let start = bytes[..at].iter().rposition(|byte| !belongs(byte)).map_or(0, |before| before + 1);
    let end = bytes[at..].iter().position(|byte| !belongs(byte)).map_or(bytes.len(), |after| at + after);
    &bytes[start.min(end)..end]
}

fn is_time(ours: &[u8], theirs: &[u8]) -> bool {
    match (seconds(ours), seconds(theirs)) {
        (Some(a), Some(b)) => a.abs_diff(b) <= APART_MAX,
        _ => is_date(ours) && is_date(theirs),
    }
}

/// A number of seconds, milliseconds, microseconds or nanoseconds since 1970, as seconds.
fn seconds(word: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(word).ok()?;
    let number: u64 = text.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()?;
    [1, 1_000, 1_000_000, 1_000_000_000]
        .iter()
        .map(|unit| number / unit)
        .find(|seconds| SECONDS.contains(seconds))
}

/// `2026-11-28` at the beginning, or `20:17:03` somewhere.
fn is_date(word: &[u8]) -> bool {
    let shape: Vec<u8> = word.iter().map(|byte| if byte.is_ascii_digit() { b'0' } else { *byte }).collect();
    let holds = |wanted: &[u8]| shape.windows(wanted.len()).any(|window| window == wanted);
    holds(b"0000-00-00") || holds(b"00:00:00")
}

fn text(word: &[u8]) -> String {
    String::from_utf8_lossy(&word[..word.len().min(40)]).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ours: &str, theirs: &str, expected: bool) {
        assert_eq!(differing(ours.as_bytes(), theirs.as_bytes()).is_some(), expected, "{ours} {theirs}");
    }

    #[test]
    fn times_are_told_from_other_numbers() {
        check("at 1790000000.", "at 1790000042.", true);
        check("at 1790000000123.", "at 1790000009456.", true);
        check("built 2026-11-28 20:17:03", "built 2026-11-28 20:17:09", true);
        check("x 20:17:03", "x 20:17:09", true);
        check("at 1790000000.", "at 1590000000.", false);
        check("1.2.3", "1.2.4", false);
        check("same", "same", false);
        check("short", "longer", false);
    }
}
