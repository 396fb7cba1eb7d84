//! What does it mean? Syntax into meaning; every rule is checked here, and no token is made.

mod casing;
mod extension;
mod option;
mod schema;
mod workload;

pub use extension::OPTIONS as EXTENSION_OPTIONS;
pub(crate) use extension::{Extension, Listed, extension};
pub(crate) use schema::{Field, Object, Schema, Shape, Variant, schema};
pub use workload::OPTIONS as WORKLOAD_OPTIONS;
pub(crate) use workload::{Material, Meaning, Workload, workload};
