//! The network: every way to a socket, and what sockets tell.

use crate::attempt::{Attempt, attempt};
use crate::sys::{call, descriptor, socket};
use std::io::{self, Write};
use std::net::{Ipv6Addr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixStream};

pub(crate) const INTERNET: &[Attempt] = &[
    attempt("tcp-connect", |at| TcpStream::connect(("127.0.0.1", at.tcp4)).map(drop)),
    attempt("tcp6-connect", |at| TcpStream::connect((Ipv6Addr::LOCALHOST, at.tcp6.ok_or(NONE)?)).map(drop))
        .given("IPv6"),
    attempt("tcp6-connect-to-mapped-address", |at| {
        let mapped: Ipv6Addr = "::ffff:127.0.0.1".parse().map_err(io::Error::other)?;
        TcpStream::connect((mapped, at.tcp4)).map(drop)
    })
    .given("IPv6"),
    attempt("tcp-fast-open", |at| {
        let stream = socket(libc::AF_INET, libc::SOCK_STREAM, 0)?;
        send_to(&stream, libc::MSG_FASTOPEN, at.tcp4)
    })
    .given("TCP Fast Open"),
    attempt("multipath-tcp-connect", |at| {
        let stream = socket(libc::AF_INET, libc::SOCK_STREAM, libc::IPPROTO_MPTCP)?;
        connect(&stream, at.tcp4)
    })
    .given("Multipath TCP"),
    attempt("tcp-listen", |_| TcpListener::bind("127.0.0.1:0").map(drop)),
    attempt("tcp-listen-without-bind", |_| {
        let stream = socket(libc::AF_INET, libc::SOCK_STREAM, 0)?;
        call!(libc::SYS_listen, stream.as_raw_fd(), 1).map(drop)
    }),
    attempt("udp-send", |at| UdpSocket::bind("127.0.0.1:0")?.send_to(b"x", ("127.0.0.1", at.udp4)).map(drop)),
    attempt("udp6-send", |at| {
        UdpSocket::bind("[::1]:0")?.send_to(b"x", (Ipv6Addr::LOCALHOST, at.udp6.ok_or(NONE)?)).map(drop)
    })
    .given("IPv6"),
    attempt("udp-connect", |at| UdpSocket::bind("127.0.0.1:0")?.connect(("127.0.0.1", at.udp4))),
    attempt("udp-listen", |_| UdpSocket::bind("0.0.0.0:0").map(drop)),
    attempt("udp-send-many", |at| {
        let datagrams = socket(libc::AF_INET, libc::SOCK_DGRAM, 0)?;
        connect(&datagrams, at.udp4)?;
        let byte = libc::iovec { iov_base: c"x".as_ptr().cast_mut().cast(), iov_len: 1 };
        let parts = &raw const byte;
        let message = [0, 0, parts as u64, 1, 0, 0, 0, 0];
        call!(libc::SYS_sendmmsg, datagrams.as_raw_fd(), message.as_ptr(), 1, 0).map(drop)
    }),
    attempt("udp-lite", |_| socket(libc::AF_INET, libc::SOCK_DGRAM, libc::IPPROTO_UDPLITE).map(drop))
        .given("UDP-Lite"),
    attempt("resolve-name", |_| ("localhost", 80).to_socket_addrs().map(drop)),
    attempt("raw-packets", |_| socket(libc::AF_INET, libc::SOCK_RAW, libc::IPPROTO_ICMP).map(drop))
        .root_only(),
    attempt("raw-packets-of-any-protocol", |_| {
        socket(libc::AF_INET6, libc::SOCK_RAW, libc::IPPROTO_RAW).map(drop)
    })
    .root_only(),
    attempt("ping", |_| socket(libc::AF_INET, libc::SOCK_DGRAM, libc::IPPROTO_ICMP).map(drop))
        .given("a group that may ping (net.ipv4.ping_group_range)"),
    attempt("sctp", |_| socket(libc::AF_INET, libc::SOCK_STREAM, libc::IPPROTO_SCTP).map(drop)).given("SCTP"),
    attempt("dccp", |_| socket(libc::AF_INET, 6, libc::IPPROTO_DCCP).map(drop)).given("DCCP"),
    attempt("accept-on-given-socket", |at| {
        crate::sys::reached(call!(libc::SYS_accept4, at.socket, 0, 0, 0), &[libc::EINVAL])
    }),
    attempt("own-address-of-given-socket", |at| {
        let (mut name, mut size) = ([0_u8; 128], 128_u32);
        call!(libc::SYS_getsockname, at.socket, name.as_mut_ptr(), &raw mut size).map(drop)
    }),
];

const NONE: io::ErrorKind = io::ErrorKind::NotFound;

