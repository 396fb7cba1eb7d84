//! More than one's share: of memory, processes, descriptors, space and kernel objects.
//!
//! Each is bounded by itself, so that the control outside takes no more than that.

use crate::attempt::{Attempt, attempt};
use crate::sys::{call, descriptor, end, fill, fork, map};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};

/// What guests of the suite may have, and a bit.
const MEMORY: usize = crate::profile::MEMORY_BYTES + (16 << 20);
const FILE: u64 = crate::profile::FILE_BYTES + (1 << 20);
/// More than guests of the suite may keep altogether, in files that are allowed one by one.
const FILES: u64 = 64 << 20;
const OWN: i32 = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
const ALL: i32 = libc::MAP_SHARED | libc::MAP_ANONYMOUS;

pub(crate) const SHARE: &[Attempt] = &[
    attempt("memory-private", |_| fill(MEMORY, OWN, -1)),
    attempt("memory-in-small-maps", |_| (0..MEMORY / (64 << 10)).try_for_each(|_| fill(64 << 10, OWN, -1))),
    attempt("memory-of-allocator", |_| {
        let mut bytes = Vec::<u8>::new();
        bytes.try_reserve_exact(MEMORY).map_err(|_| io::Error::from_raw_os_error(libc::ENOMEM))?;
        bytes.resize(MEMORY, 1);
        std::hint::black_box(bytes);
        Ok(())
    }),
    attempt("memory-by-break", |_| {
        let old = call!(libc::SYS_brk, 0)?;
        let new = old + MEMORY as i64;
        crate::sys::shown(call!(libc::SYS_brk, new)? == new)
            .map_err(|_| io::Error::from_raw_os_error(libc::ENOMEM))
    }),
    attempt("memory-by-growing-a-map", |_| {
        let at = map(4096, 3, OWN, -1)?;
        call!(libc::SYS_mremap, at, 4096, MEMORY, libc::MREMAP_MAYMOVE).map(drop)
    }),
    attempt("memory-shared", |_| fill(MEMORY, ALL, -1)),
    attempt("memory-read-only-then-writable", |_| {
        // Only what is private and writable counts; this becomes so later.
        let at = map(MEMORY, libc::PROT_READ, OWN, -1)?;
        call!(libc::SYS_mprotect, at, MEMORY, libc::PROT_READ | libc::PROT_WRITE).map(drop)
    }),
    attempt("memory-that-grows-down", |_| map(4096, 3, OWN | libc::MAP_GROWSDOWN, -1).map(drop)),
    attempt("memory-in-huge-pages", |_| map(2 << 20, 3, OWN | libc::MAP_HUGETLB, -1).map(drop))
        .given("huge pages in reserve"),
    attempt("memory-file", |_| {
        let memory = descriptor(call!(libc::SYS_memfd_create, c"x".as_ptr(), 0))?;
        call!(libc::SYS_ftruncate, memory.as_raw_fd(), MEMORY)?;
        fill(MEMORY, libc::MAP_SHARED, memory.as_raw_fd())
    }),
    attempt("memory-of-pipes", |_| {
        let mut held = Vec::new();
        for _ in 0..16 {
            let mut ends = [0_i32; 2];
            call!(libc::SYS_pipe2, ends.as_mut_ptr(), libc::O_NONBLOCK)?;
            held.push(ends);
            call!(libc::SYS_write, ends[1], [0_u8; 4096].as_ptr(), 4096)?;
        }
        Ok(())
    }),
];

pub(crate) const OBJECTS: &[Attempt] = &[
    attempt("processes-300", |_| {
        let made: Vec<_> = (0..300).map_while(|_| fork(pause).ok()).collect();
        let all = made.len() == 300;
        made.into_iter().for_each(end);
        crate::sys::shown(all)
    }),
    attempt("threads-300", |_| {
        let stay = || std::thread::park();
        let made = (0..300).map_while(|_| {
            let thread = std::thread::Builder::new().stack_size(64 << 10);
            thread.spawn(stay).ok()
        });
        crate::sys::shown(made.count() == 300)
    }),
    attempt("descriptors-600", |_| {
        let files: io::Result<Vec<OwnedFd>> =
            (0..600).map(|_| crate::sys::open("workspace/material", libc::O_RDONLY)).collect();
        files.map(drop)
    })
    .given("a limit of more than 600 open files"),
    attempt("descriptor-beyond-limit", |_| call!(libc::SYS_dup3, 1, 700, 0).map(drop))
        .given("a limit of more than 700 open files"),
    attempt("timers-1000", |_| {
        (0..1000).try_for_each(|_| {
            let mut timer = 0_i32;
            call!(libc::SYS_timer_create, libc::CLOCK_MONOTONIC, 0, &raw mut timer).map(drop)
        })
    }),
    attempt("watches-of-epoll", |at| {
        let set = descriptor(call!(libc::SYS_epoll_create1, 0))?;
        let event = [1_u32, 0, 0];
        call!(libc::SYS_epoll_ctl, set.as_raw_fd(), 1, at.socket, event.as_ptr()).map(drop)
    }),
];

pub(crate) const SPACE: &[Attempt] = &[
    attempt("file-large", |_| {
        let (block, mut file) = (vec![0_u8; 1 << 20], File::create("artifacts/large")?);
        (0..FILE >> 20).try_for_each(|_| file.write_all(&block))
    }),
    attempt("file-sparse", |_| File::create("artifacts/sparse")?.set_len(1 << 40)),
    attempt("file-reserved", |_| {
        let file = File::create("artifacts/reserved")?;
        call!(libc::SYS_fallocate, file.as_raw_fd(), 0, 0, FILE).map(drop)
    })
    .given("a file system that reserves space"),
    attempt("file-written-far-out", |_| {
        let file = File::create("artifacts/far")?;
        call!(libc::SYS_pwrite64, file.as_raw_fd(), c"x".as_ptr(), 1, FILE).map(drop)
    }),
    attempt("files-that-fill-the-disk", |_| {
        let size = crate::profile::FILE_BYTES;
        let block = vec![0_u8; 1 << 20];
        for number in 0..FILES / size {
            let mut file = File::create(format!("artifacts/{number}"))?;
            (0..size >> 20).try_for_each(|_| file.write_all(&block))?;
        }
        Ok(())
    }),
    attempt("files-2000", |_| (0..2000).try_for_each(|at| File::create(format!("artifacts/{at}")).map(drop))),
    attempt("folders-deep", |_| {
        // Each is made below the one before, with paths that the kernel still takes.
        fs::create_dir_all(format!("artifacts/{}", "d/".repeat(1900)))
    }),
    attempt("folders-beyond-paths", |_| {
        let mut folder: OwnedFd = File::open("artifacts")?.into();
        for _ in 0..3000 {
            call!(libc::SYS_mkdirat, folder.as_raw_fd(), c"d".as_ptr(), 0o700)?;
            folder = crate::sys::open_at(folder.as_raw_fd(), "d", libc::O_RDONLY)?;
        }
        Ok(())
    }),
];

fn pause() {
    // SAFETY: waits for a signal, and touches nothing.
    unsafe { libc::pause() };
}
