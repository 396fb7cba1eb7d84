//! What a run is asked for with, read from the command line.

use super::{Console, Recorded, Script};
use crate::args::{RequestArgs, Seed};
use crate::error::{Error, Result};
use crate::report::Report;
use orket_contract::issue::{Issue, Location};
use orket_contract::{canonical, code};
use orket_engine::Request;
use orket_engine::capability::{Kv, Profile};
use serde_json::{Map, Value};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{IsTerminal, Read, Write};
use std::path::Path;

/// The largest input that is read, in bytes (16 MiB).
const INPUT_BYTES_MAX: u64 = 16 << 20;

/// Everything but the workload.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The seed.
    pub(crate) seed: u64,
    /// The input.
    pub(crate) input: Value,
    /// What `kv` starts from.
    pub(crate) kv: Kv,
    /// The lines of the console.
    pub(crate) script: Script,
    /// The profile that `memory` starts from.
    pub(crate) memory: Profile,
}

impl Asked {
    /// Reads seed, input, script and snapshot.
    ///
    /// # Errors
    /// [`Error::Usage`] when two of them want standard input; `input.syntax` and `json.*` with their place.
    pub(crate) fn read(args: &RequestArgs) -> Result<Self> {
        let is_stdin = |path: Option<&Path>| path == Some(Path::new("-"));
        if is_stdin(args.input.as_deref()) && is_stdin(args.script.as_deref()) {
            let message = "`--script -` and `--input -` cannot both read standard input";
            return Err(Error::Usage(message.to_owned()));
        }
        let script = match (&args.script, is_stdin(args.input.as_deref())) {
            (None, true) => Script::Lines(Vec::new()),
            (path, _) => Script::read(path.as_deref())?,
        };
        Ok(Self {
            seed: args.seed.map_or(0, draw),
            input: input(args)?,
            kv: args.kv.as_deref().map_or_else(|| Ok(Kv::default()), kv)?,
            script,
            memory: args.memory.as_deref().map_or_else(|| Ok(Profile::default()), memory)?,
        })
    }

    /// The request for a workload.
    pub(crate) fn request(&self, workload: &str, report: &Report) -> Request {
        Request {
            workload: workload.to_owned(),
            seed: self.seed,
            input: self.input.clone(),
            kv: self.kv.clone(),
            console: self.script.console(report),
            memory: self.memory.clone(),
            screen: screen(report),
            silent: false,
            probe: None,
        }
    }

    /// The request for a workload, with a console that is closed.
    pub(crate) fn silent(&self, workload: &str) -> Request {
        Request {
            workload: workload.to_owned(),
            seed: self.seed,
            input: self.input.clone(),
            kv: self.kv.clone(),
            console: Console::silent(&[]),
            memory: self.memory.clone(),
            screen: None,
            silent: true,
            probe: None,
        }
    }

    /// Takes what a recorded run was asked for with.
    pub(crate) fn take_from(&mut self, recorded: &Recorded) {
        self.seed = recorded.seed;
        self.input = recorded.input.clone();
        self.kv = recorded.kv.clone();
        self.memory = recorded.memory.clone();
    }
}

/// A seed; a random one comes from where the standard library seeds its own hash maps.
fn draw(seed: Seed) -> u64 {
    match seed {
        Seed::Given(seed) => seed,
        Seed::Random => random_seed(),
    }
}

/// Any seed.
pub(crate) fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// The input of `--input`, with every `--set` on top.
fn input(args: &RequestArgs) -> Result<Value> {
    let mut entries = match args.input.as_deref() {
        Some(path) => object(&text(path)?, path)?,
        None => Map::new(),
    };
    for assignment in &args.set {
        let (key, value) = assignment
            .split_once('=')
            .ok_or_else(|| Error::Usage(format!("`--set {assignment}` is not of the form KEY=VALUE")))?;
        // What is no JSON is text, so that nobody has to write quotes within quotes.
        let value = canonical::parse(value).unwrap_or_else(|_| value.into());
        entries.insert(key.to_owned(), value);
    }
    Ok(Value::Object(entries))
}

