//! What the Orket host and its extensions agree on.
//!
//! Invariants: nothing here does IO, reads a clock or draws entropy; a value that parsed is valid
//! and is never checked again. Without features the crate has no dependency, because the macros
//! are built with it.

#![forbid(unsafe_code)]

pub mod ambient;
pub mod budget;
pub mod capability;
pub mod code;
pub mod id;
pub mod limit;
pub mod material;
pub mod network;
pub mod note;
pub mod quantity;
pub mod suggest;

#[cfg(feature = "digest")]
pub mod canonical;
#[cfg(feature = "digest")]
pub mod digest;
#[cfg(feature = "digest")]
pub mod memory;
#[cfg(feature = "digest")]
pub mod turn;

#[cfg(feature = "formats")]
pub mod formats;

#[cfg(feature = "model")]
pub mod issue;
#[cfg(feature = "model")]
pub mod manifest;
#[cfg(feature = "model")]
pub mod plan;
#[cfg(feature = "model")]
pub mod protocol;
#[cfg(feature = "model")]
pub mod result;
#[cfg(feature = "model")]
pub mod transcript;

/// The version of the extension API that this SDK and host speak; the major number must agree.
pub const EXTENSION_API_VERSION: &str = "1.0.0";

/// The version of Orket itself: what an extension's `runtime` range is compared with.
pub const ORKET_VERSION: &str = env!("CARGO_PKG_VERSION");
