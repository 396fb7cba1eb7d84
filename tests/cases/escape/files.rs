//! Files: to read, list, change, make or move what no grant names.

use crate::attempt::{Attempt, attempt};
use crate::bait::{Bait, SECRET};
use crate::sys::{call, open, open_at, path, reached, shown};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::path::Path;

pub(crate) const READ: &[Attempt] = &[
    attempt("read-absolute", |at| read(&at.secret)),
    attempt("read-parent", |_| read("../secret")),
    attempt("read-many-parents", |at| {
        read(format!("workspace/{}{}", "../".repeat(40), below_root(&at.secret)))
    }),
    attempt("read-through-link-of-a-material", |_| read("workspace/link")),
    attempt("read-through-own-link", |at| {
        std::os::unix::fs::symlink(&at.secret, "artifacts/link").and_then(|()| read("artifacts/link"))
    }),
    attempt("read-through-own-hard-link", |at| {
        fs::hard_link(&at.secret, "artifacts/hard").and_then(|()| read("artifacts/hard"))
    }),
    attempt("read-through-proc-root", |at| read(format!("/proc/self/root{}", at.secret.display()))),
    attempt("read-through-proc-cwd", |_| read("/proc/self/cwd/../secret")),
    attempt("read-through-thread-cwd", |_| read("/proc/thread-self/cwd/../secret")),
    attempt("read-through-root-of-another", |at| {
        read(format!("/proc/{}/root{}", at.victim, at.secret.display()))
    })
    .given("the right to look at another process"),
    attempt("read-through-cwd-of-another", |at| read(format!("/proc/{}/cwd/../secret", at.victim)))
        .given("the right to look at another process"),
    attempt("read-through-root-of-init", |at| read(format!("/proc/1/root{}", at.secret.display())))
        .root_only()
        .given("one file system for all"),
    attempt("read-with-openat2", |at| {
        let (name, how) = (path(&at.secret), [0_u64; 3]);
        let opened = call!(libc::SYS_openat2, libc::AT_FDCWD, name.as_ptr(), how.as_ptr(), 24);
        read_all(File::from(crate::sys::descriptor(opened)?))
    }),
    attempt("read-by-handle", |at| read_by_handle(&at.secret)).root_only(),
    attempt("read-by-reopened-path-handle", |at| {
        let handle = open(&at.secret, libc::O_PATH)?;
        read(format!("/proc/self/fd/{}", handle.as_raw_fd()))
    }),
    attempt("hold-a-path-handle", |at| open(&at.secret, libc::O_PATH).map(drop)),
    attempt("read-sealed-material", |_| File::open("workspace/sealed").map(drop)).root_only(),
    attempt("read-etc-passwd", |_| File::open("/etc/passwd").and_then(read_something)),
    attempt("read-etc-shadow", |_| File::open("/etc/shadow").and_then(read_something)).root_only(),
    attempt("read-etc-hostname", |_| File::open("/etc/hostname").and_then(read_something))
        .given("a file with the host's name"),
    attempt("read-machine-id", |_| File::open("/etc/machine-id").map(drop)).given("a machine id"),
    attempt("read-host-program", |_| File::open("/bin/sh").and_then(read_something)),
    attempt("list-root", |_| list("/")),
    attempt("list-parent", |_| list("..")),
    attempt("list-stage", |_| list(".")),
    attempt("list-temporary-files", |_| list("/tmp")),
    attempt("list-etc", |_| list("/etc")),
    attempt("list-dev", |_| list("/dev")),
    attempt("list-sys", |_| list("/sys/class")),
    attempt("list-hidden", |at| list(at.root.join("hidden"))),
];

