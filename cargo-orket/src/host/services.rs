//! What the operator provides, from the command line and the environment.
//!
//! Invariant: a key is read from the environment and goes into the engine's [`Secret`]; neither the
//! compiler nor a build script of an extension is given it.

use crate::args::ServiceArgs;
use crate::cargo;
use crate::error::{Error, Result};
use orket_engine::capability::{
    Endpoint, Model, Program, Recorder, Script, Secret, Services, Transcriber, Voice,
};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The variable that holds the key of the model's endpoint, unless another is named.
const MODEL_KEY: &str = "ORKET_MODEL_KEY";
/// The name of a model, where an endpoint has only one.
const MODEL_NAME: &str = "default";
/// The engine of speech that is used where it is installed.
const ESPEAK: &str = "espeak-ng";
/// The largest script, in bytes (64 MiB).
const SCRIPT_BYTES_MAX: u64 = 64 << 20;

/// The services of this call. Nothing is started or opened.
///
/// # Errors
/// [`Error::Usage`] for what names no service; [`Error::File`].
pub(crate) fn services(args: &ServiceArgs) -> Result<Services> {
    let variable = given(&args.model_key_env).unwrap_or(MODEL_KEY);
    cargo::withhold(variable);
    Ok(Services {
        model: given(&args.model).map(|model| self::model(model, args, variable)).transpose()?,
        player: given(&args.player).map(|line| program("player", line)).transpose()?,
        recorder: given(&args.recorder).map(recorder).transpose()?,
        transcriber: given(&args.transcriber).map(transcriber).transpose()?,
        voice: voice(args)?,
    })
}

/// A value; an empty one, as of an empty variable, is none.
fn given(value: &Option<String>) -> Option<&str> {
    value.as_deref().filter(|value| !value.trim().is_empty())
}

fn model(model: &str, args: &ServiceArgs, variable: &str) -> Result<Model> {
    if let Some(path) = model.strip_prefix('@') {
        return Ok(Model::Script(script("model", Path::new(path))?));
    }
    let name = given(&args.model_name).unwrap_or(MODEL_NAME);
    let endpoint = Endpoint::new(model, name, key(args, variable)?);
    endpoint.map(Model::Endpoint).map_err(|why| Error::Usage(format!("`--model`: {why}")))
}

/// The key in a variable; one that is named must be there.
fn key(args: &ServiceArgs, variable: &str) -> Result<Option<Secret>> {
    let value = std::env::var(variable).ok().filter(|value| !value.trim().is_empty());
    match value {
        Some(value) => Secret::new(&value)
            .map(Some)
            .ok_or_else(|| Error::Usage(format!("the key in `{variable}` has characters that no key has"))),
        None if given(&args.model_key_env).is_some() => {
            Err(Error::Usage(format!("`--model-key-env {variable}`: the variable is not set")))
        }
        None => Ok(None),
    }
}

fn voice(args: &ServiceArgs) -> Result<Option<Voice>> {
    let program = match given(&args.tts) {
        Some(line) => Some(program("tts", line)?),
        None if is_on_path(ESPEAK) => Program::new(vec![ESPEAK.to_owned()]),
        None => None,
    };
    Ok(program.map(Voice::new))
}

fn recorder(line: &str) -> Result<Recorder> {
    match line.strip_prefix('@') {
        Some(path) => existing("recorder", path).map(Recorder::File),
        None => program("recorder", line).map(Recorder::Program),
    }
}

fn transcriber(line: &str) -> Result<Transcriber> {
    match line.strip_prefix('@') {
        Some(path) => script("transcriber", Path::new(path)).map(Transcriber::Script),
        None => program("transcriber", line).map(Transcriber::Program),
    }
}

fn program(flag: &str, line: &str) -> Result<Program> {
    Program::parse(line).map_err(|why| Error::Usage(format!("`--{flag}`: {why}")))
}

fn existing(flag: &str, path: &str) -> Result<PathBuf> {
    let path = PathBuf::from(path);
    if path.is_file() {
        Ok(path)
    } else {
        Err(Error::Usage(format!("`--{flag} @{}`: there is no such file", path.display())))
    }
}

fn script(flag: &str, path: &Path) -> Result<Script> {
    let mut text = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(SCRIPT_BYTES_MAX).read_to_string(&mut text))
        .map_err(Error::file("read", path))?;
    Script::parse(&text).map_err(|why| Error::Usage(format!("`--{flag} @{}`: {why}", path.display())))
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(args: &ServiceArgs) -> String {
        match services(args) {
            Err(Error::Usage(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    fn args(set: impl FnOnce(&mut ServiceArgs)) -> ServiceArgs {
        let mut args = ServiceArgs::default();
        set(&mut args);
        args
    }

    #[test]
    fn what_names_no_service_is_told_with_its_flag() {
        let some = |text: &str| Some(text.to_owned());
        assert!(usage(&args(|args| args.recorder = some("@nowhere.wav"))).contains("--recorder"));
        assert!(usage(&args(|args| args.transcriber = some("'open"))).contains("--transcriber"));
        assert!(usage(&args(|args| args.model = some("ftp://a"))).contains("--model"));
        let unset = |args: &mut ServiceArgs| {
            args.model = some("https://a.example/v1");
            args.model_key_env = some("ORKET_TEST_NOT_SET");
        };
        assert!(usage(&args(unset)).contains("ORKET_TEST_NOT_SET"));
    }

    #[test]
    fn an_empty_variable_is_none() {
        let found = services(&args(|args| args.model = Some(String::new()))).expect("no service");
        assert!(found.model.is_none() && !found.provide("model.generate") && found.provide("console"));
    }
}
