//! Gives up every privilege for good.

use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, remove_capability_from_bounding_set, set_capabilities,
    set_no_new_privs,
};
use std::io;

/// Sets `no_new_privs` and drops all capabilities.
///
/// With the first, executing a file as root gives back no capability that was dropped before.
pub(super) fn renounce() -> io::Result<()> {
    set_no_new_privs(true)?;
    if held()?.is_empty() {
        return Ok(());
    }
    for bit in 0..u64::BITS {
        let one = CapabilitySet::from_bits_retain(1 << bit);
        // Without the privilege to shrink the bounding set, `no_new_privs` alone must do; past the last capability it is EINVAL.
        let _ = remove_capability_from_bounding_set(one);
    }
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    if !held()?.is_empty() {
        return Err(io::Error::from_raw_os_error(libc::EPERM));
    }
    Ok(())
}

fn held() -> rustix::io::Result<CapabilitySet> {
    let sets = capabilities(None)?;
    Ok(sets.effective | sets.permitted | sets.inheritable)
}
