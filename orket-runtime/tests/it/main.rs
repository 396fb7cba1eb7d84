//! The SDK as an author uses it in plain `cargo test`.

#![allow(unreachable_pub, clippy::needless_pass_by_value, reason = "written as an extension is")]

mod manifest;
mod repeats;
mod run;
