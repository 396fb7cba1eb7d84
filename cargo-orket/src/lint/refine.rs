//! What several layers say of one place, made into one finding; what a layer cannot know, put right.

use super::effect;
use super::finding::{Finding, Layer, Span};
use super::source::Sources;
use orket_contract::code;
use orket_contract::issue::Severity;
use std::collections::HashSet;

/// The longest text of a type that is parsed, in bytes.
const TYPE_BYTES_MAX: usize = 4096;

/// The findings of all layers about source, without repetition.
pub(super) fn refined(findings: Vec<Finding>, sources: &Sources) -> Vec<Finding> {
    let mut all: Vec<Finding> = findings
        .into_iter()
        .filter(|finding| means_it(finding, sources))
        .map(|finding| sharpened(finding, sources))
        .collect();
    all.extend(sources.findings.iter().map(|finding| sharpened(sources.measured(finding), sources)));
    // The layer that knows most speaks first.
    all.sort_by(|a, b| (a.layer, &a.span).cmp(&(b.layer, &b.span)));
    let mut lines = HashSet::new();
    let mut kept: Vec<Finding> = Vec::new();
    for finding in all {
        let Some(span) = &finding.span else {
            kept.push(finding);
            continue;
        };
        let line = (finding.code, span.file.clone(), span.line);
        let is_known = match (finding.layer, finding.code) {
            // One `HashMap` a line is enough said; and what rustc has seen, the syntax need not say again.
            (Layer::Source, _) | (_, code::AMBIENT_HASH_ORDER) => lines.contains(&line),
            _ => kept.iter().any(|known| known.code == finding.code && overlaps(known, span)),
        };
        if !is_known {
            lines.insert(line);
            kept.push(finding);
        }
    }
    kept
}

fn overlaps(known: &Finding, span: &Span) -> bool {
    let Some(known) = &known.span else { return false };
    known.file == span.file
        && known.line == span.line
        && known.byte_start < span.byte_end
        && span.byte_start < known.byte_end
}

/// Whether a path has the effect where it stands.
fn means_it(finding: &Finding, sources: &Sources) -> bool {
    let Some(span) = finding.span.as_ref().filter(|_| finding.layer == Layer::Clippy) else { return true };
    let is_type = effect::ALL.iter().any(|effect| effect.code == finding.code && !effect.types.is_empty());
    if is_type && sources.is_import(span) {
        return false;
    }
    if finding.code == code::AMBIENT_FILE_READ && names_what_is_given(sources.after(span)) {
        return false;
    }
    finding.code != code::AMBIENT_HASH_ORDER || !sources.text(span).is_some_and(has_hasher)
}

/// Whether the arguments of a call name the folders that a run is given, by what the SDK calls them.
fn names_what_is_given(after: &str) -> bool {
    let mut depth = 0_usize;
    let end = after.char_indices().find(|(_, c)| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    let arguments = end.map_or("", |(at, _)| &after[..at]);
    ["workspace_dir", "artifacts"].iter().any(|name| arguments.contains(name))
}

/// Whether a type such as `HashMap<K, V, S>` names a hasher of its own.
fn has_hasher(text: &str) -> bool {
    // Longer ones nest deeper than the parser should go.
    let Ok(path) =
        syn::parse_str::<syn::Path>(text.get(..TYPE_BYTES_MAX.min(text.len())).unwrap_or_default())
    else {
        return false;
    };
    let Some(last) = path.segments.last() else { return false };
    let plain = if last.ident == "HashSet" { 1 } else { 2 };
    match &last.arguments {
        syn::PathArguments::AngleBracketed(list) => {
            list.args.iter().filter(|argument| matches!(argument, syn::GenericArgument::Type(_))).count()
                > plain
        }
        _ => false,
    }
}

/// The finding, with what the source around it adds.
fn sharpened(finding: Finding, sources: &Sources) -> Finding {
    let Some(span) = finding.span.as_ref() else { return finding };
    let after = sources.after(span);
    if finding.code == code::AMBIENT_FILE_READ && after.starts_with("(\"/") {
        let message = format!("{}, at a path of the machine", finding.message);
        return Finding { level: Severity::Error, message, ..finding };
    }
    let written = "internal::Schema";
    let text = sources.files.get(&span.file).map_or("", |source| source.text.as_str());
    let start = text
        .get(..span.byte_end)
        .and_then(|text| text.rfind(written))
        .filter(|at| at + written.len() == span.byte_end);
    if let Some(start) = start.filter(|_| finding.code == code::IMPORT_INTERNAL) {
        let span = Span::of(&span.file, text, start..start + "internal".len());
        return finding.with_public_schema(span);
    }
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_a_run_are_known_by_their_names() {
        assert!(names_what_is_given("(ctx.workspace_dir.join(\"a\"))?;"));
        assert!(names_what_is_given("(artifacts.join(name()))"));
        assert!(!names_what_is_given("(folder.join(\"a\")); artifacts"));
        assert!(!names_what_is_given("(artifacts"));
        assert!(!names_what_is_given(" = artifacts"));
    }

    #[test]
    fn a_hasher_is_the_last_of_its_arguments() {
        assert!(has_hasher("HashMap<u8, u8, S>"));
        assert!(has_hasher("std::collections::HashSet<u8, S>"));
        assert!(!has_hasher("HashMap<u8, u8>"));
        assert!(!has_hasher("HashMap"));
        assert!(!has_hasher("HashSet<(u8, u8)>"));
        assert!(!has_hasher("HashMap::<u8, u8>"));
        assert!(!has_hasher("$m<"));
    }
}
