//! What only x86-64 has: other ways to call the kernel, older calls, and the processor's own tables.

use crate::attempt::Attempt;
#[cfg(target_arch = "x86_64")]
use crate::{attempt::attempt, sys::call};

#[cfg(not(target_arch = "x86_64"))]
pub(crate) const MACHINE: &[Attempt] = &[];

#[cfg(target_arch = "x86_64")]
pub(crate) const MACHINE: &[Attempt] = &[
    // 20 is getpid there, 359 is socket.
    attempt("call-of-32-bits", |_| interrupt(20, 0, 0, 0)).given("calls of 32 bits"),
    attempt("socket-of-32-bits", |_| interrupt(359, libc::AF_INET, libc::SOCK_STREAM, 0))
        .given("calls of 32 bits"),
    attempt("call-of-x32", |_| call!(0x4000_0000 | libc::SYS_getpid).map(drop)).given("the x32 interface"),
    attempt("local-descriptor-table", |_| {
        let mut table = [0_u8; 64];
        call!(libc::SYS_modify_ldt, 0, table.as_mut_ptr(), table.len()).map(drop)
    })
    .given("local descriptor tables"),
    attempt("local-descriptor", |_| {
        let entry = [0_u32, 0, 0, 0x51];
        call!(libc::SYS_modify_ldt, 1, entry.as_ptr(), 16).map(drop)
    })
    .given("local descriptor tables"),
    attempt("ports", |_| call!(libc::SYS_ioperm, 0x80, 1, 1).map(drop)).root_only().given("port access"),
    attempt("all-ports", |_| call!(libc::SYS_iopl, 3).map(drop)).root_only().given("port access"),
    attempt("faulting-cpuid", |_| call!(libc::SYS_arch_prctl, 0x1011, 0).map(drop))
        .given("a processor whose CPUID can fault"),
    attempt("other-segment-base", |_| {
        let mut base = 0_u64;
        call!(libc::SYS_arch_prctl, 0x1004, &raw mut base).map(drop)
    }),
    attempt("shadow-stack", |_| call!(453, 0, 4096, 0).map(drop)).given("shadow stacks"),
    attempt("thread-area", |_| {
        let mut area = [0_u32; 4];
        call!(libc::SYS_get_thread_area, area.as_mut_ptr()).map(drop)
    })
    .given("calls of 32 bits"),
    attempt("old-fork", |_| crate::processes::started(call!(libc::SYS_fork))),
    attempt("old-pipe", |_| {
        let mut ends = [0_i32; 2];
        call!(libc::SYS_pipe, ends.as_mut_ptr()).map(drop)
    }),
    attempt("old-link", |_| old(libc::SYS_link, "workspace/material", "artifacts/same")),
    attempt("old-symlink", |_| old(libc::SYS_symlink, "/etc", "artifacts/link")),
    attempt("old-mode", |_| {
        let name = crate::sys::path("workspace/material");
        call!(libc::SYS_chmod, name.as_ptr(), 0o777).map(drop)
    }),
    attempt("old-create-among-materials", |_| {
        let name = crate::sys::path("workspace/new");
        call!(libc::SYS_creat, name.as_ptr(), 0o600).map(drop)
    }),
    attempt("old-list-of-file-systems", |_| call!(libc::SYS_sysfs, 3).map(drop)).given("sysfs(2)"),
    attempt("old-times", |_| {
        let name = crate::sys::path("workspace/material");
        call!(libc::SYS_utime, name.as_ptr(), 0).map(drop)
    }),
    attempt("old-alarm", |_| call!(libc::SYS_alarm, 0).map(drop)),
];

#[cfg(target_arch = "x86_64")]
fn old(number: i64, from: &str, to: &str) -> std::io::Result<()> {
    let (from, to) = (crate::sys::path(from), crate::sys::path(to));
    call!(number, from.as_ptr(), to.as_ptr()).map(drop)
}

/// Calls the kernel as a program of 32 bits does.
#[cfg(target_arch = "x86_64")]
fn interrupt(number: i32, one: i32, two: i32, three: i32) -> std::io::Result<()> {
    let mut result: i64 = number.into();
    // SAFETY: only numbers go in. The compiler keeps rbx for itself, so it is put back.
    unsafe {
        std::arch::asm!(
            "xchg rbx, {one}",
            "int 0x80",
            "xchg rbx, {one}",
            one = inout(reg) i64::from(one) => _,
            inout("rax") result,
            in("rcx") i64::from(two),
            in("rdx") i64::from(three),
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    // Without a library, the error is in the answer.
    match i32::try_from(result) {
        Ok(answer) if answer >= 0 => Ok(()),
        Ok(code) => Err(std::io::Error::from_raw_os_error(-code)),
        Err(error) => Err(std::io::Error::other(error)),
    }
}
