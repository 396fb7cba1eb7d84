//! Addresses of repositories, as they may be shown and kept.

/// The address without user, password, query and fragment: any of them may be a secret. The user of `ssh`
/// stays, because it says where to go and is none.
///
/// ```
/// use orket_engine::git::without_credentials;
/// assert_eq!(without_credentials("https://ann:s3cret@example.org/game.git"), "https://example.org/game.git");
/// assert_eq!(without_credentials("git@example.org:ann/game.git"), "git@example.org:ann/game.git");
/// ```
#[must_use]
pub fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return scp(url) };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
    // The last `@`: a password may hold one, a host may not.
    let (user, host) =
        authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let user = user
        .filter(|_| scheme == "ssh" || scheme == "git+ssh")
        .map(|user| user.split(':').next().unwrap_or_default());
    match user {
        Some(user) => format!("{scheme}://{user}@{host}{path}"),
        None => format!("{scheme}://{host}{path}"),
    }
}

/// `user@host:path`: no more than `user` stands before the `@`.
fn scp(url: &str) -> String {
    match url.split_once('@') {
        Some((user, rest)) if user.contains(':') => {
            format!("{}@{rest}", user.split(':').next().unwrap_or_default())
        }
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: &str) {
        assert_eq!(without_credentials(url), expected, "{url}");
    }

    #[test]
    fn nothing_of_an_address_that_may_be_secret_stays() {
        check("https://example.org/game.git", "https://example.org/game.git");
        check("https://token@example.org/game.git", "https://example.org/game.git");
        check("https://ann:p@ss@example.org:8443/game", "https://example.org:8443/game");
        check("https://example.org/game?access_token=x#y", "https://example.org/game");
        check("http://ann:secret@example.org", "http://example.org");
        check("ssh://git:secret@example.org:22/game", "ssh://git@example.org:22/game");
        check("ssh://git@example.org/game", "ssh://git@example.org/game");
        check("git@example.org:ann/game.git", "git@example.org:ann/game.git");
        check("git:secret@example.org:game", "git@example.org:game");
        check("/srv/a@b/game.git", "/srv/a@b/game.git");
        check("file:///srv/game.git", "file:///srv/game.git");
        check("", "");
        check("https://", "https://");
        check("://@", "://");
    }
}
