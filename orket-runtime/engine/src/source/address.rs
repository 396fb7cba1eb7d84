//! Addresses of git repositories, read strictly: what could mean two things, or holds a secret, is refused.

use crate::git::without_credentials;
use orket_contract::code;
use orket_contract::issue::Issue;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::Path;

/// How a repository is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// On this machine.
    File,
    /// git's own, without authentication or encryption.
    Git,
    /// Without encryption.
    Http,
    /// With encryption.
    Https,
    /// Over ssh.
    Ssh,
}

impl Protocol {
    const ALL: [Self; 5] = [Self::File, Self::Git, Self::Http, Self::Https, Self::Ssh];

    /// Its name, as addresses and git have it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Git => "git",
            Self::Http => "http",
            Self::Https => "https",
            Self::Ssh => "ssh",
        }
    }
}

/// The address of a git repository, without credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    text: String,
    /// How it is reached.
    pub protocol: Protocol,
    /// The host in lower case, without port; none on this machine.
    pub host: Option<String>,
}

impl Address {
    /// Whether a word is meant as an address: it names a protocol, or a host as ssh does.
    #[must_use]
    pub fn is_one(word: &str) -> bool {
        let before_colon = word.split_once(':').map(|(before, _)| before);
        word.contains("://") || before_colon.is_some_and(|before| !before.contains('/'))
    }

    /// The address of a repository in a folder.
    #[must_use]
    pub fn of_path(path: &Path) -> Self {
        Self { text: path.display().to_string(), protocol: Protocol::File, host: None }
    }

    /// Reads an address.
    ///
    /// # Errors
    /// `source.credentials`, `source.protocol` for a protocol that nothing allows, `source.invalid`.
    pub fn parse(text: &str) -> Result<Self, Issue> {
        // What is shown below never holds more of the address than may be shown.
        let shown = without_credentials(text);
        let shown = shown.split(['?', '#']).next().unwrap_or_default().escape_debug().to_string();
        if text.is_empty() || !text.chars().all(|c| c.is_ascii_graphic() && c != '\\') {
            return Err(invalid(&shown, "it has characters that no address has"));
        }
        match text.split_once("://") {
            Some((scheme, rest)) => Self::of_url(text, scheme, rest, &shown),
            None => Self::of_ssh(text, &shown),
        }
    }

    fn of_url(text: &str, scheme: &str, rest: &str, shown: &str) -> Result<Self, Issue> {
        let scheme = scheme.to_ascii_lowercase();
        let Some(protocol) = Protocol::ALL.into_iter().find(|known| known.as_str() == scheme) else {
            let message = format!("`{}` is not a protocol that sources come by", scheme.escape_debug());
            return Err(Issue::error(code::SOURCE_PROTOCOL, message).with_hint("use `https://` or `ssh://`"));
        };
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let (user, host) =
            authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        let is_name = |user: &str| protocol == Protocol::Ssh && !user.contains(':');
        if user.is_some_and(|user| !is_name(user)) || rest.contains(['?', '#']) {
            return Err(credentials(shown));
        }
        if path.len() < 2 {
            return Err(invalid(shown, "it names no repository"));
        }
        if protocol == Protocol::File {
            return match host {
                "" => Ok(Self { text: text.to_owned(), protocol, host: None }),
                _ => Err(invalid(shown, "a file's address starts with `file:///`")),
            };
        }
        let host = self::host(host).ok_or_else(|| invalid(shown, "it has no proper host"))?;
        Ok(Self { text: text.to_owned(), protocol, host: Some(host) })
    }

