//! The record of a run as it is written, line by line.

use super::chain::Chain;
use super::line::{self, Line, Payload};
use super::packed::Packed;
use super::{BLOBS, Divergence, INDEX, Place, Recording, TRANSCRIPT};
use crate::capability::{Answered, Call};
use crate::error::{Error, Phase};
use crate::store;
use orket_contract::canonical;
use orket_contract::code;
use orket_contract::digest::{Digest, Hasher, domain};
use orket_contract::issue::Issue;
use orket_contract::limit::{INLINE_BYTES_MAX, RECORD_BYTES_MAX};
use orket_contract::transcript::{BlobRef, Kind, Record};
use serde_json::Value;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};

/// How many events before a divergence are shown.
const BEFORE: usize = 5;

/// A recorded answer, and the virtual time after it.
pub(crate) type Replayed = (Answered, u64);

/// The record of a run while it is written.
pub struct Journal {
    dir: PathBuf,
    /// Where the lines go; a replay that only compares keeps none.
    packed: Option<Packed>,
    chain: Chain,
    bytes: u64,
    before: VecDeque<String>,
    outside: Hasher,
    text: Hasher,
    replayed: Option<Recording>,
}

impl Journal {
    /// Starts the record of a plan in the folder `dir`; `replayed` is the record that it must repeat.
    #[must_use]
    pub fn create(dir: &Path, plan_hash: Digest, replayed: Option<Recording>) -> Self {
        let packed = Some(Packed::at(dir.join(TRANSCRIPT)));
        Self { packed, ..Self::comparing(dir, plan_hash, replayed) }
    }

    /// The same without writing anything: of what is recorded only the digests are left.
    pub(crate) fn comparing(dir: &Path, plan_hash: Digest, replayed: Option<Recording>) -> Self {
        Self {
            dir: dir.to_path_buf(),
            packed: None,
            chain: Chain::start(plan_hash),
            bytes: 0,
            before: VecDeque::new(),
            outside: Hasher::within(domain::OUTSIDE),
            text: Hasher::default(),
            replayed,
        }
    }

    /// The recorded answer to a call, when a recording is replayed and the call is the recorded one.
    ///
    /// # Errors
    /// [`Error::Diverged`] when another event, or none, was recorded here.
    pub(crate) fn answer(&mut self, call: &Call) -> Result<Option<Replayed>, Error> {
        let Some(recording) = &self.replayed else { return Ok(None) };
        match recording.record(self.chain.count()) {
            Some(expected) if asks_for(expected, call)? => recording.answer(expected).map(Some),
            expected => {
                let expected = expected.map(|expected| as_value(&asked(expected)));
                let actual = self.request(call)?.text(self.chain.count())?;
                Err(self.diverged(expected, parsed(&actual)))
            }
        }
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
        let mut line = Line { v, ..self.request(call)? };
        match answer {
            Ok(reply) => {
                line.res = self.payload(canonical::of(&reply.value))?;
                line.res_blob = self.blob(&reply.blob)?;
            }
            Err(failure) => line.err = Some(failure),
        }
        if outside {
            self.came_in(&line)?;
        }
        self.append(&line)
    }

    /// Takes an answer into what came from outside. What was asked is the workload's own doing, and an
    /// answer that says nothing is none: were they part of the identity of a run, a run that asks for
    /// something else would be another run, and nobody would notice.
    fn came_in(&mut self, line: &Line<'_>) -> Result<(), Error> {
        let failed = line.err.is_some_and(|failure| failure.code == code::CAPABILITY_FAILED);
        let says = match &line.res {
            Payload::Absent => line.res_blob.is_some(),
            Payload::Inline(text) => line.res_blob.is_some() || text != "null",
            Payload::Beside(_) => true,
        };
        if failed || says {
            self.outside.update(format!("{}\n", line.answer()?).as_bytes());
        }
        Ok(())
    }

    /// Records another event: a step, an observation, an artifact, an end.
    ///
    /// # Errors
    /// `json.number`, `limit.messages`, [`Error::Diverged`], [`Error::Store`].
    pub fn event(
        &mut self,
        kind: Kind,
        op: Option<&str>,
        req: Option<&Value>,
        res: Option<&Value>,
        v: u64,
    ) -> Result<(), Error> {
        let mut line = Line { op, ..Line::new(kind, v) };
        if let Some(req) = req {
            line.req = self.payload(canonical::of(req))?;
        }
        if let Some(res) = res {
            line.res = self.payload(canonical::of(res))?;
        }
        self.append(&line)
    }

