//! SHA-256 digests, each within its own domain.

use crate::canonical::{self, Fault};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write};
use std::str::FromStr;

/// A SHA-256 digest; as text 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of plain bytes, as `sha256sum` prints it.
    ///
    /// ```
    /// # #[cfg(feature = "digest")] {
    /// let digest = orket_contract::digest::Digest::of(b"abc");
    /// assert!(digest.to_string().starts_with("ba7816bf"));
    /// # }
    /// ```
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The plain digest of a value's canonical JSON, such as the plan hash.
    ///
    /// # Errors
    /// What [`canonical::to_string`] refuses.
    pub fn of_json<T: Serialize + ?Sized>(value: &T) -> Result<Self, Fault> {
        canonical::to_string(value).map(|text| Self::of(text.as_bytes()))
    }

    /// The digest of bytes within a domain, so that equal bytes of two kinds never agree.
    #[must_use]
    pub fn within(domain: &str, bytes: &[u8]) -> Self {
        let mut hasher = Hasher::within(domain);
        hasher.update(bytes);
        hasher.finish()
    }

    /// The digest of a value's canonical JSON within a domain.
    ///
    /// # Errors
    /// What [`canonical::to_string`] refuses.
    pub fn within_json<T: Serialize + ?Sized>(domain: &str, value: &T) -> Result<Self, Fault> {
        canonical::to_string(value).map(|text| Self::within(domain, text.as_bytes()))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.0.iter().try_for_each(|byte| {
            f.write_char(DIGITS[usize::from(byte >> 4)].into())?;
            f.write_char(DIGITS[usize::from(byte & 15)].into())
        })
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{self}")
    }
}

/// The text is not 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotADigest;

impl fmt::Display for NotADigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest is 64 lower-case hexadecimal digits")
    }
}

impl std::error::Error for NotADigest {}

impl FromStr for Digest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let mut bytes = [0; 32];
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(NotADigest);
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |b: u8| if b.is_ascii_digit() { b - b'0' } else { b - b'a' + 10 };
            *byte = digit(pair[0]) << 4 | digit(pair[1]);
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A digest that is still being fed.
#[derive(Clone)]
pub struct Hasher(Sha256);

impl Default for Hasher {
    fn default() -> Self {
        Self(Sha256::new())
    }
}

impl Hasher {
    /// A hasher that starts with a domain: its name and a zero byte.
    #[must_use]
    pub fn within(domain: &str) -> Self {
        let mut hasher = Self::default();
        hasher.update(domain.as_bytes());
        hasher.update(&[0]);
        hasher
    }

    /// Feeds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all that was fed.
    #[must_use]
    pub fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// The key of a named random stream: the digest of the seed (little-endian) and the name, within
/// [`domain::RANDOM`].
///
/// ```
/// # #[cfg(feature = "digest")] {
/// use orket_contract::digest::stream_key;
/// assert_ne!(stream_key(7, "world"), stream_key(7, "hints"));
/// # }
/// ```
#[must_use]
pub fn stream_key(seed: u64, name: &str) -> Digest {
    let mut hasher = Hasher::within(domain::RANDOM);
    hasher.update(&seed.to_le_bytes());
    hasher.update(name.as_bytes());
    hasher.finish()
}

/// The key of what a guest's own standard library draws: the digest of the seed (little-endian) and the
/// number of the guest among those of its run (little-endian), within [`domain::AMBIENT`].
#[must_use]
pub fn ambient_key(seed: u64, guest: u32) -> Digest {
    let mut hasher = Hasher::within(domain::AMBIENT);
    hasher.update(&seed.to_le_bytes());
    hasher.update(&guest.to_le_bytes());
    hasher.finish()
}

/// The domains of Orket's digests.
pub mod domain {
    /// What the standard library of a guest draws.
    pub const AMBIENT: &str = "orket/ambient/v1";
    /// What identifies a run before it executes.
    pub const IDENTITY: &str = "orket/identity/v1";
    /// Everything that an execution is allowed.
    pub const EXECUTION_PLAN: &str = "orket/execution-plan/v1";
    /// The input of a run.
    pub const INPUT: &str = "orket/input/v1";
    /// The list of staged materials.
    pub const MATERIALS: &str = "orket/materials/v1";
    /// The output of a run and its summary.
    pub const OUTPUT: &str = "orket/output/v1";
    /// The list of artifacts of a run.
    pub const ARTIFACTS: &str = "orket/artifacts/v1";
    /// The state of `kv` at the start of a run.
    pub const KV: &str = "orket/kv/v1";
    /// The profile of `memory` at the start of a run.
    pub const MEMORY: &str = "orket/memory/v1";
    /// What came from outside during a run.
    pub const OUTSIDE: &str = "orket/outside/v1";
    /// The policy of an operator.
    pub const POLICY: &str = "orket/policy/v1";
    /// A named random stream.
    pub const RANDOM: &str = "orket/random/v1";
}
