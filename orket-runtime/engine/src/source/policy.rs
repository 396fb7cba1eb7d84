//! What the user allows sources to be. Pure.

use super::{Protocol, Source};
use orket_contract::code;
use orket_contract::issue::{Issue, Severity};
use serde::{Deserialize, Serialize};

/// What happens to a source that the policy does not allow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It is refused.
    #[default]
    Enforce,
    /// It is reported, and used.
    Warn,
    /// Nothing happens.
    Off,
}

/// What the user allows. Credentials in an address are refused whatever it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SourcePolicy {
    /// What happens to the rest.
    pub mode: Mode,
    /// How sources may be reached.
    pub protocols: Vec<Protocol>,
    /// Whether they may lie on this machine.
    pub local: bool,
    /// The hosts that are allowed, such as `example.org` or `*.example.org`; all of them when there are none.
    pub allow_hosts: Vec<String>,
    /// The hosts that are not, even if they are allowed.
    pub deny_hosts: Vec<String>,
}

impl Default for SourcePolicy {
    fn default() -> Self {
        Self {
            mode: Mode::Enforce,
            protocols: vec![Protocol::File, Protocol::Https, Protocol::Ssh],
            local: true,
            allow_hosts: Vec::new(),
            deny_hosts: Vec::new(),
        }
    }
}

impl SourcePolicy {
    /// Everything that stands against a source; as warnings where the mode says so.
    ///
    /// # Errors
    /// Nothing here fails: `source.protocol`, `source.host` and `source.local` are values.
    #[must_use]
    pub fn check(&self, source: &Source) -> Vec<Issue> {
        let mut issues: Vec<Issue> = [self.local(source), self.protocol(source), self.host(source)]
            .into_iter()
            .flatten()
            .map(|issue| issue.with_hint("`cargo orket config` shows the policy and where it is set"))
            .collect();
        match self.mode {
            Mode::Enforce => {}
            Mode::Warn => issues.iter_mut().for_each(|issue| issue.severity = Severity::Warning),
            Mode::Off => issues.clear(),
        }
        issues
    }

    fn local(&self, source: &Source) -> Option<Issue> {
        (!self.local && source.is_local())
            .then(|| Issue::error(code::SOURCE_LOCAL, "the policy allows no sources on this machine"))
    }

    fn protocol(&self, source: &Source) -> Option<Issue> {
        let Source::Git { address, .. } = source else { return None };
        let protocol = address.protocol;
        let known: Vec<_> =
            self.protocols.iter().map(|protocol| format!("`{}`", protocol.as_str())).collect();
        (!self.protocols.contains(&protocol)).then(|| {
            let message = format!("the policy allows {}, not `{}`", known.join(", "), protocol.as_str());
            Issue::error(code::SOURCE_PROTOCOL, message)
        })
    }

    fn host(&self, source: &Source) -> Option<Issue> {
        let Source::Git { address, .. } = source else { return None };
        let host = address.host.as_deref()?;
        let is_in = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, host));
        if is_in(&self.deny_hosts) {
            return Some(Issue::error(code::SOURCE_HOST, format!("the policy denies the host `{host}`")));
        }
        let is_allowed = self.allow_hosts.is_empty() || is_in(&self.allow_hosts);
        (!is_allowed).then(|| {
            let message = format!("the host `{host}` is not among those that the policy allows");
            Issue::error(code::SOURCE_HOST, message)
        })
    }
}

/// Whether a pattern is the host, or `*.` and what it ends with.
fn matches(pattern: &str, host: &str) -> bool {
    let pattern = pattern.trim_end_matches('.').to_ascii_lowercase();
    match pattern.strip_prefix("*.") {
        Some(end) => host.strip_suffix(end).is_some_and(|before| before.ends_with('.')),
        None => pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Address;

    #[track_caller]
    fn check(policy: &SourcePolicy, address: &str, expected: &[&str]) {
        let source = Source::Git { address: Address::parse(address).expect("an address"), rev: None };
        let codes: Vec<_> = policy.check(&source).into_iter().map(|issue| issue.code).collect();
        assert_eq!(codes, expected, "{address}");
    }

    #[test]
    fn the_default_takes_what_is_encrypted_or_here() {
        let policy = SourcePolicy::default();
        check(&policy, "https://example.org/x", &[]);
        check(&policy, "git@example.org:x", &[]);
        check(&policy, "file:///srv/x", &[]);
        check(&policy, "http://example.org/x", &[code::SOURCE_PROTOCOL]);
        check(&policy, "git://example.org/x", &[code::SOURCE_PROTOCOL]);
        assert_eq!(policy.check(&Source::Folder("/x".into())), []);
    }

    #[test]
    fn hosts_are_compared_whole_and_denials_win() {
        let hosts = |list: &[&str]| list.iter().map(|host| (*host).to_owned()).collect();
        let policy = SourcePolicy {
            allow_hosts: hosts(&["Example.org", "*.trusted.net"]),
            deny_hosts: hosts(&["bad.trusted.net"]),
            ..SourcePolicy::default()
        };
        check(&policy, "https://EXAMPLE.org./x", &[]);
        check(&policy, "https://git.trusted.net/x", &[]);
        check(&policy, "https://trusted.net/x", &[code::SOURCE_HOST]);
        check(&policy, "https://untrusted.net/x", &[code::SOURCE_HOST]);
        check(&policy, "https://example.org.evil.net/x", &[code::SOURCE_HOST]);
        check(&policy, "ssh://bad.trusted.net/x", &[code::SOURCE_HOST]);
        check(&policy, "git://evil.net/x", &[code::SOURCE_PROTOCOL, code::SOURCE_HOST]);
        check(&policy, "file:///srv/x", &[]);
    }

    #[test]
    fn what_is_here_can_be_refused_and_the_mode_decides() {
        let mut policy = SourcePolicy { local: false, ..SourcePolicy::default() };
        check(&policy, "file:///srv/x", &[code::SOURCE_LOCAL]);
        assert_eq!(policy.check(&Source::Package("/x.ork".into()))[0].code, code::SOURCE_LOCAL);
        policy.mode = Mode::Warn;
        assert_eq!(policy.check(&Source::Folder("/x".into()))[0].severity, Severity::Warning);
        policy.mode = Mode::Off;
        check(&policy, "git://example.org/x", &[]);
    }
}
