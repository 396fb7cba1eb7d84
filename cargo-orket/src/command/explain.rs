//! `explain`: the page about a code.

use crate::args::ExplainArgs;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::report::{Message, Report};
use crate::template::CODES;
use orket_contract::code::{self, Code};

/// Prints the page, or the list of all codes.
pub(super) fn run(args: &ExplainArgs, report: &Report) -> Result<Exit> {
    match args.code.as_deref().filter(|_| !args.list) {
        Some(name) => explain(find(name)?, report),
        None => code::ALL.iter().for_each(|code| list(code, report)),
    }
    Ok(Exit::Ok)
}

fn find(name: &str) -> Result<&'static Code> {
    // People paste what they see: `error[capability.unknown]:`.
    let bare = name.trim_end_matches(':').rsplit('[').next().unwrap_or(name).trim_end_matches(']');
    code::find(bare).ok_or_else(|| {
        let hint = code::nearest(bare).map_or_else(
            || "`cargo orket explain --list` lists all codes".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        Error::Usage(format!("`{name}` is not a code of Orket; {hint}"))
    })
}

fn explain(code: &Code, report: &Report) {
    let page = page(code);
    report.text(&page.map_or_else(|| format!("# {}\n\n{}", code.name, code.summary), str::to_owned));
    report.message(&Message::Code { code: code.name, summary: code.summary, page });
}

fn list(code: &Code, report: &Report) {
    report.text(&format!("{:<30} {}", code.name, code.summary));
    report.message(&Message::Code { code: code.name, summary: code.summary, page: None });
}

fn page(code: &Code) -> Option<&'static str> {
    CODES.iter().find(|(file, _)| file.strip_suffix(".md") == Some(code.name)).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Args;
    use clap::error::ErrorKind;
    use std::ffi::OsString;

    #[test]
    fn a_code_is_found_as_it_is_shown() {
        assert_eq!(find("error[capability.denied]:").unwrap().name, "capability.denied");
        assert!(
            matches!(find("capability.denid"), Err(Error::Usage(text)) if text.contains("`capability.denied`"))
        );
        assert!(find("").is_err());
    }

    /// The words of every call of this tool in a line to type.
    fn calls(line: &str) -> Vec<Vec<String>> {
        let line = line.split(" #").next().unwrap_or_default();
        let calls = line.split(['|', '&']).filter_map(|call| call.split_once("cargo orket "));
        let split = |(_, words): (&str, &str)| {
            let parts = words.split('"').enumerate().flat_map(|(at, part)| match at % 2 {
                0 => part.split_whitespace().collect(),
                _ => vec![part],
            });
            parts.map(str::to_owned).collect()
        };
        calls.map(split).collect()
    }

    #[test]
    fn what_a_page_tells_to_type_can_be_typed() {
        let lines = CODES.iter().flat_map(|(page, text)| text.lines().map(move |line| (page, line)));
        let typed = lines.filter_map(|(page, line)| Some((page, line.strip_prefix("    $ ")?)));
        let mut count = 0;
        for (page, call) in
            typed.flat_map(|(page, line)| calls(line).into_iter().map(move |call| (page, call)))
        {
            let words = ["cargo-orket", "orket"].into_iter().map(OsString::from);
            let read = Args::read(words.chain(call.iter().map(OsString::from)));
            let shown = |error: &clap::Error| error.kind() == ErrorKind::DisplayVersion;
            assert!(read.as_ref().err().is_none_or(shown), "{page}: {call:?} {read:?}");
            count += 1;
        }
        assert!(count > 100, "{count}");
    }
}
