//! Where a workload may connect to: `host:port` over TCP, as manifests, operators and calls write it.
//!
//! Invariants: one place has one text. An address is written the usual way alone, because a spelling that
//! only some resolvers take for an address (`127.1`, `0x7f000001`, `[::ffff:127.0.0.1]`) would pass for a name.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The longest name of a host, in bytes (RFC 1035).
const NAME_BYTES_MAX: usize = 253;
/// The longest part of it.
const LABEL_BYTES_MAX: usize = 63;

/// A host and a port. As a pattern, `*.example.com` stands for every name below `example.com`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    host: Host,
    port: u16,
}

/// A host, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// This address.
    Address(IpAddr),
    /// Every name that ends in a dot and this.
    Below(String),
    /// This name.
    Name(String),
}

/// Why a text is no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is not a host, a colon and a port.
    Form,
    /// The port is no number from 1 to 65535.
    Port,
    /// The name is none.
    Name,
    /// It ends like an IPv4 address and is none in its usual form.
    Number,
    /// It is no IPv6 address.
    Address,
    /// It is an IPv4 address in the clothes of IPv6.
    Mapped,
    /// `*` stands somewhere else than alone before at least two further parts.
    Pattern,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "a target is `host:port`, such as `api.example.com:443` or `[2001:db8::1]:443`",
            Self::Port => "a port is a number from 1 to 65535",
            Self::Name => "a host is parts of letters, digits and `-`, joined by `.`",
            Self::Number => "an address is four decimal numbers without leading zeros",
            Self::Address => "this is no IPv6 address",
            Self::Mapped => "an IPv4 address is written as one",
            Self::Pattern => "`*` is the first part of a name and has two or more after it",
        })
    }
}

impl Target {
    /// The host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The name that a resolver knows; of an address nothing.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.host {
            Host::Address(_) => "",
            Host::Below(name) | Host::Name(name) => name,
        }
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A target that is an address.
    #[must_use]
    pub fn at(address: IpAddr, port: u16) -> Self {
        Self { host: Host::Address(address), port }
    }

    /// Whether it stands for many hosts.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        matches!(self.host, Host::Below(_))
    }

    /// Whether everything that `other` stands for is one of what this stands for.
    ///
    /// ```
    /// use orket_contract::network::Target;
    /// let target = |text: &str| text.parse::<Target>().unwrap();
    /// assert!(target("*.example.com:443").covers(&target("api.example.com:443")));
    /// assert!(!target("*.example.com:443").covers(&target("example.com:443")));
    /// ```
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let below = |parent: &str, name: &str| {
            name.strip_suffix(parent).is_some_and(|before| before.len() > 1 && before.ends_with('.'))
        };
        self.port == other.port
            && match (&self.host, &other.host) {
                (Host::Below(parent), Host::Name(name)) => below(parent, name),
                (Host::Below(parent), Host::Below(name)) => parent == name || below(parent, name),
                (own, other) => own == other,
            }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let port = self.port;
        match &self.host {
            Host::Address(IpAddr::V4(address)) => write!(f, "{address}:{port}"),
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]:{port}"),
            Host::Below(parent) => write!(f, "*.{parent}:{port}"),
            Host::Name(name) => write!(f, "{name}:{port}"),
        }
    }
}

impl FromStr for Target {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        // A URL is taken for a target most often.
        let (host, port) = text.rsplit_once(':').filter(|_| !text.contains('/')).ok_or(Fault::Form)?;
        let host = match host.strip_prefix('[').map(|inner| inner.strip_suffix(']')) {
            Some(inner) => address(inner.ok_or(Fault::Form)?)?,
            None if host.is_empty() || host.contains([':', ']']) => return Err(Fault::Form),
            None => named(&host.to_ascii_lowercase())?,
        };
        // One number has one text.
        let number = port.parse().ok().filter(|number: &u16| *number != 0 && number.to_string() == port);
        Ok(Self { host, port: number.ok_or(Fault::Port)? })
    }
}

fn address(text: &str) -> Result<Host, Fault> {
    let address: Ipv6Addr = text.parse().map_err(|_| Fault::Address)?;
    if address.to_ipv4_mapped().is_some() {
        return Err(Fault::Mapped);
    }
    Ok(Host::Address(address.into()))
}

/// A name, a pattern of names, or an IPv4 address. What ends in a number is an address or nothing: that is
/// how resolvers read it, too.
fn named(host: &str) -> Result<Host, Fault> {
    let last = host.rsplit('.').next().unwrap_or(host);
    let hexadecimal =
        last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
    if hexadecimal || (!last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())) {
        let address: Ipv4Addr = host.parse().map_err(|_| Fault::Number)?;
        return Ok(Host::Address(address.into()));
    }
    if let Some(parent) = host.strip_prefix("*.") {
        return match parent.contains('.') && !parent.contains('*') {
            true => name(parent).map(Host::Below),
            false => Err(Fault::Pattern),
        };
    }
    if host.contains('*') { Err(Fault::Pattern) } else { name(host).map(Host::Name) }
}

