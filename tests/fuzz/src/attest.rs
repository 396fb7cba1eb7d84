//! The body of the fuzz target for what signs a run: envelopes, bundles and keys.

use orket_engine::attest::{Bundle, Envelope, PrivateKey, PublicKey};
use std::path::Path;

/// An envelope, a bundle or a key.
pub fn attest(bytes: &[u8]) {
    let file = Path::new("file");
    if let Ok(envelope) = Envelope::parse(bytes, file) {
        let again = serde_json::to_vec(&envelope).expect("an envelope is JSON");
        assert_eq!(Envelope::parse(&again, file).expect("it reads again"), envelope);
        assert!(envelope.verify(&[], 1).is_err(), "nobody is trusted");
    }
    if let Ok(bundle) = Bundle::parse(bytes, file) {
        let again = serde_json::to_vec(&bundle).expect("a bundle is JSON");
        assert_eq!(Bundle::parse(&again, file).expect("it reads again"), bundle);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(key) = PublicKey::parse(text) {
        assert_eq!(key.id().to_string().len(), 64);
    }
    if let Ok(key) = PrivateKey::parse(text) {
        let mut envelope = Envelope::new(bytes.to_vec());
        envelope.sign(&key).expect("there is room for one");
        envelope.verify(&[key.public()], 1).expect("what was signed holds");
    }
}
