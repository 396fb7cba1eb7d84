//! Where a run may connect to. Pure.

use super::address;
use crate::capability::failure;
use orket_contract::code;
use orket_contract::network::{Host, Target};
use orket_contract::protocol::Failure;
use std::net::{IpAddr, SocketAddr};

/// The places that a workload declares and those that the operator grants.
#[derive(Debug, Clone, Default)]
pub(super) struct Reach {
    pub(super) declared: Vec<Target>,
    pub(super) granted: Vec<Target>,
}

impl Reach {
    /// The place that a call names, if it is declared and granted.
    ///
    /// # Errors
    /// `network.target`, `capability.undeclared`, `capability.denied`.
    pub(super) fn judge(&self, text: &str) -> Result<Target, Failure> {
        let fault = |why: &dyn std::fmt::Display| {
            let text: String = text.chars().take(64).collect();
            failure(code::NETWORK_TARGET, format!("`{}`: {why}", text.escape_debug()))
        };
        let target: Target = text.parse().map_err(|why| fault(&why))?;
        if target.is_pattern() {
            return Err(fault(&"one connects to one host, and a pattern stands for many"));
        }
        let names = |list: &[Target]| list.iter().any(|place| place.covers(&target));
        if !names(&self.declared) {
            let message = format!("`{target}` is not in `network` of the workload");
            return Err(failure(code::CAPABILITY_UNDECLARED, message));
        }
        if !names(&self.granted) {
            let message = format!(
                "`{target}` is declared, and not granted: the operator grants it with `--network {target}`"
            );
            return Err(failure(code::CAPABILITY_DENIED, message));
        }
        Ok(target)
    }

    /// The addresses of a place that may be connected to: public ones, and those that the operator grants as such.
    ///
    /// # Errors
    /// `network.address` when there are addresses and none of them may.
    pub(super) fn checked(&self, target: &Target, found: &[SocketAddr]) -> Result<Vec<SocketAddr>, Failure> {
        let why = |address: &SocketAddr| {
            let canonical = address.ip().to_canonical();
            let granted = self.granted.contains(&Target::at(canonical, target.port()));
            if granted { None } else { address::special(canonical).map(|what| (canonical, what)) }
        };
        let allowed: Vec<_> = found.iter().filter(|address| why(address).is_none()).copied().collect();
        match found.iter().find_map(why) {
            Some((refused, what)) if allowed.is_empty() => {
                Err(failure(code::NETWORK_ADDRESS, refusal(target, refused, what)))
            }
            _ => Ok(allowed),
        }
    }
}

/// The address of a place that is one.
pub(super) fn known(target: &Target) -> Option<SocketAddr> {
    match target.host() {
        Host::Address(address) => Some(SocketAddr::new(*address, target.port())),
        Host::Below(_) | Host::Name(_) => None,
    }
}

fn refusal(target: &Target, address: IpAddr, what: &str) -> String {
    let granted = Target::at(address, target.port());
    format!(
        "`{target}` is at {address}, which belongs to {what}: the operator grants that with `--network {granted}`"
    )
}
