//! Instructions of a program that go past its libraries: to the kernel, or to what only the processor knows.
//!
//! Found by reading the executable sections, and what else of the executable segments is in none, never by running anything. Code is
//! read from the beginnings of functions on. What it hides from a reader, such as by jumping into the middle of an instruction, is not
//! found: this is about what an author did not mean. Looking at every byte would find more, and mostly constants.

mod arm;
mod x86;

use object::elf::PF_X;
use object::{
    Architecture, File, Object, ObjectSection, ObjectSegment, ObjectSymbol, ReadRef, SectionKind,
    SegmentFlags, SymbolKind,
};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// The most code that is read, in bytes (256 MiB).
const CODE_BYTES_MAX: u64 = 256 << 20;
/// How many findings are kept.
const FINDINGS_MAX: usize = 1000;
/// How much of a symbol's name is kept, in bytes.
const NAME_BYTES_MAX: usize = 300;

/// A kind of instruction that is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Instruction {
    /// The processor's features: what code chooses by them differs between machines.
    Cpuid,
    /// The kernel, as a program of 32 bits calls it.
    Int80,
    /// The number of the processor.
    Rdpid,
    /// Random numbers of the processor.
    Rdrand,
    /// Seeds for random numbers of the processor.
    Rdseed,
    /// The counter of the processor.
    Rdtsc,
    /// The counter of the processor, and its number.
    Rdtscp,
    /// The kernel.
    Syscall,
    /// The kernel.
    Sysenter,
}

impl Instruction {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpuid => "cpuid",
            Self::Int80 => "int80",
            Self::Rdpid => "rdpid",
            Self::Rdrand => "rdrand",
            Self::Rdseed => "rdseed",
            Self::Rdtsc => "rdtsc",
            Self::Rdtscp => "rdtscp",
            Self::Syscall => "syscall",
            Self::Sysenter => "sysenter",
        }
    }

    /// Whether nothing takes away what it gives, so that a program that has it need not repeat.
    ///
    /// The kernel answers only what the sandbox lets it, the counter can be switched off, and features differ between machines, not
    /// between runs.
    #[must_use]
    pub fn is_beyond_control(self) -> bool {
        matches!(self, Self::Rdpid | Self::Rdrand | Self::Rdseed)
    }
}

impl fmt::Display for Instruction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An instruction in a function.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What it is.
    pub instruction: Instruction,
    /// The function that it stands in; the nearest before it in a program without names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// Where it stands first, in the program's own addresses.
    pub address: u64,
    /// How often it stands there.
    pub count: u64,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.symbol {
            Some(symbol) => write!(f, "{} in `{symbol}`", self.instruction)?,
            None => write!(f, "{} at {:#x}", self.instruction, self.address)?,
        }
        if self.count > 1 { write!(f, " ({} times)", self.count) } else { Ok(()) }
    }
}

/// Where in a program code begins: the functions of each section, ascending.
type Functions = BTreeMap<u64, String>;

/// Finds the instructions of an architecture in code that begins at an address.
type Find = fn(&[u8], u64, &Functions) -> Vec<(u64, Instruction)>;

/// Looks for such instructions in a program. What cannot be read has none.
pub(super) fn scan<'data, R: ReadRef<'data>>(program: R) -> Vec<Finding> {
    let Ok(file) = File::parse(program) else { return Vec::new() };
    let find: Find = match file.architecture() {
        Architecture::X86_64 => x86::find,
        Architecture::Aarch64 => arm::find,
        _ => return Vec::new(),
    };
    let functions = functions(&file);
    let mut found: BTreeMap<(Instruction, Option<&str>), (u64, u64)> = BTreeMap::new();
    for (address, code) in code(&file) {
        for (at, instruction) in find(code, address, &functions) {
            let symbol = functions.range(..=at).next_back().map(|(_, name)| name.as_str());
            if found.len() < FINDINGS_MAX || found.contains_key(&(instruction, symbol)) {
                found.entry((instruction, symbol)).or_insert((at, 0)).1 += 1;
            }
        }
    }
    let finding = |((instruction, symbol), (address, count)): ((_, Option<&str>), _)| Finding {
        instruction,
        symbol: symbol.map(readable),
        address,
        count,
    };
    found.into_iter().map(finding).collect()
}

