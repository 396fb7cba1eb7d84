//! One test binary; its cases are folders.