pub(crate) const FAMILIES: &[Attempt] = &[
    attempt("packets-of-the-link", |_| socket(libc::AF_PACKET, libc::SOCK_RAW, 0).map(drop)).root_only(),
    attempt("netlink-routes", |_| netlink(libc::NETLINK_ROUTE)),
    attempt("netlink-events-of-devices", |_| netlink(libc::NETLINK_KOBJECT_UEVENT)),
    attempt("netlink-sockets", |_| netlink(libc::NETLINK_SOCK_DIAG)).given("socket diagnosis"),
    attempt("netlink-generic", |_| netlink(libc::NETLINK_GENERIC)),
    attempt("netlink-audit", |_| netlink(libc::NETLINK_AUDIT)).given("audit"),
    attempt("netlink-filter", |_| netlink(libc::NETLINK_NETFILTER)).given("netfilter"),
    attempt("netlink-crypto", |_| netlink(libc::NETLINK_CRYPTO)).given("the kernel's ciphers"),
    attempt("virtual-machine", |_| family(libc::AF_VSOCK, libc::SOCK_STREAM)).given("vsock"),
    attempt("kernel-ciphers", |_| family(libc::AF_ALG, libc::SOCK_SEQPACKET)).given("the kernel's ciphers"),
    attempt("bluetooth", |_| family(libc::AF_BLUETOOTH, libc::SOCK_RAW)).given("Bluetooth"),
    attempt("rds", |_| family(libc::AF_RDS, libc::SOCK_SEQPACKET)).given("RDS"),
    attempt("tipc", |_| family(libc::AF_TIPC, libc::SOCK_STREAM)).given("TIPC"),
    attempt("can", |_| family(libc::AF_CAN, libc::SOCK_RAW)).given("CAN"),
    attempt("kernel-connection-multiplexer", |_| family(41, libc::SOCK_DGRAM)).given("KCM"),
    attempt("smc", |_| family(43, libc::SOCK_STREAM)).given("SMC"),
    attempt("express-data-path", |_| family(libc::AF_XDP, libc::SOCK_RAW)).root_only().given("XDP"),
    attempt("x25", |_| family(libc::AF_X25, libc::SOCK_SEQPACKET)).given("X.25"),
    attempt("phonet", |_| family(libc::AF_PHONET, libc::SOCK_DGRAM)).given("Phonet"),
    attempt("ieee802154", |_| family(libc::AF_IEEE802154, libc::SOCK_DGRAM)).given("IEEE 802.15.4"),
    attempt("nfc", |_| family(libc::AF_NFC, libc::SOCK_SEQPACKET)).given("NFC"),
    attempt("qualcomm-router", |_| family(42, libc::SOCK_DGRAM)).given("QRTR"),
    attempt("appletalk", |_| family(libc::AF_APPLETALK, libc::SOCK_DGRAM)).given("AppleTalk"),
];

pub(crate) const LOCAL: &[Attempt] = &[
    attempt("unix-connect", |at| UnixStream::connect(&at.stream).map(drop)),
    attempt("unix-send", |at| UnixDatagram::unbound()?.send_to(b"x", &at.datagram).map(drop)),
    attempt("unix-connect-abstract", |at| {
        UnixStream::connect_addr(&SocketAddr::from_abstract_name(&at.stream_name)?).map(drop)
    }),
    attempt("unix-send-abstract", |at| {
        let name = SocketAddr::from_abstract_name(&at.datagram_name)?;
        UnixDatagram::unbound()?.send_to_addr(b"x", &name).map(drop)
    }),
    attempt("unix-listen", |_| std::os::unix::net::UnixListener::bind("artifacts/socket").map(drop)),
    attempt("unix-listen-abstract", |at| {
        let name = SocketAddr::from_abstract_name(format!("{}-own", at.stream_name))?;
        std::os::unix::net::UnixListener::bind_addr(&name).map(drop)
    }),
    attempt("unix-pair", |_| UnixStream::pair().and_then(|(mut one, _other)| one.write_all(b"x"))),
    attempt("unix-send-by-given-socket", |at| {
        // With an address, to whom it is not connected. A stream refuses that by itself; a filter does it before.
        let mut name = [0_u8; 110];
        name[0] = 1;
        let path = at.datagram.as_os_str().as_encoded_bytes();
        name[2..2 + path.len()].copy_from_slice(path);
        let sent = call!(libc::SYS_sendto, at.socket, c"x".as_ptr(), 1, 0, name.as_ptr(), 110);
        crate::sys::reached(sent, &[libc::EISCONN])
    }),
];

/// 127.0.0.1 and a port, as the kernel reads it.
fn address(port: u16) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&2_u16.to_ne_bytes());
    bytes[2..4].copy_from_slice(&port.to_be_bytes());
    bytes[4..8].copy_from_slice(&[127, 0, 0, 1]);
    bytes
}

fn connect(socket: &OwnedFd, port: u16) -> io::Result<()> {
    let address = address(port);
    call!(libc::SYS_connect, socket.as_raw_fd(), address.as_ptr(), 16).map(drop)
}

fn send_to(socket: &OwnedFd, flags: i32, port: u16) -> io::Result<()> {
    let address = address(port);
    call!(libc::SYS_sendto, socket.as_raw_fd(), c"x".as_ptr(), 1, flags, address.as_ptr(), 16).map(drop)
}

fn netlink(protocol: i32) -> io::Result<()> {
    socket(libc::AF_NETLINK, libc::SOCK_RAW, protocol).map(drop)
}

/// A socket of the first protocol that the family has.
fn family(family: i32, kind: i32) -> io::Result<()> {
    descriptor(call!(libc::SYS_socket, family, kind, 0)).map(drop)
}
