//! The numbers of the system calls that a program may make past libc's other entry points.

use std::ffi::c_long;

macro_rules! numbers {
    ($($name:ident $x86_64:literal $aarch64:literal)*) => {
        $(#[cfg(target_arch = "x86_64")] pub(super) const $name: c_long = $x86_64;)*
        $(#[cfg(target_arch = "aarch64")] pub(super) const $name: c_long = $aarch64;)*
    };
}

// Where an architecture has no such call, a number that none has.
numbers! {
    STAT 4 -2
    FSTAT 5 80
    LSTAT 6 -3
    NANOSLEEP 35 101
    GETPID 39 172
    SOCKET 41 198
    SOCKETPAIR 53 199
    CLONE 56 220
    FORK 57 -5
    VFORK 58 -6
    UNAME 63 160
    RENAME 82 -5
    RMDIR 84 -6
    UNLINK 87 -7
    GETTIMEOFDAY 96 169
    GETRUSAGE 98 165
    SYSINFO 99 179
    GETUID 102 174
    GETGID 104 176
    GETEUID 107 175
    GETEGID 108 177
    GETPPID 110 173
    GETTID 186 178
    TIME 201 -4
    FUTEX 202 98
    SCHED_GETAFFINITY 204 123
    CLOCK_GETTIME 228 113
    CLOCK_GETRES 229 114
    CLOCK_NANOSLEEP 230 115
    NEWFSTATAT 262 79
    UNLINKAT 263 35
    RENAMEAT 264 38
    GETCPU 309 168
    RENAMEAT2 316 276
    GETRANDOM 318 278
    STATX 332 291
}
