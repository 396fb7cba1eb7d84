//! Bounds on everything that comes from the other side, checked before anything is allocated.

/// The most bytes that one manifest note may have (1 MiB).
pub const NOTE_BYTES_MAX: usize = 1 << 20;
/// The most manifest notes in one artifact.
pub const NOTES_MAX: usize = 256;
/// The most bytes that a manifest file may have (256 KiB).
pub const MANIFEST_BYTES_MAX: usize = 256 << 10;
/// The deepest nesting of any JSON, TOML or YAML document that is read.
pub const DEPTH_MAX: usize = 64;
/// The most bytes of JSON in one frame (8 MiB).
pub const FRAME_JSON_BYTES_MAX: usize = 8 << 20;
/// The most bytes of attachment in one frame (32 MiB).
pub const FRAME_BLOB_BYTES_MAX: usize = 32 << 20;
/// The most frames that a guest may send in one conversation.
pub const FRAMES_MAX: u64 = 1_000_000;
/// The most bytes that the record of a run may have (256 MiB), the payloads beside it included, equal
/// ones each time.
pub const RECORD_BYTES_MAX: u64 = 256 << 20;
/// The most steps of one plan.
pub const ACTIONS_MAX: usize = 1_000;
/// The most bytes that one artifact may have, unless configured (32 MiB).
pub const ARTIFACT_BYTES_MAX: u64 = 32 << 20;
/// The most bytes that all artifacts of a run may have, unless configured (128 MiB).
pub const ARTIFACTS_BYTES_MAX: u64 = 128 << 20;
/// The most artifacts of one run.
pub const ARTIFACTS_MAX: usize = 10_000;
/// Below this much memory a dynamically linked program does not get as far as `main` (4 MiB).
pub const MEMORY_BYTES_MIN: u64 = 4 << 20;
/// The most bytes of a material that is staged (256 MiB).
pub const MATERIAL_BYTES_MAX: u64 = 256 << 20;
/// Payloads longer than this many bytes are kept beside the transcript, by digest.
pub const INLINE_BYTES_MAX: usize = 1024;
/// Integers beyond this magnitude do not survive JSON readers that use doubles: 2^53 - 1 (RFC 7493).
pub const INTEGER_MAX: u64 = (1 << 53) - 1;
