//! Foreign text for a page: visible, in one piece or cut, with its size.

use crate::report::bytes;
use orket_engine::capability::console::visible;
use serde::Serialize;
use serde_json::Value;

/// Text that may have been cut.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Cut {
    /// The text, or its beginning.
    pub(super) text: String,
    /// How large the whole is, where this is not it.
    pub(super) size: Option<String>,
}

/// The text without what could reorder or hide its characters.
pub(super) fn plain(text: &str) -> String {
    visible(text).replace(['\u{61c}', '\u{200e}', '\u{200f}'], "\u{fffd}")
}

/// The text, or its first `max` bytes.
pub(super) fn cut(text: &str, max: usize) -> Cut {
    let end = (0..=max.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let size = (end < text.len()).then(|| bytes(text.len() as u64));
    Cut { text: plain(&text[..end]), size }
}

/// JSON on several lines.
pub(super) fn pretty(value: &Value, max: usize) -> Cut {
    cut(&serde_json::to_string_pretty(value).unwrap_or_default(), max)
}

/// JSON or a string in one line of at most `max` characters.
pub(super) fn short(value: &Value, max: usize) -> String {
    let line = one_line(value);
    if line.chars().count() <= max { line } else { line.chars().take(max - 1).chain(['…']).collect() }
}

/// JSON or a string in one line.
pub(super) fn one_line(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.trim_end().to_owned(),
        other => other.to_string(),
    };
    plain(&text).replace(['\n', '\t'], " ")
}

/// A text of which a part stands out.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Marked {
    /// What comes before that part.
    pub(super) head: String,
    /// The part; nothing where none stands out.
    pub(super) mark: String,
    /// What comes after it.
    pub(super) tail: String,
}

/// How much is shown before what stands out, in characters.
const HEAD_CHARS: usize = 48;

impl Marked {
    /// A line, or its first `max` characters, in which nothing stands out.
    pub(super) fn nowhere(line: &str, max: usize) -> Self {
        Self { head: start(&line.chars().collect::<Vec<_>>(), max), ..Self::default() }
    }

    /// Two lines around what differs in them, of about `max` characters each.
    pub(super) fn two(left: &str, right: &str, max: usize) -> [Self; 2] {
        let lines: [Vec<char>; 2] = [left, right].map(|line| line.chars().collect());
        let same = |a: &mut dyn Iterator<Item = &char>, b: &mut dyn Iterator<Item = &char>| {
            a.zip(b).take_while(|(a, b)| a == b).count()
        };
        let head = same(&mut lines[0].iter(), &mut lines[1].iter());
        let tail = same(&mut lines[0][head..].iter().rev(), &mut lines[1][head..].iter().rev());
        lines.map(|line| Self {
            head: end(&line[..head], HEAD_CHARS),
            mark: start(&line[head..line.len() - tail], max),
            tail: start(&line[line.len() - tail..], max / 4),
        })
    }
}

/// The first characters of a text, and a sign that there are more.
fn start(text: &[char], max: usize) -> String {
    if text.len() <= max { text.iter().collect() } else { text[..max].iter().chain(&['…']).collect() }
}

/// The last characters of a text.
fn end(text: &[char], max: usize) -> String {
    if text.len() <= max {
        text.iter().collect()
    } else {
        ['…'].iter().chain(&text[text.len() - max..]).collect()
    }
}

/// A virtual time or a span of it.
pub(super) fn time(ns: u64) -> String {
    let (unit, size) = match ns {
        0 => return "0".to_owned(),
        1..1_000 => ("ns", 1),
        1_000..1_000_000 => ("µs", 1_000),
        1_000_000..1_000_000_000 => ("ms", 1_000_000),
        _ => ("s", 1_000_000_000),
    };
    let digits = format!("{}.{:03}", ns / size, (ns % size) * 1_000 / size);
    format!("{} {unit}", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// Lines of hexadecimal digits, with what is printable of them beside.
pub(super) fn hex(bytes: &[u8]) -> String {
    let line = |(at, part): (usize, &[u8])| {
        let digits: Vec<_> = part.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown: String = part
            .iter()
            .map(|byte| if matches!(byte, 0x20..0x7f) { char::from(*byte) } else { '·' })
            .collect();
        format!("{:06x}  {:<47}  {shown}", at * 16, digits.join(" "))
    };
    bytes.chunks(16).enumerate().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_cut_says_how_large_it_is() {
        assert_eq!(cut("abc", 3), Cut { text: "abc".to_owned(), size: None });
        assert_eq!(cut("aéé", 2), Cut { text: "a".to_owned(), size: Some("5 B".to_owned()) });
        assert_eq!(short(&json!("two\nlines\n"), 20), "two lines");
        assert_eq!(short(&json!({ "a": [1, 2] }), 6), "{\"a\":…");
        assert_eq!(plain("a\u{202e}b\u{1b}\u{200f}"), "a\u{fffd}b\u{fffd}\u{fffd}");
    }

    #[test]
    fn what_differs_stands_out_wherever_it_is() {
        let parts = |marked: Marked| (marked.head, marked.mark, marked.tail);
        let check = |left: &str, right: &str, expected: [(&str, &str, &str); 2]| {
            let owned =
                expected.map(|(head, mark, tail)| (head.to_owned(), mark.to_owned(), tail.to_owned()));
            assert_eq!(Marked::two(left, right, 8).map(parts), owned);
        };
        check("a 1 z", "a 22 z", [("a ", "1", " z"), ("a ", "22", " z")]);
        check("aa", "aaa", [("aa", "", ""), ("aa", "a", "")]);
        check("é", "ü", [("", "é", ""), ("", "ü", "")]);
        check("0123456789", "x", [("", "01234567…", ""), ("", "x", "")]);
        let long = "y".repeat(100);
        let [left, _] = Marked::two(&format!("{long}1{long}"), &format!("{long}2{long}"), 8);
        assert_eq!((left.head.chars().count(), left.mark.as_str(), left.tail.as_str()), (49, "1", "yy…"));
    }

    #[test]
    fn times_have_one_unit() {
        let times = [0, 7, 1_000, 5_001_000, 61_000_000_000].map(time);
        assert_eq!(times, ["0", "7 ns", "1 µs", "5.001 ms", "61 s"]);
    }

    #[test]
    fn bytes_have_a_place_and_a_face() {
        assert_eq!(hex(b"ab\x00"), "000000  61 62 00                                         ab·");
        assert_eq!(hex(&[0; 17]).lines().count(), 2);
    }
}
