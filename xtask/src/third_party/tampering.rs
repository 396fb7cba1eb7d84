//! What is changed in a signed run, consistently where a forger would do so.

use crate::error::{Error, Result};
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use std::path::Path;

/// A change that everyone must refuse.
pub(super) struct Tampering {
    /// The name of its folder.
    pub(super) name: &'static str,
    /// What it is, for people.
    pub(super) what: &'static str,
    /// Makes it in a folder.
    pub(super) apply: fn(&Path) -> Result<()>,
}

pub(super) const TAMPERINGS: [Tampering; 4] = [
    Tampering { name: "statement", what: "a statement with another seed", apply: statement },
    Tampering { name: "signature", what: "a signature with another bit", apply: signature },
    Tampering { name: "artifact", what: "an artifact with another byte", apply: artifact },
    Tampering { name: "manifest", what: "an artifact manifest with another byte", apply: manifest },
];

/// Another seed in the statement and in both payloads.
fn statement(run: &Path) -> Result<()> {
    let path = run.join("provenance.json");
    let text = std::fs::read_to_string(&path).map_err(Error::file("read", &path))?;
    let forged = text.replace("\"seed\":\"123\"", "\"seed\":\"124\"");
    if forged == text {
        return Err(Error::Other("the statement names no seed".to_owned()));
    }
    std::fs::write(&path, &forged).map_err(Error::file("write", &path))?;
    envelopes(run, |envelope| envelope["payload"] = json!(Base64::encode_string(forged.as_bytes())))
}

/// One bit of the signature.
fn signature(run: &Path) -> Result<()> {
    envelopes(run, |envelope| {
        let signature = envelope["signatures"][0]["sig"].as_str().unwrap_or_default();
        let mut bytes = Base64::decode_vec(signature).unwrap_or_default();
        if let Some(byte) = bytes.get_mut(17) {
            *byte ^= 1;
        }
        envelope["signatures"][0]["sig"] = json!(Base64::encode_string(&bytes));
    })
}

fn artifact(run: &Path) -> Result<()> {
    let folder = run.join("artifacts");
    let mut files = std::fs::read_dir(&folder).map_err(Error::file("list", &folder))?.flatten();
    let file = files.find(|entry| entry.path().is_file());
    let file = file.ok_or_else(|| Error::Other("the run has no artifact".to_owned()))?;
    byte(&file.path())
}

fn manifest(run: &Path) -> Result<()> {
    byte(&run.join("artifact_manifest.json"))
}

/// Another byte in the middle of a file.
fn byte(path: &Path) -> Result<()> {
    let mut bytes = std::fs::read(path).map_err(Error::file("read", path))?;
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    std::fs::write(path, bytes).map_err(Error::file("write", path))
}

/// Changes the envelope and the same envelope in the bundle, and keeps their form.
fn envelopes(run: &Path, change: impl Fn(&mut Value)) -> Result<()> {
    for (name, pointer) in [("provenance.dsse.json", ""), ("provenance.sigstore.json", "/dsseEnvelope")] {
        let path = run.join(name);
        let text = std::fs::read(&path).map_err(Error::file("read", &path))?;
        let mut value: Value = serde_json::from_slice(&text)?;
        value.pointer_mut(pointer).into_iter().for_each(&change);
        std::fs::write(&path, format!("{value}\n")).map_err(Error::file("write", &path))?;
    }
    Ok(())
}
