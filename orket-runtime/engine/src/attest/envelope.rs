//! DSSE: a payload with signatures over its type and bytes.
//!
//! Invariant: of an envelope that was read nothing is ignored: an unknown field is refused, because another
//! reader might give it a meaning. Source: DSSE v1.0.2, envelope.md and protocol.md.

use super::key::{KeyId, PrivateKey, PublicKey};
use super::{ENVELOPE_BYTES_MAX, place};
use base64ct::{Base64, Base64Url, Encoding};
use orket_contract::canonical;
use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};
use std::path::Path;

/// The type of every payload that we sign.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// The most signatures that one envelope may have.
pub const SIGNATURES_MAX: usize = 16;

/// The bytes that are signed: type and payload, each with its length.
#[must_use]
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// One signature, with the name of the key that is said to have made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signature {
    pub(super) keyid: String,
    pub(super) bytes: [u8; 64],
}

/// A payload with its signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    payload: Vec<u8>,
    pub(super) signatures: Vec<Signature>,
}

impl Envelope {
    /// An envelope without a signature yet.
    #[must_use]
    pub fn new(payload: Vec<u8>) -> Self {
        Self { payload, signatures: Vec::new() }
    }

    /// What is signed, byte for byte.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// Adds a signature, or makes the one of the same key anew.
    ///
    /// # Errors
    /// `attest.bad-envelope` when there are [`SIGNATURES_MAX`] of other keys already.
    pub fn sign(&mut self, key: &PrivateKey) -> Result<KeyId, Issue> {
        let id = key.public().id();
        let keyid = id.to_string();
        self.signatures.retain(|signature| signature.keyid != keyid);
        if self.signatures.len() == SIGNATURES_MAX {
            let message = format!("an envelope has at most {SIGNATURES_MAX} signatures");
            return Err(Issue::error(code::ATTEST_BAD_ENVELOPE, message));
        }
        let bytes = key.sign(&pae(PAYLOAD_TYPE, &self.payload));
        self.signatures.push(Signature { keyid, bytes });
        self.signatures.sort_by(|a, b| a.keyid.cmp(&b.keyid));
        Ok(id)
    }

    /// The same payload with the signature of one key.
    pub(super) fn only(&self, id: KeyId) -> Self {
        let wanted = id.to_string();
        let signatures = self.signatures.iter().filter(|signature| signature.keyid == wanted);
        Self { payload: self.payload.clone(), signatures: signatures.cloned().collect() }
    }

    /// The keys among `keys` whose signatures hold.
    ///
    /// # Errors
    /// `attest.bad-signature` when one that names such a key does not hold; `attest.wrong-key` when fewer than
    /// `threshold` of the keys have signed.
    pub fn verify(&self, keys: &[PublicKey], threshold: usize) -> Result<Vec<KeyId>, Issue> {
        let message = pae(PAYLOAD_TYPE, &self.payload);
        let mut held = Vec::new();
        for (at, signature) in self.signatures.iter().enumerate() {
            let named = keys.iter().find(|key| key.id().to_string() == signature.keyid);
            let Some(key) = named else { continue };
            if !key.holds(&message, &signature.bytes) {
                let message = format!(
                    "`signatures/{at}/sig` is not what the key {} signed: payload or signature were changed",
                    key.id()
                );
                return Err(Issue::error(code::ATTEST_BAD_SIGNATURE, message));
            }
            held.push(key.id());
        }
        if held.len() < threshold.max(1) {
            return Err(too_few(self, &held, threshold.max(1)));
        }
        Ok(held)
    }

    /// Reads an envelope; `file` is where it lies.
    ///
    /// # Errors
    /// `attest.too-large`, `attest.bad-envelope`, `json.*`, each with the field or place.
    pub fn parse(bytes: &[u8], file: &Path) -> Result<Self, Issue> {
        Self::of(&value(bytes, file)?, "").map_err(|issue| issue.at(place(file)))
    }

    /// An envelope that stands as a value below `pointer`.
    pub(super) fn of(value: &Value, pointer: &str) -> Result<Self, Issue> {
        let fields = fields(value, pointer, &["payload", "payloadType", "signatures"])?;
        let kind = text(&fields["payloadType"], &format!("{pointer}payloadType"))?;
        if kind != PAYLOAD_TYPE {
            let message = format!("`{pointer}payloadType` is `{}`, not `{PAYLOAD_TYPE}`", shown(kind));
            return Err(Issue::error(code::ATTEST_BAD_ENVELOPE, message));
        }
        let payload = decoded(&fields["payload"], &format!("{pointer}payload"))?;
        let listed = fields["signatures"].as_array().filter(|all| (1..=SIGNATURES_MAX).contains(&all.len()));
        let listed = listed.ok_or_else(|| {
            bad(&format!("{pointer}signatures"), &format!("is not a list of 1 to {SIGNATURES_MAX}"))
        })?;
        let signatures = listed.iter().enumerate();
        let signatures: Vec<Signature> = signatures
            .map(|(at, value)| signature(value, &format!("{pointer}signatures/{at}/")))
            .collect::<Result<_, _>>()?;
        let twice = (1..signatures.len())
            .find(|&at| signatures[..at].iter().any(|earlier| earlier.keyid == signatures[at].keyid));
        match twice {
            Some(at) => Err(bad(&format!("{pointer}signatures/{at}/keyid"), "stands there twice")),
            None => Ok(Self { payload, signatures }),
        }
    }
}