    /// Ends the record. Recorded events that did not happen again are a divergence too.
    ///
    /// # Errors
    /// [`Error::Diverged`], [`Error::Store`].
    pub fn finish(self) -> Result<Recorded, Error> {
        if let Some(left) = self.replayed.as_ref().and_then(|recording| recording.record(self.chain.count()))
        {
            let left = as_value(left);
            return Err(self.diverged(Some(left), None));
        }
        let packed = self.packed.map(Packed::finish).transpose()?;
        let index = self.chain.index(packed);
        if packed.is_some() {
            store::stage_json(&self.dir.join(INDEX), &index)?;
        }
        let (outside, text) = (self.outside.finish(), self.text.finish());
        Ok(Recorded { head: index.head, count: index.count, outside, text })
    }

    fn request<'a>(&mut self, call: &'a Call) -> Result<Line<'a>, Error> {
        let req = self.payload(canonical::of_object(&call.args))?;
        let req_blob = self.blob(&call.blob)?;
        let (cap, op) = (Some(call.capability.as_str()), Some(call.op.as_str()));
        Ok(Line { cap, op, req, req_blob, ..Line::new(Kind::Call, 0) })
    }

    fn append(&mut self, event: &Line<'_>) -> Result<(), Error> {
        let mut line = event.text(self.chain.count())?;
        self.grow(line.len() + 1)?;
        if let Some(recording) = &self.replayed
            && recording.line(self.chain.count()) != Some(line.as_str())
        {
            let expected = recording.record(self.chain.count()).map(as_value);
            return Err(self.diverged(expected, parsed(&line)));
        }
        self.chain.push(&line);
        line.push('\n');
        self.text.update(line.as_bytes());
        if let Some(packed) = &mut self.packed {
            packed.push(line.as_bytes())?;
        }
        if self.before.len() == BEFORE {
            self.before.pop_front();
        }
        self.before.push_back(line);
        Ok(())
    }

    fn diverged(&self, expected: Option<Value>, actual: Option<Value>) -> Error {
        let place = Place::Transcript { index: self.chain.count() };
        Error::Diverged(Box::new(Divergence::between(
            place,
            expected,
            actual,
            self.before.iter().filter_map(|line| parsed(line)).collect(),
        )))
    }

    /// The payload inline, or by reference to a file beside.
    fn payload(&mut self, text: Result<String, canonical::Fault>) -> Result<Payload, Error> {
        let text = text.map_err(line::refused)?;
        if text.len() <= INLINE_BYTES_MAX {
            return Ok(Payload::Inline(text));
        }
        Ok(self.blob(text.as_bytes())?.map_or(Payload::Absent, Payload::Beside))
    }

    fn blob(&mut self, bytes: &[u8]) -> Result<Option<BlobRef>, Error> {
        if bytes.is_empty() {
            return Ok(None);
        }
        self.grow(bytes.len())?;
        let reference = reference(bytes);
        let folder = self.dir.join(BLOBS);
        let path = folder.join(&reference.sha256);
        if self.packed.is_some() && !path.exists() {
            store::create_dir(&folder)?;
            store::stage_file(&path, bytes)?;
        }
        Ok(Some(reference))
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

/// Whether a record is that of such a call, whatever was answered.
fn asks_for(record: &Record, call: &Call) -> Result<bool, Error> {
    let named = (record.cap.as_deref(), record.op.as_deref());
    if record.k != Kind::Call || named != (Some(call.capability.as_str()), Some(call.op.as_str())) {
        return Ok(false);
    }
    let same = match (&record.req, &record.req_ref) {
        (Some(Value::Object(args)), None) => *args == call.args,
        (None, Some(known)) => *known == reference(line::text(&call.args)?.as_bytes()),
        _ => false,
    };
    let blob = (!call.blob.is_empty()).then(|| reference(&call.blob));
    Ok(same && record.req_blob == blob)
}

/// What a record asks, without what was answered and when.
fn asked(record: &Record) -> Record {
    Record { err: None, res: None, res_blob: None, res_ref: None, v: 0, ..record.clone() }
}

/// What names these bytes where they lie beside.
fn reference(bytes: &[u8]) -> BlobRef {
    BlobRef { len: bytes.len() as u64, sha256: Digest::of(bytes).to_string() }
}

fn as_value(record: &Record) -> Value {
    serde_json::to_value(record).unwrap_or_default()
}

/// A line of ours as a value.
fn parsed(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use orket_contract::transcript::INDEX_STRIDE;
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
        let mut journal = Journal::create(dir, Digest::of(b"plan"), None);
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
        let mut journal = Journal::create(new.path(), Digest::of(b"plan"), Some(recording));
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
            let mut journal = Journal::create(dir.path(), Digest::of(b"plan"), None);
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
        let mut journal = Journal::create(dir.path(), Digest::of(b"plan"), None);
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
        let path = dir.path().join(crate::journal::lines::PLAIN);
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
