//! Fills a template: names and values into text. Pure.

use super::value::Chosen;
use super::{CrateName, Migrated, Sdk};
use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, UndefinedBehavior, context, escape_formatter};
use std::collections::BTreeMap;
use std::io::Write;

/// The largest file that rendering may make, in bytes (4 MiB).
pub(super) const RENDERED_BYTES_MAX: usize = 4 << 20;

/// What a first run is provided with, by the variables that name it.
pub(super) type Services = BTreeMap<String, String>;

/// What a template is filled with.
#[derive(Debug)]
pub(crate) struct Values<'a> {
    /// The crate's name.
    pub(crate) name: &'a CrateName,
    /// The crate's edition.
    pub(crate) edition: &'a str,
    /// Where the SDK comes from.
    pub(crate) sdk: &'a Sdk,
    /// Whether the crate is a workspace of its own.
    pub(crate) own_workspace: bool,
    /// What it is migrated from.
    pub(crate) from: Option<&'a Migrated>,
    /// The values that the template asks for.
    pub(crate) chosen: &'a Chosen,
}

impl Values<'_> {
    /// A text with everything filled in.
    ///
    /// # Errors
    /// With the line, counted from 1, and what is wrong there.
    pub(super) fn render(&self, text: &str, services: &Services) -> Result<String, (u32, String)> {
        let environment = environment();
        let failed = |error: &minijinja::Error| {
            let line = error.line().and_then(|line| u32::try_from(line).ok()).unwrap_or(1);
            (line, error.detail().map_or_else(|| error.kind().to_string(), str::to_owned))
        };
        let template = environment.template_from_str(text).map_err(|error| failed(&error))?;
        let mut bounded = Bounded(Vec::new());
        template.render_captured_to(self.context(services), &mut bounded).map_err(|error| failed(&error))?;
        String::from_utf8(bounded.0).map_err(|_| (1, "it is not UTF-8".to_owned()))
    }

    fn context(&self, services: &Services) -> minijinja::Value {
        let own = context! {
            name => self.name.as_str(),
            crate_name => self.name.identifier(),
            workload => self.name.workload(),
            edition => self.edition,
            sdk => self.sdk.dependency(&[]),
            sdk_testing => self.sdk.dependency(&["testing"]),
            repository => env!("CARGO_PKG_REPOSITORY"),
            own_workspace => self.own_workspace,
            services => minijinja::Value::from(Serde(services)),
            from => minijinja::Value::from(Serde(self.from)),
        };
        context! { ..own, ..minijinja::Value::from(Serde(self.chosen)) }
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = minijinja::syntax::SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.expect("it is the standard syntax"));
    // As Rust and TOML write it.
    environment.set_formatter(|out, state, value| match value.kind() {
        ValueKind::Bool => Ok(out.write_str(if value.is_true() { "true" } else { "false" })?),
        _ => escape_formatter(out, state, value),
    });
    environment.add_filter("rust", |text: String| format!("{text:?}"));
    environment.add_filter("toml", |text: String| toml::Value::String(text).to_string());
    environment
}

/// The filters, by name: a text as a literal of Rust or of TOML.
pub(super) const FILTERS: &[&str] = &["rust", "toml"];

/// Takes so many bytes and no more.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > RENDERED_BYTES_MAX {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::Scalar;
    use super::*;

    fn rendered(text: &str) -> Result<String, (u32, String)> {
        let name = CrateName::parse("hello-there").expect("a name");
        let sdk = Sdk::parse("1.2").expect("a version");
        let chosen = Chosen::from([
            ("title".to_owned(), Scalar::Text("the \"Mill\" \\ {{ name }}".to_owned())),
            ("hard".to_owned(), Scalar::Flag(true)),
            ("size".to_owned(), Scalar::Number(7)),
        ]);
        let values = Values {
            name: &name,
            edition: "2024",
            sdk: &sdk,
            own_workspace: true,
            from: None,
            chosen: &chosen,
        };
        values.render(text, &Services::new())
    }

    #[test]
    fn values_are_filled_in_and_read_as_nothing_else() {
        for (text, expected) in [
            ("{{ crate_name }} {{ size }} {{ hard }}\n", "hello_there 7 true\n"),
            ("{{ title | rust }}", r#""the \"Mill\" \\ {{ name }}""#),
            ("{{ title | toml }}", r#"'the "Mill" \ {{ name }}'"#),
            ("{% if hard %}a{% else %}b{% endif %}", "a"),
        ] {
            assert_eq!(rendered(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_filled_in_has_a_line() {
        for (text, line) in [("\n{{ nothing }}", 2), ("\n\n{% if %}", 3), ("{% endif %}", 1), ("{{ name", 1)]
        {
            assert_eq!(rendered(text).expect_err("refused").0, line, "{text}");
        }
        let deep = "{% if hard %}".repeat(100_000);
        assert!(rendered(&deep).is_err());
        assert!(rendered(&"{{ title }}".repeat(RENDERED_BYTES_MAX / 20)).is_err());
    }
}
