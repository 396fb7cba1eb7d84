//! The Python of this machine: a tool of the operator's, as cargo and git are. Nothing of an extension runs here.
//!
//! Which interpreter a name stands for only it can say (the name may be a script that chooses one), so each candidate is
//! asked, isolated and without site packages, where its files lie. What then runs in the sandbox is the program that
//! it named, opened and digested here.

use super::guest::START;
use crate::sandbox::Confinement;
use orket_contract::code;
use orket_contract::digest::{Digest, Hasher};
use orket_contract::issue::Issue;
use serde::{Deserialize, Serialize};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The oldest version that the guest runs on.
const VERSION_MIN: (u32, u32) = (3, 9);
/// The variable that names an interpreter.
const VARIABLE: &str = "ORKET_PYTHON";
/// What an interpreter is asked.
const QUESTION: &str = "\
import json, os, sys, sysconfig
at = lambda name: sysconfig.get_config_var(name) or ''
library = os.path.join(at('LIBDIR'), at('INSTSONAME')) if at('Py_ENABLE_SHARED') else ''
print(json.dumps({
    'executable': os.path.realpath(getattr(sys, '_base_executable', '') or sys.executable),
    'home': sys.base_prefix + ':' + sys.base_exec_prefix,
    'library': library if os.path.isfile(library) else None,
    'trees': [path for path in sys.path if os.path.isdir(path)],
    'version': list(sys.version_info[:3]),
}))
";
/// The most bytes of an answer.
const ANSWER_BYTES_MAX: u64 = 64 << 10;

/// The interpreter of a run, by what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interpreter {
    /// The digest of the library that it is linked to, where it is a library of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<Digest>,
    /// The digest of its program.
    pub sha256: Digest,
    /// Its version.
    pub version: String,
}

/// An interpreter, and where its files lie.
#[derive(Debug)]
pub(crate) struct Found {
    pub(super) facts: Interpreter,
    program: File,
    places: Places,
}

/// Where the files of an interpreter lie.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Places {
    pub(super) executable: PathBuf,
    pub(super) home: String,
    pub(super) library: Option<PathBuf>,
    pub(super) trees: Vec<PathBuf>,
    version: (u32, u32, u32),
}

/// The interpreter that `ORKET_PYTHON` names, else the first `python3` of `PATH` that will do.
pub(super) fn find() -> Result<Found, Issue> {
    let named = std::env::var_os(VARIABLE).filter(|name| !name.is_empty());
    let candidates: Vec<PathBuf> = match &named {
        Some(name) => vec![PathBuf::from(name)],
        None => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            let below = std::env::split_paths(&path).map(|folder| folder.join("python3"));
            below.filter(|program| program.is_file()).collect()
        }
    };
    let mut tried = Vec::new();
    for candidate in &candidates {
        match ask(candidate).and_then(open) {
            Ok(found) => return Ok(found),
            Err(error) => tried.push(format!("{}: {error}", candidate.display())),
        }
    }
    let (major, minor) = VERSION_MIN;
    let message = match tried.as_slice() {
        [] => format!("there is no `python3` in PATH; this extension needs Python {major}.{minor} or later"),
        tried => format!("no Python {major}.{minor} or later: {}", tried.join("; ")),
    };
    Err(Issue::error(code::PYTHON_MISSING, message)
        .with_hint(format!("install python3, or name an interpreter in {VARIABLE}")))
}

/// Asks a candidate where its files lie.
fn ask(candidate: &Path) -> io::Result<Places> {
    let mut command = Command::new(candidate);
    command.args(["-I", "-S", "-B", "-c", QUESTION].map(OsStr::new)).current_dir("/");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PYTHON")) {
        command.env_remove(name);
    }
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut answer = Vec::new();
    let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let read = stdout.take(ANSWER_BYTES_MAX).read_to_end(&mut answer);
    let status = child.wait()?;
    read?;
    if !status.success() {
        return Err(io::Error::other(format!("it ended with {status}")));
    }
    serde_json::from_slice(&answer).map_err(|_| io::Error::other("it gives no answer that could be read"))
}

/// Opens and digests the program that an interpreter names.
fn open(places: Places) -> io::Result<Found> {
    let (major, minor, patch) = places.version;
    if (major, minor) < VERSION_MIN {
        return Err(io::Error::other(format!("it is Python {major}.{minor}.{patch}")));
    }
    let mut program = File::open(&places.executable)?;
    let sha256 = digest(&mut program)?;
    program.rewind()?;
    let library = places.library.as_ref().map(|path| File::open(path).and_then(|mut file| digest(&mut file)));
    let facts =
        Interpreter { library: library.transpose()?, sha256, version: format!("{major}.{minor}.{patch}") };
    Ok(Found { facts, program, places })
}

fn digest(file: &mut File) -> io::Result<Digest> {
    let (mut hasher, mut chunk) = (Hasher::default(), vec![0; 256 << 10]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&chunk[..read]),
        }
    }
}

impl Found {
    /// The open program: the very file that was digested.
    pub(crate) fn program(&self) -> io::Result<File> {
        self.program.try_clone()
    }

    /// Gives a cell what the interpreter needs, and the words that start the guest in `folder`.
    pub(super) fn confine(&self, cell: &mut Confinement, folder: &Path) {
        confine(&self.places, cell, folder);
    }
}

/// Gives a cell an interpreter: its library and ours to read, fixed words, a fixed environment. Pure.
pub(super) fn confine(places: &Places, cell: &mut Confinement, folder: &Path) {
    cell.read_only.extend(places.trees.iter().cloned());
    // Some of its modules are libraries.
    cell.libraries.extend(places.trees.iter().cloned());
    cell.read_only.push(folder.to_path_buf());
    cell.libraries
        .extend(places.library.as_ref().and_then(|library| library.parent()).map(Path::to_path_buf));
    // Relative to the stage, so that no path of the machine is a word of the guest.
    let start = format!("{}/{START}", folder.file_name().unwrap_or_default().to_string_lossy());
    cell.arguments = ["-s", "-S", "-B", &start].map(str::to_owned).to_vec();
    let environment = [
        ("LC_ALL", "C.UTF-8"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("PYTHONHASHSEED", "0"),
        ("PYTHONHOME", &places.home),
        ("PYTHONUTF8", "1"),
        ("TZ", "UTC"),
    ];
    cell.environment.extend(environment.map(|(name, value)| (name.to_owned(), value.to_owned())));
}
