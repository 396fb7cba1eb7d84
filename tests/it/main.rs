//! One test binary; its cases are folders.

mod artifact;
mod lifetime;
mod macros;
mod run;
mod world;