pub(crate) const CHANGE: &[Attempt] = &[
    attempt("write-material", |_| write("workspace/material")),
    attempt("write-secret", |at| write(&at.secret)),
    attempt("append-material", |_| {
        OpenOptions::new().append(true).open("workspace/material")?.write_all(b"more")
    }),
    attempt("write-reopened-material", |_| {
        let read_only = File::open("workspace/material")?;
        write(format!("/proc/self/fd/{}", read_only.as_raw_fd()))
    }),
    attempt("truncate-material", |_| {
        let name = path("workspace/material");
        call!(libc::SYS_truncate, name.as_ptr(), 0).map(drop)
    }),
    attempt("open-material-truncated", |_| {
        OpenOptions::new().write(true).truncate(true).open("workspace/material").map(drop)
    }),
    attempt("open-material-read-only-truncated", |_| {
        open("workspace/material", libc::O_RDONLY | libc::O_TRUNC).map(drop)
    }),
    attempt("remove-material", |_| fs::remove_file("workspace/material")),
    attempt("remove-folder-of-materials", |_| fs::remove_dir("workspace/folder")),
    attempt("move-material-away", |_| fs::rename("workspace/material", "artifacts/stolen")),
    attempt("move-secret-in", |at| fs::rename(&at.secret, "artifacts/stolen")),
    attempt("move-over-material", |_| {
        fs::write("artifacts/new", "new")?;
        fs::rename("artifacts/new", "workspace/material")
    }),
    attempt("exchange-with-material", |_| {
        fs::write("artifacts/new", "new")?;
        let (old, new) = (path("workspace/material"), path("artifacts/new"));
        let here = libc::AT_FDCWD;
        let flags = libc::RENAME_EXCHANGE;
        call!(libc::SYS_renameat2, here, old.as_ptr(), here, new.as_ptr(), flags).map(drop)
    }),
    attempt("move-stage-away", |at| fs::rename(at.root.join("stage"), at.root.join("gone"))),
    attempt("move-artifacts-away", |_| fs::rename("artifacts", "gone")),
    attempt("replace-artifacts-by-link", |at| {
        fs::remove_dir("artifacts").and_then(|()| std::os::unix::fs::symlink(&at.root, "artifacts"))
    }),
    attempt("link-material", |_| fs::hard_link("workspace/material", "artifacts/same")),
    attempt("make-file-among-materials", |_| File::create("workspace/new").map(drop)),
    attempt("make-folder-among-materials", |_| fs::create_dir("workspace/new")),
    attempt("make-file-beside-stage", |_| File::create("../new").map(drop)),
    attempt("make-file-in-stage", |_| File::create("new").map(drop)),
    attempt("make-temporary-file", |_| tempfile::tempfile_in("/tmp").map(drop)),
    attempt("make-file-in-var-tmp", |_| tempfile::tempfile_in("/var/tmp").map(drop)),
    attempt("make-file-in-shared-memory", |_| tempfile::tempfile_in("/dev/shm").map(drop)),
    attempt("make-unnamed-file", |_| open("artifacts", libc::O_TMPFILE | libc::O_RDWR).map(drop)),
    attempt("link-unnamed-file", |_| {
        let file = open("artifacts", libc::O_TMPFILE | libc::O_RDWR)?;
        let (from, to) = (path(format!("/proc/self/fd/{}", file.as_raw_fd())), path("../named"));
        let (here, flags) = (libc::AT_FDCWD, libc::AT_SYMLINK_FOLLOW);
        call!(libc::SYS_linkat, here, from.as_ptr(), here, to.as_ptr(), flags).map(drop)
    }),
    attempt("make-link", |_| std::os::unix::fs::symlink("/etc", "artifacts/link")),
    attempt("make-pipe", |_| node(libc::S_IFIFO, 0)),
    attempt("make-socket-file", |_| node(libc::S_IFSOCK, 0)),
    attempt("make-null-device", |_| node(libc::S_IFCHR, 0x103)).root_only(),
    attempt("make-memory-device", |_| node(libc::S_IFCHR, 0x101)).root_only(),
    attempt("make-block-device", |_| node(libc::S_IFBLK, 0xfe00)).root_only(),
    attempt("write-own-program", |_| {
        let own = fs::read_link("/proc/self/exe")?;
        reached(OpenOptions::new().write(true).open(own), &[libc::ETXTBSY])
    })
    .given("a program that belongs to the user"),
];

