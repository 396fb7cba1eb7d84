//! Whether a program has the SDK's virtual standard library, as its table of dynamic symbols says.
//!
//! Nothing here is a boundary: a program can name what it likes. The sandbox takes away what the library would
//! otherwise show; without the library such a program fails, or sees what differs between runs.

use object::elf::PT_INTERP;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{File, Object, ObjectSymbol, ReadRef};
use orket_contract::ambient::SYMBOLS;
use orket_contract::code;
use orket_contract::issue::Issue;
use std::collections::BTreeSet;

/// Why a program does not repeat by itself; `None` when its standard library is virtual.
pub(super) fn machine_std<'data, R: ReadRef<'data>>(program: R) -> Option<Issue> {
    let file = File::parse(program).ok()?;
    if is_static(&file) {
        let message = "the program has its own C library in it, so that time, entropy and surroundings are those of the machine";
        let hint = "build it for a target whose C library is loaded at run time, such as x86_64-unknown-linux-gnu, without \
                    `-C target-feature=+crt-static`; or run it with `--no-reliable`";
        return Some(Issue::error(code::STD_STATIC, message).with_hint(hint));
    }
    let defined = file.dynamic_symbols().filter(ObjectSymbol::is_definition);
    let defined: BTreeSet<&str> = defined.filter_map(|symbol| symbol.name().ok()).collect();
    let lacking: Vec<&str> = SYMBOLS.iter().copied().filter(|name| !defined.contains(name)).collect();
    let first = lacking.first()?;
    let more = match lacking.len() - 1 {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let message = format!(
        "the program does not define `{first}`{more}: time, entropy and surroundings would be those of the machine"
    );
    let hint = "build it with `cargo orket build` and this host's version of the SDK, without a linker script or a \
                version script of its own; or run it with `--no-reliable`";
    Some(Issue::error(code::STD_MISSING, message).with_hint(hint))
}

/// Whether nothing is loaded when the program starts.
fn is_static<'data, R: ReadRef<'data>>(file: &File<'data, R>) -> bool {
    fn loads<'data, E: FileHeader, R: ReadRef<'data>>(elf: &object::read::elf::ElfFile<'data, E, R>) -> bool {
        elf.elf_program_headers().iter().any(|segment| segment.p_type(elf.endian()) == PT_INTERP)
    }
    match file {
        File::Elf64(elf) => !loads(elf),
        File::Elf32(elf) => !loads(elf),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn a_static_program_has_the_machines() {
        let launcher = include_bytes!(concat!(env!("OUT_DIR"), "/launcher"));
        let issue = machine_std(&launcher[..]).expect("it is static");
        assert_eq!(issue.code, code::STD_STATIC);
    }

    #[test]
    fn this_very_program_has_the_machines() {
        let program = std::fs::read(std::env::current_exe().expect("a path")).expect("bytes");
        let issue = machine_std(&*program).expect("it does not link the SDK");
        assert_eq!(issue.code, code::STD_MISSING);
        assert!(issue.message.contains("`arc4random`"), "{issue}");
    }
}
