//! The `model.generate` capability.

use orket_contract::code;
use serde::Deserialize;
use serde_json::Value;

use super::handle::Handle;
use crate::result::{Error, Result};

/// What a model is asked.
///
/// ```
/// use orket_runtime::capabilities::Prompt;
/// let prompt = Prompt { temperature: 0.0, ..Prompt::new("Name a colour.") };
/// assert_eq!(prompt.max_tokens, 2048);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    /// What holds for the whole answer; may be empty.
    pub system: String,
    /// The question.
    pub user: String,
    /// How long the answer may be, in tokens: 1 to 1,000,000.
    pub max_tokens: u32,
    /// How freely it is drawn: 0 to 2, in thousandths.
    pub temperature: f64,
    /// Texts that end the answer: at most 16.
    pub stop: Vec<String>,
}

impl Prompt {
    /// A question: at most 2048 tokens, at a temperature of 0.7.
    ///
    /// ```
    /// use orket_runtime::capabilities::Prompt;
    /// assert_eq!(Prompt::new("Why?").temperature, 0.7);
    /// ```
    #[must_use]
    pub fn new(user: impl Into<String>) -> Self {
        let (system, user) = (String::new(), user.into());
        Self { system, user, max_tokens: 2048, temperature: 0.7, stop: Vec::new() }
    }

    /// Numbers on record are whole: a temperature travels in thousandths.
    fn args(&self) -> Result<[(&'static str, Value); 5]> {
        let milli = (self.temperature * 1000.0).round();
        if !(0.0..=2000.0).contains(&milli) {
            return Err(Error::new(code::CAPABILITY_BAD_CALL, "a temperature is 0 to 2"));
        }
        Ok([
            ("system", self.system.as_str().into()),
            ("user", self.user.as_str().into()),
            ("max_tokens", self.max_tokens.into()),
            ("temperature_milli", (milli as u32).into()),
            ("stop", self.stop.clone().into()),
        ])
    }
}

/// What an answer took, in tokens; 0 where the model does not say.
///
/// ```
/// let usage = orket_runtime::capabilities::Usage::default();
/// assert_eq!(usage.prompt_tokens + usage.completion_tokens, 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub struct Usage {
    /// Of the prompt.
    pub prompt_tokens: u64,
    /// Of the answer.
    pub completion_tokens: u64,
}

/// What a model answers.
///
/// ```
/// # use orket_runtime::{capabilities::{Model, Prompt}, Result};
/// fn colour(model: &Model) -> Result<String> {
///     let answer = model.generate(&Prompt::new("Name a colour."))?;
///     Ok(format!("{} (says {})", answer.text, answer.model))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Generation {
    /// The text.
    pub text: String,
    /// The model that it is of, as it calls itself.
    pub model: String,
    /// What it took.
    pub usage: Usage,
}

/// Text from a language model, where the operator has named one.
///
/// Operations: `generate {system, user, max_tokens, temperature_milli, stop}` → `{text, model, usage}`;
/// `open`, with the same arguments → `{stream}`; `next {stream}` → `{text, done}`, where `done` is null
/// or `{model, usage}`. One stream is open at a time: opening another ends the one before.
///
/// ```
/// use orket_runtime::{capabilities::Prompt, prelude::*};
/// fn ask(ctx: &mut WorkloadContext, question: &str) -> Result<String> {
///     Ok(ctx.capabilities.model()?.generate(&Prompt::new(question))?.text)
/// }
/// ```
#[derive(Clone)]
pub struct Model(Handle);

impl Model {
    pub(super) fn over(handle: Handle) -> Self {
        Self(handle)
    }

    /// The whole answer.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{Generation, Model, Prompt}, Result};
    /// fn briefly(model: &Model, question: &str) -> Result<Generation> {
    ///     model.generate(&Prompt { max_tokens: 50, ..Prompt::new(question) })
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.bad-call` for a value out of range; `capability.failed` when the model cannot be used.
    #[track_caller]
    pub fn generate(&self, prompt: &Prompt) -> Result<Generation> {
        self.0.call("generate", prompt.args()?, &[])
    }

    /// The answer as it comes: each piece is on record and comes again in a replay.
    ///
    /// ```
    /// use orket_runtime::{capabilities::Prompt, prelude::*};
    /// fn tell(ctx: &mut WorkloadContext) -> Result<()> {
    ///     let console = ctx.capabilities.console()?;
    ///     for piece in ctx.capabilities.model()?.stream(&Prompt::new("Tell a story."))? {
    ///         console.write(&piece?)?;
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// As [`Model::generate`].
    #[track_caller]
    pub fn stream(&self, prompt: &Prompt) -> Result<ModelStream> {
        #[derive(Deserialize)]
        struct Opened {
            stream: u64,
        }
        let Opened { stream } = self.0.call("open", prompt.args()?, &[])?;
        Ok(ModelStream { handle: self.0.clone(), stream, text: String::new(), end: None })
    }
}

/// An answer as it comes: an iterator over its pieces.
///
/// ```
/// # use orket_runtime::{capabilities::{Model, Prompt}, Result};
/// fn first_word(model: &Model) -> Result<Option<String>> {
///     model.stream(&Prompt::new("Hello?"))?.next().transpose()
/// }
/// ```
pub struct ModelStream {
    handle: Handle,
    stream: u64,
    text: String,
    /// What ended it; the inner value is missing when it failed.
    end: Option<Option<End>>,
}

#[derive(Clone, Deserialize)]
struct End {
    model: String,
    usage: Usage,
}

impl ModelStream {
    /// The whole answer, once the rest of it has come.
    ///
    /// ```
    /// # use orket_runtime::{capabilities::{Generation, Model, Prompt}, Result};
    /// fn whole(model: &Model) -> Result<Generation> {
    ///     model.stream(&Prompt::new("Hello?"))?.finish()
    /// }
    /// ```
    ///
    /// # Errors
    /// `capability.failed` when the model broke off.
    #[track_caller]
    pub fn finish(mut self) -> Result<Generation> {
        while let Some(piece) = self.pull() {
            piece?;
        }
        let broke = || Error::new(code::CAPABILITY_FAILED, "the model broke off");
        let End { model, usage } = self.end.flatten().ok_or_else(broke)?;
        Ok(Generation { text: self.text, model, usage })
    }

    #[track_caller]
    fn pull(&mut self) -> Option<Result<String>> {
        #[derive(Deserialize)]
        struct Next {
            text: String,
            done: Option<End>,
        }
        if self.end.is_some() {
            return None;
        }
        match self.handle.call("next", [("stream", self.stream.into())], &[]) {
            Ok(Next { done: Some(end), .. }) => {
                self.end = Some(Some(end));
                None
            }
            Ok(Next { text, done: None }) => {
                self.text.push_str(&text);
                Some(Ok(text))
            }
            Err(error) => {
                self.end = Some(None);
                Some(Err(error))
            }
        }
    }
}

impl Iterator for ModelStream {
    type Item = Result<String>;

    fn next(&mut self) -> Option<Self::Item> {
        self.pull()
    }
}
