//! The built program: the libraries that it loads, and what it asks libc for that no guest is given.
//!
//! What the standard library needs by itself asks for none of this, so that a symbol here has a cause in the
//! extension or in a crate of it. Calls of the kernel past libc do not show; the sandbox sees them.

use super::finding::{Finding, Layer, Span};
use super::source::depinfo;
use crate::error::{Error, Result};
use crate::host;
use crate::project::Extension;
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, Object, ObjectSymbol, elf};
use orket_contract::code;
use orket_contract::issue::Severity;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Libraries that every program of Rust's may need.
const LIBRARIES: [&str; 8] =
    ["ld-linux", "libc.so", "libdl.so", "libgcc_s.so", "libm.so", "libpthread.so", "librt.so", "libutil.so"];

/// Symbols of libc that ask for one thing.
struct Family {
    symbols: &'static [&'static str],
    asks: &'static str,
    note: &'static str,
    help: &'static str,
    /// What an extension may declare that does the same.
    capability: Option<&'static str>,
}

/// The SDK defines `pthread_create`, `fork`, `posix_spawn`, `socket` and their like itself: who calls them is known by what else
/// it needs for them.
const FAMILIES: &[Family] = &[
    Family {
        symbols: &[
            "clone",
            "pthread_attr_setstacksize",
            "pthread_create",
            "pthread_detach",
            "pthread_join",
            "thrd_create",
        ],
        asks: "threads",
        note: "Reliable Mode refuses threads",
        help: "`orket_runtime::task` runs work side by side; where a crate has threads as a feature, leave it out",
        capability: None,
    },
    Family {
        symbols: &[
            "execl",
            "execlp",
            "execv",
            "execve",
            "execvp",
            "execvpe",
            "fexecve",
            "fork",
            "popen",
            "posix_spawn",
            "posix_spawn_file_actions_init",
            "posix_spawnattr_init",
            "posix_spawnp",
            "system",
            "vfork",
        ],
        asks: "other processes",
        note: "the sandbox refuses them, in every mode",
        help: "do the work in the workload; what comes from outside is a capability or a material",
        capability: None,
    },
    Family {
        symbols: &[
            "accept",
            "accept4",
            "bind",
            "connect",
            "getaddrinfo",
            "gethostbyname",
            "listen",
            "socket",
            "socketpair",
        ],
        asks: "sockets",
        note: "a guest has no socket and the sandbox lets it make none",
        help: "`ctx.capabilities.network()?` connects through the host, which records what comes",
        capability: Some("network.connect"),
    },
    Family {
        symbols: &["dlmopen", "dlopen"],
        asks: "libraries while it runs",
        note: "a guest sees no library but those that it was started with",
        help: "link what is needed, or take a crate in Rust",
        capability: None,
    },
    Family {
        symbols: &["mount", "pivot_root", "ptrace", "setns", "unshare"],
        asks: "what only the host may do",
        note: "the sandbox refuses it",
        help: "leave it out",
        capability: None,
    },
];

/// The program that was last built for an extension, if it is there and newer than its sources.
pub(super) fn built(extension: &Extension) -> Option<PathBuf> {
    let program = host::remembered(&extension.root)?;
    let list = std::fs::read_to_string(program.with_extension("d")).ok()?;
    let age = |path: &Path| std::fs::metadata(path).and_then(|facts| facts.modified()).ok();
    let built = age(&program)?;
    let files = sources(&list)?.into_iter().chain([extension.manifest_path.clone()]);
    files.into_iter().all(|path| age(&path).is_some_and(|changed| changed <= built)).then_some(program)
}

/// The files of cargo's dep-info of a program.
fn sources(list: &str) -> Option<Vec<PathBuf>> {
    let (_, files) = list.lines().next()?.split_once(": ")?;
    Some(depinfo::words(files).into_iter().map(PathBuf::from).collect())
}

/// The findings in the program of an extension.
///
/// # Errors
/// [`Error::File`].
pub(super) fn findings(program: &Path, extension: &Extension) -> Result<Vec<Finding>> {
    let bytes = std::fs::read(program).map_err(Error::file("read", program))?;
    let place = Span::point(program.to_path_buf(), 0, 0);
    let Ok(file) = object::File::parse(&*bytes) else {
        let finding = Finding::error(Layer::Artifact, code::LINT_INCOMPLETE, "the program is no object file");
        return Ok(vec![finding.at(place)]);
    };
    let mut findings: Vec<_> = needed(&bytes).iter().filter_map(|name| library(name)).collect();
    let asked: BTreeSet<&str> = file
        .dynamic_symbols()
        .filter(ObjectSymbol::is_undefined)
        .filter_map(|symbol| symbol.name().ok())
        .collect();
    let declared = declared(program, extension);
    findings.extend(FAMILIES.iter().filter_map(|family| family.finding(&asked, &declared)));
    let placed = findings
        .into_iter()
        .map(|finding| Finding { package: Some(extension.name.clone()), ..finding.at(place.clone()) });
    Ok(placed.collect())
}

