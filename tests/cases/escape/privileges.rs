//! Rights that were given up, other users, namespaces and mounts.

use crate::attempt::{Attempt, attempt};
use crate::processes::{handle, started};
use crate::sys::{call, descriptor, path, reached, shown};
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

pub(crate) const PRIVILEGES: &[Attempt] = &[
    attempt("become-root", |_| call!(libc::SYS_setuid, 0).map(drop)).root_only(),
    attempt("become-another-user", |_| call!(libc::SYS_setresuid, 12_345, 12_345, 12_345).map(drop))
        .root_only(),
    attempt("become-another-group", |_| call!(libc::SYS_setresgid, 12_345, 12_345, 12_345).map(drop))
        .root_only(),
    attempt("join-groups", |_| {
        let groups = [0_u32];
        call!(libc::SYS_setgroups, 1, groups.as_ptr()).map(drop)
    })
    .root_only(),
    attempt("files-as-another-user", |_| {
        call!(libc::SYS_setfsuid, 12_345)?;
        // The answer is the user before; asked again, it shows whether there was a change.
        shown(call!(libc::SYS_setfsuid, -1)? == 12_345)
    })
    .root_only(),
    attempt("raise-capabilities", |_| set_capabilities(0)).root_only(),
    attempt("keep-capabilities", |_| call!(libc::SYS_prctl, libc::PR_SET_KEEPCAPS, 1, 0, 0, 0).map(drop)),
    attempt("ambient-capability", |_| {
        set_capabilities(ADMINISTRATION)?;
        let (ambient, raise) = (libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_RAISE);
        call!(libc::SYS_prctl, ambient, raise, ADMINISTRATION.ilog2(), 0, 0).map(drop)
    })
    .root_only(),
    attempt("secure-bits", |_| call!(libc::SYS_prctl, libc::PR_SET_SECUREBITS, 1, 0, 0, 0).map(drop))
        .root_only(),
    attempt("raise-limit", |_| {
        let more = [1_u64 << 30, 1 << 30];
        call!(libc::SYS_prlimit64, 0, libc::RLIMIT_MEMLOCK, more.as_ptr(), 0).map(drop)
    })
    .root_only()
    .given("CAP_SYS_RESOURCE"),
    attempt("raise-priority", |_| call!(libc::SYS_setpriority, libc::PRIO_PROCESS, 0, -5).map(drop))
        .root_only(),
    attempt("change-root", |at| {
        let root = path(&at.root);
        call!(libc::SYS_chroot, root.as_ptr()).map(drop)
    })
    .root_only(),
];

pub(crate) const NAMESPACES: &[Attempt] = &[
    attempt("new-user-namespace", |_| unshare(libc::CLONE_NEWUSER)).given("user namespaces"),
    attempt("new-mount-namespace", |_| unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS))
        .given("user namespaces"),
    attempt("new-network-namespace", |_| unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET))
        .given("user namespaces"),
    attempt("new-process-namespace", |_| unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWPID))
        .given("user namespaces"),
    attempt("new-ipc-namespace", |_| unshare(libc::CLONE_NEWIPC)).root_only(),
    attempt("new-name-namespace", |_| unshare(libc::CLONE_NEWUTS)).root_only(),
    attempt("new-group-namespace", |_| unshare(libc::CLONE_NEWCGROUP)).root_only(),
    attempt("new-time-namespace", |_| unshare(0x80)).root_only(),
    attempt("own-files-table", |_| unshare(libc::CLONE_FILES)),
    attempt("clone-into-user-namespace", |_| {
        started(call!(libc::SYS_clone, libc::CLONE_NEWUSER | libc::SIGCHLD, 0, 0, 0, 0))
    })
    .given("user namespaces"),
    attempt("clone3-into-user-namespace", |_| {
        let words = [u64::from(libc::CLONE_NEWUSER.unsigned_abs()), 0, 0, 0, 17, 0, 0, 0];
        started(call!(libc::SYS_clone3, words.as_ptr(), 64))
    })
    .given("user namespaces"),
    attempt("mount-in-user-namespace", |_| {
        unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS)?;
        mount("workspace")
    })
    .given("user namespaces with rights"),
    attempt("join-namespace-of-another", |at| {
        let namespace = File::open(format!("/proc/{}/ns/uts", at.victim))?;
        call!(libc::SYS_setns, namespace.as_raw_fd(), 0).map(drop)
    })
    .root_only(),
    attempt("join-namespaces-by-handle", |at| {
        let process = handle(at.victim)?;
        call!(libc::SYS_setns, process.as_raw_fd(), libc::CLONE_NEWUTS).map(drop)
    })
    .root_only(),
];

