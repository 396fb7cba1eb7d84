//! An OpenAI-compatible endpoint over HTTP.
//!
//! Invariants: no redirect is followed and no proxy stands between this machine and itself, so that
//! the key goes where the operator said; a key never leaves this machine unencrypted.

use super::secret::{Scrubber, Secret, scrubbed};
use super::sse::{self, Events, Piece};
use super::{Ask, End, TEXT_BYTES_MAX, Usage};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::Read;
use std::time::Duration;
use ureq::http::Uri;
use ureq::{Agent, Body};

/// The largest answer that is read whole, in bytes (8 MiB).
const ANSWER_BYTES_MAX: u64 = 8 << 20;
/// The largest stream, in bytes (64 MiB): every word of it is wrapped in JSON.
const STREAM_BYTES_MAX: u64 = 64 << 20;

/// Where a model answers.
#[derive(Debug, Clone)]
pub struct Endpoint {
    url: Uri,
    model: String,
    key: Option<Secret>,
}

impl Endpoint {
    /// The endpoint at a URL, such as `https://api.example.com/v1`, to which `chat/completions` is added.
    ///
    /// # Errors
    /// What is wrong with the URL; or it would carry the key over a network without encryption.
    pub fn new(url: &str, model: &str, key: Option<Secret>) -> Result<Self, String> {
        let wrong = |what: &str| Err(format!("the model's URL {what}"));
        let (base, query) = url.split_once('?').map_or((url, ""), |(base, query)| (base, query));
        let base = base.trim_end_matches('/');
        let whole = if base.ends_with("/chat/completions") {
            base.to_owned()
        } else {
            format!("{base}/chat/completions")
        };
        let whole = if query.is_empty() { whole } else { format!("{whole}?{query}") };
        let Ok(url) = whole.parse::<Uri>() else { return wrong("cannot be read") };
        if url.authority().is_none_or(|authority| authority.as_str().contains('@')) {
            return wrong("names a host, and neither user nor password; `--model-key-env` names a key");
        }
        match url.scheme_str() {
            Some("https") => {}
            Some("http") if key.is_none() || is_this_machine(&url) => {}
            Some("http") => return wrong("is not encrypted: a key is sent with https, or to this machine"),
            _ => return wrong("begins with https:// or http://"),
        }
        Ok(Self { url, model: model.to_owned(), key })
    }

    /// The whole answer.
    pub(super) fn generate(&self, ask: &Ask, cap: Duration) -> Result<(String, End), String> {
        let mut body = self.send(ask, false, cap)?;
        let text = body.with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        let text = text.map_err(|error| self.failed(&error, cap))?;
        let piece = sse::piece(&text).map_err(|why| scrubbed(self.key.as_ref(), &why))?;
        let mut end = End { model: self.model.clone(), usage: Usage::default() };
        self.ends(&piece, &mut end);
        let said = scrubbed(self.key.as_ref(), &piece.text);
        if said.len() > TEXT_BYTES_MAX { Err(too_much()) } else { Ok((said, end)) }
    }

    /// The answer as it comes.
    pub(super) fn open(&self, ask: &Ask, cap: Duration) -> Result<Pieces, String> {
        let body = self.send(ask, true, cap)?;
        let reader = body.into_with_config().limit(STREAM_BYTES_MAX).reader();
        Ok(Pieces {
            end: End { model: self.model.clone(), usage: Usage::default() },
            scrubber: Scrubber::of(self.key.clone()),
            endpoint: self.clone(),
            reader: Box::new(reader),
            events: Events::default(),
            waiting: VecDeque::new(),
            bytes: 0,
            cap,
            is_over: false,
        })
    }

    fn send(&self, ask: &Ask, stream: bool, cap: Duration) -> Result<Body, String> {
        let mut request = self.agent(cap).post(&self.url);
        if let Some(key) = &self.key {
            request = request.header("authorization", key.header());
        }
        let body = self.body(ask, stream).to_string();
        let answer = request.header("content-type", "application/json").send(body);
        let mut answer = answer.map_err(|error| self.failed(&error, cap))?;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        let status = answer.status().as_u16();
        let text = answer.body_mut().with_config().limit(64 << 10).read_to_string().unwrap_or_default();
        let said = serde_json::from_str::<Value>(&text).ok().and_then(|value| sse::error(&value));
        let said = said.map(|said| format!(": {}", scrubbed(self.key.as_ref(), &said))).unwrap_or_default();
        Err(format!("the endpoint answered with status {status}{said}"))
    }

