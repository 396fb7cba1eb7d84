//! How much a guest has written and made, while it runs.
//!
//! Counted is what lies in the trees that it may change, and what it removed and still holds. Writing takes processor time, so a
//! count is due only when the guest's clock has come as far as the fastest writer would need, and not before fifty times as
//! long as the last one took. What a guest can write until then is the error: none beyond a millisecond's as long as there are
//! few files.

use super::super::{Confinement, Limit, Reached};
use super::tree;
use rustix::process::Pid;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a processor can write to memory in a millisecond, at most (8 GiB/s).
const BYTES_PER_MS: u64 = 8 << 20;
/// How many files it can make in a millisecond, at most.
const FILES_PER_MS: u64 = 500;
/// Counting may take this part of the time.
const SHARE: u32 = 50;
/// What `st_blocks` counts in.
const BLOCK_BYTES: u64 = 512;

/// The trees of one guest, and what it may have in them.
#[derive(Debug)]
pub(super) struct Room {
    pid: Pid,
    trees: Vec<PathBuf>,
    /// Where the guest may have them.
    inside: Vec<PathBuf>,
    bytes_max: u64,
    files_max: u64,
    file_bytes_max: u64,
    /// Where the guest's clock stood at the last count.
    counted: Option<Duration>,
    /// Where it must have come to before the next one.
    due: Duration,
    /// The next one comes no earlier than this.
    pause: Instant,
}

/// What is there.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Count {
    bytes: u64,
    files: u64,
}

impl Room {
    pub(super) fn new(pid: Pid, confinement: &Confinement) -> Option<Self> {
        let (trees, limits) = (&confinement.read_write, &confinement.limits);
        (!trees.is_empty()).then(|| Room {
            pid,
            trees: trees.clone(),
            inside: trees.iter().map(|tree| tree::inside(confinement, tree)).collect(),
            bytes_max: limits.total_bytes_max,
            files_max: limits.files_max,
            file_bytes_max: limits.file_bytes_max,
            counted: None,
            due: Duration::ZERO,
            pause: Instant::now(),
        })
    }

    /// Counts if the guest's clock says that it could have filled the room; then or else, how long it cannot have.
    pub(super) fn look(&mut self, cpu: Duration) -> Result<Duration, Reached> {
        let start = Instant::now();
        if self.counted.is_none_or(|counted| cpu > counted) && cpu >= self.due && start >= self.pause {
            // A guest that begins holds nothing yet.
            let count = if self.counted.is_none() { self.lying() } else { self.count() };
            self.judge(count)?;
            let bytes = Duration::from_millis((self.bytes_max - count.bytes) / BYTES_PER_MS);
            let files = Duration::from_millis((self.files_max - count.files) / FILES_PER_MS);
            self.counted = Some(cpu);
            self.due = cpu + bytes.min(files);
            self.pause = start + start.elapsed() * SHARE;
        }
        Ok(self.due.saturating_sub(cpu).max(self.pause.saturating_duration_since(start)))
    }

    fn judge(&self, count: Count) -> Result<(), Reached> {
        let all =
            [(Limit::TotalSize, self.bytes_max, count.bytes), (Limit::Files, self.files_max, count.files)];
        let over = all.into_iter().find(|(_, max, value)| value > max);
        over.map_or(Ok(()), |(limit, max, value)| Err(Reached { limit, max, value }))
    }

    /// What lies in the trees.
    fn lying(&self) -> Count {
        let mut count = Count::default();
        for tree in &self.trees {
            self.walk(tree, &mut count);
        }
        count
    }

    fn count(&self) -> Count {
        let mut count = self.lying();
        let mut seen = BTreeSet::new();
        self.held_open(&mut seen, &mut count);
        self.held_mapped(&mut seen, &mut count);
        count
    }

    /// Adds what lies in a folder. One that cannot be listed counts as if it were full: only a guest makes such a folder.
    fn walk(&self, folder: &Path, count: &mut Count) {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                count.files += if is_gone(&error) { 0 } else { self.files_max + 1 };
                return;
            }
        };
        for entry in entries.flatten() {
            // The count is bounded, whatever a guest makes.
            if self.judge(*count).is_err() {
                return;
            }
            let Ok(metadata) = entry.metadata() else { continue };
            count.files += 1;
            if metadata.is_dir() {
                self.walk(&entry.path(), count);
            } else {
                count.bytes += occupied(&metadata);
            }
        }
    }

    /// Adds the files that have no name any more and are open. Where the kernel does not show descriptors, there are none.
    fn held_open(&self, seen: &mut BTreeSet<(u64, u64)>, count: &mut Count) {
        let folder = format!("/proc/{}/fd", self.pid.as_raw_pid());
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let Ok(metadata) = fs::metadata(entry.path()) else { continue };
            if metadata.is_file() && metadata.nlink() == 0 && seen.insert((metadata.dev(), metadata.ino())) {
                count.bytes += occupied(&metadata);
                count.files += 1;
            }
        }
    }

    /// Adds the files that have no name any more and are mapped. Of those only the number can be known: each counts as the
    /// largest that it can be.
    fn held_mapped(&self, seen: &mut BTreeSet<(u64, u64)>, count: &mut Count) {
        let Ok(maps) = fs::read_to_string(format!("/proc/{}/maps", self.pid.as_raw_pid())) else { return };
        let open: BTreeSet<u64> = seen.iter().map(|(_, inode)| *inode).collect();
        let inodes: BTreeSet<u64> = maps.lines().filter_map(|line| self.removed(line)).collect();
        for _ in inodes.difference(&open) {
            count.bytes += self.file_bytes_max;
            count.files += 1;
        }
    }

    /// The inode of a mapped file that lay in a tree and was removed.
    fn removed(&self, line: &str) -> Option<u64> {
        let path = Path::new(line.get(line.find('/')?..)?.strip_suffix(" (deleted)")?);
        let inode = line.split_ascii_whitespace().nth(4)?.parse().ok()?;
        self.trees.iter().chain(&self.inside).any(|tree| path.starts_with(tree)).then_some(inode)
    }
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

