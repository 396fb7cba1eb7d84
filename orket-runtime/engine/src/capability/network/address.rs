//! Which addresses are of the public internet. Pure; source: the special-purpose registries of IANA.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address must be granted as one: what it belongs to, or nothing when everybody could reach it.
pub(super) fn special(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => v4(address),
        IpAddr::V6(address) => v6(address),
    }
}

fn v4(address: Ipv4Addr) -> Option<&'static str> {
    Some(match address.octets() {
        [0, ..] => "this network",
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => "a private network",
        [100, 64..=127, ..] => "a carrier's private network",
        [127, ..] => "this machine",
        // Here the clouds answer questions about the machine (169.254.169.254).
        [169, 254, ..] => "the local link",
        [192, 0, 0, _] | [192, 88, 99, _] => "a protocol",
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => "documentation",
        [198, 18..=19, ..] => "benchmarks",
        [224..=239, ..] => "multicast",
        [240..=255, ..] => "nobody",
        _ => return None,
    })
}

fn v6(address: Ipv6Addr) -> Option<&'static str> {
    let embedded = |high: u16, low: u16| {
        let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
        v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("this network"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("this machine"),
        // IPv4 in other clothes: mapped, translated (NAT64), and tunnelled (6to4).
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low).or(Some("a protocol")),
        [0xfe80..=0xfebf, ..] => Some("the local link"),
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Some("a private network"),
        [0xff00..=0xffff, ..] => Some("multicast"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Some("documentation"),
        [0x2001, 0..=0x1ff, ..] => Some("a protocol"),
        [0x2000..=0x3fff, ..] => None,
        _ => Some("nobody"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_not_special() {
        for (address, expected) in [
            ("8.8.8.8", None),
            ("100.63.255.255", None),
            ("100.128.0.0", None),
            ("172.15.255.255", None),
            ("172.32.0.0", None),
            ("169.253.255.255", None),
            ("198.20.0.0", None),
            ("223.255.255.255", None),
            ("2606:4700::1111", None),
            ("2001:4860:4860::8888", None),
            ("64:ff9b::8.8.8.8", None),
            ("::ffff:8.8.8.8", None),
            ("0.0.0.0", Some("this network")),
            ("0.1.2.3", Some("this network")),
            ("10.0.0.1", Some("a private network")),
            ("172.16.0.1", Some("a private network")),
            ("172.31.255.255", Some("a private network")),
            ("192.168.1.1", Some("a private network")),
            ("100.64.0.1", Some("a carrier's private network")),
            ("127.0.0.1", Some("this machine")),
            ("127.255.255.254", Some("this machine")),
            ("169.254.169.254", Some("the local link")),
            ("192.0.0.8", Some("a protocol")),
            ("192.0.2.1", Some("documentation")),
            ("198.18.0.1", Some("benchmarks")),
            ("224.0.0.1", Some("multicast")),
            ("240.0.0.1", Some("nobody")),
            ("255.255.255.255", Some("nobody")),
            ("::", Some("this network")),
            ("::1", Some("this machine")),
            ("::127.0.0.1", Some("nobody")),
            ("::ffff:127.0.0.1", Some("this machine")),
            ("::ffff:a9fe:a9fe", Some("the local link")),
            ("64:ff9b::10.0.0.1", Some("a private network")),
            ("64:ff9b:1::1", Some("nobody")),
            ("2002:7f00:1::", Some("this machine")),
            ("2002:808:808::", Some("a protocol")),
            ("2001::1", Some("a protocol")),
            ("2001:db8::1", Some("documentation")),
            ("3fff:fff::1", Some("documentation")),
            ("100::1", Some("nobody")),
            ("fc00::1", Some("a private network")),
            ("fdff::1", Some("a private network")),
            ("fe80::1", Some("the local link")),
            ("febf::1", Some("the local link")),
            ("fec0::1", Some("a private network")),
            ("ff02::1", Some("multicast")),
            ("fd00:ec2::254", Some("a private network")),
            ("4000::1", Some("nobody")),
        ] {
            assert_eq!(special(address.parse().expect(address)), expected, "{address}");
        }
    }
}
