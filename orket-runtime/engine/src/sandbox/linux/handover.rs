//! What host and launcher tell each other before the launcher becomes the guest.
//!
//! Host to launcher: one length-prefixed JSON [`Order`] over the socket that later belongs to the guest, accompanied by the
//! executable and the write end of a pipe. Launcher to host: lines of JSON ([`Report`]) over that pipe. The pipe closes by
//! itself when the executable takes over, so its end is the proof of a start, and nothing of this can be mistaken for the
//! guest's own words.

use super::super::{Confinement, Layer, LayerStatus};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags,
};
use serde::{Deserialize, Serialize};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;

/// Host and launcher may be different builds; this says whether they understand each other.
pub(super) const VERSION: u32 = 3;
/// An order must fit into the socket's buffer, because it is sent before anyone reads.
const ORDER_BYTES_MAX: usize = 64 << 10;
const REPORT_BYTES_MAX: usize = 64 << 10;

/// Everything that the launcher is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) version: u32,
    /// The process that must be the launcher's parent.
    pub(super) host: i32,
    pub(super) confinement: Confinement,
}

/// What travels with an [`Order`].
pub(super) struct Enclosed {
    pub(super) executable: OwnedFd,
    pub(super) report: OwnedFd,
}

/// What the launcher answers.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Report {
    /// Every layer that is required or there is in force; the executable is next.
    Ready { layers: Vec<LayerStatus> },
    /// A required layer is missing.
    Unavailable { layer: Layer, errno: i32, message: String },
    /// Something else failed.
    Failed { step: String, errno: i32 },
}

/// Sends the order with the two descriptors; never blocks.
pub(super) fn send(socket: &UnixStream, order: &Order, enclosed: [BorrowedFd<'_>; 2]) -> io::Result<()> {
    let json = serde_json::to_vec(order)?;
    if json.len() > ORDER_BYTES_MAX {
        return Err(io::Error::other("the confinement is too long for the launcher"));
    }
    let length = u32::try_from(json.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    control.push(SendAncillaryMessage::ScmRights(&enclosed));
    let flags = SendFlags::NOSIGNAL;
    rustix::net::sendmsg(socket, &[IoSlice::new(&length)], &mut control, flags)?;
    (&*socket).write_all(&json)
}

/// Receives the order and exactly two descriptors, which are not inherited further.
pub(super) fn receive(mut socket: impl Read + AsFd) -> io::Result<(Order, Enclosed)> {
    let mut length = [0; 4];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let slices = &mut [IoSliceMut::new(&mut length)];
    let flags = RecvFlags::CMSG_CLOEXEC | RecvFlags::WAITALL;
    let message = rustix::net::recvmsg(&socket, slices, &mut control, flags)?;
    if message.bytes != 4 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut descriptors = control
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(descriptors) => Some(descriptors),
            _ => None,
        })
        .flatten();
    let (Some(executable), Some(report)) = (descriptors.next(), descriptors.next()) else {
        return Err(io::Error::other("the order came without its descriptors"));
    };
    let length = u32::from_be_bytes(length) as usize;
    if length > ORDER_BYTES_MAX {
        return Err(io::Error::other("the order is too long"));
    }
    let mut json = vec![0; length];
    socket.read_exact(&mut json)?;
    Ok((serde_json::from_slice(&json)?, Enclosed { executable, report }))
}

/// Writes one report.
pub(super) fn report(mut pipe: impl Write, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    pipe.write_all(&line)
}

/// Reads reports until the pipe closes, at most until `deadline`.
pub(super) fn reports(pipe: impl Into<OwnedFd>, deadline: Instant) -> io::Result<Vec<Report>> {
    let mut pipe = std::fs::File::from(pipe.into());
    let mut bytes = Vec::new();
    loop {
        await_readable(pipe.as_fd(), deadline)?;
        let mut part = [0; 4096];
        let count = pipe.read(&mut part)?;
        bytes.extend_from_slice(&part[..count]);
        if count == 0 {
            break;
        }
        if bytes.len() > REPORT_BYTES_MAX {
            return Err(io::Error::other("the launcher reports too much"));
        }
    }
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.filter(|line| !line.is_empty()).map(|line| Ok(serde_json::from_slice(line)?)).collect()
}

/// Waits until there is something to read (or the other side is gone), at most until `deadline`.
pub(super) fn await_readable(fd: BorrowedFd<'_>, deadline: Instant) -> io::Result<()> {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
        match poll(&mut [PollFd::from_borrowed_fd(fd, PollFlags::IN)], Some(&timeout)) {
            Ok(0) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(_) => return Ok(()),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn order() -> Order {
        Order { version: VERSION, host: 7, confinement: Confinement::new("/stage") }
    }

    #[test]
    fn an_order_arrives_with_its_descriptors() {
        let (host, guest) = UnixStream::pair().unwrap();
        let (mut reader, writer) = io::pipe().unwrap();
        let executable = tempfile::tempfile().unwrap();
        send(&host, &order(), [executable.as_fd(), writer.as_fd()]).unwrap();
        drop(writer);
        let (received, enclosed) = receive(&guest).unwrap();
        assert_eq!(received.confinement, order().confinement);
        let failure = Report::Failed { step: "x".into(), errno: 2 };
        report(std::fs::File::from(enclosed.report), &failure).unwrap();
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!(text, "{\"failed\":{\"step\":\"x\",\"errno\":2}}\n");
    }

    #[test]
    fn an_order_without_descriptors_or_of_monstrous_length_is_refused() {
        let (mut host, guest) = UnixStream::pair().unwrap();
        host.write_all(&[0, 0, 0, 0]).unwrap();
        assert!(receive(&guest).is_err());
        let nothing = tempfile::tempfile().unwrap();
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(2))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let both = [nothing.as_fd(), nothing.as_fd()];
        control.push(SendAncillaryMessage::ScmRights(&both));
        let length = IoSlice::new(&[0xff; 4]);
        rustix::net::sendmsg(&host, &[length], &mut control, SendFlags::empty()).unwrap();
        assert!(receive(&guest).is_err());
    }

    #[test]
    fn reports_end_with_the_pipe_and_are_bounded_in_time() {
        let (reader, mut writer) = io::pipe().unwrap();
        writer
            .write_all(b"{\"ready\":{\"layers\":[]}}\n{\"failed\":{\"step\":\"x\",\"errno\":2}}\n")
            .unwrap();
        let waiting = reader.try_clone().unwrap();
        drop(writer);
        let deadline = Instant::now() + Duration::from_secs(10);
        let found = reports(waiting, deadline).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], Report::Ready { layers: vec![] });

        let (reader, _writer) = io::pipe().unwrap();
        let error = reports(reader, Instant::now()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
