//! Which file was read, so that it can be told later whether a path still leads to it, unchanged.
//!
//! Invariant: where a change could go unseen `of` gives no stamp: on systems without inodes, and for a file
//! that changed so recently that its times may not tell the next change from the last one.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

/// The coarsest step of a file system's times (FAT's), and one more.
const SETTLED: Duration = Duration::from_secs(4);

/// A file and its last change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// The stamp of a file that has been as it is for a while at `now`.
    pub(super) fn of(metadata: &Metadata, now: SystemTime) -> Option<Self> {
        let stamp = Self::at_once(metadata)?;
        let (seconds, _) = stamp.modified.max(stamp.changed);
        let last = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?);
        now.duration_since(last).is_ok_and(|age| age >= SETTLED).then_some(stamp)
    }

    /// The stamp of a file as it is. Two that are equal may hide a change within one step of its times.
    #[cfg(unix)]
    pub(crate) fn at_once(metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        Some(Self {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// There is none on this system.
    #[cfg(not(unix))]
    pub(crate) fn at_once(_: &Metadata) -> Option<Self> {
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::path::Path;

    /// The stamp of a file as somebody sees it who comes later.
    fn stamp(path: &Path) -> Option<Stamp> {
        Stamp::of(&std::fs::metadata(path).unwrap(), SystemTime::now() + 2 * SETTLED)
    }

    #[test]
    fn a_stamp_is_of_one_file_and_one_state() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link, twin) =
            (folder.path().join("a"), folder.path().join("link"), folder.path().join("twin"));
        std::fs::write(&path, "one").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let first = stamp(&path);
        assert!(first.is_some() && stamp(&path) == first && stamp(&link) == first);

        std::fs::write(&twin, "one").unwrap();
        let times = std::fs::FileTimes::new().set_modified(path.metadata().unwrap().modified().unwrap());
        std::fs::File::options().write(true).open(&twin).unwrap().set_times(times).unwrap();
        assert_ne!(stamp(&twin), first, "another file of the same bytes, size and time");
        std::fs::rename(&twin, &path).unwrap();
        assert_ne!(stamp(&path), first, "another file has taken the name");

        let second = stamp(&path);
        std::fs::write(&path, "three").unwrap();
        assert_ne!(stamp(&path), second, "it was written to");
    }

    #[test]
    fn a_file_that_has_just_changed_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        let metadata = path.metadata().unwrap();
        assert_eq!(Stamp::of(&metadata, metadata.modified().unwrap()), None);
    }
}
