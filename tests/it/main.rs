//! One test binary; its cases are folders.

mod macros;
mod run;
mod world;