    fn agent(&self, cap: Duration) -> Agent {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(cap))
            .timeout_connect(Some(cap.min(Duration::from_secs(20))))
            .user_agent(concat!("orket/", env!("CARGO_PKG_VERSION")));
        if is_this_machine(&self.url) {
            config = config.proxy(None);
        }
        config.build().new_agent()
    }

    fn body(&self, ask: &Ask, stream: bool) -> Value {
        let mut messages = vec![json!({ "content": ask.user, "role": "user" })];
        if !ask.system.is_empty() {
            messages.insert(0, json!({ "content": ask.system, "role": "system" }));
        }
        let mut body = json!({
            "max_tokens": ask.max_tokens,
            "messages": messages,
            "model": self.model,
            "temperature": f64::from(ask.temperature_milli) / 1000.0,
        });
        if !ask.stop.is_empty() {
            body["stop"] = json!(ask.stop);
        }
        if stream {
            body["stream"] = true.into();
            body["stream_options"] = json!({ "include_usage": true });
        }
        body
    }

    /// What went wrong, in our own words: an error of the client may quote what it was given.
    fn failed(&self, error: &ureq::Error, cap: Duration) -> String {
        match error {
            ureq::Error::Timeout(_) => format!("the endpoint took longer than {} s", cap.as_secs()),
            ureq::Error::BodyExceedsLimit(max) => format!("the endpoint sent more than {max} bytes"),
            ureq::Error::HostNotFound => "the endpoint's host is not known".to_owned(),
            ureq::Error::ConnectionFailed => "the endpoint cannot be reached".to_owned(),
            other => scrubbed(self.key.as_ref(), &format!("the endpoint cannot be used: {other}")),
        }
    }

    fn ends(&self, piece: &Piece, end: &mut End) {
        if let Some(model) = &piece.model {
            end.model = scrubbed(self.key.as_ref(), &model.chars().take(200).collect::<String>());
        }
        if let Some((prompt_tokens, completion_tokens)) = piece.tokens {
            end.usage = Usage { completion_tokens, prompt_tokens };
        }
    }
}

fn is_this_machine(url: &Uri) -> bool {
    let host = url.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn too_much() -> String {
    format!("the endpoint sent more than {TEXT_BYTES_MAX} bytes of text")
}

/// An answer as it comes.
pub(super) struct Pieces {
    endpoint: Endpoint,
    reader: Box<dyn Read>,
    events: Events,
    waiting: VecDeque<String>,
    scrubber: Scrubber,
    end: End,
    bytes: usize,
    cap: Duration,
    is_over: bool,
}

impl Pieces {
    /// The next piece of text, or the end.
    pub(super) fn next(&mut self) -> Result<Result<String, End>, String> {
        loop {
            if let Some(text) = self.text()? {
                self.bytes += text.len();
                return if self.bytes > TEXT_BYTES_MAX { Err(too_much()) } else { Ok(Ok(text)) };
            }
            if self.is_over {
                let rest = self.scrubber.finish();
                return Ok(if rest.is_empty() { Err(self.end.clone()) } else { Ok(rest) });
            }
            self.read()?;
        }
    }

    /// The text of the events that wait, as far as there is any.
    fn text(&mut self) -> Result<Option<String>, String> {
        while let Some(event) = self.waiting.pop_front() {
            let piece = sse::piece(&event).map_err(|why| scrubbed(self.endpoint.key.as_ref(), &why))?;
            self.endpoint.ends(&piece, &mut self.end);
            self.is_over |= piece.last;
            let text = self.scrubber.push(&piece.text);
            if !text.is_empty() {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    fn read(&mut self) -> Result<(), String> {
        let mut buffer = [0; 16 << 10];
        let read = self.reader.read(&mut buffer).map_err(|error| {
            let error = ureq::Error::from(error);
            self.endpoint.failed(&error, self.cap)
        })?;
        if read == 0 {
            // Without the word that ends a stream, nobody knows whether it is whole.
            return Err("the endpoint broke off in the middle".to_owned());
        }
        let events = self.events.push(&buffer[..read]);
        let events = events.map_err(|_| {
            format!("the endpoint sent more than {} bytes in one event", sse::EVENT_BYTES_MAX)
        })?;
        self.waiting.extend(events);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, key: bool, expected: Result<&str, &str>) {
        let key = key.then(|| Secret::new("sk-1").expect("a key"));
        match (Endpoint::new(url, "m", key), expected) {
            (Ok(endpoint), Ok(expected)) => assert_eq!(endpoint.url.to_string(), expected),
            (Err(why), Err(expected)) => assert!(why.contains(expected), "{why}"),
            (found, _) => panic!("{url}: {found:?}"),
        }
    }

    #[test]
    fn a_key_goes_where_the_operator_said_and_nowhere_unencrypted() {
        check("https://a.example/v1", true, Ok("https://a.example/v1/chat/completions"));
        check(
            "https://a.example/v1/chat/completions/?x=1",
            true,
            Ok("https://a.example/v1/chat/completions?x=1"),
        );
        check("http://127.0.0.1:80/v1/", true, Ok("http://127.0.0.1:80/v1/chat/completions"));
        check("http://[::1]:80/v1", true, Ok("http://[::1]:80/v1/chat/completions"));
        check("http://a.example/v1", false, Ok("http://a.example/v1/chat/completions"));
        check("http://a.example/v1", true, Err("not encrypted"));
        check("http://localhost.example/v1", true, Err("not encrypted"));
        check("https://user:pw@a.example/v1", false, Err("neither user nor password"));
        check("ftp://a.example/v1", false, Err("https://"));
        check("nowhere", false, Err("cannot be read"));
        check("/v1", false, Err("names a host"));
    }
}
