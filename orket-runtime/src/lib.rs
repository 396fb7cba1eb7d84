//! What an Orket extension is written against.
//!
//! An extension is an ordinary crate: a module with [`#[extension]`](macro@extension) lists its
//! workloads, each a function with [`#[workload]`](macro@workload), and [`main!`] makes it a program
//! that the host runs in a sandbox.
//!
//! ```no_run
//! mod crate_of_yours {
//!     #[orket_runtime::extension(id = "hello.world", capabilities = ["console"])]
//!     pub mod hello {
//!         use orket_runtime::prelude::*;
//!
//!         /// Say hello.
//!         #[workload(id = "hello_v1")]
//!         pub fn hello_v1(ctx: &mut WorkloadContext) -> Result<WorkloadResult> {
//!             ctx.capabilities.console()?.write_line("hello")?;
//!             WorkloadResult::ok(json!({ "greeted": true }))
//!         }
//!     }
//! }
//! orket_runtime::main!(crate_of_yours::hello);
//! ```
//!
//! # Features
//! - `testing`: fakes, the determinism harness and golden artifacts, for dev-dependencies.
//! - `manifest-files`: reading manifests from TOML, YAML and JSON files.
//!
//! Invariants: the crate never depends on the host; it starts no thread, opens no connection and
//! reads neither clock nor environment (only `testing` does, on the author's machine).

#![deny(unsafe_code)]
// The macro support is marked as deprecated so that the lint finds whoever names it.
#![allow(deprecated)]

// The macros name the SDK by this path in its own tests and doctests.
extern crate self as orket_runtime;

mod ambient;
pub mod capabilities;
mod guest;
pub mod internal;
mod link;
pub mod manifest;
pub mod prelude;
pub mod result;
mod schema;
pub mod task;
#[cfg(feature = "testing")]
pub mod testing;
pub mod workload;

pub use orket_macros::{Schema, extension, workload};
pub use result::{Error, Result};
pub use schema::Schema;
