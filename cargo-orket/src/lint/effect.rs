//! What reaches past the run: the paths that clippy is told to look for, and what is said of each.
//!
//! A table; it may be long. Order within a group means nothing. Invariant: a path is in one group only.

use super::finding::{Finding, Layer};
use orket_contract::code;
use orket_contract::issue::Severity;
use std::fmt::Write as _;

/// Paths with one effect.
#[derive(Debug)]
pub(super) struct Effect {
    /// The code of what is found.
    pub(super) code: &'static str,
    /// The level where the package says nothing else.
    pub(super) level: Severity,
    /// What it does, after the path.
    pub(super) does: &'static str,
    /// Why it matters: in a governed run, and outside of one.
    pub(super) notes: &'static [&'static str],
    /// What to use instead.
    pub(super) instead: &'static str,
    /// Functions and methods.
    pub(super) methods: &'static [&'static str],
    /// Types, wherever they are named.
    pub(super) types: &'static [&'static str],
}

const VIRTUAL: &str = "a governed run answers this from the seed, so it repeats there; under plain `cargo test`, `cargo run` \
                       and `verify --ambient` it is the machine's own";

/// Every effect.
pub(super) const ALL: &[Effect] = &[
    Effect {
        code: code::AMBIENT_TIME,
        level: Severity::Info,
        does: "reads the clock of the surroundings",
        notes: &[VIRTUAL],
        instead: "`ctx.capabilities.clock()?` has `now()`, `monotonic()` and `sleep()`; it repeats everywhere and is on record",
        methods: &[
            "std::time::Instant::now",
            "std::time::Instant::elapsed",
            "std::time::SystemTime::now",
            "std::time::SystemTime::elapsed",
            "std::thread::sleep",
            "chrono::Utc::now",
            "chrono::Local::now",
            "chrono::offset::Utc::now",
            "chrono::offset::Local::now",
            "time::OffsetDateTime::now_utc",
            "time::OffsetDateTime::now_local",
            "jiff::Timestamp::now",
            "jiff::Zoned::now",
            "tokio::time::sleep",
            "tokio::time::Instant::now",
        ],
        types: &[],
    },
    Effect {
        code: code::AMBIENT_ENTROPY,
        level: Severity::Info,
        does: "draws entropy from the surroundings",
        notes: &[VIRTUAL],
        instead: "`ctx.capabilities.rng()?.stream(\"name\")?` draws from the seed, by name, in tests as well",
        methods: &[
            "getrandom::fill",
            "getrandom::getrandom",
            "getrandom::u32",
            "getrandom::u64",
            "rand::rng",
            "rand::thread_rng",
            "rand::random",
            "rand::random_range",
            "rand::random_bool",
            "rand::make_rng",
            "fastrand::bool",
            "fastrand::f32",
            "fastrand::f64",
            "fastrand::i32",
            "fastrand::i64",
            "fastrand::u8",
            "fastrand::u32",
            "fastrand::u64",
            "fastrand::usize",
            "fastrand::shuffle",
            "fastrand::Rng::new",
            "uuid::Uuid::new_v4",
            "uuid::Uuid::now_v7",
            "std::hash::RandomState::new",
        ],
        types: &["std::hash::RandomState"],
    },
    Effect {
        code: code::AMBIENT_HASH_ORDER,
        level: Severity::Info,
        does: "has an order that entropy decides",
        notes: &[VIRTUAL],
        instead: "`BTreeMap` and `BTreeSet` have an order of their own; or sort before the order can be seen",
        methods: &[
            "std::collections::HashMap::new",
            "std::collections::HashMap::with_capacity",
            "std::collections::HashSet::new",
            "std::collections::HashSet::with_capacity",
        ],
        types: &["std::collections::HashMap", "std::collections::HashSet"],
    },
    Effect {
        code: code::AMBIENT_ENVIRONMENT,
        level: Severity::Info,
        does: "asks for the process, its user or the machine",
        notes: &[
            "a governed run answers with fixed words: no arguments, a fixed environment, process 2, one processor; \
             under plain `cargo test`, `cargo run` and `verify --ambient` it is the machine's own",
        ],
        instead: "let the caller say it: make it a field of the workload's input",
        methods: &[
            "std::env::args",
            "std::env::args_os",
            "std::env::var",
            "std::env::var_os",
            "std::env::vars",
            "std::env::vars_os",
            "std::env::set_var",
            "std::env::remove_var",
            "std::env::current_dir",
            "std::env::set_current_dir",
            "std::env::current_exe",
            "std::env::home_dir",
            "std::env::temp_dir",
            "std::process::id",
            "std::thread::available_parallelism",
            "gethostname::gethostname",
            "num_cpus::get",
            "num_cpus::get_physical",
        ],
        types: &[],
    },
    Effect {
        code: code::AMBIENT_THREAD,
        level: Severity::Error,
        does: "starts a thread",
        notes: &[
            "Reliable Mode refuses threads: their interleaving does not follow from the seed",
            "`--no-reliable` allows them, and the record says that the run was weakened",
        ],
        instead: "`orket_runtime::task` runs work side by side in an order that the seed decides",
        methods: &[
            "std::thread::spawn",
            "std::thread::scope",
            "std::thread::Builder::spawn",
            "std::thread::Builder::spawn_scoped",
            "rayon::spawn",
            "rayon::join",
            "rayon::scope",
            "tokio::spawn",
            "tokio::task::spawn",
            "tokio::task::spawn_blocking",
            "tokio::runtime::Builder::new_multi_thread",
            "crossbeam::scope",
            "crossbeam_utils::thread::scope",
        ],
        types: &[],
    },
    Effect {
        code: code::AMBIENT_PROCESS,
        level: Severity::Error,
        does: "starts or ends a process",
        notes: &[
            "the sandbox refuses to start processes; one that ends its own leaves no result (`guest.exited`)",
        ],
        instead: "do the work in the workload and return its result; what must come from outside is a capability or a material",
        methods: &["std::process::exit", "std::process::abort"],
        types: &["std::process::Command", "tokio::process::Command"],
    },
    Effect {
        code: code::AMBIENT_FILE_READ,
        level: Severity::Info,
        does: "reads the file system",
        notes: &[
            "a governed run has the declared materials and its own artifacts, and no other file: the sandbox refuses those",
        ],
        instead: "declare what is read as `materials` and open it below `ctx.workspace_dir`; then this note is about nothing else",
        methods: &[
            "std::fs::read",
            "std::fs::read_to_string",
            "std::fs::read_dir",
            "std::fs::read_link",
            "std::fs::metadata",
            "std::fs::symlink_metadata",
            "std::fs::canonicalize",
            "std::fs::exists",
            "std::fs::File::open",
            "tokio::fs::read",
            "tokio::fs::read_to_string",
        ],
        types: &[],
    },
    Effect {
        code: code::AMBIENT_FILE_WRITE,
        level: Severity::Warning,
        does: "changes the file system",
        notes: &[
            "a governed run may write its artifacts and nothing else; a file that the result does not list is refused",
        ],
        instead: "`ctx.artifacts.write(..)`, `write_text`, `write_json` and `create` write artifacts, which the host digests",
        methods: &[
            "std::fs::write",
            "std::fs::copy",
            "std::fs::rename",
            "std::fs::hard_link",
            "std::fs::create_dir",
            "std::fs::create_dir_all",
            "std::fs::remove_file",
            "std::fs::remove_dir",
            "std::fs::remove_dir_all",
            "std::fs::set_permissions",
            "std::fs::File::create",
            "std::fs::File::create_new",
            "std::fs::OpenOptions::open",
            "std::os::unix::fs::symlink",
            "tempfile::tempdir",
            "tempfile::tempfile",
            "tempfile::NamedTempFile::new",
        ],
        types: &[],
    },
    Effect {
        code: code::AMBIENT_SOCKET,
        level: Severity::Error,
        does: "is a socket of its own",
        notes: &[
            "a guest has no socket and the sandbox lets it make none; what a peer says would not be on record either",
        ],
        instead: "`ctx.capabilities.network()?.connect(\"host:port\")?`, declared as `network.connect`: the host connects and records",
        methods: &[
            "std::net::TcpStream::connect",
            "std::net::TcpStream::connect_timeout",
            "std::net::TcpListener::bind",
            "std::net::UdpSocket::bind",
            "std::net::ToSocketAddrs::to_socket_addrs",
            "std::os::unix::net::UnixStream::connect",
            "std::os::unix::net::UnixStream::pair",
            "std::os::unix::net::UnixListener::bind",
            "std::os::unix::net::UnixDatagram::bind",
            "std::os::unix::net::UnixDatagram::unbound",
            "tokio::net::TcpStream::connect",
            "tokio::net::TcpListener::bind",
            "tokio::net::UdpSocket::bind",
            "ureq::get",
            "ureq::post",
            "reqwest::get",
            "reqwest::Client::new",
            "reqwest::blocking::get",
        ],
        types: &[],
    },
];

