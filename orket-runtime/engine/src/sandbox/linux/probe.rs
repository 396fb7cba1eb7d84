//! Which layers this machine has, without changing this process.

use super::super::{Layer, LayerStatus, State};
use super::kernel;
use std::io;

/// Asks the kernel for every layer.
///
/// It asks and does not try: a guest's [`report`](super::Guest::report) is what was really applied.
///
/// # Example
/// ```
/// let missing: Vec<_> = orket_engine::sandbox::probe().into_iter().filter(|status| !status.is_enforced()).collect();
/// println!("{missing:?}");
/// ```
pub fn probe() -> Vec<LayerStatus> {
    let status = |layer| LayerStatus {
        layer,
        state: match ask(layer) {
            Ok(()) => State::Enforced,
            Err(error) => {
                State::Missing { errno: error.raw_os_error().unwrap_or_default(), message: error.to_string() }
            }
        },
    };
    Layer::ALL.into_iter().map(status).collect()
}

fn ask(layer: Layer) -> io::Result<()> {
    match layer {
        Layer::ParentDeath => rustix::process::parent_process_death_signal().map(|_| ())?,
        Layer::Descriptors => kernel::has_close_range()?,
        Layer::Privileges => rustix::thread::no_new_privs().map(|_| ())?,
        // Lowering a limit is always allowed.
        Layer::Limits => {}
        Layer::WriteXorExecute => kernel::has_refuse_exec_gain()?,
        Layer::Files => landlock_at_least(3)?,
        Layer::Ports => landlock_at_least(4)?,
        Layer::Scopes => landlock_at_least(6)?,
        Layer::SystemCalls | Layer::Ambient => kernel::has_filter()?,
        // Only a start can tell.
        Layer::Identity | Layer::StartVector | Layer::Counter => {}
        Layer::Layout => kernel::has_personality()?,
        Layer::Processes | Layer::Tree | Layer::Network | Layer::Ipc => namespaces()?,
    }
    Ok(())
}

fn namespaces() -> io::Result<()> {
    let privileged = super::identity::identity().is_privileged;
    match super::machine::user_namespaces() {
        Some(false) if !privileged => Err(io::Error::other("user namespaces are switched off")),
        _ => Ok(()),
    }
}

fn landlock_at_least(version: i64) -> io::Result<()> {
    let found = kernel::landlock_version()?;
    if found < version {
        return Err(io::Error::other(format!("Landlock {version} is needed, the kernel has {found}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_is_asked_for() {
        let found: Vec<Layer> = probe().into_iter().map(|status| status.layer).collect();
        assert_eq!(found, Layer::ALL);
    }
}
