//! The tests of the workspace are the integration test `it`.
