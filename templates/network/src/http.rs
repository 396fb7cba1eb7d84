//! As much of HTTP as it takes to fetch a page.

use orket_runtime::prelude::*;
use std::io::{Read, Write};

/// The largest answer, in bytes (1 MiB).
const BYTES_MAX: u64 = 1 << 20;

/// What came.
pub struct Page {
    /// 200 where all went well.
    pub status: u16,
    /// The text.
    pub body: String,
}

/// Asks for a page and reads the answer to its end.
pub fn get(mut connection: impl Read + Write, host: &str, path: &str) -> Result<Page> {
    if !path.starts_with('/') || path.chars().any(|c| c.is_control() || c == ' ') {
        return Err(Error::new("page.path", format!("`{}` is no path of a page", path.escape_debug())));
    }
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    write!(connection, "GET {path} HTTP/1.0\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    connection.take(BYTES_MAX).read_to_end(&mut answer)?;
    parse(&String::from_utf8_lossy(&answer))
}

fn parse(answer: &str) -> Result<Page> {
    let strange = || Error::new("page.answer", "the answer is not HTTP");
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(strange)?;
    let mut words = head.split_whitespace();
    let is_http = words.next().is_some_and(|word| word.starts_with("HTTP/1."));
    let status = words.next().and_then(|word| word.parse().ok()).filter(|_| is_http);
    Ok(Page { status: status.ok_or_else(strange)?, body: body.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_status_and_a_body() {
        let page = parse("HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\ngone\r\n\r\nfor good").unwrap();
        assert_eq!((page.status, page.body.as_str()), (404, "gone\r\n\r\nfor good"));
        for strange in ["", "HTTP/1.1 200 OK\r\n", "SSH-2.0 200\r\n\r\n", "HTTP/1.1 ok\r\n\r\n"] {
            assert!(parse(strange).is_err(), "{}", strange);
        }
    }
}
