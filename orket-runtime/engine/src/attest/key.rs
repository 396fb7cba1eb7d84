//! Ed25519 keys as files: PKCS#8 for the private one and SPKI for the public one, both PEM.
//!
//! Invariants: a private key is never shown, is created readable by its owner alone and replaces nothing
//! unless that was asked for. A key's name is the one that securesystemslib computes, because verifiers of
//! its kind look keys up by it.

use crate::attest::place;
use crate::error::{Error, Phase};
use crate::store;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{
    DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, KeypairBytes,
};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_contract::issue::Issue;
use serde::Serialize;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The largest key file that is read, in bytes (16 KiB).
const KEY_BYTES_MAX: u64 = 16 << 10;

/// The name of a public key: the SHA-256 of its type, scheme and value as canonical JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct KeyId(Digest);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A key that signs. It has no text form but its file.
pub struct PrivateKey(SigningKey);

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({})", self.public().id())
    }
}

impl PrivateKey {
    /// A key that nobody else has.
    ///
    /// # Errors
    /// [`Error::Store`] when the machine has no entropy to give.
    pub fn generate() -> Result<Self, Error> {
        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(seed.as_mut_slice())
            .map_err(|error| Error::store("draw", Path::new("a key"))(std::io::Error::other(error)))?;
        Ok(Self(SigningKey::from_bytes(&seed)))
    }

    /// Reads a PKCS#8 PEM file.
    ///
    /// # Errors
    /// `key.invalid`, [`Error::Store`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = Zeroizing::new(read(path)?);
        Self::parse(&text).map_err(|issue| Error::refused(Phase::Record, issue.at(place(path))))
    }

    /// What is to be warned of: `key.readable` where others may read or change the file of a key.
    #[must_use]
    pub fn exposed(path: &Path) -> Option<Issue> {
        let mode = mode(path).filter(|mode| mode & 0o077 != 0)?;
        let shown = path.display();
        let message = format!("others may read or change the private key {shown} (mode {mode:o})");
        let hint = format!("`chmod 600 {shown}`; if somebody may have read it, make another with `keygen`");
        Some(Issue::warning(code::KEY_READABLE, message).at(place(path)).with_hint(hint))
    }

    /// A key from its PEM text.
    ///
    /// # Errors
    /// `key.invalid`.
    pub fn parse(text: &str) -> Result<Self, Issue> {
        let parsed = SigningKey::from_pkcs8_pem(text.trim());
        parsed.map(Self).map_err(|_| {
            let hint = if text.contains("PUBLIC KEY") {
                "this is a public key; signing takes the private one"
            } else {
                "`cargo orket keygen` makes one, and so does `openssl genpkey -algorithm ed25519`"
            };
            Issue::error(code::KEY_INVALID, "not a private Ed25519 key in PEM (PKCS#8)").with_hint(hint)
        })
    }

    /// The key that checks its signatures.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// PKCS#8 version 1: OpenSSL 3 does not read a version 2 with the public key in it.
    fn to_pem(&self) -> Result<Zeroizing<String>, Error> {
        KeypairBytes { secret_key: self.0.to_bytes(), public_key: None }
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| Error::store("encode", Path::new("a key"))(std::io::Error::other(error)))
    }
}

/// A key that checks signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads an SPKI PEM file.
    ///
    /// # Errors
    /// `key.invalid`, [`Error::Store`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = Zeroizing::new(read(path)?);
        Self::parse(&text).map_err(|issue| Error::refused(Phase::Record, issue.at(place(path))))
    }

    /// A key from its PEM text.
    ///
    /// # Errors
    /// `key.invalid`, also for the few keys under which one signature fits many messages.
    pub fn parse(text: &str) -> Result<Self, Issue> {
        let parsed = VerifyingKey::from_public_key_pem(text.trim()).ok().filter(|key| !key.is_weak());
        parsed.map(Self).ok_or_else(|| {
            let hint = if text.contains("PRIVATE KEY") {
                "this is a private key; keep it to yourself and give the public one"
            } else {
                "`cargo orket keygen` writes one beside the private key; `openssl pkey -pubout` prints it"
            };
            Issue::error(code::KEY_INVALID, "not a public Ed25519 key in PEM (SPKI)").with_hint(hint)
        })
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> KeyId {
        let public: String = self.0.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        // Canonical JSON: keys in order, no white space, nothing to escape.
        let text = format!(r#"{{"keytype":"ed25519","keyval":{{"public":"{public}"}},"scheme":"ed25519"}}"#);
        KeyId(Digest::of(text.as_bytes()))
    }

    /// Whether a signature is this key's. Strict: of one message there is one signature that holds.
    pub(super) fn holds(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }

    fn to_pem(self) -> Result<String, Error> {
        self.0
            .to_public_key_pem(LineEnding::LF)
            .map_err(|error| Error::store("encode", Path::new("a key"))(std::io::Error::other(error)))
    }
}

fn read(path: &Path) -> Result<String, Error> {
    if !path.exists() {
        let issue = Issue::error(code::KEY_INVALID, format!("there is no key {}", path.display()));
        let issue =
            issue.with_hint("`cargo orket keygen` makes a pair, `NAME.key` to sign with and `NAME.pub`");
        return Err(Error::refused(Phase::Record, issue.at(place(path))));
    }
    let bytes = store::read_bounded(path, KEY_BYTES_MAX)?;
    // What is no text is no PEM either; the parser says so.
    Ok(String::from_utf8(bytes).unwrap_or_default())
}

/// A pair of key files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// The name of the public key.
    pub keyid: KeyId,
    /// The file of the private key.
    pub private: PathBuf,
    /// The file of the public key.
    pub public: PathBuf,
}

