//! The tests of the workspace are the integration test `it`, and binaries of their own that run their cases by [`runner`].

pub mod runner;
