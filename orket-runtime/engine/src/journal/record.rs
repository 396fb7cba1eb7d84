//! The record of a run as it is written, line by line.

use super::{BLOBS, Divergence, INDEX, Index, Place, Recording, TRANSCRIPT};
use crate::capability::{Answered, Call};
use crate::error::{Error, Phase};
use crate::store;
use orket_contract::canonical;
use orket_contract::code;
use orket_contract::digest::{Digest, Hasher, domain};
use orket_contract::issue::Issue;
use orket_contract::limit::{INLINE_BYTES_MAX, RECORD_BYTES_MAX};
use orket_contract::transcript::{BlobRef, Head, INDEX_STRIDE, Kind, Record};
use serde::Serialize;
use serde_json::Value;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// How many events before a divergence are shown.
const BEFORE: usize = 5;

/// A recorded answer, and the virtual time after it.
pub(crate) type Replayed = (Answered, u64);

/// The record of a run while it is written.
pub(crate) struct Journal {
    dir: PathBuf,
    writer: zstd::Encoder<'static, BufWriter<File>>,
    plan_hash: Digest,
    head: Head,
    heads: Vec<Digest>,
    count: u64,
    bytes: u64,
    before: VecDeque<Value>,
    outside: Hasher,
    text: Hasher,
    replayed: Option<Recording>,
}

