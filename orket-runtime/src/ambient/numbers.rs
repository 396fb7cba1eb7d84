//! The numbers of files: in the order in which they are looked at, whatever the file system calls them.
//!
//! A table of a fixed size without locks, because an answer allocates nothing. It begins as zeros, which take no room in a
//! program's file.

use std::sync::atomic::{
    AtomicU32, AtomicU64, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed, Ordering::Release,
};

/// How many files have a number of their own at once. A policy may allow a run more. A power of two.
const FILES_MAX: usize = 1 << 15;
/// The first number; the one before is that of all files for which there is no room.
const FIRST: u32 = 2;

/// A place that was never taken, and that of a file that is no more.
const FREE: u64 = 0;
const GONE: u64 = u64::MAX;

static NAMES: [AtomicU64; FILES_MAX] = [const { AtomicU64::new(FREE) }; FILES_MAX];
static NUMBERS: [AtomicU32; FILES_MAX] = [const { AtomicU32::new(0) }; FILES_MAX];
static GIVEN: AtomicU32 = AtomicU32::new(0);

/// The files of a world of its own, which are on the heap because no stack has room for them.
#[cfg(any(test, feature = "testing"))]
pub(super) struct Own {
    names: Vec<AtomicU64>,
    numbers: Vec<AtomicU32>,
    given: AtomicU32,
}

#[cfg(any(test, feature = "testing"))]
impl Own {
    pub(super) fn new() -> Self {
        Self {
            names: (0..FILES_MAX).map(|_| AtomicU64::new(FREE)).collect(),
            numbers: (0..FILES_MAX).map(|_| AtomicU32::new(0)).collect(),
            given: AtomicU32::new(0),
        }
    }

    pub(super) fn files(&self) -> Numbers<'_> {
        Numbers { names: &self.names, numbers: &self.numbers, given: &self.given }
    }
}

/// Files by the names that a file system gives them.
pub(super) struct Numbers<'a> {
    names: &'a [AtomicU64],
    /// What each is called instead; 0 while that is being written.
    numbers: &'a [AtomicU32],
    given: &'a AtomicU32,
}

impl Numbers<'static> {
    /// Those of the guest.
    pub(super) fn of_guest() -> Self {
        Self { names: &NAMES, numbers: &NUMBERS, given: &GIVEN }
    }
}

impl Numbers<'_> {
    /// The number of a file. All for which there is no room have one.
    pub(super) fn of(&self, device: u64, inode: u64) -> u64 {
        let name = mixed(device, inode);
        loop {
            let Some((at, there)) = self.place(name) else { return u64::from(FIRST) - 1 };
            if there == name {
                match self.numbers[at].load(Acquire) {
                    0 => std::hint::spin_loop(),
                    number => return number.into(),
                }
            } else if self.names[at].compare_exchange(there, name, AcqRel, Relaxed).is_ok() {
                let number = self.given.fetch_add(1, Relaxed).wrapping_add(FIRST);
                self.numbers[at].store(number, Release);
                return number.into();
            }
        }
    }

    /// The file is no more: one that has its device and inode later is another.
    pub(super) fn forget(&self, device: u64, inode: u64) {
        let name = mixed(device, inode);
        if let Some((at, there)) = self.place(name)
            && there == name
        {
            self.numbers[at].store(0, Release);
            _ = self.names[at].compare_exchange(name, GONE, AcqRel, Relaxed);
        }
    }

    /// Where a name is, or else where there is room for it, with what is there; nothing where all is taken.
    fn place(&self, name: u64) -> Option<(usize, u64)> {
        let start = name.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let places = (0..FILES_MAX).map(|step| (start as usize).wrapping_add(step) % FILES_MAX);
        let mut room = None;
        for at in places {
            match self.names[at].load(Acquire) {
                FREE => return room.or(Some((at, FREE))),
                GONE => room = room.or(Some((at, GONE))),
                there if there == name => return Some((at, there)),
                _ => {}
            }
        }
        room
    }
}

/// One number for two, which are those of a file system and a file.
fn mixed(device: u64, inode: u64) -> u64 {
    (inode ^ device.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32)).clamp(FREE + 1, GONE - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn files_are_numbered_as_they_are_met() {
        let own = Own::new();
        let files = own.files();
        let all = [(1, 900), (1, 7), (2, 7), (1, 900)].map(|(device, inode)| files.of(device, inode));
        assert_eq!(all, [2, 3, 4, 2]);
        files.forget(1, 7);
        files.forget(9, 9);
        assert_eq!([(1, 7), (2, 7)].map(|(device, inode)| files.of(device, inode)), [5, 4]);
    }

    #[test]
    fn as_many_as_there_is_room_for_have_numbers_of_their_own_and_more_have_one() {
        let own = Own::new();
        let files = own.files();
        let mut given = BTreeMap::new();
        // Numbers as a file system gives them: near each other.
        for inode in 0..FILES_MAX as u64 {
            assert_eq!(given.insert(files.of(64, 1_000_000 + inode), inode), None);
        }
        assert!(given.iter().all(|(number, inode)| files.of(64, 1_000_000 + inode) == *number));
        let more = [1, 2].map(|inode| files.of(65, inode));
        assert!(more[0] == more[1] && !given.contains_key(&more[0]));
    }

    #[test]
    fn files_that_come_and_go_leave_room() {
        let own = Own::new();
        let files = own.files();
        let kept = files.of(1, 1);
        for inode in 2..4 * FILES_MAX as u64 {
            assert_eq!(files.of(1, inode), kept + inode - 1);
            files.forget(1, inode);
        }
        assert_eq!(files.of(1, 1), kept);
    }
}