fn too_few(envelope: &Envelope, held: &[KeyId], threshold: usize) -> Issue {
    let names: Vec<&str> = envelope.signatures.iter().map(|signature| signature.keyid.as_str()).collect();
    let message = match (held.len(), threshold) {
        (0, 1) => "no signature is by a key that was given".to_owned(),
        (count, threshold) => {
            format!(
                "{count} of the given keys {} signed; {threshold} must have",
                if count == 1 { "has" } else { "have" }
            )
        }
    };
    let shown: Vec<String> = names.iter().map(|name| shown(name)).collect();
    Issue::error(code::ATTEST_WRONG_KEY, message).with_hint(format!("it is signed by: {}", shown.join(", ")))
}

fn signature(value: &Value, pointer: &str) -> Result<Signature, Issue> {
    let fields = fields(value, pointer, &["keyid", "sig"])?;
    let place = format!("{pointer}sig");
    let bytes = decoded(&fields["sig"], &place)?;
    let bytes =
        bytes.try_into().map_err(|_| bad(&place, "does not have the 64 bytes of an Ed25519 signature"))?;
    Ok(Signature { keyid: text(&fields["keyid"], &format!("{pointer}keyid"))?.to_owned(), bytes })
}

/// A JSON text of at most [`ENVELOPE_BYTES_MAX`] bytes, without duplicate keys.
pub(super) fn value(bytes: &[u8], file: &Path) -> Result<Value, Issue> {
    let refuse = |code, message: String| Issue::error(code, message).at(place(file));
    if bytes.len() > ENVELOPE_BYTES_MAX {
        let message = format!("it has {} bytes; at most {ENVELOPE_BYTES_MAX} are read", bytes.len());
        return Err(refuse(code::ATTEST_TOO_LARGE, message));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|_| refuse(code::ATTEST_BAD_ENVELOPE, "it is not UTF-8 text".to_owned()))?;
    canonical::parse(text).map_err(|fault| {
        let number = |number: usize| u32::try_from(number).unwrap_or(0);
        let (line, column) = (number(fault.place.0), number(fault.place.1));
        Issue::error(fault.code, fault.message).at(Location { line, column, ..place(file) })
    })
}

/// The fields of an object that has exactly these.
pub(super) fn fields<'a>(
    value: &'a Value,
    pointer: &str,
    names: &[&str],
) -> Result<&'a Map<String, Value>, Issue> {
    let place = if pointer.is_empty() { "the root" } else { pointer.trim_end_matches('/') };
    let object = value.as_object().ok_or_else(|| bad(place, "is not an object"))?;
    if let Some(name) = names.iter().find(|name| !object.contains_key(**name)) {
        return Err(bad(place, &format!("has no `{name}`")));
    }
    match object.keys().find(|key| !names.contains(&key.as_str())) {
        Some(key) => Err(bad(place, &format!("has a field `{}` that is not known here", shown(key)))),
        None => Ok(object),
    }
}

pub(super) fn text<'a>(value: &'a Value, place: &str) -> Result<&'a str, Issue> {
    value.as_str().ok_or_else(|| bad(place, "is not a text"))
}

/// Base64 of either alphabet, of which one text alone stands for the same bytes.
fn decoded(value: &Value, place: &str) -> Result<Vec<u8>, Issue> {
    let text = text(value, place)?;
    let decoded = Base64::decode_vec(text).or_else(|_| Base64Url::decode_vec(text));
    decoded.map_err(|_| bad(place, "is not base64"))
}

pub(super) fn bad(place: &str, what: &str) -> Issue {
    Issue::error(code::ATTEST_BAD_ENVELOPE, format!("`{place}` {what}"))
}

/// At most this much of a foreign text is shown.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(80).flat_map(char::escape_debug).collect()
}