pub(crate) const DEVICES: &[Attempt] = &[
    attempt("open-memory", |_| File::open("/dev/mem").map(drop)).root_only().given("/dev/mem"),
    attempt("open-ports", |_| File::open("/dev/port").map(drop)).root_only().given("/dev/port"),
    attempt("open-kernel-log", |_| File::open("/dev/kmsg").map(drop)).root_only().given("/dev/kmsg"),
    attempt("open-tunnel", |_| write_only("/dev/net/tun")).given("/dev/net/tun"),
    attempt("open-fuse", |_| write_only("/dev/fuse")).given("/dev/fuse"),
    attempt("open-kvm", |_| write_only("/dev/kvm")).given("/dev/kvm"),
    attempt("open-loop-control", |_| write_only("/dev/loop-control")).root_only().given("loop devices"),
    attempt("open-terminal-multiplexer", |_| {
        OpenOptions::new().read(true).write(true).open("/dev/ptmx").map(drop)
    })
    .given("terminals"),
    attempt("open-terminal", |at| {
        let terminal = at.terminal.as_ref().ok_or(io::ErrorKind::NotFound)?;
        open(terminal, libc::O_RDWR | libc::O_NOCTTY).map(drop)
    })
    .given("terminals"),
    attempt("open-block-device", |_| open_block_device()).root_only().given("a block device"),
    attempt("open-full-device", |_| write_only("/dev/full")),
];

pub(crate) const PROC: &[Attempt] = &[
    attempt("proc-list", |_| list("/proc")),
    attempt("proc-own-environment", |_| File::open("/proc/self/environ").map(drop)),
    attempt("proc-own-maps", |_| File::open("/proc/self/maps").and_then(read_something)),
    attempt("proc-own-mounts", |_| File::open("/proc/self/mountinfo").and_then(read_something)),
    attempt("proc-own-memory", |_| write_only("/proc/self/mem")),
    attempt("proc-own-page-map", |_| File::open("/proc/self/pagemap").map(drop)),
    attempt("proc-own-oom-score", |_| fs::write("/proc/self/oom_score_adj", "0")),
    attempt("proc-own-user-map", |_| write_only("/proc/self/uid_map")),
    attempt("proc-own-group", |_| File::open("/proc/self/cgroup").and_then(read_something)),
    attempt("proc-own-descriptors", |_| list("/proc/self/fd")),
    attempt("proc-own-program", |_| fs::read_link("/proc/self/exe").map(drop)),
    attempt("proc-working-folder", |_| std::env::current_dir().map(drop)),
    attempt("proc-kernel-symbols", |_| File::open("/proc/kallsyms").and_then(read_something))
        .given("/proc/kallsyms"),
    attempt("proc-kernel-memory", |_| File::open("/proc/kcore").map(drop)).root_only().given("/proc/kcore"),
    attempt("proc-kernel-log", |_| File::open("/proc/kmsg").map(drop)).root_only(),
    attempt("proc-keys", |_| File::open("/proc/keys").and_then(read_something)),
    attempt("proc-core-pattern", |_| write_only("/proc/sys/kernel/core_pattern")).root_only(),
    attempt("proc-module-loader", |_| write_only("/proc/sys/kernel/modprobe"))
        .root_only()
        .given("loadable modules"),
    attempt("proc-sysrq", |_| write_only("/proc/sysrq-trigger")).root_only().given("the magic keys"),
    attempt("proc-drop-caches", |_| write_only("/proc/sys/vm/drop_caches")).root_only(),
    attempt("proc-binary-formats", |_| list("/proc/sys/fs/binfmt_misc")),
    attempt("proc-connections", |_| File::open("/proc/net/tcp").and_then(read_something)),
    attempt("proc-sockets", |_| File::open("/proc/net/unix").and_then(read_something)),
    attempt("proc-processor", |_| File::open("/proc/cpuinfo").and_then(read_something)),
    attempt("proc-boot-id", |_| File::open("/proc/sys/kernel/random/boot_id").and_then(read_something)),
    attempt("proc-command-line", |_| File::open("/proc/cmdline").and_then(read_something)),
    attempt("proc-environment-of-another", |at| read_something(File::open(of(at, "environ"))?))
        .given("the right to look at another process"),
    attempt("proc-command-of-another", |at| read_something(File::open(of(at, "cmdline"))?)),
    attempt("proc-status-of-another", |at| read_something(File::open(of(at, "status"))?)),
    attempt("proc-maps-of-another", |at| read_something(File::open(of(at, "maps"))?))
        .given("the right to look at another process"),
    attempt("proc-descriptors-of-another", |at| list(of(at, "fd")))
        .given("the right to look at another process"),
    attempt("proc-stack-of-another", |at| File::open(of(at, "stack")).map(drop))
        .root_only()
        .given("/proc/PID/stack"),
    attempt("sys-control-groups", |_| list("/sys/fs/cgroup")),
    attempt("sys-control-group-processes", |_| open_control_group()).root_only().given("control groups"),
    attempt("sys-network-devices", |_| list("/sys/class/net")),
    attempt("sys-kernel-memory-layout", |_| File::open("/sys/kernel/notes").map(drop))
        .given("/sys/kernel/notes"),
    attempt("sys-debug", |_| list("/sys/kernel/debug")).root_only().given("/sys/kernel/debug"),
    attempt("sys-security", |_| list("/sys/kernel/security")).given("/sys/kernel/security"),
];

