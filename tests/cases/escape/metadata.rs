//! What is known and kept about files: existence, modes, owners, times, attributes, locks, watches.

use crate::attempt::{Attempt, attempt};
use crate::sys::{call, open, path, shown};
use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

const MATERIAL: &str = "workspace/material";

pub(crate) const METADATA: &[Attempt] = &[
    attempt("stat-secret", |at| fs::metadata(&at.secret).map(drop)),
    attempt("stat-link-itself", |at| fs::symlink_metadata(at.root.join("stage/workspace/link")).map(drop)),
    attempt("stat-host-file", |_| fs::metadata("/etc/passwd").map(drop)),
    attempt("access-secret", |at| {
        let name = path(&at.secret);
        call!(libc::SYS_faccessat, libc::AT_FDCWD, name.as_ptr(), libc::R_OK).map(drop)
    }),
    attempt("read-link-of-a-material", |_| fs::read_link("workspace/link").map(drop)),
    attempt("enter-parent", |_| std::env::set_current_dir("..")),
    attempt("enter-hidden", |at| std::env::set_current_dir(at.root.join("hidden"))),
    attempt("mode-of-material", |_| fs::set_permissions(MATERIAL, PermissionsExt::from_mode(0o777))),
    attempt("mode-of-secret", |at| fs::set_permissions(&at.secret, PermissionsExt::from_mode(0o777))),
    attempt("mode-of-open-material", |_| {
        let file = File::open(MATERIAL)?;
        let before = file.metadata()?.mode();
        call!(libc::SYS_fchmod, file.as_raw_fd(), 0o777)?;
        shown(file.metadata()?.mode() != before)
    }),
    attempt("mode-by-fchmodat2", |_| {
        let name = path(MATERIAL);
        call!(452, libc::AT_FDCWD, name.as_ptr(), 0o777, 0).map(drop)
    })
    .given("Linux 6.6"),
    attempt("set-user-id-on-artifact", |_| {
        File::create("artifacts/tool")?;
        fs::set_permissions("artifacts/tool", PermissionsExt::from_mode(0o4755))?;
        shown(fs::metadata("artifacts/tool")?.mode() & 0o4000 != 0)
    }),
    attempt("owner-of-secret", |at| {
        let found = fs::metadata(&at.secret)?;
        std::os::unix::fs::chown(&at.secret, Some(found.uid()), Some(found.gid()))
    }),
    attempt("owner-of-material", |_| {
        let found = fs::metadata(MATERIAL)?;
        std::os::unix::fs::lchown(MATERIAL, Some(found.uid()), Some(found.gid()))
    }),
    attempt("owner-of-open-material", |_| {
        let file = File::open(MATERIAL)?;
        let found = file.metadata()?;
        call!(libc::SYS_fchown, file.as_raw_fd(), found.uid(), found.gid())?;
        // Even a change to what it was leaves a trace.
        let after = file.metadata()?;
        shown((found.ctime(), found.ctime_nsec()) != (after.ctime(), after.ctime_nsec()))
    }),
    attempt("owner-to-another", |_| {
        File::create("artifacts/given")?;
        std::os::unix::fs::chown("artifacts/given", Some(12_345), None)
    })
    .root_only(),
    attempt("times-of-secret", |at| touch(&path(&at.secret))),
    attempt("times-of-material", |_| touch(&path(MATERIAL))),
    attempt("times-of-open-material", |_| {
        let (file, none) = (File::open(MATERIAL)?, std::ptr::null::<u8>());
        let before = file.metadata()?;
        call!(libc::SYS_utimensat, file.as_raw_fd(), none, none, 0)?;
        let after = file.metadata()?;
        shown((before.mtime(), before.mtime_nsec()) != (after.mtime(), after.mtime_nsec()))
    }),
    attempt("set-attribute-of-material", |_| {
        let (name, key) = (path(MATERIAL), c"user.orket");
        call!(libc::SYS_setxattr, name.as_ptr(), key.as_ptr(), key.as_ptr(), 1, 0).map(drop)
    })
    .given("attributes of users"),
    attempt("set-attribute-of-open-material", |_| {
        let (file, key) = (File::open(MATERIAL)?, c"user.orket");
        call!(libc::SYS_fsetxattr, file.as_raw_fd(), key.as_ptr(), key.as_ptr(), 1, 0).map(drop)
    })
    .given("attributes of users"),
    attempt("list-attributes-of-secret", |at| {
        let name = path(&at.secret);
        call!(libc::SYS_listxattr, name.as_ptr(), 0, 0).map(drop)
    })
    .given("attributes of files"),
    attempt("set-capability-of-artifact", |_| {
        File::create("artifacts/tool")?;
        // Version 2, nothing permitted.
        let value: [u32; 5] = [0x0200_0000, 0, 0, 0, 0];
        let (name, key) = (path("artifacts/tool"), c"security.capability");
        call!(libc::SYS_setxattr, name.as_ptr(), key.as_ptr(), value.as_ptr(), 20, 0).map(drop)
    })
    .root_only(),
    attempt("make-artifact-immutable", |_| {
        const SET_FLAGS: u64 = 0x4008_6602;
        let file = File::create("artifacts/stays")?;
        let append_only = 0x20_i64;
        call!(libc::SYS_ioctl, file.as_raw_fd(), SET_FLAGS, &raw const append_only)?;
        let nothing = 0_i64;
        call!(libc::SYS_ioctl, file.as_raw_fd(), SET_FLAGS, &raw const nothing).map(drop)
    })
    .root_only()
    .given("a file system with flags"),
    attempt("size-of-file-system", |_| {
        let (name, mut found) = (path("/"), [0_u64; 32]);
        call!(libc::SYS_statfs, name.as_ptr(), found.as_mut_ptr()).map(drop)
    }),
    attempt("lock-material", |_| {
        let file = File::open(MATERIAL)?;
        call!(libc::SYS_flock, file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB).map(drop)
    }),
    attempt("lock-record-of-material", |_| control_file(libc::F_SETLK, &[0_u64; 8])),
    attempt("lease-material", |_| {
        let file = File::open(MATERIAL)?;
        call!(libc::SYS_fcntl, file.as_raw_fd(), libc::F_SETLEASE, libc::F_RDLCK).map(drop)
    }),
    attempt("notify-of-folder", |_| {
        let folder = File::open("workspace")?;
        call!(libc::SYS_fcntl, folder.as_raw_fd(), libc::F_NOTIFY, 2).map(drop)
    }),
    attempt("watch-secret", |at| {
        let watch = crate::sys::descriptor(call!(libc::SYS_inotify_init1, 0))?;
        let name = path(&at.secret);
        call!(libc::SYS_inotify_add_watch, watch.as_raw_fd(), name.as_ptr(), libc::IN_ACCESS).map(drop)
    }),
    attempt("watch-all-files", |_| {
        call!(libc::SYS_fanotify_init, libc::FAN_CLASS_NOTIF, libc::O_RDONLY).map(drop)
    })
    .root_only(),
    attempt("name-by-handle", |at| {
        let (name, mut handle, mut mount) = (path(&at.secret), [128_u32; 40], 0_i32);
        let (to, on) = (handle.as_mut_ptr(), &raw mut mount);
        call!(libc::SYS_name_to_handle_at, libc::AT_FDCWD, name.as_ptr(), to, on, 0).map(drop)
    })
    .given("a file system with handles"),
    attempt("ask-for-quota", |_| {
        let mut found = [0_u8; 128];
        // Q_XGETQSTATV of no device: the list of all, which syncs.
        crate::sys::reached(
            call!(libc::SYS_quotactl, 0x0080_0001_u32 << 8, 0, 0, found.as_mut_ptr()),
            &[libc::ENODEV, libc::ENOTBLK, libc::ESRCH, libc::EINVAL],
        )
    })
    .given("quotas"),
];

fn touch(name: &std::ffi::CString) -> io::Result<()> {
    let now = std::ptr::null::<u8>();
    call!(libc::SYS_utimensat, libc::AT_FDCWD, name.as_ptr(), now, 0).map(drop)
}

/// A command that takes a structure, to a material.
fn control_file(command: i32, structure: &[u64]) -> io::Result<()> {
    let file = open(MATERIAL, libc::O_RDONLY)?;
    call!(libc::SYS_fcntl, file.as_raw_fd(), command, structure.as_ptr()).map(drop)
}