/// What can be executed, each piece with its address.
fn code<'data, R: ReadRef<'data>>(file: &File<'data, R>) -> Vec<(u64, &'data [u8])> {
    let mut left = CODE_BYTES_MAX;
    let mut found = Vec::new();
    for section in file.sections().filter(|section| section.kind() == SectionKind::Text) {
        if section.size() <= left {
            left -= section.size();
            found.extend(section.data().ok().map(|data| (section.address(), data)));
        }
    }
    for (address, piece) in outside_of_sections(file) {
        if piece.len() as u64 <= left {
            left -= piece.len() as u64;
            found.push((address, piece));
        }
    }
    found
}

/// What of the executable segments is in no section; the kernel needs none.
fn outside_of_sections<'data, R: ReadRef<'data>>(file: &File<'data, R>) -> Vec<(u64, &'data [u8])> {
    let ends = |(first, size): (u64, u64)| (first, first.saturating_add(size));
    let mut sections: Vec<(u64, u64)> =
        file.sections().filter_map(|section| section.file_range()).map(ends).collect();
    sections.sort_unstable();
    let mut found = Vec::new();
    for segment in file.segments() {
        let is_code = matches!(segment.flags(), SegmentFlags::Elf { p_flags, .. } if p_flags.0 & PF_X.0 != 0);
        if let (true, Ok(data)) = (is_code, segment.data()) {
            let (first, _) = segment.file_range();
            let addressed = |(at, piece)| (segment.address().wrapping_add(at - first), piece);
            found.extend(gaps(first, data, &sections).into_iter().map(addressed));
        }
    }
    found
}

/// The pieces of what lies at a place that none of these covers, which go from where they begin to where they end, ascending.
fn gaps<'data>(first: u64, data: &'data [u8], covers: &[(u64, u64)]) -> Vec<(u64, &'data [u8])> {
    let end = first.saturating_add(data.len() as u64);
    let mut gaps = Vec::new();
    let mut from = first;
    for (start, after) in covers.iter().copied().chain([(end, end)]) {
        let to = start.min(end);
        if from < to {
            gaps.push((from, &data[(from - first) as usize..(to - first) as usize]));
        }
        from = from.max(after);
    }
    gaps
}

fn functions<'data, R: ReadRef<'data>>(file: &File<'data, R>) -> Functions {
    let all = file.symbols().chain(file.dynamic_symbols());
    let all = all.filter(|symbol| symbol.is_definition() && symbol.kind() == SymbolKind::Text);
    all.filter_map(|symbol| Some((symbol.address(), symbol.name().ok()?.to_owned()))).collect()
}

/// The name as its author wrote it, bounded.
fn readable(symbol: &str) -> String {
    let mut name = format!("{:#}", rustc_demangle::demangle(symbol));
    let end = name.char_indices().map(|(at, _)| at).take_while(|at| *at <= NAME_BYTES_MAX).last();
    if name.len() > NAME_BYTES_MAX {
        name.truncate(end.unwrap_or_default());
        name.push('…');
    }
    name
}