impl Journal {
    /// Starts the record of a plan in the folder `dir`; `replayed` is the record that it must repeat.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) fn create(dir: &Path, plan_hash: Digest, replayed: Option<Recording>) -> Result<Self, Error> {
        let path = dir.join(TRANSCRIPT);
        let file = File::create(&path).map_err(Error::store("write", &path))?;
        let writer = zstd::Encoder::new(BufWriter::new(file), 3).map_err(Error::store("write", &path))?;
        Ok(Self {
            dir: dir.to_path_buf(),
            writer,
            plan_hash,
            head: Head::start(plan_hash),
            heads: Vec::new(),
            count: 0,
            bytes: 0,
            before: VecDeque::new(),
            outside: Hasher::within(domain::OUTSIDE),
            text: Hasher::default(),
            replayed,
        })
    }

    /// The recorded answer to a call, when a recording is replayed and the call is the recorded one.
    ///
    /// # Errors
    /// [`Error::Diverged`] when another event, or none, was recorded here.
    pub(crate) fn answer(&mut self, call: &Call) -> Result<Option<Replayed>, Error> {
        if self.replayed.is_none() {
            return Ok(None);
        }
        // What is only compared is not written.
        let bytes = self.bytes;
        let actual = self.request(call)?;
        self.bytes = bytes;
        let Some(recording) = &self.replayed else { return Ok(None) };
        let expected = recording.record(self.count);
        let Some(expected) = expected.filter(|expected| asks(expected) == asks(&actual)) else {
            let expected = expected.map(|expected| as_value(&asks(expected)));
            return Err(self.diverged(expected, Some(as_value(&actual))));
        };
        recording.answer(expected).map(Some)
    }

    /// Records a call and its answer at virtual time `v`; `outside` says that the answer came from outside.
    ///
    /// # Errors
    /// `json.number`, `limit.messages`, [`Error::Diverged`], [`Error::Store`].
    pub(crate) fn call(
        &mut self,
        call: &Call,
        answer: &Answered,
        v: u64,
        outside: bool,
    ) -> Result<(), Error> {
        let mut record = self.request(call)?;
        record.v = v;
        match answer {
            Ok(reply) => {
                (record.res, record.res_ref) = self.payload(&reply.value)?;
                record.res_blob = self.blob(&reply.blob)?;
            }
            Err(failure) => record.err = Some(failure.clone()),
        }
        if outside {
            self.came_in(&record)?;
        }
        self.append(&record)
    }

    /// Takes an answer into what came from outside. What was asked is the workload's own doing, and an
    /// answer that says nothing is none: were they part of the identity of a run, a run that asks for
    /// something else would be another run, and nobody would notice.
    fn came_in(&mut self, record: &Record) -> Result<(), Error> {
        let Record { err, res, res_blob, res_ref, .. } = record;
        let failed = err.as_ref().is_some_and(|failure| failure.code == code::CAPABILITY_FAILED);
        let says = res_blob.is_some() || res_ref.is_some() || res.as_ref().is_some_and(|res| !res.is_null());
        if failed || says {
            let text = canonical_text(&(err, res, res_blob, res_ref))?;
            self.outside.update(format!("{text}\n").as_bytes());
        }
        Ok(())
    }

    /// Records another event: a step, an observation, an artifact, an end.
    ///
    /// # Errors
    /// As [`Journal::call`].
    pub(crate) fn event(
        &mut self,
        kind: Kind,
        op: Option<&str>,
        req: Option<&Value>,
        res: Option<&Value>,
        v: u64,
    ) -> Result<(), Error> {
        let mut record = Record::new(self.count, kind, v);
        record.op = op.map(str::to_owned);
        if let Some(req) = req {
            (record.req, record.req_ref) = self.payload(req)?;
        }
        if let Some(res) = res {
            (record.res, record.res_ref) = self.payload(res)?;
        }
        self.append(&record)
    }

    /// Ends the record. Recorded events that did not happen again are a divergence too.
    ///
    /// # Errors
    /// [`Error::Diverged`], [`Error::Store`].
    pub(crate) fn finish(self) -> Result<Recorded, Error> {
        if let Some(left) = self.replayed.as_ref().and_then(|recording| recording.record(self.count)) {
            let left = as_value(left);
            return Err(self.diverged(Some(left), None));
        }
        let path = self.dir.join(TRANSCRIPT);
        let mut file = self.writer.finish().map_err(Error::store("write", &path))?;
        file.flush().map_err(Error::store("write", &path))?;
        let index = Index {
            count: self.count,
            head: self.head.digest(),
            heads: self.heads,
            plan_hash: self.plan_hash,
        };
        store::write_json(&self.dir.join(INDEX), &index)?;
        let (outside, text) = (self.outside.finish(), self.text.finish());
        Ok(Recorded { head: index.head, count: index.count, outside, text })
    }

    fn request(&mut self, call: &Call) -> Result<Record, Error> {
        let mut record = Record::new(self.count, Kind::Call, 0);
        record.cap = Some(call.capability.clone());
        record.op = Some(call.op.clone());
        (record.req, record.req_ref) = self.payload(&Value::Object(call.args.clone()))?;
        record.req_blob = self.blob(&call.blob)?;
        Ok(record)
    }

    fn append(&mut self, record: &Record) -> Result<(), Error> {
        let line = canonical_text(record)?;
        self.grow(line.len() + 1)?;
        if let Some(recording) = &self.replayed
            && recording.line(self.count) != Some(line.as_str())
        {
            let expected = recording.record(self.count).map(as_value);
            return Err(self.diverged(expected, Some(as_value(record))));
        }
        self.head = self.head.after(&line);
        self.text.update(line.as_bytes());
        self.text.update(b"\n");
        self.count += 1;
        if self.count.is_multiple_of(INDEX_STRIDE) {
            self.heads.push(self.head.digest());
        }
        if self.before.len() == BEFORE {
            self.before.pop_front();
        }
        self.before.push_back(as_value(record));
        let path = self.dir.join(TRANSCRIPT);
        let written = self.writer.write_all(line.as_bytes()).and_then(|()| self.writer.write_all(b"\n"));
        written.map_err(Error::store("write", &path))
    }

    fn diverged(&self, expected: Option<Value>, actual: Option<Value>) -> Error {
        let place = Place::Transcript { index: self.count };
        Error::Diverged(Box::new(Divergence::between(
            place,
            expected,
            actual,
            self.before.iter().cloned().collect(),
        )))
    }

    /// The payload inline, or by reference to a file beside.
    fn payload(&mut self, value: &Value) -> Result<(Option<Value>, Option<BlobRef>), Error> {
        let text = canonical_text(value)?;
        if text.len() <= INLINE_BYTES_MAX {
            return Ok((Some(value.clone()), None));
        }
        Ok((None, self.blob(text.as_bytes())?))
    }

    fn blob(&mut self, bytes: &[u8]) -> Result<Option<BlobRef>, Error> {
        if bytes.is_empty() {
            return Ok(None);
        }
        self.grow(bytes.len())?;
        let digest = Digest::of(bytes);
        let folder = self.dir.join(BLOBS);
        let path = folder.join(digest.to_string());
        if !path.exists() {
            store::create_dir(&folder)?;
            store::write_whole(&path, bytes)?;
        }
        Ok(Some(BlobRef { len: bytes.len() as u64, sha256: digest.to_string() }))
    }

    /// Counts bytes before they are written, so that what is recorded can be read back; those of equal
    /// payloads each time, so that nobody is shown the same text for ever.
    fn grow(&mut self, bytes: usize) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(bytes as u64);
        if self.bytes <= RECORD_BYTES_MAX {
            return Ok(());
        }
        let message = format!("the record of the run would have more than {RECORD_BYTES_MAX} bytes");
        Err(Error::refused(Phase::Execute, Issue::error(code::LIMIT_MESSAGES, message)))
    }
}

