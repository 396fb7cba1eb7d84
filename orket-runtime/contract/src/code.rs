//! The table of codes: the stable names of everything that Orket refuses or reports.
//!
//! Invariants: a code is `noun.what` in kebab case, is listed once, in order, and is never renamed
//! or used again for another meaning. `docs/codes/` has one page for each. A table may be long.

/// Whether a code stops what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It stops.
    Error,
    /// It is reported and the work goes on.
    Warning,
    /// It is worth knowing.
    Info,
}

/// One entry of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The code, such as `manifest.unknown-key`.
    pub name: &'static str,
    /// Its usual severity.
    pub severity: Severity,
    /// What it means, as one sentence.
    pub summary: &'static str,
}

macro_rules! codes {
    ($($constant:ident $severity:ident $name:literal $summary:literal)*) => {
        $(#[doc = $summary] pub const $constant: &str = $name;)*

        /// Every code, sorted by name.
        pub const ALL: &[Code] = &[
            $(Code { name: $name, severity: Severity::$severity, summary: $summary }),*
        ];
    };
}

codes! {
    ADDITION_EXISTS Error "addition.exists" "What is to be added to a crate is there already."
    ADDITION_NOWHERE Error "addition.nowhere" "A crate has no place for what is to be added, or several."
    ADDITION_UNREADABLE Error "addition.unreadable" "A source to which something is to be added cannot be parsed."
    AMBIENT_ENTROPY Info "ambient.entropy" "Source draws random numbers from the surroundings instead of the seed."
    AMBIENT_ENVIRONMENT Info "ambient.environment" "Source asks for arguments, variables, the process or the machine."
    AMBIENT_FILE_READ Info "ambient.file-read" "Source reads files, which in a run are the materials and nothing else."
    AMBIENT_FILE_WRITE Warning "ambient.file-write" "Source writes files past the artifacts."
    AMBIENT_HASH_ORDER Info "ambient.hash-order" "Source holds a map or set whose order entropy decides."
    AMBIENT_PROCESS Error "ambient.process" "Source starts another process, or ends its own."
    AMBIENT_SOCKET Error "ambient.socket" "Source makes a socket of its own."
    AMBIENT_THREAD Error "ambient.thread" "Source starts a thread."
    AMBIENT_TIME Info "ambient.time" "Source reads the clock of the surroundings or waits by it."
    ARTIFACT_ABSOLUTE Error "artifact.absolute" "An artifact's path is absolute."
    ARTIFACT_LINKED Error "artifact.linked" "An artifact is reached through a link, or is one."
    ARTIFACT_MISMATCH Error "artifact.mismatch" "An artifact's bytes are not those that its reference names."
    ARTIFACT_MISSING Error "artifact.missing" "A result lists an artifact that does not exist."
    ARTIFACT_SPECIAL Error "artifact.special" "An artifact is not a regular file."
    ARTIFACT_TOO_LARGE Error "artifact.too-large" "An artifact, or all artifacts of a run together, exceed the cap."
    ARTIFACT_TOO_MANY Error "artifact.too-many" "A run left more artifacts than are allowed."
    ARTIFACT_TRAVERSAL Error "artifact.traversal" "An artifact's path leaves the artifact folder or is not portable."
    ARTIFACT_UNLISTED Error "artifact.unlisted" "The artifact folder holds a file that the result does not list."
    ATTEST_BAD_ENVELOPE Error "attest.bad-envelope" "A signed envelope or bundle has another form than it must have."
    ATTEST_BAD_SIGNATURE Error "attest.bad-signature" "A signature does not hold for its key and payload."
    ATTEST_BAD_STATEMENT Error "attest.bad-statement" "A statement is not the provenance of a run."
    ATTEST_MISMATCH Error "attest.mismatch" "What lies in a run's folder is not what its statement says."
    ATTEST_TOO_LARGE Error "attest.too-large" "A statement, envelope or bundle is larger than is read."
    ATTEST_UNSIGNED Error "attest.unsigned" "A run is not signed, and a key was given to check it with."
    ATTEST_WRONG_KEY Error "attest.wrong-key" "Too few of the given keys have signed a run."
    BUILD_FAILED Error "build.failed" "Cargo could not build the extension."
    BUILD_NO_ARTIFACT Error "build.no-artifact" "The package has no single program that is the extension."
    BUILD_NOT_REPRODUCIBLE Error "build.not-reproducible" "Built in another folder, the same sources give another program."
    BUILD_SCRIPT Info "build.script" "A package has a build script, which runs outside of every sandbox."
    CAPABILITY_BAD_CALL Error "capability.bad-call" "A capability was called with an unknown operation or wrong arguments."
    CAPABILITY_CONFLICT Error "capability.conflict" "A compare-and-set of `kv` met another version than it expected."
    CAPABILITY_DENIED Error "capability.denied" "A declared capability was denied by the operator."
    CAPABILITY_DRIFT Error "capability.drift" "The extension's process holds a capability that it was not granted."
    CAPABILITY_FAILED Error "capability.failed" "The host could not carry out a capability call."
    CAPABILITY_UNAVAILABLE Error "capability.unavailable" "A declared capability has no provider on this host."
    CAPABILITY_UNDECLARED Error "capability.undeclared" "A capability was used that the manifest does not declare."
    CAPABILITY_UNKNOWN Error "capability.unknown" "A name is not a capability."
    CAPABILITY_UNUSED Warning "capability.unused" "A declared capability was used by no run."
    CASE_EXISTS Error "case.exists" "A recorded case of that name exists already."
    CASE_INVALID Error "case.invalid" "A recorded case cannot be read."
    CASE_MISSING Error "case.missing" "No recorded case was found."
    CATALOG_DAMAGED Error "catalog.damaged" "The catalog of installed extensions cannot be read."
    CATALOG_FOREIGN Error "catalog.foreign" "The file of the catalog is another program's database."
    CATALOG_NEWER Error "catalog.newer" "The catalog of installed extensions was written by a newer tool."
    COMMIT_MOVED Error "commit.moved" "An installed extension names another commit than the one that was installed."
    COMPAT_API Error "compat.api" "The extension speaks another major version of the extension API."
    COMPAT_RUNTIME Error "compat.runtime" "The extension's `runtime` range does not admit this host."
    CONFIG_INVALID Error "config.invalid" "The user's configuration cannot be read."
    ENTRYPOINT_MISSING Error "entrypoint.missing" "A workload begins in a module or with a name that the extension does not have."
    EXTENSION_EMPTY Error "extension.empty" "An extension contributes nothing."
    EXTENSION_NOT_A_MODULE Error "extension.not-a-module" "`#[extension]` stands on something other than an inline module."
    EXTENSION_UNKNOWN Error "extension.unknown" "No installed extension has that id."
    GIT_ABSENT Error "git.absent" "There is no program `git` on this machine."
    GIT_DIRTY Error "git.dirty" "The project has changes that are not committed, and a clean one is required."
    GIT_FAILED Error "git.failed" "Git could not answer."
    GIT_NO_REPOSITORY Error "git.no-repository" "The project lies in no git repository."
    GUEST_EXITED Error "guest.exited" "The extension's process ended before it gave a result."
    GUEST_PANICKED Error "guest.panicked" "The extension's code panicked."
    HANDSHAKE_MISMATCH Error "handshake.mismatch" "The running extension names another manifest than its artifact holds."
    HOME_UNKNOWN Error "home.unknown" "Nothing says where installed extensions lie."
    ID_INVALID Error "id.invalid" "An id is blank, too long or holds other characters than letters, digits, `.`, `_` and `-`."
    IMPORT_DYNAMIC Error "import.dynamic" "A Python source can import or run what it does not show."
    IMPORT_ENGINE Error "import.engine" "A package of the extension depends on a crate of Orket that is not for extensions."
    IMPORT_FORBIDDEN Error "import.forbidden" "A Python source imports a module that it may not."
    IMPORT_INTERNAL Error "import.internal" "The extension's source uses an internal item of the SDK."
    IMPORT_UNREADABLE Error "import.unreadable" "A Python source cannot be read or parsed."
    INCLUDE_COMPUTED Warning "include.computed" "The path of a source is computed."
    INCLUDE_SOURCE Info "include.source" "Source is brought in with `include!`."
    INPUT_INVALID Error "input.invalid" "The input does not fit the workload's schema."
    INPUT_SYNTAX Error "input.syntax" "The input is not a JSON object."
    INSTRUCTION_UNCONTROLLED Error "instruction.uncontrolled" "A program takes random numbers from the processor, which no sandbox can control."
    JSON_DUPLICATE_KEY Error "json.duplicate-key" "A JSON object has one key twice."
    JSON_NUMBER Error "json.number" "A number in hashed data is no integer within 2^53 - 1, or not finite."
    JSON_SYNTAX Error "json.syntax" "A text is not JSON."
    JSON_TOO_DEEP Error "json.too-deep" "A JSON text nests deeper than is allowed."
    KEY_EXISTS Error "key.exists" "The file of a new key exists already."
    KEY_INVALID Error "key.invalid" "A file is not the Ed25519 key that it must be."
    KEY_READABLE Warning "key.readable" "Others may read or change the file of a private key."
    LIMIT_CPU Error "limit.cpu" "The run used more processor time than it may."
    LIMIT_FILE_SIZE Error "limit.file-size" "The run wrote a larger file than it may."
    LIMIT_FILES Error "limit.files" "The run made more files and folders than it may."
    LIMIT_MEMORY Error "limit.memory" "The run asked for more memory than it may."
    LIMIT_MESSAGES Error "limit.messages" "The extension sent more messages than it may."
    LIMIT_OUTPUT Error "limit.output" "The extension printed more than it may."
    LIMIT_THREADS Error "limit.threads" "The extension ran more threads than it may."
    LIMIT_WALL Error "limit.wall" "The run took longer than it may."
    LINT_INCOMPLETE Warning "lint.incomplete" "A layer of the lint could not look at everything."
    LINT_LEVEL Error "lint.level" "A level of the lint is given to no code, or is none."
    LINT_REASON Warning "lint.reason" "A suppression gives no reason, or cannot be understood."
    LINT_UNREAD Warning "lint.unread" "A source file cannot be read as Rust."
    LINT_UNUSED Warning "lint.unused" "A suppression covers nothing."
    MANIFEST_AMBIGUOUS Error "manifest.ambiguous" "Several manifests lie side by side."
    MANIFEST_BAD_VERSION Error "manifest.bad-version" "A version or version range is not semver."
    MANIFEST_CHANGED Error "manifest.changed" "The manifest of an installed extension is not the one that was installed."
    MANIFEST_DEPRECATED Warning "manifest.deprecated" "A manifest is written in a dialect of before, which keeps working for now."
    MANIFEST_DUPLICATE_KEY Error "manifest.duplicate-key" "A manifest has one key twice."
    MANIFEST_DUPLICATE_WORKLOAD Error "manifest.duplicate-workload" "Two workloads have one id."
    MANIFEST_MISSING_KEY Error "manifest.missing-key" "A manifest lacks a key that it must have."
    MANIFEST_NOT_AN_OBJECT Error "manifest.not-an-object" "The root of a manifest is not an object."
    MANIFEST_SYNTAX Error "manifest.syntax" "A manifest is not well-formed TOML, YAML or JSON."
    MANIFEST_TOO_LARGE Error "manifest.too-large" "A manifest is larger, deeper or more repetitive than is allowed."
    MANIFEST_UNKNOWN_KEY Error "manifest.unknown-key" "A manifest has a key that does not exist."
    MANIFEST_UNSUPPORTED_VERSION Error "manifest.unsupported-version" "This host does not know the manifest's version or dialect."
    MANIFEST_WRONG_TYPE Error "manifest.wrong-type" "A value in a manifest has another type than its key wants."
    MATERIAL_CHANGED Error "material.changed" "A material's bytes are not those of its declared digest or not those that were installed, or changed while it was staged."
    MATERIAL_DANGLING Error "material.dangling" "A material is reached through a link that leads to nothing."
    MATERIAL_ESCAPES Error "material.escapes" "A material lies outside of the project root."
    MATERIAL_MISSING Error "material.missing" "A declared material does not exist."
    MATERIAL_PATH Error "material.path" "A material's path is not a relative path with `/`."
    MATERIAL_SPECIAL Error "material.special" "A material is not a regular file."
    MATERIAL_TOO_LARGE Error "material.too-large" "A material has too many bytes, or a pattern names too many files."
    NATIVE_ASSEMBLY Warning "native.assembly" "Source holds assembly, which no layer can read."
    NATIVE_EXPORT Warning "native.export" "Source puts a symbol or a section of its own into the program."
    NATIVE_EXTERN Warning "native.extern" "Source calls code of another language."
    NATIVE_IMPORT Warning "native.import" "A program asks libc for what no guest is given."
    NATIVE_LIBRARY Warning "native.library" "A program loads a library of the machine."
    NETWORK_ADDRESS Error "network.address" "A name leads to an address that a workload must not reach through it."
    NETWORK_TARGET Error "network.target" "A text is not a host and a port."
    NOTE_DAMAGED Error "note.damaged" "The manifest in an artifact cannot be read."
    NOTE_INCOMPLETE Error "note.incomplete" "The manifest in an artifact lacks a part that its header lists."
    NOTE_MISSING Error "note.missing" "An artifact holds no manifest."
    OPTION_DUPLICATE Error "option.duplicate" "An attribute option is given twice."
    OPTION_INVALID Error "option.invalid" "An attribute option has a value of another form than it wants."
    OPTION_MISSING Error "option.missing" "An attribute lacks an option that it must have."
    OPTION_UNKNOWN Error "option.unknown" "An attribute has an option that does not exist."
    PACKAGE_DAMAGED Error "package.damaged" "A file is not a whole package."
    PACKAGE_DUPLICATE Error "package.duplicate" "Two entries of a package are one file, here or on another system."
    PACKAGE_ENTRY Error "package.entry" "An entry of a package is not a plain file as Orket writes it."
    PACKAGE_FORMAT Error "package.format" "The list of what a package holds cannot be read by this host."
    PACKAGE_MISMATCH Error "package.mismatch" "A file of a package is not the one that its list names."
    PACKAGE_MISSING Error "package.missing" "A file that a package lists is not in it."
    PACKAGE_PATH Error "package.path" "An entry of a package has a path that no package may have."
    PACKAGE_TARGET Error "package.target" "A package has no program for this machine."
    PACKAGE_TOO_LARGE Error "package.too-large" "A package, or what it claims to hold, is larger than what is read."
    PACKAGE_UNLISTED Error "package.unlisted" "An entry of a package is not in its list."
    PLAN_INVALID Error "plan.invalid" "A run plan names an unknown operation, a target that cannot be run, or no action."
    PROCESS_REFUSED Error "process.refused" "A workload wanted to start another process, which no guest may."
    PROGRAM_CHANGED Error "program.changed" "The program of an installed extension is not the one that was installed."
    PROJECT_NOT_FOUND Error "project.not-found" "No extension was found where the command looked."
    PROTOCOL_BAD_FRAME Error "protocol.bad-frame" "A message between host and extension cannot be read."
    PROTOCOL_OUT_OF_TURN Error "protocol.out-of-turn" "A message came at a time when it has no meaning."
    PROTOCOL_TOO_LARGE Error "protocol.too-large" "A message is larger than is allowed."
    PROTOCOL_VERSION Error "protocol.version" "Host and extension speak different versions of the protocol."
    PYTHON_MISSING Error "python.missing" "The extension is Python, and there is no interpreter that will do."
    REBUILD_DIFFERS Error "rebuild.differs" "The sources, built in another folder, do not give the program that a run recorded."
    REPLAY_DIVERGED Error "replay.diverged" "A run differs from the one that it must repeat."
    RESULT_ERROR Error "result.error" "The workload itself reported an error."
    RESULT_SHAPE Error "result.shape" "A result, summary or list of issues has another shape than it must have."
    RUN_AMBIGUOUS Error "run.ambiguous" "Several recorded runs have that name or begin like it."
    RUN_DAMAGED Error "run.damaged" "The record of a run cannot be read, or is not what its digests say."
    SANDBOX_BROKEN Error "sandbox.broken" "A layer of the sandbox is said to be in force and does not hold."
    SANDBOX_FAILED Error "sandbox.failed" "The sandbox could not be set up."
    SANDBOX_UNAVAILABLE Error "sandbox.unavailable" "A layer of the sandbox is missing on this machine."
    SANDBOX_UNREAPABLE Error "sandbox.unreapable" "A guest was killed, and the kernel does not let go of its process."
    SANDBOX_UNSUPPORTED_PLATFORM Error "sandbox.unsupported-platform" "Orket cannot confine extensions on this platform yet."
    SCHEMA_RECURSIVE Error "schema.recursive" "A type refers to itself, which a schema cannot express yet."
    SCHEMA_UNSUPPORTED Error "schema.unsupported" "The schema derive does not know this shape of type or attribute."
    SOURCE_CREDENTIALS Error "source.credentials" "The address of a source holds credentials."
    SOURCE_HOST Error "source.host" "The policy does not allow a source's host."
    SOURCE_INVALID Error "source.invalid" "A source is none that can be installed from."
    SOURCE_LINK Error "source.link" "A link in a source leads out of it."
    SOURCE_LOCAL Error "source.local" "The policy does not allow sources on this machine."
    SOURCE_PROTOCOL Error "source.protocol" "The policy does not allow a source's protocol."
    SOURCE_SUBMODULE Warning "source.submodule" "A source has submodules, which are not fetched."
    SOURCE_TOO_LARGE Error "source.too-large" "A repository is larger than a source may be."
    STD_MISSING Error "std.missing" "The program has not the virtual standard library that Reliable Mode needs."
    STD_STATIC Error "std.static" "The program has its own C library in it, which Reliable Mode cannot make repeat."
    STORE_FAILED Error "store.failed" "The host could not read or write its files."
    TASK_STUCK Error "task.stuck" "Tasks wait for what nobody will give them."
    TEMPLATE_INVALID Error "template.invalid" "A template cannot be read or filled, or gives no crate."
    TEMPLATE_PATH Error "template.path" "A file of a template may not have its place in a crate."
    TEMPLATE_TARGET_EXISTS Error "template.target-exists" "The folder for a new extension exists and is not empty."
    TEMPLATE_TOO_LARGE Error "template.too-large" "A template has more files or bytes than one may have."
    TEMPLATE_UNKNOWN Error "template.unknown" "There is no template of that name."
    TEMPLATE_VALUE_INVALID Error "template.value-invalid" "A value for a template is none that it takes."
    TEMPLATE_VALUE_MISSING Error "template.value-missing" "A template needs a value that nobody has given."
    TEMPLATE_VALUE_UNKNOWN Error "template.value-unknown" "A template has no value of that name."
    THREAD_REFUSED Error "thread.refused" "A workload wanted to start a thread, which Reliable Mode refuses."
    TRANSCRIPT_DAMAGED Error "transcript.damaged" "A transcript cannot be read, or its records are not those of its head."
    VALIDATOR_FAILED Error "validator.failed" "A validator of the extension found an error in the run."
    WORKLOAD_AMBIGUOUS Error "workload.ambiguous" "Several extensions offer a workload of that id."
    WORKLOAD_HIDDEN Error "workload.hidden" "A workload stands where its extension cannot list it."
    WORKLOAD_SIGNATURE Error "workload.signature" "A workload function has another signature than it must have."
    WORKLOAD_UNKNOWN Error "workload.unknown" "No extension offers a workload of that id."
}

/// The entry of a code.
///
/// ```
/// assert!(orket_contract::code::find("capability.denied").is_some());
/// ```
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    ALL.binary_search_by(|code| code.name.cmp(name)).ok().map(|at| &ALL[at])
}

/// The code nearest to `name`, for did-you-mean.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    crate::suggest::nearest(name, ALL.iter().map(|code| code.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_unique_kebab_case_pairs() {
        assert!(ALL.windows(2).all(|pair| pair[0].name < pair[1].name));
        for code in ALL {
            let (noun, what) = code.name.split_once('.').expect("noun.what");
            for word in [noun, what] {
                assert!(!word.is_empty(), "{}", code.name);
                assert!(word.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", code.name);
            }
            assert!(code.summary.ends_with('.'), "{}", code.name);
            assert_eq!(find(code.name), Some(code));
        }
    }
}
