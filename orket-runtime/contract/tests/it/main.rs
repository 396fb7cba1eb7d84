//! Tests of the contract through its public interface.

mod canonical;
mod frames;
mod hostile;
mod manifest;
mod plan;
mod transcript;
