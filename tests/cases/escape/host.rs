//! What a host does to itself before it makes attempts.

/// Gives root names, mounts and shared memory of its own, so that a control that succeeds changes nothing of the machine's.
pub(crate) fn own_surroundings() {
    let own = libc::CLONE_NEWNS | libc::CLONE_NEWIPC | libc::CLONE_NEWUTS;
    if crate::sys::call!(libc::SYS_unshare, own).is_ok() {
        let (root, private) = (c"/".as_ptr(), libc::MS_REC | libc::MS_PRIVATE);
        crate::sys::call!(libc::SYS_mount, 0, root, 0, private, 0).expect("mounts can be kept private");
    }
}

/// Makes `close_range` fail in this process and all that it starts, as on a kernel that lacks it: a launcher closes what it has
/// inherited before it is told what to leave out.
pub(crate) fn lack_close_range() {
    if !rustix::process::geteuid().is_root() {
        rustix::thread::set_no_new_privs(true).expect("a process may give up rights");
    }
    let statement = |code: u32, jf, k| libc::sock_filter { code: code as u16, jt: 0, jf, k };
    let call = u32::try_from(libc::SYS_close_range).expect("a system call has a number");
    let program = [
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0),
        statement(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, 1, call),
        statement(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ERRNO | libc::ENOSYS.unsigned_abs()),
        statement(libc::BPF_RET | libc::BPF_K, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
    let mode = libc::SECCOMP_SET_MODE_FILTER;
    crate::sys::call!(libc::SYS_seccomp, mode, 0, &raw const filter).expect("a filter can be had");
}