fn below_root(path: &Path) -> String {
    path.display().to_string().trim_start_matches('/').to_owned()
}

fn read(path: impl AsRef<Path>) -> io::Result<()> {
    read_all(File::open(path)?)
}

fn read_all(mut file: File) -> io::Result<()> {
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    shown(text == SECRET)
}

fn read_something(mut file: File) -> io::Result<()> {
    shown(file.read(&mut [0; 64])? > 0)
}

fn list(path: impl AsRef<Path>) -> io::Result<()> {
    fs::read_dir(path)?.take(1).try_for_each(|entry| entry.map(drop))
}

fn write(path: impl AsRef<Path>) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.write_all(b"changed")
}

/// Opens for writing, and writes nothing.
fn write_only(path: &str) -> io::Result<()> {
    OpenOptions::new().write(true).open(path).map(drop)
}

fn of(at: &Bait, name: &str) -> String {
    format!("/proc/{}/{name}", at.victim)
}

fn node(kind: u32, device: u64) -> io::Result<()> {
    let name = path("artifacts/node");
    call!(libc::SYS_mknodat, libc::AT_FDCWD, name.as_ptr(), kind | 0o600, device).map(drop)
}

fn open_block_device() -> io::Result<()> {
    let named = fs::read_dir("/sys/block")?.next().ok_or(io::ErrorKind::NotFound)??.file_name();
    open_at(libc::AT_FDCWD, Path::new("/dev").join(named), libc::O_RDONLY).map(drop)
}

fn open_control_group() -> io::Result<()> {
    let group = ["/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/unified/cgroup.procs"];
    let opened = group.iter().map(|path| write_only(path));
    opened.reduce(io::Result::or).unwrap_or_else(|| Err(io::ErrorKind::NotFound.into()))
}

/// A handle names a file of the file system that the stage is on, whatever can be reached by paths.
fn read_by_handle(secret: &Path) -> io::Result<()> {
    #[repr(C)]
    struct Handle {
        bytes: u32,
        kind: i32,
        handle: [u8; 128],
    }
    let mut handle = Handle { bytes: 128, kind: 0, handle: [0; 128] };
    let (name, mut mount) = (path(secret), 0_i32);
    let here = libc::AT_FDCWD;
    let (to, on) = (&raw mut handle, &raw mut mount);
    call!(libc::SYS_name_to_handle_at, here, name.as_ptr(), to, on, 0)?;
    let folder = File::open(".")?;
    let opened = call!(libc::SYS_open_by_handle_at, folder.as_raw_fd(), to, libc::O_RDONLY);
    read_all(File::from(crate::sys::descriptor(opened)?))
}
