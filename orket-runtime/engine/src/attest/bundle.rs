//! The same envelope as a Sigstore bundle v0.3, for verifiers of that family.
//!
//! Invariants: a bundle has one signature, names the key that made it as a hint, and has no entry of a
//! transparency log: whoever verifies it brings the key. Source: sigstore/protobuf-specs, bundle v0.3.

use super::envelope::{bad, fields, text, value};
use super::{Envelope, KeyId, place};
use orket_contract::issue::Issue;
use serde::{Serialize, Serializer};
use serde_json::json;
use std::path::Path;

const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

/// An envelope with one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle(Envelope);

impl Bundle {
    /// The bundle of an envelope with the signature of one key.
    #[must_use]
    pub(super) fn of(envelope: &Envelope, id: KeyId) -> Self {
        Self(envelope.only(id))
    }

    /// The envelope in it.
    #[must_use]
    pub fn envelope(&self) -> &Envelope {
        &self.0
    }

    fn hint(&self) -> &str {
        self.0.signatures.first().map_or("", |signature| &signature.keyid)
    }

    /// Reads a bundle; `file` is where it lies.
    ///
    /// # Errors
    /// As [`Envelope::parse`].
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self, Issue> {
        let value = value(bytes, file)?;
        let parsed = || {
            let bundle = fields(&value, "", &["dsseEnvelope", "mediaType", "verificationMaterial"])?;
            if bundle["mediaType"] != MEDIA_TYPE {
                return Err(bad("mediaType", &format!("is not `{MEDIA_TYPE}`")));
            }
            let envelope = Self(Envelope::of(&bundle["dsseEnvelope"], "dsseEnvelope/")?);
            if envelope.0.signatures.len() != 1 {
                return Err(bad("dsseEnvelope/signatures", "has not exactly one"));
            }
            let material = fields(&bundle["verificationMaterial"], "verificationMaterial/", &["publicKey"])?;
            let place = "verificationMaterial/publicKey/hint";
            let key = fields(&material["publicKey"], "verificationMaterial/publicKey/", &["hint"])?;
            if text(&key["hint"], place)? != envelope.hint() {
                return Err(bad(place, "names another key than the signature"));
            }
            Ok(envelope)
        };
        parsed().map_err(|issue| issue.at(place(file)))
    }
}

impl Serialize for Bundle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bundle = json!({
            "dsseEnvelope": self.0,
            "mediaType": MEDIA_TYPE,
            "verificationMaterial": { "publicKey": { "hint": self.hint() } },
        });
        bundle.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attest::PrivateKey;
    use orket_contract::code;

    #[test]
    fn a_bundle_reads_back_and_every_changed_bit_of_it_is_refused() {
        let key = PrivateKey::generate().expect("a key");
        let mut envelope = Envelope::new(b"{}".to_vec());
        let id = envelope.sign(&key).expect("signed");
        let bundle = Bundle::of(&envelope, id);
        let text = json!(bundle).to_string();
        let parse = |bytes: &[u8]| Bundle::parse(bytes, Path::new("b.json"));
        assert_eq!(parse(text.as_bytes()).expect("it reads back"), bundle);
        for bit in 0..text.len() * 8 {
            let mut changed = text.clone().into_bytes();
            changed[bit / 8] ^= 1 << (bit % 8);
            let parsed = parse(&changed).and_then(|bundle| bundle.0.verify(&[key.public()], 1));
            assert!(parsed.is_err(), "bit {bit}");
        }
        let two = text.replace("bundle.v0.3", "bundle.v0.2");
        assert_eq!(parse(two.as_bytes()).expect_err("refused").code, code::ATTEST_BAD_ENVELOPE);
    }
}