/// A snapshot of `kv`.
///
/// # Errors
/// `input.syntax` when the file holds none.
fn kv(path: &Path) -> Result<Kv> {
    let entries = object(&text(path)?, path)?;
    serde_json::from_value(Value::Object(entries)).map_err(|error| {
        let message = format!("not a snapshot of `kv`: {error}");
        let hint = "a snapshot is {\"namespace\": {\"key\": {\"value\": …, \"version\": 1}}}";
        Issue::error(code::INPUT_SYNTAX, message).at(place(path, (0, 0))).with_hint(hint).into()
    })
}

/// A profile of `memory`.
///
/// # Errors
/// `input.syntax` when the file holds none.
fn memory(path: &Path) -> Result<Profile> {
    let entries = object(&text(path)?, path)?;
    serde_json::from_value(Value::Object(entries)).map_err(|error| {
        let message = format!("not a profile of `memory`: {error}");
        let hint = "a profile is {\"key\": {\"value\": \"text\", \"metadata\": {…}}}";
        Issue::error(code::INPUT_SYNTAX, message).at(place(path, (0, 0))).with_hint(hint).into()
    })
}

/// The terminal, where text goes to one.
fn screen(report: &Report) -> Option<Box<dyn Write>> {
    let stdout = std::io::stdout();
    (stdout.is_terminal() && !report.is_for_machines()).then(|| Box::new(stdout) as Box<dyn Write>)
}

fn text(path: &Path) -> Result<String> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(INPUT_BYTES_MAX).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(INPUT_BYTES_MAX).read_to_string(&mut text))
    };
    read.map_err(Error::file("read", path))?;
    Ok(text)
}

fn object(text: &str, path: &Path) -> Result<Map<String, Value>, Issue> {
    let parsed = canonical::parse(text).map_err(|fault| {
        let code = if fault.code == code::JSON_SYNTAX { code::INPUT_SYNTAX } else { fault.code };
        Issue::error(code, fault.message).at(place(path, fault.place))
    })?;
    match parsed {
        Value::Object(entries) => Ok(entries),
        other => {
            let message = format!("the input is a JSON object, not `{}`", shortened(&other.to_string()));
            Err(Issue::error(code::INPUT_SYNTAX, message).at(place(path, (1, 1))))
        }
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn place(path: &Path, (line, column): (usize, usize)) -> Location {
    let number = |number: usize| u32::try_from(number).unwrap_or(0);
    Location { file: path.display().to_string(), line: number(line), column: number(column) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn args() -> RequestArgs {
        RequestArgs { script: Some("-".into()), ..RequestArgs::default() }
    }

    #[test]
    fn assignments_are_json_or_text() {
        let set =
            ["name=Ada", "npcs=5", "hard=true", "list=[1]", "empty=", "big=9=9"].map(str::to_owned).to_vec();
        let expected =
            json!({ "name": "Ada", "npcs": 5, "hard": true, "list": [1], "empty": "", "big": "9=9" });
        assert_eq!(input(&RequestArgs { set, ..args() }).unwrap(), expected);
        let wrong = RequestArgs { set: vec!["name".to_owned()], ..args() };
        assert!(matches!(input(&wrong), Err(Error::Usage(_))));
    }

    #[test]
    fn standard_input_is_read_once() {
        let both = RequestArgs { input: Some("-".into()), ..args() };
        assert!(matches!(Asked::read(&both), Err(Error::Usage(_))));
    }

    #[test]
    fn an_input_that_is_no_object_has_a_place() {
        let codes = |text: &str| object(text, Path::new("in.json")).unwrap_err();
        assert_eq!(codes("[1]").code, code::INPUT_SYNTAX);
        assert_eq!(codes("{\"a\":1,\n\"a\":2}").code, code::JSON_DUPLICATE_KEY);
        assert_eq!(codes("{\n  x").location.unwrap().line, 2);
    }
}
