//! The author's mistakes: always collected, never the first alone.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

/// All mistakes of one expansion, in the order in which they were found.
#[derive(Default)]
pub(crate) struct Issues(Vec<Issue>);

/// One mistake of an author.
pub struct Issue {
    /// The token that is wrong.
    pub span: Span,
    /// A code of the table.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// How to mend it, if that can be said.
    pub help: Option<String>,
}

impl Issues {
    /// Reports a mistake at a token.
    pub(crate) fn report(&mut self, span: Span, code: &'static str, message: impl Into<String>) {
        self.0.push(Issue { span, code, message: message.into(), help: None });
    }

    /// Reports a mistake at a token and says how to mend it.
    pub(crate) fn report_with_help(
        &mut self,
        span: Span,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.push(Issue { span, code, message: message.into(), help: Some(help.into()) });
    }

    pub(crate) fn into_vec(self) -> Vec<Issue> {
        self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One `compile_error!` for each mistake, at its token.
    pub(crate) fn to_tokens(&self) -> TokenStream {
        self.0.iter().map(Issue::to_tokens).collect()
    }
}

impl Issue {
    fn to_tokens(&self) -> TokenStream {
        let Self { span, code, message, help } = self;
        let help = help.clone().unwrap_or_else(|| format!("see `cargo orket explain {code}`"));
        let text = format!("[{code}] {message}\nhelp: {help}");
        quote_spanned! { *span => ::core::compile_error!{ #text } }
    }
}