/// What a file takes up: holes take nothing, and the rest of its last block is not the guest's doing.
fn occupied(metadata: &fs::Metadata) -> u64 {
    metadata.len().min(metadata.blocks() * BLOCK_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(tree: &Path, bytes_max: u64, files_max: u64) -> Room {
        let mut confinement = Confinement::new("/stage");
        confinement.read_write.push(tree.to_path_buf());
        (confinement.limits.total_bytes_max, confinement.limits.files_max) = (bytes_max, files_max);
        Room::new(rustix::process::getpid(), &confinement).expect("a tree")
    }

    #[track_caller]
    fn check(tree: &Path, bytes_max: u64, files_max: u64, expected: Option<Limit>) {
        let looked = room(tree, bytes_max, files_max).look(Duration::ZERO);
        assert_eq!(looked.err().map(|reached| reached.limit), expected);
    }

    #[test]
    fn what_lies_there_is_counted_and_holes_are_not() {
        let tree = tempfile::tempdir().unwrap();
        let tree = tree.path();
        fs::create_dir(tree.join("folder")).unwrap();
        fs::write(tree.join("folder/file"), vec![1; 100_000]).unwrap();
        fs::File::create(tree.join("hole")).unwrap().set_len(1 << 40).unwrap();
        check(tree, 100_000, 3, None);
        check(tree, 99_999, 3, Some(Limit::TotalSize));
        check(tree, 100_000, 2, Some(Limit::Files));
    }

    #[test]
    fn what_was_removed_and_is_held_is_counted() {
        let tree = tempfile::tempdir().unwrap();
        let path = tree.path().join("file");
        fs::write(&path, vec![1; 100_000]).unwrap();
        let held = fs::File::open(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let mut room = room(tree.path(), 99_999, 9);
        assert!(room.look(Duration::ZERO).is_ok(), "a guest that begins holds nothing");
        room.pause = Instant::now();
        let over = room.look(Duration::from_secs(1)).expect_err("it holds too much");
        assert_eq!(over.limit, Limit::TotalSize);
        drop(held);
    }

    #[test]
    fn mapped_files_are_known_by_their_former_path() {
        let room = room(Path::new("/stage/artifacts"), 1, 1);
        let line = |path: &str| format!("7f00-7f01 rw-s 00000000 08:01 4711                       {path}");
        assert_eq!(room.removed(&line("/stage/artifacts/a b (deleted)")), Some(4711));
        assert_eq!(room.removed(&line("/orket/artifacts/a (deleted)")), Some(4711));
        assert_eq!(room.removed(&line("/stage/artifacts/a")), None);
        assert_eq!(room.removed(&line("/usr/lib/libc.so (deleted)")), None);
        assert_eq!(room.removed("7f00-7f01 rw-p 00000000 00:00 0"), None);
    }

    #[test]
    fn a_count_is_due_when_the_guests_clock_has_come_far_enough() {
        let tree = tempfile::tempdir().unwrap();
        let mut room = room(tree.path(), 80 << 20, u64::MAX);
        let mut look = |ms: u64, bytes_max: u64| {
            (room.bytes_max, room.pause) = (bytes_max, Instant::now());
            room.look(Duration::from_millis(ms))
        };
        assert!(look(0, 80 << 20).is_ok_and(|left| left >= Duration::from_millis(10)));
        fs::write(tree.path().join("file"), vec![1; 1 << 20]).unwrap();
        assert_eq!(look(9, 1), Ok(Duration::from_millis(1)));
        assert!(look(10, 1).is_err());
    }

    #[test]
    fn a_guest_that_did_nothing_is_not_counted_again() {
        let tree = tempfile::tempdir().unwrap();
        let mut room = room(tree.path(), 1, 1);
        let mut look = |ms: u64| {
            room.pause = Instant::now();
            room.look(Duration::from_millis(ms))
        };
        assert!(look(5).is_ok());
        fs::write(tree.path().join("file"), "two").unwrap();
        assert_eq!(look(5), Ok(Duration::ZERO));
        assert!(look(6).is_err());
    }
}