/// The capabilities that a program declares; none where its manifest cannot be read, which `check` says.
fn declared(program: &Path, extension: &Extension) -> BTreeSet<String> {
    let candidate = orket_engine::loader::Candidate::new(extension.root.clone(), program.to_path_buf());
    let Ok(resolved) = orket_engine::loader::resolve(candidate) else { return BTreeSet::new() };
    let manifest = resolved.manifest();
    let own = manifest.workloads.iter().flat_map(|workload| &workload.capabilities);
    manifest.capabilities.iter().chain(own).map(ToString::to_string).collect()
}

impl Family {
    fn finding(&self, asked: &BTreeSet<&str>, declared: &BTreeSet<String>) -> Option<Finding> {
        let found: Vec<_> = self.symbols.iter().filter(|name| asked.contains(**name)).collect();
        if found.is_empty() {
            return None;
        }
        let names: Vec<_> = found.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("the program asks libc for {}: {}", self.asks, names.join(", "));
        let mut notes = vec![self.note.to_owned()];
        if let Some(capability) = self.capability {
            notes.push(match declared.contains(capability) {
                true => format!(
                    "`{capability}` is declared, but it gives no socket: the host holds the connection"
                ),
                false => format!("`{capability}` is not declared either"),
            });
        }
        let finding = Finding::error(Layer::Artifact, code::NATIVE_IMPORT, message).with_help(self.help);
        Some(Finding { level: Severity::Warning, notes, ..finding })
    }
}

fn library(name: &str) -> Option<Finding> {
    if LIBRARIES.iter().any(|known| name.starts_with(known)) {
        return None;
    }
    let finding =
        Finding::error(Layer::Artifact, code::NATIVE_LIBRARY, format!("the program loads `{name}`"));
    let note = "a guest sees the libraries of the machine that runs it: another version gives another result, and the \
                lint reads none of it";
    Some(Finding {
        level: Severity::Warning,
        notes: vec![note.to_owned()],
        ..finding.with_help("link it into the program, or take a crate in Rust")
    })
}

/// The libraries that a program names.
fn needed(bytes: &[u8]) -> Vec<String> {
    match object::FileKind::parse(bytes) {
        Ok(object::FileKind::Elf64) => needed_of::<elf::FileHeader64<Endianness>>(bytes),
        Ok(object::FileKind::Elf32) => needed_of::<elf::FileHeader32<Endianness>>(bytes),
        _ => None,
    }
    .unwrap_or_default()
}

fn needed_of<E: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Option<Vec<String>> {
    let header = E::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    let sections = header.sections(endian, bytes).ok()?;
    let segments = header.program_headers(endian, bytes).ok()?;
    let entries = segments.iter().find_map(|segment| segment.dynamic(endian, bytes).ok().flatten())?;
    let (_, link) = sections.dynamic(endian, bytes).ok()??;
    let strings = sections.strings(endian, bytes, link).ok()?;
    let named = entries.iter().filter(|entry| entry.tag(endian) == elf::DT_NEEDED);
    let names = named.filter_map(|entry| entry.string(endian, strings).ok());
    Some(names.map(|name| String::from_utf8_lossy(name).into_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_may_lie_in_a_folder_with_a_space() {
        let list = "/my\\ work/target/debug/a: /my\\ work/src/lib.rs /my\\ work/src/main.rs\n";
        let files = ["/my work/src/lib.rs", "/my work/src/main.rs"].map(PathBuf::from);
        assert_eq!(sources(list), Some(files.to_vec()));
        assert_eq!(sources(""), None);
    }

    #[test]
    fn what_every_program_needs_is_no_finding() {
        for name in ["libc.so.6", "ld-linux-x86-64.so.2", "libgcc_s.so.1", "libm.so.6"] {
            assert_eq!(library(name), None, "{name}");
        }
        assert_eq!(library("libssl.so.3").expect("it is foreign").code, code::NATIVE_LIBRARY);
    }

    #[test]
    fn symbols_are_told_by_what_they_ask_for() {
        let of = |name| {
            let asked = BTreeSet::from([name, "malloc"]);
            FAMILIES.iter().filter_map(|family| family.finding(&asked, &BTreeSet::new())).collect::<Vec<_>>()
        };
        assert!(of("pthread_create")[0].message.contains("threads: `pthread_create`"));
        assert!(of("socket")[0].notes[1].contains("is not declared"));
        assert_eq!(of("read"), Vec::new());
        let names: Vec<_> = FAMILIES.iter().flat_map(|family| family.symbols).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_program_names_its_libraries() {
        let myself = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(needed(&myself).iter().any(|name| name.starts_with("libc.so")));
        assert_eq!(needed(b"\x7fELF"), Vec::<String>::new());
    }
}
