//! What was written? Tokens into syntax; only what is no syntax at all is reported here.

mod attribute;
mod extension;
mod item;
mod option;
mod schema;
mod workload;

pub(crate) use attribute::{cfgs, description};
pub(crate) use extension::{Extension, Module, extension};
#[cfg(test)]
pub(crate) use item::split;
pub(crate) use item::{Item, Kind};
pub(crate) use option::{Given, Value, options};
pub(crate) use schema::{Word, schema, words};
pub(crate) use workload::{Function, Workload, workload};