impl Serialize for Envelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let signatures = self.signatures.iter().map(
            |signature| json!({ "keyid": signature.keyid, "sig": Base64::encode_string(&signature.bytes) }),
        );
        let envelope = json!({
            "payload": Base64::encode_string(&self.payload),
            "payloadType": PAYLOAD_TYPE,
            "signatures": signatures.collect::<Vec<_>>(),
        });
        envelope.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> [PrivateKey; 2] {
        [PrivateKey::generate().expect("a key"), PrivateKey::generate().expect("a key")]
    }

    fn signed(keys: &[PrivateKey]) -> Envelope {
        let mut envelope = Envelope::new(b"{\"a\":1}\n".to_vec());
        for key in keys {
            envelope.sign(key).expect("signed");
        }
        envelope
    }

    fn parse(value: &Value) -> Result<Envelope, Issue> {
        Envelope::parse(value.to_string().as_bytes(), Path::new("e.json"))
    }

    #[test]
    fn the_signed_bytes_are_those_of_the_specification() {
        let bytes = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(bytes, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn an_envelope_reads_back_and_holds_for_those_who_signed() {
        let keys = keys();
        let envelope = signed(&keys);
        let again = parse(&json!(envelope)).expect("it reads back");
        assert_eq!(again, envelope);
        let public = keys.each_ref().map(PrivateKey::public);
        assert_eq!(again.verify(&public, 2).expect("both").len(), 2);
        assert_eq!(again.verify(&public[..1], 1).expect("one"), [public[0].id()]);
        let code = |keys: &[PublicKey], threshold| again.verify(keys, threshold).expect_err("refused").code;
        assert_eq!(code(&public[..1], 2), code::ATTEST_WRONG_KEY);
        let stranger = PrivateKey::generate().expect("a key").public();
        assert_eq!(code(&[stranger], 1), code::ATTEST_WRONG_KEY);
        let mut twice = again.clone();
        twice.sign(&keys[0]).expect("signed");
        assert_eq!(twice, again, "a second signature of one key is the first");
    }

    #[test]
    fn every_changed_bit_of_payload_and_signature_is_refused() {
        let keys = keys();
        let (whole, public) = (signed(&keys[..1]), [keys[0].public()]);
        for bit in 0..whole.payload.len() * 8 {
            let mut changed = whole.clone();
            changed.payload[bit / 8] ^= 1 << (bit % 8);
            let code = changed.verify(&public, 1).expect_err("refused").code;
            assert_eq!(code, code::ATTEST_BAD_SIGNATURE, "bit {bit} of the payload");
        }
        for bit in 0..64 * 8 {
            let mut changed = whole.clone();
            changed.signatures[0].bytes[bit / 8] ^= 1 << (bit % 8);
            let code = changed.verify(&public, 1).expect_err("refused").code;
            assert_eq!(code, code::ATTEST_BAD_SIGNATURE, "bit {bit} of the signature");
        }
        let text = json!(whole).to_string();
        for bit in 0..text.len() * 8 {
            let mut changed = text.clone().into_bytes();
            changed[bit / 8] ^= 1 << (bit % 8);
            let parsed = Envelope::parse(&changed, Path::new("e.json"));
            assert!(
                parsed.and_then(|envelope| envelope.verify(&public, 1)).is_err(),
                "bit {bit} of the text"
            );
        }
    }

    #[test]
    fn every_other_form_is_refused_with_its_field() {
        let whole = json!(signed(&keys()[..1]));
        let check = |pointer: &str, value: Value, expected: &str| {
            let mut changed = whole.clone();
            *changed.pointer_mut(pointer).expect("a field") = value;
            let issue = parse(&changed).expect_err("refused");
            assert_eq!(issue.code, code::ATTEST_BAD_ENVELOPE);
            assert!(issue.message.contains(expected), "{} / {expected}", issue.message);
            assert_eq!(issue.location.expect("a place").file, "e.json");
        };
        check("", json!([]), "`the root` is not an object");
        check("", json!({ "payload": "" }), "`the root` has no `payloadType`");
        check("/payloadType", json!("text/plain"), "`payloadType` is `text/plain`");
        check("/payload", json!("e30"), "`payload` is not base64");
        check("/payload", json!(1), "`payload` is not a text");
        check("/signatures", json!([]), "`signatures` is not a list of 1 to 16");
        check("/signatures", json!(vec![&whole["signatures"][0]; 17]), "`signatures` is not a list");
        check("/signatures/0/sig", json!("AAAA"), "`signatures/0/sig` does not have the 64 bytes");
        check("/signatures/0/keyid", json!(null), "`signatures/0/keyid` is not a text");
        check("/signatures/0", json!({ "sig": "" }), "`signatures/0` has no `keyid`");
        let twice = [&whole["signatures"][0], &whole["signatures"][0]];
        check("/signatures", json!(twice), "`signatures/1/keyid` stands there twice");
        let mut more = whole.clone();
        more["cert"] = json!("");
        check("", more, "`the root` has a field `cert`");
    }

    #[test]
    fn duplicate_keys_and_huge_envelopes_are_refused() {
        let code = |bytes: &[u8]| Envelope::parse(bytes, Path::new("e.json")).expect_err("refused").code;
        assert_eq!(code(br#"{"payload":"","payload":"e30="}"#), code::JSON_DUPLICATE_KEY);
        assert_eq!(code(&vec![b' '; ENVELOPE_BYTES_MAX + 1]), code::ATTEST_TOO_LARGE);
        assert_eq!(code(b"\xff"), code::ATTEST_BAD_ENVELOPE);
    }
}