/// The start of the function that holds an address, or of what is read.
fn start(address: u64, first: u64, functions: &Functions) -> u64 {
    functions.range(first..=address).next_back().map_or(first, |(start, _)| *start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surroundings::Draws;
    use proptest::prelude::*;

    /// A small program that calls the kernel by itself.
    #[cfg(target_os = "linux")]
    const PROGRAM: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/launcher"));

    #[test]
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn a_program_without_a_table_of_sections_is_read_by_its_segments() {
        let calls = |program: &[u8]| {
            let found = scan(program);
            found
                .iter()
                .filter(|found| found.instruction == Instruction::Syscall)
                .map(|found| found.count)
                .sum::<u64>()
        };
        let mut bare = PROGRAM.to_vec();
        // Where the table lies, and how many entries it has.
        bare[0x28..0x30].fill(0);
        bare[0x3c..0x40].fill(0);
        // The sections of code are there, and say that they are empty.
        let mut bogus = PROGRAM.to_vec();
        let table = u64::from_le_bytes(PROGRAM[0x28..0x30].try_into().unwrap()) as usize;
        for section in bogus[table..].chunks_exact_mut(64).filter(|section| section[8] & 4 != 0) {
            section[0x20..0x28].fill(0);
        }
        assert!(calls(PROGRAM) > 0);
        assert!(calls(&bogus) >= calls(PROGRAM), "{} of {}", calls(&bogus), calls(PROGRAM));
        assert!(calls(&bare) >= calls(PROGRAM), "{} of {}", calls(&bare), calls(PROGRAM));
    }

    #[test]
    fn code_is_read_wherever_no_section_covers_it() {
        let data = [0, 1, 2, 3, 4, 5, 6, 7];
        for (covers, expected) in [
            (vec![], vec![(100, &data[..])]),
            (vec![(0, 9), (900, 990)], vec![(100, &data[..])]),
            (
                vec![(90, 102), (104, 104), (105, 106)],
                vec![(102, &data[2..4]), (104, &data[4..5]), (106, &data[6..])],
            ),
            (vec![(101, 107), (102, 103)], vec![(100, &data[..1]), (107, &data[7..])]),
            (vec![(0, u64::MAX)], vec![]),
        ] {
            assert_eq!(gaps(100, &data, &covers), expected, "{covers:?}");
        }
        assert_eq!(gaps(u64::MAX - 3, &data, &[]), [(u64::MAX - 3, &data[..3])]);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_program_that_was_changed_anywhere_is_read_to_an_end() {
        let mut draws = Draws::new(11);
        for _ in 0..400 {
            let mut program = PROGRAM.to_vec();
            for _ in 0..=draws.below(8) {
                // Headers are read most, and lie at both ends.
                let length = program.len() as u64;
                let at = match draws.below(3) {
                    0 => draws.below(length.min(1024)),
                    1 => length - 1 - draws.below(length.min(4096)),
                    _ => draws.below(length),
                };
                program[at as usize] = draws.next() as u8;
            }
            program.truncate(program.len() - draws.below(64) as usize);
            assert!(scan(&*program).len() <= FINDINGS_MAX);
        }
    }

    #[test]
    fn a_finding_reads_as_a_sentence() {
        let finding = |symbol: Option<&str>, count| {
            let symbol = symbol.map(readable);
            Finding { instruction: Instruction::Rdtsc, symbol, address: 4096, count }.to_string()
        };
        assert_eq!(
            finding(Some("_ZN4core4arch5rdtsc17h0123456789abcdefE"), 2),
            "rdtsc in `core::arch::rdtsc` (2 times)"
        );
        assert_eq!(finding(None, 1), "rdtsc at 0x1000");
        assert_eq!(readable(&"é".repeat(400)).chars().count(), 151);
    }

    #[test]
    fn this_very_program_asks_the_processor_for_its_features() {
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let found = scan(&*program);
        let is_x86 = cfg!(target_arch = "x86_64");
        assert_eq!(
            found.iter().any(|finding| finding.instruction == Instruction::Cpuid),
            is_x86,
            "{found:?}"
        );
        assert!(found.iter().all(|finding| finding.count > 0));
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..512), address in any::<u64>()) {
            for find in [x86::find, arm::find] {
                let functions = Functions::from([(address, "f".to_owned()), (address ^ 5, "g".to_owned())]);
                for (at, _) in find(&bytes, address, &functions) {
                    prop_assert!(at.wrapping_sub(address) < bytes.len() as u64);
                }
            }
            prop_assert_eq!(scan(&*bytes), Vec::new());
        }
    }
}
