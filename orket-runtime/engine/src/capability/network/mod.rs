//! `network.connect`: connections that the host makes and holds, to places that manifest and operator both name.
//!
//! Invariants: a place is judged before anything is asked or sent, so that a refused name reaches no resolver; a name
//! is resolved once, and only an address that was judged is connected to; what travels is an answer on record, so that
//! a replay needs no network.

mod address;
mod grant;

use grant::Reach;

use super::outside::Outside;
use super::{Answered, Call, Reply, arguments, failure, unknown_operation};
use crate::clock::Budget;
use crate::kernel::{Guard, Interrupt};
use orket_contract::code;
use orket_contract::network::Target;
use orket_contract::protocol::Failure;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

/// How many connections may be open at a time.
const OPEN_MAX: usize = 16;
/// The most bytes that one `read` gives (1 MiB).
const READ_BYTES_MAX: usize = 1 << 20;
/// The longest that a call may ask to wait, in milliseconds.
const TIMEOUT_MS_MAX: u64 = 120_000;

/// The connections of a run.
pub(crate) struct Network {
    reach: Reach,
    resolve: fn(&str, u16) -> io::Result<Vec<SocketAddr>>,
    opened: u64,
    open: BTreeMap<u64, Open>,
}

/// A connection; an interrupt of the host ends it.
struct Open {
    socket: TcpStream,
    _guard: Guard,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Connect {
    target: String,
    timeout_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    connection: u64,
    max: usize,
    timeout_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Write {
    connection: u64,
    timeout_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    connection: u64,
}

impl Network {
    /// No connection yet, and nowhere to connect to; `granted` is what the operator allows.
    pub(crate) fn new(granted: Vec<Target>) -> Self {
        let reach = Reach { declared: Vec::new(), granted };
        Self { reach, resolve, opened: 0, open: BTreeMap::new() }
    }

    /// Begins a step of a workload that declares these places: what an earlier one left open is closed.
    pub(crate) fn begin(&mut self, declared: Vec<Target>) {
        self.reach.declared = declared;
        self.open.clear();
    }

    pub(super) fn call(&mut self, call: &Call, budget: &mut Budget, outside: &mut Outside) -> Answered {
        match call.op.as_str() {
            "connect" => self.connect(&arguments(call)?, budget, outside),
            "read" => self.read(&arguments(call)?, budget, outside),
            "write" => self.write(&arguments(call)?, &call.blob, budget, outside),
            "shutdown" => {
                let Named { connection } = arguments(call)?;
                // A peer that is gone already has heard the end as well as it can.
                let _ = self.open(connection)?.socket.shutdown(Shutdown::Write);
                Ok(Reply::default())
            }
            "close" => {
                let Named { connection } = arguments(call)?;
                self.open(connection)?;
                self.open.remove(&connection);
                Ok(Reply::default())
            }
            _ => Err(unknown_operation(call)),
        }
    }

    fn connect(&mut self, asked: &Connect, budget: &mut Budget, outside: &mut Outside) -> Answered {
        let timeout = timeout(asked.timeout_ms)?;
        let target = self.reach.judge(&asked.target)?;
        if self.open.len() >= OPEN_MAX {
            return Err(bad(format!("at most {OPEN_MAX} connections are open at a time")));
        }
        let resolve = self.resolve;
        let found = match grant::known(&target) {
            Some(address) => vec![address],
            None => outside.wait(budget, |cap, end| resolved(resolve, &target, timeout.min(cap), end))?,
        };
        let addresses = self.reach.checked(&target, &found)?;
        let open = outside.wait(budget, |cap, interrupt| {
            connected(addresses, timeout.min(cap), interrupt).map_err(|error| format!("{target}: {error}"))
        })?;
        let peer = open.socket.peer_addr().map_or_else(|_| String::new(), |peer| peer.to_string());
        self.opened += 1;
        self.open.insert(self.opened, open);
        Ok(json!({ "address": peer, "connection": self.opened }).into())
    }

    /// What has come: nothing and no end when nothing came in time.
    fn read(&mut self, asked: &Read, budget: &mut Budget, outside: &mut Outside) -> Answered {
        let timeout = timeout(asked.timeout_ms)?;
        if !(1..=READ_BYTES_MAX).contains(&asked.max) {
            return Err(bad(format!("`max` is 1 to {READ_BYTES_MAX} bytes")));
        }
        let socket = &mut self.open(asked.connection)?.socket;
        let mut blob = vec![0; asked.max];
        let read = outside.wait(budget, |cap, _| {
            socket.set_read_timeout(Some(timeout.min(cap))).map_err(|error| error.to_string())?;
            match uninterrupted(|| socket.read(&mut blob)) {
                Ok(read) => Ok(Some(read)),
                Err(error) if is_timeout(&error) => Ok(None),
                Err(error) => Err(error.to_string()),
            }
        })?;
        blob.truncate(read.unwrap_or(0));
        Ok(Reply { value: json!({ "end": read == Some(0) }), blob })
    }

    /// Sends all of the attachment.
    fn write(&mut self, asked: &Write, blob: &[u8], budget: &mut Budget, outside: &mut Outside) -> Answered {
        let timeout = timeout(asked.timeout_ms)?;
        let socket = &mut self.open(asked.connection)?.socket;
        outside.wait(budget, |cap, _| {
            let deadline = Instant::now() + timeout.min(cap);
            written(socket, blob, deadline).map_err(|error| error.to_string())
        })?;
        Ok(Reply::default())
    }

    fn open(&mut self, connection: u64) -> Result<&mut Open, Failure> {
        let open = self.open.get_mut(&connection);
        open.ok_or_else(|| bad(format!("connection {connection} is not open")))
    }
}

fn bad(message: String) -> Failure {
    failure(code::CAPABILITY_BAD_CALL, message)
}

fn timeout(ms: u64) -> Result<Duration, Failure> {
    let range = 1..=TIMEOUT_MS_MAX;
    let is_in = range.contains(&ms);
    is_in
        .then(|| Duration::from_millis(ms))
        .ok_or_else(|| bad(format!("`timeout_ms` is 1 to {TIMEOUT_MS_MAX}")))
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}

fn uninterrupted(mut call: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

/// Writes everything by the deadline: a peer that reads byte by byte holds nobody.
fn written(socket: &mut TcpStream, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::Error::new(ErrorKind::TimedOut, "the peer does not read"));
        }
        socket.set_write_timeout(Some(left))?;
        match socket.write(bytes) {
            Ok(sent) => bytes = &bytes[sent..],
            Err(error) if error.kind() == ErrorKind::Interrupted || is_timeout(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn resolve(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    std::net::ToSocketAddrs::to_socket_addrs(&(name, port)).map(Iterator::collect)
}

/// Asks the resolver once.
fn resolved(
    resolve: fn(&str, u16) -> io::Result<Vec<SocketAddr>>,
    target: &Target,
    timeout: Duration,
    interrupt: &Interrupt,
) -> Result<Vec<SocketAddr>, String> {
    let (name, port) = (target.name().to_owned(), target.port());
    let found = apart(timeout, interrupt, move || resolve(&name, port)).flatten();
    found.map_err(|error| format!("{target}: the name was not resolved: {error}"))
}

/// Connects to the first of these addresses that answers.
fn connected(addresses: Vec<SocketAddr>, timeout: Duration, interrupt: &Interrupt) -> io::Result<Open> {
    let socket = apart(timeout, interrupt, move || first_connected(&addresses, timeout))??;
    socket.set_nodelay(true)?;
    let ended = socket.try_clone()?;
    let guard = interrupt.child(move || drop(ended.shutdown(Shutdown::Both)));
    Ok(Open { socket, _guard: guard })
}

fn first_connected(addresses: &[SocketAddr], timeout: Duration) -> io::Result<TcpStream> {
    let deadline = Instant::now() + timeout;
    let mut last = io::Error::new(ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        match TcpStream::connect_timeout(address, left) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Does what nothing can interrupt in a thread of its own, which ends with its answer.
///
/// # Errors
/// The time is over before, or everything is to end.
fn apart<T: Send + 'static>(
    timeout: Duration,
    interrupt: &Interrupt,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (sender, receiver) = sync_channel(2);
    let ended = sender.clone();
    let _guard = interrupt.child(move || drop(ended.try_send(Err(ErrorKind::Interrupted.into()))));
    std::thread::Builder::new().spawn(move || drop(sender.try_send(Ok(work()))))?;
    receiver.recv_timeout(timeout).unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
}

#[cfg(test)]
mod tests;