fn name(text: &str) -> Result<String, Fault> {
    let is_label = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_name = text.len() <= NAME_BYTES_MAX && text.split('.').all(is_label);
    if is_name { Ok(text.to_owned()) } else { Err(Fault::Name) }
}

#[cfg(feature = "model")]
impl serde::Serialize for Target {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "model")]
impl<'de> serde::Deserialize<'de> for Target {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <String as serde::Deserialize>::deserialize(deserializer)?;
        text.parse().map_err(|fault| serde::de::Error::custom(format!("`{text}`: {fault}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, Fault>) {
        let parsed = text.parse::<Target>().map(|target| target.to_string());
        assert_eq!(parsed.as_deref().map_err(|fault| *fault), expected, "{text}");
    }

    #[test]
    fn names_patterns_and_addresses_have_one_text() {
        check("api.example.com:443", Ok("api.example.com:443"));
        check("API.Example.COM:443", Ok("api.example.com:443"));
        check("*.example.com:8443", Ok("*.example.com:8443"));
        check("localhost:1", Ok("localhost:1"));
        check("xn--bcher-kva.example:80", Ok("xn--bcher-kva.example:80"));
        check("3com.example:80", Ok("3com.example:80"));
        check("127.0.0.1:65535", Ok("127.0.0.1:65535"));
        check("[2001:DB8:0::1]:80", Ok("[2001:db8::1]:80"));
    }

    #[test]
    fn other_spellings_of_addresses_are_neither_addresses_nor_names() {
        for text in [
            "2130706433:80",
            "127.1:80",
            "0177.0.0.1:80",
            "0x7f.0.0.1:80",
            "0x7f000001:80",
            "127.0.0.01:80",
            "127.0.0.0x1:80",
            "1.2.3.4.5:80",
            "256.0.0.1:80",
            "a.b.1:80",
            "0x:80",
        ] {
            check(text, Err(Fault::Number));
        }
        check("[::ffff:127.0.0.1]:80", Err(Fault::Mapped));
        check("[::ffff:7f00:1]:80", Err(Fault::Mapped));
        check("[fe80::1%eth0]:80", Err(Fault::Address));
        check("[127.0.0.1]:80", Err(Fault::Address));
    }

    #[test]
    fn what_is_no_target_says_why() {
        for text in [
            "",
            "a.example",
            ":80",
            "::1:80",
            "[::1:80",
            "::1]:80",
            "http://a.example:80",
            "http://a.example",
            "a.example/x:80",
        ] {
            check(text, Err(Fault::Form));
        }
        for text in [
            "a.example:",
            "a.example:0",
            "a.example:080",
            "a.example:65536",
            "a.example:+1",
            "a.example:http",
        ] {
            check(text, Err(Fault::Port));
        }
        for text in [
            "a..example:80",
            "a.example.:80",
            "-a.example:80",
            "a-.example:80",
            "a_b.example:80",
            "bücher.example:80",
            "a b:80",
            "user@a.example:80",
        ] {
            check(text, Err(Fault::Name));
        }
        for text in ["*:80", "*.com:80", "*.*.example.com:80", "a.*.example.com:80", "a*.example.com:80"] {
            check(text, Err(Fault::Pattern));
        }
        check(&format!("{}.example:80", "a".repeat(64)), Err(Fault::Name));
        check(&format!("{}a.example:80", "a.".repeat(130)), Err(Fault::Name));
    }

    #[test]
    fn a_target_covers_itself_and_a_pattern_what_is_below_it() {
        let covers = |own: &str, other: &str| {
            let target = |text: &str| text.parse::<Target>().expect("a target");
            target(own).covers(&target(other))
        };
        assert!(covers("a.example.com:443", "A.example.com:443"));
        assert!(covers("*.example.com:443", "b.a.example.com:443"));
        assert!(covers("*.example.com:443", "*.a.example.com:443"));
        assert!(covers("*.example.com:443", "*.example.com:443"));
        assert!(covers("[::1]:443", "[0::1]:443"));
        for (own, other) in [
            ("a.example.com:443", "a.example.com:80"),
            ("a.example.com:443", "b.a.example.com:443"),
            ("*.example.com:443", "example.com:443"),
            ("*.example.com:443", "evilexample.com:443"),
            ("*.a.example.com:443", "*.example.com:443"),
            ("a.example.com:443", "*.example.com:443"),
        ] {
            assert!(!covers(own, other), "{own} {other}");
        }
    }
}