impl Effect {
    /// What is said where a path of it is used.
    pub(super) fn finding(&self, layer: Layer, path: &str) -> Finding {
        let finding = Finding::error(layer, self.code, format!("`{path}` {}", self.does));
        let notes = self.notes.iter().map(|note| (*note).to_owned()).collect();
        Finding { level: self.level, notes, ..finding.with_help(self.instead) }
    }
}

/// The effect that a path has.
pub(super) fn find(path: &str) -> Option<&'static Effect> {
    ALL.iter().find(|effect| effect.methods.contains(&path) || effect.types.contains(&path))
}

/// Clippy's configuration: every path of the table, each with our mark as its reason.
pub(super) fn configuration() -> String {
    let mut text = String::new();
    let mut list = |key: &str, paths: fn(&Effect) -> &'static [&'static str]| {
        // Writing to a string cannot fail; crates that the extension does not use are no mistake.
        let _ = writeln!(text, "{key} = [");
        for path in ALL.iter().flat_map(paths) {
            let _ = writeln!(text, "    {{ path = \"{path}\", reason = \"{MARK}\", allow-invalid = true }},");
        }
        let _ = writeln!(text, "]");
    };
    list("disallowed-methods", |effect| effect.methods);
    list("disallowed-types", |effect| effect.types);
    text
}

/// The reason by which our own entries are known.
pub(super) const MARK: &str = "orket";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_path_has_one_effect_and_the_configuration_names_it() {
        let configuration: toml::Table = configuration().parse().expect("it is TOML");
        let named = |key: &str| configuration[key].as_array().expect("a list").len();
        let paths: Vec<&str> =
            ALL.iter().flat_map(|effect| effect.methods.iter().chain(effect.types)).copied().collect();
        assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len());
        assert_eq!(named("disallowed-methods") + named("disallowed-types"), paths.len());
        assert!(paths.iter().all(|path| find(path).is_some()));
        assert!(find("std::collections::BTreeMap").is_none());
    }
}