/// A finished record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recorded {
    /// The head after the last event.
    pub head: Digest,
    /// How many events there are.
    pub count: u64,
    /// A digest over what came from outside: it is part of a run's identity.
    pub outside: Digest,
    /// The digest of the uncompressed lines, as `sha256sum` prints it.
    pub text: Digest,
}

/// What a record asks, without what was answered and when.
fn asks(record: &Record) -> Record {
    Record { err: None, res: None, res_blob: None, res_ref: None, v: 0, ..record.clone() }
}

fn as_value(record: &Record) -> Value {
    serde_json::to_value(record).unwrap_or_default()
}

fn canonical_text<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    canonical::to_string(value)
        .map_err(|fault| Error::refused(Phase::Execute, Issue::error(fault.code, fault.message)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(text: &str) -> Call {
        let args = json!({ "text": text }).as_object().cloned().unwrap_or_default();
        Call { capability: "console".into(), op: "write".into(), args, blob: b"blob".to_vec() }
    }

    fn answered(value: Value) -> Answered {
        Ok(crate::capability::Reply { value, blob: Vec::new() })
    }

    /// Records calls with these texts and answers.
    fn record(dir: &Path, texts: &[&str]) -> Recorded {
        let mut journal = Journal::create(dir, Digest::of(b"plan"), None).expect("journal");
        for text in texts {
            journal.call(&call(text), &answered(json!(text.len())), 7, true).expect("call");
        }
        journal.finish().expect("finish")
    }

    /// Replays calls with these texts against a record; the place of the divergence, if there is one.
    fn replay(recorded: &[&str], texts: &[&str]) -> Option<(u64, String)> {
        let (old, new) = (tempfile::tempdir().expect("dir"), tempfile::tempdir().expect("dir"));
        let before = record(old.path(), recorded);
        let recording = Recording::load(old.path()).expect("recording");
        let mut journal = Journal::create(new.path(), Digest::of(b"plan"), Some(recording)).expect("journal");
        let mut run = || -> Result<(), Error> {
            for text in texts {
                let (answer, v) = journal.answer(&call(text))?.expect("a replay answers");
                assert_eq!(answer, answered(json!(text.len())));
                journal.call(&call(text), &answer, v, true)?;
            }
            Ok(())
        };
        let ended = run().and_then(|()| journal.finish());
        match ended {
            Ok(after) => {
                assert_eq!(before, after);
                None
            }
            Err(Error::Diverged(divergence)) => match divergence.place {
                Place::Transcript { index } => Some((index, divergence.pointer)),
                other => panic!("another place: {other}"),
            },
            Err(other) => panic!("another error: {other}"),
        }
    }

    #[test]
    fn a_replay_repeats_or_names_the_first_event_that_differs() {
        let long = "x".repeat(2 * INLINE_BYTES_MAX);
        assert_eq!(replay(&["a", &long, "c"], &["a", &long, "c"]), None);
        assert_eq!(replay(&["a", "b", "c"], &["a", "x", "c"]), Some((1, "/req/text".into())));
        assert_eq!(replay(&["a"], &["a", "b"]), Some((1, String::new())));
        assert_eq!(replay(&["a", "b"], &["a"]), Some((1, String::new())));
    }

    #[test]
    fn what_came_from_outside_are_answers_that_say_something() {
        let outside = |texts: &[&str], answers: &[Value]| {
            let dir = tempfile::tempdir().expect("dir");
            let mut journal = Journal::create(dir.path(), Digest::of(b"plan"), None).expect("journal");
            for (text, answer) in texts.iter().zip(answers) {
                journal.call(&call(text), &answered(answer.clone()), 7, true).expect("call");
            }
            journal.finish().expect("finish").outside
        };
        let line = || json!("a line");
        assert_eq!(outside(&["a"], &[line()]), outside(&["b"], &[line()]), "what was asked is not");
        assert_eq!(outside(&["a", "b"], &[json!(null), line()]), outside(&["b"], &[line()]));
        assert_ne!(outside(&["a"], &[line()]), outside(&["a"], &[json!("another")]));
        assert_ne!(outside(&["a"], &[line()]), outside(&["a"], &[json!("x".repeat(2 * INLINE_BYTES_MAX))]));
    }

    #[test]
    fn a_record_that_could_not_be_read_back_is_not_written() {
        let dir = tempfile::tempdir().expect("dir");
        let mut journal = Journal::create(dir.path(), Digest::of(b"plan"), None).expect("journal");
        journal.bytes = RECORD_BYTES_MAX - 10;
        let error = journal.event(Kind::Exit, None, None, None, 0).expect_err("refused");
        assert_eq!(error.issues()[0].code, code::LIMIT_MESSAGES);
    }

    #[test]
    fn heads_and_payloads_belong_to_a_record() {
        let dir = tempfile::tempdir().expect("dir");
        let texts: Vec<&str> = std::iter::repeat_n("a", INDEX_STRIDE as usize + 1).collect();
        record(dir.path(), &texts);
        let damage = |path: &Path, change: &dyn Fn(&mut Vec<u8>)| {
            let whole = std::fs::read(path).expect("the file");
            let mut bytes = whole.clone();
            change(&mut bytes);
            std::fs::write(path, bytes).expect("write");
            let code = Recording::load(dir.path()).expect_err("damaged").issues().remove(0).code;
            std::fs::write(path, whole).expect("write");
            assert_eq!(code, code::TRANSCRIPT_DAMAGED);
            Recording::load(dir.path()).expect("it is whole again");
        };
        damage(&dir.path().join(BLOBS).join(Digest::of(b"blob").to_string()), &|bytes| bytes[0] ^= 1);
        damage(&dir.path().join(INDEX), &|bytes| {
            let at = bytes.windows(8).position(|window| window == b"\"heads\":").expect("heads");
            bytes[at + 10] = if bytes[at + 10] == b'0' { b'1' } else { b'0' };
        });
        damage(&dir.path().join(INDEX), &|bytes| bytes.clear());
    }

    #[test]
    fn every_changed_byte_of_a_record_is_noticed() {
        let dir = tempfile::tempdir().expect("dir");
        record(dir.path(), &["a", "b"]);
        let packed = std::fs::read(dir.path().join(TRANSCRIPT)).expect("transcript");
        let plain = zstd::decode_all(packed.as_slice()).expect("zstd");
        std::fs::remove_file(dir.path().join(TRANSCRIPT)).expect("remove");
        let path = dir.path().join(crate::journal::recording::PLAIN);
        std::fs::write(&path, &plain).expect("write");
        Recording::load(dir.path()).expect("the plain form is read too");
        for at in 0..plain.len() {
            let mut changed = plain.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).expect("write");
            assert!(Recording::load(dir.path()).is_err(), "byte {at}");
        }
    }
}
