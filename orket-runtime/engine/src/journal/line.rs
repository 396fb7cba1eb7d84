//! The line of an event, put together from parts that are canonical already.
//!
//! Invariant: it is the canonical JSON of the [`Record`](orket_contract::transcript::Record) that it reads back as.

use crate::error::{Error, Phase};
use orket_contract::canonical;
use orket_contract::issue::Issue;
use orket_contract::protocol::Failure;
use orket_contract::transcript::{BlobRef, Kind};
use serde::Serialize;
use std::fmt::Write;

/// An event; its number is its place.
pub(super) struct Line<'a> {
    pub(super) cap: Option<&'a str>,
    pub(super) err: Option<&'a Failure>,
    pub(super) k: Kind,
    pub(super) op: Option<&'a str>,
    pub(super) req: Payload,
    pub(super) req_blob: Option<BlobRef>,
    pub(super) res: Payload,
    pub(super) res_blob: Option<BlobRef>,
    pub(super) v: u64,
}

/// What was asked or answered.
#[derive(Default)]
pub(super) enum Payload {
    /// Nothing.
    #[default]
    Absent,
    /// This canonical JSON.
    Inline(String),
    /// What lies beside, because it is long.
    Beside(BlobRef),
}

impl<'a> Line<'a> {
    /// An event of that kind with nothing else in it.
    pub(super) fn new(k: Kind, v: u64) -> Self {
        Self {
            cap: None,
            err: None,
            k,
            op: None,
            req: Payload::Absent,
            req_blob: None,
            res: Payload::Absent,
            res_blob: None,
            v,
        }
    }

    /// The line without its newline; keys in their order.
    pub(super) fn text(&self, i: u64) -> Result<String, Error> {
        let mut line = Entries(String::with_capacity(512));
        line.string("cap", self.cap);
        line.json("err", self.err)?;
        line.raw("i", &i.to_string());
        line.json("k", Some(&self.k))?;
        line.string("op", self.op);
        line.payload("req", &self.req, self.req_blob.as_ref())?;
        line.payload("res", &self.res, self.res_blob.as_ref())?;
        line.raw("v", &format!("\"{}\"", self.v));
        line.0.push('}');
        Ok(line.0)
    }

    /// What the event says of what came in: an array of `err`, `res`, `res_blob` and `res_ref`.
    pub(super) fn answer(&self) -> Result<String, Error> {
        let (inline, beside) = match &self.res {
            Payload::Absent => ("null", None),
            Payload::Inline(text) => (text.as_str(), None),
            Payload::Beside(reference) => ("null", Some(reference)),
        };
        let (err, blob, beside) = (text(&self.err)?, text(&self.res_blob)?, text(&beside)?);
        Ok(format!("[{err},{inline},{blob},{beside}]"))
    }
}

/// An object that grows; it begins with its first entry.
struct Entries(String);

impl Entries {
    fn raw(&mut self, name: &str, json: &str) {
        let before = if self.0.is_empty() { '{' } else { ',' };
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{before}\"{name}\":{json}");
    }

    fn string(&mut self, name: &str, string: Option<&str>) {
        if let Some(string) = string {
            self.raw(name, "");
            canonical::push_string(&mut self.0, string);
        }
    }

    fn json<T: Serialize>(&mut self, name: &str, value: Option<&T>) -> Result<(), Error> {
        if let Some(value) = value {
            self.raw(name, &text(value)?);
        }
        Ok(())
    }

    fn payload(&mut self, name: &str, payload: &Payload, blob: Option<&BlobRef>) -> Result<(), Error> {
        if let Payload::Inline(text) = payload {
            self.raw(name, text);
        }
        self.json(&format!("{name}_blob"), blob)?;
        if let Payload::Beside(reference) = payload {
            self.json(&format!("{name}_ref"), Some(reference))?;
        }
        Ok(())
    }
}

/// The canonical JSON of a value.
pub(super) fn text<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    canonical::to_string(value).map_err(refused)
}

pub(super) fn refused(fault: canonical::Fault) -> Error {
    Error::refused(Phase::Execute, Issue::error(fault.code, fault.message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use orket_contract::transcript::Record;
    use serde_json::json;

    #[track_caller]
    fn check(line: &Line<'_>) -> Record {
        let text = line.text(7).expect("a line");
        let record: Record = serde_json::from_str(&text).expect("a record");
        assert_eq!(canonical::to_string(&record).expect("canonical"), text);
        let answer = (&record.err, &record.res, &record.res_blob, &record.res_ref);
        assert_eq!(canonical::to_string(&answer).expect("canonical"), line.answer().expect("an answer"));
        record
    }

    #[test]
    fn a_line_is_the_canonical_json_of_its_record() {
        let blob = || Some(BlobRef { len: 3, sha256: "ab".repeat(32) });
        let failure =
            Failure { code: "a.b".into(), message: "no\n\"way\"".into(), location: Some("x:1:2".into()) };
        let record = check(&Line::new(Kind::Exit, u64::MAX));
        assert_eq!((record.i, record.v), (7, u64::MAX));
        let payloads = [
            || Payload::Absent,
            || Payload::Inline(r#"{"a":[1,"é"]}"#.to_owned()),
            || Payload::Beside(BlobRef { len: 2000, sha256: "cd".repeat(32) }),
        ];
        for (req, res) in payloads.iter().flat_map(|req| payloads.iter().map(move |res| (req(), res()))) {
            let mut line = Line { req, res, ..Line::new(Kind::Call, 1) };
            check(&line);
            line = Line {
                cap: Some("console"),
                op: Some("é\"\u{1}"),
                req_blob: blob(),
                res_blob: blob(),
                ..line
            };
            let record = check(&Line { err: Some(&failure), ..line });
            assert_eq!(record.err, Some(failure.clone()));
        }
        let record = check(&Line { res: Payload::Inline("null".to_owned()), ..Line::new(Kind::Call, 1) });
        assert_eq!(record.res, Some(json!(null)), "null that was answered is no missing answer");
    }
}
