//! A drawing as text for Mermaid, which GitHub and others draw within Markdown.

use super::{Drawing, Step, line};
use std::fmt::Write as _;

/// How long a label may be.
const LABEL_CHARS: usize = 60;

/// The text of a drawing.
pub(crate) fn mermaid(drawing: &Drawing) -> String {
    let mut text = String::from("flowchart LR\n");
    let mut say = |line: String| writeln!(text, "    {line}").expect("a string grows");
    say(format!("subgraph plan[\"{}, {}\"]", label(&drawing.title), label(&drawing.about)));
    say(format!("    input([\"input<br/>{}\"])", label(&drawing.input)));
    for (at, step) in drawing.steps.iter().enumerate() {
        say(format!("    step{at}[\"{}\"]", of_step(at, step)));
        let before = if at == 0 { "input".to_owned() } else { format!("step{}", at - 1) };
        say(format!("    {before} --> step{at}"));
    }
    if let (Some(end), Some(last)) = (&drawing.end, drawing.steps.len().checked_sub(1)) {
        say(format!("    ended([\"{}\"])", label(end)));
        say(format!("    step{last} --> ended"));
    }
    say("end".to_owned());
    if !drawing.capabilities.is_empty() {
        say("subgraph capabilities[\"may use\"]".to_owned());
        for (at, name) in drawing.capabilities.iter().enumerate() {
            say(format!("    capability{at}{{{{\"{}\"}}}}", label(name)));
        }
        say("end".to_owned());
        say("plan -.-> capabilities".to_owned());
    }
    if let Some(web) = &drawing.web {
        say("subgraph graph_[\"the author#39;s graph\"]".to_owned());
        for (at, node) in web.nodes.iter().enumerate() {
            let kind =
                if node.kind.is_empty() { String::new() } else { format!("<br/>{}", label(&node.kind)) };
            say(format!("    node{at}[\"{}{kind}\"]", label(&node.label)));
        }
        for edge in &web.edges {
            let kind =
                if edge.kind.is_empty() { String::new() } else { format!("|\"{}\"|", label(&edge.kind)) };
            say(format!("    node{} -->{kind} node{}", edge.from, edge.to));
        }
        say("end".to_owned());
        if web.left_out != (0, 0) {
            say(format!("%% {}", web.rest()));
        }
    }
    text
}

fn of_step(at: usize, step: &Step) -> String {
    let params = if step.params.is_empty() { String::new() } else { format!("<br/>{}", label(&step.params)) };
    format!("{} {}<br/>{}{params}", at + 1, label(&step.op), label(&step.target))
}

/// A label in which nothing means anything to Mermaid, Markdown or HTML.
fn label(text: &str) -> String {
    let mut escaped = String::new();
    for c in line(text, LABEL_CHARS).chars() {
        let is_plain = c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '_' | '-' | ':' | '…');
        if is_plain {
            escaped.push(c);
        } else {
            write!(escaped, "#{};", u32::from(c)).expect("a string grows");
        }
    }
    escaped
}
