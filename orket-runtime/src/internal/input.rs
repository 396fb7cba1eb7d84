//! The way of an input from JSON to the author's type.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::json::Piece;
use crate::result::{Error, Result};
use crate::schema::Schema;

/// Reads the input of a workload.
///
/// # Errors
/// `input.invalid` when the value does not fit the type.
pub fn input<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|error| Error::new(orket_contract::code::INPUT_INVALID, error.to_string()))
}

/// The input of a workload that takes none: an object without keys.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoInput {}

impl Schema for NoInput {
    const NODE: &'static [Piece] = &[Piece::Text(r#"{"additionalProperties":false,"type":"object"}"#)];
}
