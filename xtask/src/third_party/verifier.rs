//! The verifiers: ours, and three that share no code with it.

use crate::error::{Error, Result};
use crate::process;
use crate::workspace::Workspace;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The scripts and what they need.
const SCRIPTS: &str = "tests/third-party";
/// What has to be on the machine, with the words that ask for its version and the package that has it.
const TOOLS: [(&str, &str, &str); 4] = [
    ("python3", "--version", "python3-venv"),
    ("node", "--version", "nodejs"),
    ("npm", "--version", "npm"),
    ("openssl", "version", "openssl"),
];
/// How a verifier says that it refuses.
const REFUSED: i32 = 100;

/// Someone who accepts or refuses a signed run.
pub(super) struct Verifier {
    pub(super) name: &'static str,
    words: Vec<OsString>,
    /// What stands before the key.
    key: Option<&'static str>,
}

impl Verifier {
    /// Whether it accepts a run under a key, and in what words.
    ///
    /// # Errors
    /// When it neither accepts nor refuses.
    pub(super) fn ask(&self, run: &Path, key: &Path) -> Result<(bool, String)> {
        let mut command = Command::new(&self.words[0]);
        command.args(&self.words[1..]).arg(run).args(self.key).arg(key);
        let output = process::output(&mut command)?;
        let text = [output.stdout.as_slice(), &output.stderr].concat();
        let text = String::from_utf8_lossy(&text).into_owned();
        let said = text.lines().find(|line| line.starts_with("refused") || line.starts_with("error"));
        match output.status.code() {
            Some(0) => Ok((true, "accepted".to_owned())),
            Some(REFUSED) => Ok((false, said.unwrap_or("refused").to_owned())),
            _ => Err(process::failed(&command, text.as_bytes())),
        }
    }
}

/// Installs what the verifiers need into `folder`, unless it is there.
///
/// # Errors
/// A program that is missing, by name, with the package that has it.
pub(super) fn prepare(workspace: &Workspace, folder: &Path) -> Result<Vec<Verifier>> {
    for (tool, version, package) in TOOLS {
        process::stdout(Command::new(tool).arg(version)).map_err(|error| {
            let error = error.to_string();
            Error::Other(format!("{error}; third parties need it: `apt-get install {package}`"))
        })?;
    }
    let scripts = workspace.root.join(SCRIPTS);
    let (python, node) = (folder.join("python"), folder.join("node"));
    install(&scripts, &python, &["requirements.txt"], || {
        process::pass(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&python))?;
        let mut pip = Command::new(python.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]);
        process::pass(pip.arg(scripts.join("requirements.txt")))
    })?;
    install(&scripts, &node, &["package.json", "package-lock.json"], || {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]);
        process::pass(npm.current_dir(&node))
    })?;
    // Modules are looked up from where the script lies.
    let sigstore = node.join("sigstore.cjs");
    std::fs::copy(scripts.join("sigstore.cjs"), &sigstore).map_err(Error::file("copy", &sigstore))?;
    let ours = process::tool(workspace, false)?;
    let verifier = |name, words: [PathBuf; 2], key| Verifier {
        name,
        words: words.into_iter().map(PathBuf::into_os_string).collect(),
        key,
    };
    let mut own = verifier("cargo orket attest verify", [ours, "orket".into()], Some("--key"));
    own.words.extend(["attest", "verify"].map(OsString::from));
    Ok(vec![
        own,
        verifier("securesystemslib", [python.join("bin/python"), scripts.join("in_toto.py")], None),
        verifier("@sigstore/verify", ["node".into(), sigstore], None),
        verifier("openssl", ["sh".into(), scripts.join("openssl.sh")], None),
    ])
}

/// Makes a folder from the files that say what is in it, unless it was made from these very files.
fn install(scripts: &Path, folder: &Path, from: &[&str], make: impl FnOnce() -> Result<()>) -> Result<()> {
    let read = |path: PathBuf| std::fs::read(&path).ok();
    let done = folder.join("complete");
    let wanted: Vec<u8> = from.iter().filter_map(|name| read(scripts.join(name))).flatten().collect();
    if read(done.clone()).is_some_and(|made| made == wanted) {
        return Ok(());
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder).map_err(Error::file("remove", folder))?;
    }
    std::fs::create_dir_all(folder).map_err(Error::file("create", folder))?;
    for name in from {
        std::fs::copy(scripts.join(name), folder.join(name)).map_err(Error::file("copy", folder))?;
    }
    make()?;
    std::fs::write(&done, wanted).map_err(Error::file("write", &done))
}
