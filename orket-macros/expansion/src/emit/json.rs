//! JSON whose unknown parts are holes, as a slice of the SDK's `Piece`s.
//!
//! Invariant: neighbouring text is one piece, because evaluating constants is slow.

use proc_macro2::TokenStream;
use quote::quote;

/// JSON under construction.
pub(super) struct Json {
    /// The path of the SDK.
    sdk: TokenStream,
    pieces: Vec<TokenStream>,
    text: String,
}

impl Json {
    pub(super) fn new(sdk: &TokenStream) -> Self {
        Self { sdk: sdk.clone(), pieces: Vec::new(), text: String::new() }
    }

    /// Adds text as it is.
    pub(super) fn raw(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a JSON string.
    pub(super) fn string(&mut self, text: &str) -> &mut Self {
        self.text.push_str(&quoted(text));
        self
    }

    /// Adds JSON strings, separated by commas.
    pub(super) fn strings<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) -> &mut Self {
        let texts: Vec<String> = texts.into_iter().map(quoted).collect();
        self.raw(&texts.join(","))
    }

    /// Adds a JSON string that is given, or else the value of an environment variable of Cargo.
    pub(super) fn string_or_env(&mut self, text: Option<&str>, variable: &str) -> &mut Self {
        match text {
            Some(text) => self.string(text),
            None => self.hole(&quote!(Quoted(::core::env!(#variable)))),
        }
    }

    /// Adds a piece that is known only later: the name of its variant and its content.
    pub(super) fn hole(&mut self, piece: &TokenStream) -> &mut Self {
        self.flush();
        let sdk = &self.sdk;
        self.pieces.push(quote!(#sdk::internal::Piece::#piece));
        self
    }

    /// The pieces, as the expression of a slice.
    pub(super) fn pieces(mut self) -> TokenStream {
        self.flush();
        let pieces = self.pieces;
        quote!(&[#(#pieces),*])
    }

    /// The rendered text, as the expression of a `&'static str`.
    pub(super) fn rendered(self) -> TokenStream {
        let sdk = self.sdk.clone();
        let pieces = self.pieces();
        quote! {{
            const PIECES: &[#sdk::internal::Piece] = #pieces;
            const BYTES: &[u8] = &#sdk::internal::render::<{ #sdk::internal::length(PIECES) }>(PIECES);
            #sdk::internal::text(BYTES)
        }}
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            let (sdk, text) = (&self.sdk, std::mem::take(&mut self.text));
            self.pieces.push(quote!(#sdk::internal::Piece::Text(#text)));
        }
    }
}

/// A text as a JSON string, escaped as RFC 8785 wants.
pub(super) fn quoted(text: &str) -> String {
    let mut json = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\u{8}' => json.push_str("\\b"),
            '\t' => json.push_str("\\t"),
            '\n' => json.push_str("\\n"),
            '\u{c}' => json.push_str("\\f"),
            '\r' => json.push_str("\\r"),
            '\0'..' ' => json.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => json.push(letter),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn text_is_escaped_as_rfc_8785_wants() {
        assert_eq!(quoted("a\"\\\u{8}\n\u{1f}\u{7f}ä"), "\"a\\\"\\\\\\b\\n\\u001f\u{7f}ä\"");
    }
}
