//! The rolling head over lines as they come, and the index that is left of it.

use super::Index;
use orket_contract::digest::Digest;
use orket_contract::transcript::{Head, INDEX_STRIDE};

/// The heads of the lines so far.
#[derive(Clone)]
pub(super) struct Chain {
    plan_hash: Digest,
    head: Head,
    heads: Vec<Digest>,
    count: u64,
}

impl Chain {
    /// No line yet.
    pub(super) fn start(plan_hash: Digest) -> Self {
        Self { plan_hash, head: Head::start(plan_hash), heads: Vec::new(), count: 0 }
    }

    /// Adds a line, given without its newline.
    pub(super) fn push(&mut self, line: &str) {
        self.head = self.head.after(line);
        self.count += 1;
        if self.count.is_multiple_of(INDEX_STRIDE) {
            self.heads.push(self.head.digest());
        }
    }

    /// How many lines there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Their heads; `packed` is the digest of the file that holds them, where they are compressed.
    pub(super) fn index(self, packed: Option<Digest>) -> Index {
        let Self { plan_hash, head, heads, count } = self;
        Index { count, head: head.digest(), heads, packed, plan_hash }
    }
}
