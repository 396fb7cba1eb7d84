//! One test binary; its cases are folders.

mod artifact;
mod attest;
mod authorization;
mod boundary;
mod cases;
mod cli;
mod conformance;
mod diff;
mod doctor;
mod install;
mod lifetime;
mod lint;
mod macros;
mod new;
mod package;
mod python;
mod reliable;
mod report;
mod run;
mod runs;
mod sbom;
mod schema;
mod shell;
mod tool;
mod world;
