//! The sources of the packages: the files that rustc read, and those that a module declaration leads to which
//! `cfg` has switched off.
//!
//! Invariants: a file is read once; no text can exhaust the stack, see [`text`].

mod attributes;
pub(super) mod comments;
pub(super) mod depinfo;
mod names;
mod text;
mod visit;

use super::finding::{Finding, Layer, Span};
use super::packages::Packages;
use cargo_metadata::{Package, Target};
use orket_contract::code;
use orket_contract::issue::Severity;
use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};
use std::path::{Path, PathBuf};

/// How many files of one workspace are looked at.
const FILES_MAX: usize = 20_000;

/// What parses and visits has this much stack: see [`text`] for what it must hold.
const STACK: usize = 1 << 30;

/// All files of the packages.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Each, by its path.
    pub(super) files: BTreeMap<PathBuf, Source>,
    /// What was found in them and in the packages' targets.
    pub(super) findings: Vec<Finding>,
}

/// One file.
#[derive(Debug, Default)]
pub(super) struct Source {
    /// Its text.
    pub(super) text: String,
    /// The package that it belongs to.
    pub(super) package: String,
    imports: Vec<(u32, u32)>,
    /// The first and last line of each item and statement, where somebody may ask.
    pub(super) blocks: Vec<(u32, u32)>,
}

/// A file to look at.
#[derive(Debug)]
struct Waiting {
    path: PathBuf,
    package: usize,
    is_root: bool,
    is_guest: bool,
}

/// Reads what the units of a pass were compiled from, and what a declaration leads to besides.
pub(super) fn read(packages: &Packages, units: &[(PathBuf, PathBuf)], roots: &[&Package]) -> Sources {
    let work = || {
        let mut reader = Reader::new(packages, units, roots);
        reader.run();
        reader.sources
    };
    // A thread of its own, because only then the stack is ours to size.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(sources)) => sources,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => unread_all(&error),
        }
    })
}

fn unread_all(error: &std::io::Error) -> Sources {
    let message = format!("the sources could not be read: {error}");
    Sources {
        files: BTreeMap::new(),
        findings: vec![Finding::error(Layer::Source, code::LINT_INCOMPLETE, message)],
    }
}

struct Reader<'a> {
    packages: &'a [&'a Package],
    /// By package: the names by which it knows the SDK.
    sdk: Vec<HashSet<String>>,
    /// What rustc has read.
    read: BTreeSet<PathBuf>,
    waiting: VecDeque<Waiting>,
    sources: Sources,
}

