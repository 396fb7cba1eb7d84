//! Measurements. Each prints JSON on stdout, so that two of them can be compared.

mod host;
mod limits;
mod lint;
mod macros;
mod run;
mod sdk_weight;

pub(crate) use host::host;
pub(crate) use limits::limits;
pub(crate) use lint::lint;
pub(crate) use macros::macros;
pub(crate) use run::run;
pub(crate) use sdk_weight::{check as sdk_weight_check, sdk_weight};
