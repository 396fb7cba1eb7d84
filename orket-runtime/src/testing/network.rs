//! A fake of `network.connect`: peers that say what the test sets up, and keep what they are sent.

use orket_contract::code;
use orket_contract::network::Target;
use serde::Deserialize;
use serde_json::{Value, json};

use super::fake::FakeCapabilities;
use super::world::{Call, Setting, World};
use crate::result::{Error, Result};

/// A connection to a fake peer.
#[derive(Debug)]
pub(super) struct Connected {
    target: String,
    /// What the peer has not said yet.
    rest: Vec<u8>,
    sent: Vec<u8>,
    is_open: bool,
}

impl FakeCapabilities {
    /// A peer at `host:port` that says this to everyone who connects, whatever it is sent, and then ends. There is no
    /// other peer; whether the workload declares it is the host's to judge, not a fake's.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// let fakes = FakeCapabilities::new().with_peer("example.com:80", b"HTTP/1.0 204 No Content\r\n\r\n");
    /// ```
    #[must_use]
    pub fn with_peer(self, target: &str, says: &[u8]) -> Self {
        let mut setting = self.setting().clone();
        setting.peers.insert(target.to_owned(), says.to_vec());
        Self::starting(setting)
    }

    /// What was sent to a peer, over all connections to it.
    ///
    /// ```
    /// use orket_runtime::testing::FakeCapabilities;
    /// assert!(FakeCapabilities::new().sent_to("example.com:80").is_empty());
    /// ```
    #[must_use]
    pub fn sent_to(&self, target: &str) -> Vec<u8> {
        let world = self.shared_world();
        let world = world.borrow();
        world.connections.iter().filter(|one| one.target == target).flat_map(|one| one.sent.clone()).collect()
    }
}

pub(super) fn network(setting: &Setting, world: &mut World, call: &Call<'_>) -> Result<Value> {
    #[derive(Deserialize)]
    struct Connect {
        target: String,
    }
    #[derive(Deserialize)]
    struct Reading {
        connection: usize,
        max: usize,
    }
    #[derive(Deserialize)]
    struct Named {
        connection: usize,
    }
    match call.op {
        "connect" => {
            let Connect { target } = call.arguments()?;
            let parsed = target.parse::<Target>();
            parsed.map_err(|why| Error::new(code::NETWORK_TARGET, format!("`{target}`: {why}")))?;
            let nobody =
                || Error::new(code::CAPABILITY_FAILED, format!("the test set up no peer at `{target}`"));
            let rest = setting.peers.get(&target).cloned().ok_or_else(nobody)?;
            world.connections.push(Connected { target, rest, sent: Vec::new(), is_open: true });
            Ok(json!({ "address": "192.0.2.1:1", "connection": world.connections.len() }))
        }
        "read" => {
            let Reading { connection, max } = call.arguments()?;
            let rest = &mut open(world, connection)?.rest;
            let said: Vec<u8> = rest.drain(..max.min(rest.len())).collect();
            let end = said.is_empty();
            world.attached = said;
            Ok(json!({ "end": end }))
        }
        "write" | "shutdown" | "close" => {
            let Named { connection } = call.arguments()?;
            let one = open(world, connection)?;
            one.sent.extend(call.attachment);
            one.is_open = call.op != "close";
            Ok(Value::Null)
        }
        _ => Err(call.unknown()),
    }
}

fn open(world: &mut World, connection: usize) -> Result<&mut Connected> {
    let one = connection.checked_sub(1).and_then(|at| world.connections.get_mut(at));
    let message = || format!("connection {connection} is not open");
    one.filter(|one| one.is_open).ok_or_else(|| Error::new(code::CAPABILITY_BAD_CALL, message()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capabilities::{CapabilityProvider, CapabilityRegistry};
    use std::io::{Read, Write};

    #[test]
    fn a_peer_says_its_part_and_keeps_what_it_is_sent() {
        let fakes = FakeCapabilities::new().with_peer("a.example:80", b"hello");
        let mut registry = CapabilityRegistry::new();
        registry.merge(&fakes).expect("one provider");
        let network = registry.resolve(&fakes.provides()).expect("its own").network().expect("held");
        let mut connection = network.connect("a.example:80").expect("connected");
        connection.write_all(b"good ").expect("sent");
        connection.write_all(b"day").expect("sent");
        let mut heard = [0; 3];
        connection.read_exact(&mut heard).expect("three bytes");
        connection.finish().expect("finished");
        let mut rest = String::new();
        connection.read_to_string(&mut rest).expect("the rest");
        assert_eq!((&heard, rest.as_str()), (b"hel", "lo"));
        drop(connection);
        assert_eq!(fakes.sent_to("a.example:80"), b"good day");
        assert!(!fakes.shared_world().borrow().connections[0].is_open);
        let code = |target| network.connect(target).map(|_| ()).expect_err("refused").code().to_owned();
        assert_eq!(
            (code("b.example:80"), code("127.1:80")),
            ("capability.failed".into(), "network.target".into())
        );
    }
}
