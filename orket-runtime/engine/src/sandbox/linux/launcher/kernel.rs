//! Calls to the kernel, and the numbers of those that the launcher makes by itself.

use core::arch::asm;

#[cfg(target_arch = "x86_64")]
pub mod number {
    pub const READ: u64 = 0;
    pub const WRITE: u64 = 1;
    pub const CLOSE: u64 = 3;
    pub const MMAP: u64 = 9;
    pub const RECVFROM: u64 = 45;
    pub const CLONE: u64 = 56;
    pub const WAIT4: u64 = 61;
    pub const KILL: u64 = 62;
    pub const PTRACE: u64 = 101;
    pub const EXIT_GROUP: u64 = 231;
    pub const PROCESS_VM_READV: u64 = 310;
    pub const PROCESS_VM_WRITEV: u64 = 311;
    pub const CLONE3: u64 = 435;
    pub const CLOSE_RANGE: u64 = 436;
}
#[cfg(target_arch = "aarch64")]
pub mod number {
    pub const READ: u64 = 63;
    pub const WRITE: u64 = 64;
    pub const CLOSE: u64 = 57;
    pub const MMAP: u64 = 222;
    pub const RECVFROM: u64 = 207;
    pub const CLONE: u64 = 220;
    pub const WAIT4: u64 = 260;
    pub const KILL: u64 = 129;
    pub const PTRACE: u64 = 117;
    pub const EXIT_GROUP: u64 = 94;
    pub const PROCESS_VM_READV: u64 = 270;
    pub const PROCESS_VM_WRITEV: u64 = 271;
    pub const CLONE3: u64 = 435;
    pub const CLOSE_RANGE: u64 = 436;
}

pub fn exit(code: u64) -> ! {
    loop {
        unsafe { call(number::EXIT_GROUP, [code, 0, 0, 0, 0, 0]) };
    }
}

#[cfg(target_arch = "x86_64")]
pub unsafe fn call(number: u64, arguments: [u64; 6]) -> i64 {
    let result;
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number as i64 => result,
            in("rdi") arguments[0],
            in("rsi") arguments[1],
            in("rdx") arguments[2],
            in("r10") arguments[3],
            in("r8") arguments[4],
            in("r9") arguments[5],
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack)
        );
    }
    result
}

#[cfg(target_arch = "aarch64")]
pub unsafe fn call(number: u64, arguments: [u64; 6]) -> i64 {
    let result;
    unsafe {
        asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") arguments[0] as i64 => result,
            in("x1") arguments[1],
            in("x2") arguments[2],
            in("x3") arguments[3],
            in("x4") arguments[4],
            in("x5") arguments[5],
            options(nostack)
        );
    }
    result
}