impl Pair {
    /// Draws a key and writes `OUT.key` and `OUT.pub`; those that are there are replaced when `replace` is set.
    ///
    /// # Errors
    /// `key.exists`, [`Error::Store`].
    pub fn create(out: &Path, replace: bool) -> Result<Self, Error> {
        let with = |ending: &str| {
            let mut name = out.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        let (private, public) = (with(".key"), with(".pub"));
        let there = [&private, &public].into_iter().find(|path| path.symlink_metadata().is_ok());
        if let Some(path) = there.filter(|_| !replace) {
            let issue = Issue::error(code::KEY_EXISTS, format!("{} exists already", path.display()))
                .with_hint("choose another name with `--out`, or replace the pair with `--replace`");
            return Err(Error::refused(Phase::Record, issue.at(place(path))));
        }
        let key = PrivateKey::generate()?;
        write_private(&private, key.to_pem()?.as_bytes(), replace)?;
        store::write_whole(&public, key.public().to_pem()?.as_bytes())?;
        Ok(Self { keyid: key.public().id(), private, public })
    }
}

/// Writes a file that only its owner reads, from the first byte on.
fn write_private(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Error> {
    let written = || -> std::io::Result<()> {
        if replace {
            // A temporary file is private from the start.
            let above = path.parent().filter(|above| *above != Path::new("")).unwrap_or(Path::new("."));
            let mut file = tempfile::NamedTempFile::new_in(above)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            return file.persist(path).map(drop).map_err(|error| error.error);
        }
        let mut file = create_private(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    written().map_err(Error::store("write", path))
}

/// Who may do what with a file, as far as the system says.
#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(std::fs::metadata(path).ok()?.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

#[cfg(unix)]
fn create_private(path: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn create_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8032, 7.1, test 1.
    fn known() -> PrivateKey {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        PrivateKey(SigningKey::from_bytes(&seed.parse::<Digest>().expect("32 bytes").0))
    }

    #[test]
    fn a_pair_reads_back_and_its_private_half_is_private() {
        let dir = tempfile::tempdir().expect("temp dir");
        let pair = Pair::create(&dir.path().join("k"), false).expect("created");
        let key = PrivateKey::read(&pair.private).expect("read");
        assert_eq!(PublicKey::read(&pair.public).expect("read"), key.public());
        assert_eq!(key.public().id(), pair.keyid);
        let again = Pair::create(&dir.path().join("k"), false).expect_err("it exists");
        assert_eq!(again.issues()[0].code, code::KEY_EXISTS);
        assert_eq!(PrivateKey::read(&pair.private).expect("read").public().id(), pair.keyid);
        let replaced = Pair::create(&dir.path().join("k"), true).expect("replaced");
        assert_ne!(replaced.keyid, pair.keyid);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).expect("file").permissions().mode() & 0o777;
            assert_eq!((mode(&pair.private), mode(&pair.public)), (0o600, 0o644));
            let fresh = Pair::create(&dir.path().join("l"), false).expect("created");
            assert_eq!(mode(&fresh.private), 0o600);
        }
    }

    #[test]
    fn the_known_key_signs_as_the_rfc_says_and_is_named_as_securesystemslib_names_it() {
        let signature: String = known().sign(b"").iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(signature.starts_with("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"));
        let id = known().public().id().to_string();
        assert_eq!(id, "74c181c7ad8a0855d4b55e44d2ba87aabdddb196832571f15f92fece332e4916");
    }

    #[test]
    fn what_is_no_key_is_refused_and_nothing_of_it_is_shown() {
        let (private, public) = (known().to_pem().expect("pem"), known().public().to_pem().expect("pem"));
        let hint = |issue: Issue| {
            assert_eq!(issue.code, code::KEY_INVALID);
            issue.hint.expect("a hint")
        };
        assert!(hint(PrivateKey::parse(&public).expect_err("public")).starts_with("this is a public key"));
        assert!(hint(PublicKey::parse(&private).expect_err("private")).starts_with("this is a private key"));
        for text in
            ["", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", &public[..public.len() / 2]]
        {
            hint(PublicKey::parse(text).expect_err("damaged"));
            hint(PrivateKey::parse(text).expect_err("damaged"));
        }
        // The neutral element: under this key one signature fits every message.
        let weak = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PUBLIC KEY-----\n";
        hint(PublicKey::parse(weak).expect_err("weak"));
        assert!(!format!("{:?}", known()).contains("9d61"));
    }
}