impl<'a> Reader<'a> {
    fn new(packages: &Packages, units: &[(PathBuf, PathBuf)], roots: &'a [&'a Package]) -> Self {
        let sdk = roots.iter().map(|package| sdk_names(package)).collect();
        let mut reader = Self {
            packages: roots,
            sdk,
            read: BTreeSet::new(),
            waiting: VecDeque::new(),
            sources: Sources::default(),
        };
        for (number, package) in roots.iter().enumerate() {
            for target in &package.targets {
                reader.target(number, target);
            }
        }
        for (dep_info, manifest) in units {
            let number = roots.iter().position(|package| package.manifest_path.as_std_path() == manifest);
            let Some(package) = number else { continue };
            for path in depinfo::files(dep_info, &packages.workspace) {
                // The others are what `include_str!` and build scripts name.
                if path.extension().is_some_and(|end| end == "rs") {
                    reader.waiting.push_back(Waiting {
                        path: path.clone(),
                        package,
                        is_root: false,
                        is_guest: false,
                    });
                }
                reader.read.insert(path);
            }
        }
        reader
    }

    fn target(&mut self, package: usize, target: &Target) {
        let is_guest = target.is_lib() || target.is_bin();
        let path: PathBuf = target.src_path.clone().into();
        if target.is_custom_build() {
            let name = &self.packages[package].name;
            let message = format!("package `{name}` has a build script");
            let finding = Finding::error(Layer::Source, code::BUILD_SCRIPT, message).at(Span::point(
                path.clone(),
                1,
                1,
            ));
            let note = "it runs on the machine that builds, with all rights of whoever builds, outside of the sandbox; \
                        what it writes becomes part of the program";
            let help = "do without where that is possible; `cargo orket build --reproducible` shows whether it repeats";
            self.sources.findings.push(Finding {
                level: Severity::Info,
                notes: vec![note.to_owned()],
                package: Some(name.to_string()),
                ..finding.with_help(help)
            });
        }
        // Those of a guest first: a file that both have is the guest's.
        let waiting = Waiting { path, package, is_root: true, is_guest };
        match is_guest {
            true => self.waiting.push_front(waiting),
            false => self.waiting.push_back(waiting),
        }
    }

    fn run(&mut self) {
        while let Some(next) = self.waiting.pop_front() {
            if self.sources.files.len() >= FILES_MAX {
                let message =
                    format!("the packages have more than {FILES_MAX} files; the others were not read");
                self.sources.findings.push(Finding::error(Layer::Source, code::LINT_INCOMPLETE, message));
                return;
            }
            if !self.sources.files.contains_key(&next.path) {
                self.look(&next);
            }
        }
    }

    fn look(&mut self, next: &Waiting) {
        let package = self.packages[next.package].name.to_string();
        let text = match std::fs::read(&next.path).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => return self.unread(next, &package, "it is not UTF-8"),
            // Rustc says so itself where that matters.
            Err(_) => return,
        };
        let task = visit::Task {
            path: &next.path,
            sdk: &self.sdk[next.package],
            is_off: !self.read.is_empty() && !self.read.contains(&next.path),
            is_guest: next.is_guest,
            wants_blocks: text.contains(super::suppress::MARK),
        };
        let seen = match text::read(&text) {
            text::Syntax::Tree(file) => visit::file(task, &file),
            text::Syntax::Tokens(tokens) => visit::tokens(task, tokens),
            text::Syntax::Nothing(why) => return self.unread(next, &package, &why),
        };
        self.follow(next, &seen);
        let found = seen.findings.into_iter();
        self.sources
            .findings
            .extend(found.map(|finding| Finding { package: Some(package.clone()), ..finding }));
        let source = Source { text, package, imports: seen.imports, blocks: seen.blocks };
        self.sources.files.insert(next.path.clone(), source);
    }

    /// The files that this one leads to.
    fn follow(&mut self, from: &Waiting, seen: &visit::Seen) {
        let files =
            seen.modules.iter().flat_map(|(inside, given)| candidates(from, inside, given.as_deref()));
        let modules: Vec<_> = files.filter(|path| path.is_file()).map(|path| (path, from.is_guest)).collect();
        let included =
            seen.included.iter().filter(|path| path.is_file()).cloned().map(|path| (path, from.is_guest));
        for (path, is_guest) in modules.into_iter().chain(included) {
            self.waiting.push_front(Waiting { path, package: from.package, is_root: false, is_guest });
        }
    }

    fn unread(&mut self, next: &Waiting, package: &str, why: &str) {
        let message = format!("a source cannot be read: {why}");
        let finding = Finding::error(Layer::Source, code::LINT_UNREAD, message);
        let finding = finding.at(Span::point(next.path.clone(), 0, 0));
        let help = "what it holds was not looked at, but for what rustc and clippy saw of it";
        self.sources.findings.push(Finding {
            level: Severity::Warning,
            package: Some(package.to_owned()),
            ..finding.with_help(help)
        });
        self.sources
            .files
            .insert(next.path.clone(), Source { package: package.to_owned(), ..Source::default() });
    }
}

/// The names by which a package can name the SDK.
fn sdk_names(package: &Package) -> HashSet<String> {
    let uses = package.dependencies.iter().filter(|dependency| dependency.name == crate::project::SDK);
    let names =
        uses.map(|dependency| dependency.rename.as_deref().unwrap_or(&dependency.name).replace('-', "_"));
    names.collect()
}

/// Where the file of a module may lie, as rustc looks for it.
fn candidates(from: &Waiting, inside: &[String], given: Option<&str>) -> Vec<PathBuf> {
    let folder = from.path.parent().unwrap_or(Path::new(""));
    let stem = from.path.file_stem().unwrap_or_default();
    let owns_folder = from.is_root || stem == "mod";
    let base = if owns_folder { folder.to_path_buf() } else { folder.join(stem) };
    let (name, around) = inside.split_last().expect("a module has a name");
    let below = around.iter().fold(base, |folder, name| folder.join(name));
    let mut found = vec![below.join(format!("{name}.rs")), below.join(name).join("mod.rs")];
    if let Some(given) = given {
        let folder = if around.is_empty() { folder.to_path_buf() } else { below };
        found.push(folder.join(given));
    }
    found
}

