//! Signed statements about a run, and the check of a run's folder against them.
//!
//! ```text
//! key::Pair       Ed25519 keys as files that openssl reads
//! sign            a folder → the signed envelopes beside its record
//! verify          a folder and trusted keys → Verdict, or every reason against it
//! single          a statement that has no folder, such as that of a verification
//! ```
//! Invariants: the payload of an envelope is the very bytes of the file that it signs; what is read is
//! bounded before it is parsed; a verdict names what could not be checked. Sources: DSSE v1.0.2, Sigstore
//! bundle v0.3, in-toto attestation framework (Statement v1).

mod bundle;
mod envelope;
mod key;
mod record;
mod sign;
mod single;
mod verify;

pub use bundle::Bundle;
pub use envelope::{Envelope, PAYLOAD_TYPE, SIGNATURES_MAX, pae};
pub use key::{KeyId, Pair, PrivateKey, PublicKey};
pub(crate) use sign::sign_staged;
pub use sign::{Signed, sign};
pub use single::{verify_envelope, write_statement};
pub use verify::{Request, Signature, Unchecked, Verdict, verify};

use orket_contract::code;
use orket_contract::issue::{Issue, Location};
use std::path::Path;

/// The file of the signed statement: its payload is `provenance.json`.
pub const ENVELOPE: &str = "provenance.dsse.json";
/// The file of the same statement as a Sigstore bundle, with the last signature.
pub const BUNDLE: &str = "provenance.sigstore.json";
/// The file of the signed list of all other files of a run.
pub const RECORD: &str = "record.dsse.json";
/// The files that a signature adds; no signed statement is about them.
pub(crate) const SIGNATURES: [&str; 3] = [BUNDLE, ENVELOPE, RECORD];

/// The largest envelope or bundle that is read, in bytes (48 MiB).
pub const ENVELOPE_BYTES_MAX: usize = 48 << 20;
/// The largest statement that is signed, in bytes (32 MiB).
pub const STATEMENT_BYTES_MAX: usize = 32 << 20;

/// A file as a place.
fn place(file: &Path) -> Location {
    Location { file: file.display().to_string(), line: 0, column: 0 }
}

/// What lies there is not what a statement says.
fn mismatch(file: &Path, what: String) -> Issue {
    Issue::error(code::ATTEST_MISMATCH, what).at(place(file))
}
