//! The bodies of the fuzz targets: one function per parser of foreign bytes.
//!
//! Invariant: a function returns for every input, and states what must hold of what was accepted.
//! libFuzzer calls them with inputs of its own; ordinary tests call them with the corpus and
//! deterministic mutations of it, so that they run on stable and in every build.

use orket_contract::canonical;
use orket_contract::digest::Digest;
use orket_contract::formats::{Dialect, Format, ISSUES_MAX, load, load_as};
use orket_contract::network::Target;
use orket_contract::protocol::{self, GuestFrame, HostFrame};
use orket_contract::transcript::{Head, Record};

/// A manifest by hand, in all formats and dialects.
pub fn manifest(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for format in [Format::Toml, Format::Yaml, Format::Json] {
        for dialect in [Dialect::Native, Dialect::SdkV0, Dialect::Legacy] {
            match load_as(dialect, text, format, "manifest") {
                Ok(loaded) => {
                    let sealed = serde_json::to_string(&loaded.manifest).expect("a manifest is JSON");
                    let again = load(&sealed, Format::Json, "manifest").expect("a manifest loads again");
                    assert_eq!(again.manifest, loaded.manifest);
                    canonical::to_string(&loaded.manifest).expect("a manifest can be hashed");
                    assert_eq!(loaded.python.is_some(), dialect != Dialect::Native);
                }
                Err(issues) => {
                    assert!(!issues.is_empty() && issues.len() <= ISSUES_MAX, "{issues:?}");
                    assert!(issues.iter().any(orket_contract::issue::Issue::is_error), "{issues:?}");
                    assert!(issues.iter().all(|issue| !issue.message.contains('\n')), "{issues:?}");
                }
            }
        }
    }
}

/// A stream of frames, of either side.
pub fn frames(bytes: &[u8]) {
    let mut stream = bytes;
    while let Ok(Some((frame, blob))) = protocol::read::<GuestFrame>(&mut stream) {
        let mut again = Vec::new();
        protocol::write(&mut again, &frame, &blob).expect("a frame that was read can be written");
        assert_eq!(protocol::read(&mut &again[..]).expect("a frame"), Some((frame, blob)));
    }
    let mut stream = bytes;
    while let Ok(Some((frame, blob))) = protocol::read::<HostFrame>(&mut stream) {
        let mut again = Vec::new();
        protocol::write(&mut again, &frame, &blob).expect("a frame that was read can be written");
        assert_eq!(protocol::read(&mut &again[..]).expect("a frame"), Some((frame, blob)));
    }
}

/// A JSON text.
pub fn canonical(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(value) = canonical::parse(text) else { return };
    let Ok(written) = canonical::to_string(&value) else { return };
    let again = canonical::parse(&written).expect("canonical JSON is JSON");
    assert_eq!(again, value);
    assert_eq!(canonical::to_string(&again).expect("canonical"), written);
}

/// Targets of connections, one a line.
pub fn network(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let targets: Vec<Target> = text.lines().filter_map(|line| line.parse().ok()).collect();
    for target in &targets {
        let written = target.to_string();
        assert_eq!(written.parse().as_ref(), Ok(target), "{written}");
        assert!(target.covers(target), "{written}");
        // What a resolver could take for an address is one here, or nothing.
        assert!(target.name().parse::<std::net::IpAddr>().is_err(), "{written}");
        let covered = targets.iter().filter(|other| target.covers(other));
        covered.for_each(|other| assert!(target.is_pattern() || target == other, "{target} {other}"));
    }
}

/// The lines of a transcript.
pub fn transcript(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut head = Head::start(Digest([0; 32]));
    for line in text.lines() {
        head = head.after(line);
        let Ok(record) = serde_json::from_str::<Record>(line) else { continue };
        let Ok(written) = canonical::to_string(&record) else { continue };
        assert_eq!(serde_json::from_str::<Record>(&written).expect("a record reads again"), record);
    }
    let _ = head.digest();
}

/// What the formats give meaning to.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "\"", "'", "[", "]", "{", "}", ":", ",", "=", "#", "-", "&a ", "*a", "!!str ", "\n", "\t",
    "\r", "\0", "[[", "]]", "\"\"\"", "'''", "\\", "\\u", "\\ud800", "0.1", "1e999", "-0",
    "18446744073709551616", "nan", "null", "~", "<<", "---\n", "...\n", "%YAML 1.2\n", "|\n",
    ">\n", "? ", "é", "\u{feff}", "\u{2028}", "😀",
];

/// A mutation of a seed, the same for the same number: some bytes flipped, cut, repeated, replaced by
/// what the formats give meaning to, or spliced with another seed.
pub fn mutated(seed: &[u8], seeds: &[Vec<u8>], number: u64) -> Vec<u8> {
    let mut dice = Dice(number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x6f72_6b65_7421);
    let mut bytes = seed.to_vec();
    for _ in 0..=dice.below(4) {
        mutate(&mut bytes, seeds, &mut dice);
    }
    bytes
}

fn mutate(bytes: &mut Vec<u8>, seeds: &[Vec<u8>], dice: &mut Dice) {
    let at = dice.below(bytes.len() + 1);
    let end = at + dice.below((bytes.len() - at).min(24) + 1);
    match dice.below(6) {
        0 => drop(bytes.drain(at..end)),
        1 => drop(bytes.splice(at..at, TOKENS[dice.below(TOKENS.len())].bytes())),
        2 => drop(bytes.splice(at..end, TOKENS[dice.below(TOKENS.len())].bytes())),
        3 => bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << dice.below(8)),
        4 => {
            let repeated = bytes[at..end].repeat(1 + dice.below(90));
            drop(bytes.splice(at..at, repeated));
        }
        _ => {
            let other = &seeds[dice.below(seeds.len())];
            let from = dice.below(other.len() + 1);
            let to = from + dice.below((other.len() - from).min(200) + 1);
            drop(bytes.splice(at..end, other[from..to].iter().copied()));
        }
    }
}

/// SplitMix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    /// A number below the bound; 0 where there is none.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (bound.max(1) as u64)).unwrap_or(0)
    }
}
