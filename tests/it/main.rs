//! One test binary; its cases are folders.

mod artifact;
mod cli;
mod lint;
mod lifetime;
mod macros;
mod new;
mod run;
mod tool;
mod world;