    /// `user@host:path`.
    fn of_ssh(text: &str, shown: &str) -> Result<Self, Issue> {
        let (before, path) = text.split_once(':').ok_or_else(|| invalid(shown, "it names no host"))?;
        if path.starts_with(':') {
            let message = format!("`{before}::` starts a program of that name");
            return Err(Issue::error(code::SOURCE_PROTOCOL, message).with_hint("use `https://` or `ssh://`"));
        }
        if path.contains(['@', '?', '#']) {
            return Err(credentials(shown));
        }
        let (user, host) = before.split_once('@').map_or((None, before), |(user, host)| (Some(user), host));
        let host = self::host(host).filter(|_| !path.is_empty() && user != Some(""));
        let host = host.ok_or_else(|| invalid(shown, "it has no proper host or names no repository"))?;
        Ok(Self { text: text.to_owned(), protocol: Protocol::Ssh, host: Some(host) })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A host without its port, in the form in which hosts are compared.
fn host(text: &str) -> Option<String> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, port.strip_prefix(':').or(port.is_empty().then_some("0"))?)
        }
        None => text.split_once(':').unwrap_or((text, "0")),
    };
    let is_label = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c);
    let is_host =
        host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':') && host.chars().all(is_label);
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    (is_host && !host.is_empty() && port.parse::<u16>().is_ok()).then_some(host)
}

fn credentials(shown: &str) -> Issue {
    let message = format!("the address {shown} was given with credentials, or with what may be some");
    Issue::error(code::SOURCE_CREDENTIALS, message).with_hint(
        "use `ssh` with a key: addresses are kept and shown, and this one is on record in your shell",
    )
}

fn invalid(shown: &str, why: &str) -> Issue {
    Issue::error(code::SOURCE_INVALID, format!("{shown} is not the address of a git repository: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(Protocol, Option<&str>), &str>) {
        let found = Address::parse(text);
        let found = found.as_ref().map(|found| (found.protocol, found.host.as_deref()));
        assert_eq!(found.map_err(|issue| issue.code.as_str()), expected, "{text}");
    }

    #[test]
    fn an_address_means_one_host() {
        check("https://Example.org/ann/game.git", Ok((Protocol::Https, Some("example.org"))));
        check("https://example.org.:8443/game", Ok((Protocol::Https, Some("example.org"))));
        check("ssh://git@example.org:22/game", Ok((Protocol::Ssh, Some("example.org"))));
        check("git@example.org:ann/game.git", Ok((Protocol::Ssh, Some("example.org"))));
        check("HTTPS://[::1]:443/game", Ok((Protocol::Https, Some("::1"))));
        check("file:///srv/game.git", Ok((Protocol::File, None)));
        check("http://example.org/game", Ok((Protocol::Http, Some("example.org"))));
        check("git://example.org/game", Ok((Protocol::Git, Some("example.org"))));
        for text in [
            "https:///game",
            "https://example.org",
            "https://example.org/",
            "https://exa mple.org/x",
            "https://good.org\\@evil.org/x",
            "https://-oProxyCommand=x/y",
            "ssh://-oProxyCommand=x/y",
            "-oProxyCommand=x:y",
            "https://example.org:port/x",
            "https://ex%61mple.org/x",
            "https://exämple.org/x",
            "file://host/srv/game",
            "git@:x",
            "@example.org:x",
            "git@example.org:",
            "https://[::1/x",
        ] {
            check(text, Err(code::SOURCE_INVALID));
        }
        for text in ["ext::sh -c x", "ext::x", "ftp://example.org/x", "javascript://example.org/x"] {
            let code = Address::parse(text).expect_err("refused").code;
            assert!([code::SOURCE_PROTOCOL, code::SOURCE_INVALID].contains(&code.as_str()), "{text}");
        }
        check("ext::x", Err(code::SOURCE_PROTOCOL));
    }

    #[test]
    fn credentials_are_refused_and_never_shown() {
        for text in [
            "https://s3cret@example.org/game",
            "https://ann:s3cret@example.org/game",
            "https://ann:s3cret@x@example.org/game",
            "ssh://git:s3cret@example.org/game",
            "https://example.org/game?access_token=s3cret",
            "https://example.org/game#s3cret",
            "git:s3cret@example.org:game",
            "git@example.org:game?token=s3cret",
            "http://:s3cret@example.org/game",
        ] {
            let issue = Address::parse(text).expect_err("refused");
            assert_eq!(issue.code, code::SOURCE_CREDENTIALS, "{text}");
            assert!(!format!("{issue:?}").contains("s3cret"), "{issue:?}");
        }
        let broken = Address::parse("https://ann:s3cret@exa mple.org/x").expect_err("refused");
        assert!(!format!("{broken:?}").contains("s3cret"), "{broken:?}");
    }
}