impl Sources {
    /// Whether a place lies in a `use`: importing is no effect.
    pub(super) fn is_import(&self, span: &Span) -> bool {
        let source = self.files.get(&span.file);
        source.is_some_and(|source| {
            source.imports.iter().any(|(first, last)| (*first..=*last).contains(&span.line))
        })
    }

    /// A finding of the syntax with the bytes of its place.
    pub(super) fn measured(&self, finding: &Finding) -> Finding {
        let Some((span, source)) =
            finding.span.as_ref().and_then(|span| Some((span, self.files.get(&span.file)?)))
        else {
            return finding.clone();
        };
        let byte = |line: u32, column: u32| {
            let (mut start, mut text) = (0, source.text.as_str());
            for _ in 1..line {
                let next = text.find('\n')? + 1;
                (start, text) = (start + next, &text[next..]);
            }
            let skipped = text
                .char_indices()
                .map(|(at, _)| at)
                .chain([text.len()])
                .nth(column.checked_sub(1)? as usize)?;
            Some(start + skipped)
        };
        let bytes = byte(span.line, span.column).zip(byte(span.line_end, span.column_end));
        let (byte_start, byte_end) = bytes.unwrap_or((0, 0));
        Finding { span: Some(Span { byte_start, byte_end, ..span.clone() }), ..finding.clone() }
    }

    /// The text behind a place whose bytes are known.
    pub(super) fn after(&self, span: &Span) -> &str {
        let source = self.files.get(&span.file);
        source.and_then(|source| source.text.get(span.byte_end..)).unwrap_or_default()
    }

    /// The text of a place whose bytes are known.
    pub(super) fn text(&self, span: &Span) -> Option<&str> {
        self.files.get(&span.file)?.text.get(span.byte_start..span.byte_end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Below the bound a tree is made, however it nests; the stack must hold it.
    #[test]
    fn what_is_just_not_too_deep_is_borne() {
        let work = || {
            for (repeated, closed) in [("!", ""), ("(", ")"), ("&", ""), ("1 + ", ""), ("[", "]"), ("{", "}")]
            {
                let text = format!("fn a() {{ {}1{} }}", repeated.repeat(5_000), closed.repeat(5_000));
                let path = Path::new("a.rs");
                let (sdk, is_off) = (HashSet::new(), false);
                let task = visit::Task { path, sdk: &sdk, is_off, is_guest: true, wants_blocks: false };
                let text::Syntax::Tree(file) = text::read(&text) else { panic!("{repeated} is too deep") };
                assert_eq!(visit::file(task, &file).findings, Vec::new());
            }
        };
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
        thread.expect("a thread").join().expect("it is borne");
    }

    #[test]
    fn modules_are_looked_for_where_rustc_looks() {
        let from = |path: &str, is_root| Waiting { path: path.into(), package: 0, is_root, is_guest: true };
        let check = |from: Waiting, inside: &[&str], given, expected: &str| {
            let inside: Vec<String> = inside.iter().map(|name| (*name).to_owned()).collect();
            let found = candidates(&from, &inside, given);
            assert!(found.contains(&PathBuf::from(expected)), "{found:?}");
        };
        check(from("src/lib.rs", true), &["a"], None, "src/a.rs");
        check(from("src/lib.rs", true), &["a"], None, "src/a/mod.rs");
        check(from("src/a.rs", false), &["b"], None, "src/a/b.rs");
        check(from("src/a/mod.rs", false), &["b"], None, "src/a/b.rs");
        check(from("src/lib.rs", true), &["a", "b"], None, "src/a/b.rs");
        check(from("src/a.rs", false), &["b"], Some("x.rs"), "src/x.rs");
        check(from("src/a.rs", false), &["b", "c"], Some("x.rs"), "src/a/b/x.rs");
    }
}
