//! What all typed handles share: a call, and errors that name the author's place.

use std::rc::Rc;

use orket_contract::code;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{Answer, Capability};
use crate::result::{Error, Result, authors_place};

/// A capability and its name.
#[derive(Clone)]
pub(super) struct Handle {
    name: &'static str,
    capability: Rc<dyn Capability>,
}

impl Handle {
    pub(super) fn new(name: &'static str, capability: Rc<dyn Capability>) -> Self {
        Self { name, capability }
    }

    /// Calls an operation and reads its answer as a type.
    #[track_caller]
    pub(super) fn call<T: DeserializeOwned, const N: usize>(
        &self,
        op: &str,
        args: [(&str, Value); N],
        attachment: &[u8],
    ) -> Result<T> {
        self.call_for_bytes(op, args, attachment).map(|(value, _)| value)
    }

    /// The same for an operation whose answer has an attachment.
    #[track_caller]
    pub(super) fn call_for_bytes<T: DeserializeOwned, const N: usize>(
        &self,
        op: &str,
        args: [(&str, Value); N],
        attachment: &[u8],
    ) -> Result<(T, Vec<u8>)> {
        let place = authors_place();
        let args: Map<_, _> = args.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let answer = self.capability.call(op, args, attachment);
        answer
            .and_then(|Answer { value, attachment }| {
                let value = serde_json::from_value(value).map_err(|e| self.odd(op, &e))?;
                Ok((value, attachment))
            })
            .map_err(|error| Error::told(error.into_failure(), place))
    }

    /// The error for an answer of another shape than the operation has.
    pub(super) fn odd(&self, op: &str, why: &dyn std::fmt::Display) -> Error {
        let message = format!("`{}.{op}` gave an answer that cannot be read: {why}", self.name);
        Error::new(code::CAPABILITY_FAILED, message)
    }
}
