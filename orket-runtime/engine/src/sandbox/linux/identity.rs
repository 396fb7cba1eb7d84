//! Who a guest is: never root of the host. As an ordinary user's guest it is that user, in a user namespace of its own where there
//! is one; as root's guest it is a user that owns nothing but what it may change.

use rustix::thread::{CapabilitySet, capabilities};
use std::fs;

/// The number under which an ordinary user's guest knows itself.
pub(super) const INSIDE: u32 = 1000;
/// Where the numbers of root's guests begin: a range that no distribution and no container engine gives away.
const FIRST: u32 = 1_900_000_000;
/// How many of them there are, so that guests of hosts at once are strangers to each other.
const COUNT: u32 = 4000;
/// What root needs to make namespaces and to change its user.
const PRIVILEGES: CapabilitySet =
    CapabilitySet::SYS_ADMIN.union(CapabilitySet::SETUID).union(CapabilitySet::SETGID);

/// What this process may do about identities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    /// Its own user and group.
    pub(super) user: u32,
    pub(super) group: u32,
    /// Whether it makes namespaces without a user namespace.
    pub(super) is_privileged: bool,
    /// The user and group that root's guest becomes.
    pub(super) stranger: Option<u32>,
}

/// Asks the kernel.
pub(super) fn identity() -> Identity {
    let user = rustix::process::geteuid().as_raw();
    let group = rustix::process::getegid().as_raw();
    let held = capabilities(None).map(|sets| sets.effective).unwrap_or(CapabilitySet::empty());
    let is_root = user == 0;
    Identity {
        user,
        group,
        is_privileged: is_root && held.contains(PRIVILEGES),
        stranger: is_root.then(stranger),
    }
}

/// The number of this host's guests, among those that exist in its user namespace.
fn stranger() -> u32 {
    let map = |path| fs::read_to_string(path).unwrap_or_default();
    first_stranger(&map("/proc/self/uid_map"), &map("/proc/self/gid_map")) + std::process::id() % COUNT
}

/// The first of [`COUNT`] numbers that exist both as user and as group.
fn first_stranger(users: &str, groups: &str) -> u32 {
    let exist = |first: u32| [users, groups].into_iter().all(|map| extents(map).any(|e| e.has(first)));
    let last = extents(users).map(|extent| extent.end().saturating_sub(u64::from(COUNT) * 2)).max();
    let near_the_end =
        last.and_then(|last| u32::try_from(last).ok()).filter(|first| *first > 0 && exist(*first));
    match exist(FIRST) {
        true => FIRST,
        false => near_the_end.unwrap_or(FIRST),
    }
}

/// Numbers in a row.
struct Extent {
    first: u64,
    count: u64,
}

impl Extent {
    fn end(&self) -> u64 {
        self.first + self.count
    }

    fn has(&self, first: u32) -> bool {
        self.first <= first.into() && u64::from(first) + u64::from(COUNT) <= self.end()
    }
}

fn extents(map: &str) -> impl Iterator<Item = Extent> {
    map.lines().filter_map(|line| {
        let mut numbers = line.split_ascii_whitespace().map(str::parse::<u64>);
        let (first, _, count) = (numbers.next()?.ok()?, numbers.next()?, numbers.next()?.ok()?);
        Some(Extent { first, count })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "         0          0 4294967295\n";

    #[track_caller]
    fn check(users: &str, groups: &str, first: u32) {
        assert_eq!(first_stranger(users, groups), first);
    }

    #[test]
    fn strangers_exist_where_there_is_room_for_them() {
        check(ALL, ALL, FIRST);
        check("0 100000 65536", "0 100000 65536", 57_536);
        check("0 1000 1\n1 100000 65536", "0 1000 1\n1 100000 65536", 57_537);
        // Nothing fits: the change of user will fail, and say so.
        check("0 1000 1", "0 1000 1", FIRST);
        check("", "no map", FIRST);
    }
}
