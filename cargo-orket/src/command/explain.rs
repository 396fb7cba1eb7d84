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

    #[test]
    fn a_code_is_found_as_it_is_shown() {
        assert_eq!(find("error[capability.denied]:").unwrap().name, "capability.denied");
        assert!(
            matches!(find("capability.denid"), Err(Error::Usage(text)) if text.contains("`capability.denied`"))
        );
        assert!(find("").is_err());
    }
}
