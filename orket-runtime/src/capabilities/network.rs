//! The `network.connect` capability.

use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::handle::Handle;
use crate::result::Result;

/// The most bytes that travel with one call (1 MiB).
const CALL_BYTES_MAX: usize = 1 << 20;
/// How long a call waits, unless another time is set.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Connections to hosts that the workload declares (`network = ["api.example.com:443"]`) and the operator
/// grants (`--network api.example.com:443`).
///
/// The host makes the connection and holds it; what travels goes through it and on record, so that a
/// replay needs no network. It resolves a name once and connects to no private address that the operator
/// does not grant as such.
///
/// Operations: `connect {target, timeout_ms}` → `{connection, address}`; `read {connection, max,
/// timeout_ms}` → `{end}` and the bytes attached, none without an end when none came in time;
/// `write {connection, timeout_ms}` with the bytes attached; `shutdown {connection}`, which ends what is
/// sent; `close {connection}`. At most 16 connections are open at a time.
///
/// ```
/// use orket_runtime::prelude::*;
/// use std::io::{Read, Write};
/// fn fetch(ctx: &mut WorkloadContext) -> Result<Vec<u8>> {
///     let mut connection = ctx.capabilities.network()?.connect("example.com:80")?;
///     connection.write_all(b"GET / HTTP/1.0\r\nHost: example.com\r\n\r\n")?;
///     let mut answer = Vec::new();
///     connection.read_to_end(&mut answer)?;
///     Ok(answer)
/// }
/// ```
#[derive(Clone)]
pub struct Network(Handle);

impl Network {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// Connects to `host:port`, within 30 seconds.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{Connection, Network}, Result};
    /// fn dial(network: &Network) -> Result<Connection> {
    ///     network.connect("[2001:db8::1]:443")
    /// }
    /// ```
    ///
    /// # Errors
    /// `network.target` for what is no target; `capability.undeclared` and `capability.denied` for one that
    /// the workload does not declare or the operator does not grant; `network.address` for a name of a
    /// private address; `capability.failed` when nobody answers there.
    #[track_caller]
    pub fn connect(&self, target: &str) -> Result<Connection> {
        self.connect_within(target, TIMEOUT)
    }

    /// The same within a time of at most two minutes, which holds for what is read and written, too.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{Connection, Network}, Result};
    /// fn dial(network: &Network) -> Result<Connection> {
    ///     network.connect_within("example.com:443", std::time::Duration::from_secs(2))
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`Network::connect`]; `capability.bad-call` for another time.
    #[track_caller]
    pub fn connect_within(&self, target: &str, timeout: Duration) -> Result<Connection> {
        #[derive(Deserialize)]
        struct Connected {
            connection: u64,
            address: String,
        }
        let args = [("target", target.into()), ("timeout_ms", milliseconds(timeout))];
        let Connected { connection, address } = self.0.call("connect", args, &[])?;
        Ok(Connection { handle: self.0.clone(), connection, address, timeout })
    }
}

/// A connection: what is written is sent at once, and `read` waits for what comes. Dropping it closes it.
///
/// Each read and each write is a call: wrap it in [`std::io::BufReader`] to read lines.
///
/// ```
/// # use orket_runtime::{capabilities::Network, Result};
/// use std::io::{BufRead, BufReader};
/// fn greeting(network: &Network) -> Result<String> {
///     let mut line = String::new();
///     BufReader::new(network.connect("mail.example.com:25")?).read_line(&mut line)?;
///     Ok(line)
/// }
/// ```
pub struct Connection {
    handle: Handle,
    connection: u64,
    address: String,
    timeout: Duration,
}

impl Connection {
    /// The address that the host connected to, such as `93.184.216.34:80`.
    ///
    /// ```
    /// # use orket_runtime::capabilities::Connection;
    /// fn is_v6(connection: &Connection) -> bool {
    ///     connection.address().starts_with('[')
    /// }
    /// ```
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Sets how long a read or write waits: at most two minutes.
    ///
    /// ```
    /// # use orket_runtime::capabilities::Connection;
    /// fn hurry(connection: &mut Connection) {
    ///     connection.set_timeout(std::time::Duration::from_millis(500));
    /// }
    /// ```
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Tells the other side that nothing more is sent; what it sends can still be read.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::Connection, Result};
    /// use std::io::{Read, Write};
    /// fn ask(mut connection: Connection, question: &[u8]) -> Result<String> {
    ///     connection.write_all(question)?;
    ///     connection.finish()?;
    ///     let mut answer = String::new();
    ///     connection.read_to_string(&mut answer)?;
    ///     Ok(answer)
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the host cannot be asked.
    #[track_caller]
    pub fn finish(&mut self) -> Result<()> {
        self.handle.call("shutdown", [("connection", self.connection.into())], &[])
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        #[derive(Deserialize)]
        struct Came {
            end: bool,
        }
        if buffer.is_empty() {
            return Ok(0);
        }
        let max = buffer.len().min(CALL_BYTES_MAX);
        let args = [
            ("connection", self.connection.into()),
            ("max", max.into()),
            ("timeout_ms", milliseconds(self.timeout)),
        ];
        let (Came { end }, bytes) =
            self.handle.call_for_bytes("read", args, &[]).map_err(|error| failed(&error))?;
        if bytes.is_empty() && !end {
            return Err(ErrorKind::TimedOut.into());
        }
        let room = buffer.get_mut(..bytes.len()).ok_or(ErrorKind::InvalidData)?;
        room.copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = &bytes[..bytes.len().min(CALL_BYTES_MAX)];
        if !bytes.is_empty() {
            let args = [("connection", self.connection.into()), ("timeout_ms", milliseconds(self.timeout))];
            let () = self.handle.call("write", args, bytes).map_err(|error| failed(&error))?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // The host closes what is left open.
            let _ = self.handle.call::<Value, 1>("close", [("connection", self.connection.into())], &[]);
        }
    }
}

fn failed(error: &crate::result::Error) -> io::Error {
    io::Error::other(error.to_string())
}

fn milliseconds(timeout: Duration) -> Value {
    u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX).into()
}