pub(crate) const MOUNTS: &[Attempt] = &[
    attempt("mount", |_| mount("workspace")).root_only(),
    attempt("mount-of-root", |_| {
        let (root, to) = (path("/"), path("workspace/folder"));
        call!(libc::SYS_mount, root.as_ptr(), to.as_ptr(), 0, libc::MS_BIND, 0)?;
        unmount("workspace/folder")
    })
    .root_only(),
    attempt("mount-proc", |_| {
        let to = path("workspace/folder");
        call!(libc::SYS_mount, c"proc".as_ptr(), to.as_ptr(), c"proc".as_ptr(), 0, 0)?;
        unmount("workspace/folder")
    })
    .root_only(),
    attempt("mount-again-with-other-rights", |_| {
        let (root, flags) = (path("/"), libc::MS_REMOUNT | libc::MS_BIND | libc::MS_NOATIME);
        call!(libc::SYS_mount, 0, root.as_ptr(), 0, flags, 0).map(drop)
    })
    .root_only(),
    attempt("unmount", |_| {
        // The stage is no mount, which the kernel says after it has looked for the right.
        let stage = path(".");
        reached(call!(libc::SYS_umount2, stage.as_ptr(), libc::MNT_DETACH), &[libc::EINVAL])
    })
    .root_only(),
    attempt("open-file-system", |_| descriptor(call!(libc::SYS_fsopen, c"tmpfs".as_ptr(), 0)).map(drop))
        .root_only(),
    attempt("reopen-file-system", |_| {
        let root = path("/");
        descriptor(call!(libc::SYS_fspick, libc::AT_FDCWD, root.as_ptr(), 0)).map(drop)
    })
    .root_only(),
    attempt("copy-tree-of-mounts", |_| {
        let root = path("/");
        descriptor(call!(libc::SYS_open_tree, libc::AT_FDCWD, root.as_ptr(), 1)).map(drop)
    })
    .root_only(),
    attempt("hold-tree-of-mounts", |_| {
        let root = path("/");
        descriptor(call!(libc::SYS_open_tree, libc::AT_FDCWD, root.as_ptr(), 0)).map(drop)
    }),
    attempt("move-mount", |_| {
        let (from, to, here) = (path("."), path("workspace"), libc::AT_FDCWD);
        reached(call!(libc::SYS_move_mount, here, from.as_ptr(), here, to.as_ptr(), 0), &[libc::EINVAL])
    })
    .root_only(),
    attempt("change-mount", |_| {
        let (stage, nothing) = (path("."), [0_u64; 4]);
        let set = call!(libc::SYS_mount_setattr, libc::AT_FDCWD, stage.as_ptr(), 0, nothing.as_ptr(), 32);
        reached(set, &[libc::EINVAL])
    })
    .root_only(),
    attempt("change-root-mount", |_| {
        let (new, old) = (path("workspace"), path("workspace/folder"));
        reached(call!(libc::SYS_pivot_root, new.as_ptr(), old.as_ptr()), &[libc::EINVAL, libc::EBUSY])
    })
    .root_only(),
    attempt("list-mounts", |_| {
        // The root of the tree, and room for one id.
        let (request, mut found) = ([24_u64, u64::MAX, 0], [0_u64; 1]);
        call!(458, request.as_ptr(), found.as_mut_ptr(), 1, 0).map(drop)
    })
    .given("Linux 6.8"),
];

/// `CAP_SYS_ADMIN`, which is most of what root can do.
const ADMINISTRATION: u32 = 1 << 21;

fn set_capabilities(inheritable: u32) -> io::Result<()> {
    let header = [0x2008_0522_u32, 0];
    let sets = [ADMINISTRATION, ADMINISTRATION, inheritable, 0, 0, 0];
    call!(libc::SYS_capset, header.as_ptr(), sets.as_ptr()).map(drop)
}

fn unshare(flags: i32) -> io::Result<()> {
    call!(libc::SYS_unshare, flags).map(drop)
}

/// Mounts an empty file system, and takes it away again.
fn mount(to: &str) -> io::Result<()> {
    let name = path(to);
    call!(libc::SYS_mount, c"none".as_ptr(), name.as_ptr(), c"tmpfs".as_ptr(), 0, 0)?;
    unmount(to)
}

fn unmount(from: &str) -> io::Result<()> {
    let name = path(from);
    call!(libc::SYS_umount2, name.as_ptr(), libc::MNT_DETACH).map(drop)
}
