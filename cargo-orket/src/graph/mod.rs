//! A plan as a drawing: its steps, what they may use, and the author's own graph where there is one.
//!
//! Invariants: equal plans give equal drawings, to the byte; every text is foreign, so it is cut,
//! made visible and escaped; a drawing refers to nothing outside of itself.

mod layout;
mod mermaid;
mod svg;
mod web;

pub(crate) use mermaid::mermaid;
pub(crate) use svg::{STYLE, svg};
pub(crate) use web::Web;

use orket_contract::plan::RunPlan;
use orket_engine::Plan;
use orket_engine::capability::console::visible;
use orket_engine::runs::RecordedRun;
use serde_json::Value;

/// A plan, ready to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Drawing {
    /// The workload and its version.
    title: String,
    /// Which extension and seed it is of.
    about: String,
    /// What the first step starts from.
    input: String,
    steps: Vec<Step>,
    /// What the last step comes to; nothing before it ran.
    end: Option<String>,
    capabilities: Vec<String>,
    web: Option<Web>,
}

/// A step of the plan.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    op: String,
    target: String,
    params: String,
}

impl Drawing {
    /// The drawing of a plan that was not run.
    pub(crate) fn of_plan(plan: &Plan) -> Self {
        let about = format!("{} {}, seed {}", plan.extension.id, plan.extension.version, plan.seed);
        Self::new(&plan.plan, about, &plan.input, &plan.capabilities)
    }

    /// The drawing of a recorded run or case.
    pub(crate) fn of_run(run: &RecordedRun) -> Self {
        let plan = &run.plan;
        let about = format!("{} {}, seed {}", plan.extension.id, plan.extension.version, plan.seed);
        let status = serde_json::to_value(run.result.status).unwrap_or_default();
        let end = status.as_str().map(str::to_owned);
        Self { end, ..Self::new(&plan.plan, about, &plan.input, &plan.capabilities) }
    }

    fn new(plan: &RunPlan, about: String, input: &Value, capabilities: &[String]) -> Self {
        let step = |action: &orket_contract::plan::RunAction| Step {
            op: action.op.clone(),
            target: action.target.clone(),
            params: if action.params.is_empty() {
                String::new()
            } else {
                Value::Object(action.params.clone()).to_string()
            },
        };
        Self {
            title: format!("{} {}", plan.workload_id, plan.workload_version),
            about,
            input: input.to_string(),
            steps: plan.actions.iter().map(step).collect(),
            end: None,
            capabilities: capabilities.to_vec(),
            web: Web::find(&plan.metadata),
        }
    }
}

/// The text in one line of at most `chars` characters.
fn line(text: &str, chars: usize) -> String {
    let text =
        visible(text).replace(['\n', '\t'], " ").replace(['\u{61c}', '\u{200e}', '\u{200f}'], "\u{fffd}");
    if text.chars().count() <= chars {
        return text;
    }
    text.chars().take(chars.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan(steps: usize, metadata: &Value) -> RunPlan {
        let action =
            |n: usize| json!({ "op": "workload.run", "params": { "part": n }, "target": "hello_v1" });
        let actions: Vec<_> = (0..steps).map(action).collect();
        let plan = json!({ "actions": actions, "metadata": metadata, "workload_id": "hello_v1", "workload_version": "1.0.0" });
        serde_json::from_value(plan).expect("a plan")
    }

    fn drawn(steps: usize, metadata: &Value) -> Drawing {
        Drawing::new(&plan(steps, metadata), "hello.world".to_owned(), &json!({}), &["console".to_owned()])
    }

    #[test]
    fn every_step_is_drawn_once() {
        for steps in [1, 2, 7, 100] {
            let drawing = drawn(steps, &json!({}));
            let (picture, text) = (svg(&drawing, true), mermaid(&drawing));
            assert_eq!(picture.matches("class=\"box step\"").count(), steps);
            assert_eq!(text.matches("workload.run").count(), steps);
            assert_eq!((svg(&drawing, true), mermaid(&drawing)), (picture, text), "it is the same each time");
        }
    }

    #[test]
    fn a_graph_of_the_author_is_found_and_drawn() {
        let edges = json!([{ "from": "a", "to": "b", "kind": "knows" }, ["b", "c"], { "source": "c", "target": "a" }]);
        let drawing = drawn(
            1,
            &json!({ "deep": { "nodes": ["a", { "id": "b", "kind": "fact" }, "c", "alone"], "edges": edges } }),
        );
        let picture = svg(&drawing, true);
        assert_eq!(
            (picture.matches("class=\"box node").count(), picture.matches("class=\"edge").count()),
            (4, 3 + 2)
        );
        assert!(mermaid(&drawing).contains("knows"));
        for none in
            [json!({ "nodes": 1, "edges": [] }), json!({ "nodes": ["a"], "edges": 5 }), json!([1, [2]])]
        {
            assert_eq!(drawn(1, &json!({ "graph": none })).web, None);
        }
    }

    #[test]
    fn hostile_text_stays_text() {
        let evil = "\"]</text><script>alert(1)</script>]]>&amp;\u{202e}\u{1b}[2J\u{0}`%%{init}%%\n#quot;";
        let web = json!({ "nodes": [{ "id": evil, "label": evil, "kind": evil }, "b"], "edges": [{ "from": evil, "to": "b", "kind": evil }] });
        let mut plan = plan(1, &json!({ "graph": web }));
        plan.actions[0].target = evil.to_owned();
        plan.actions[0].params.insert(evil.to_owned(), json!(evil));
        let drawing = Drawing::new(&plan, evil.to_owned(), &json!({ evil: evil }), &[evil.to_owned()]);
        let (picture, text) = (svg(&drawing, true), mermaid(&drawing));
        assert!(!picture.contains("<script") && !picture.chars().any(|c| c.is_control() && c != '\n'));
        for forbidden in ["<script", "</text", "%%", "`", "\u{202e}", "\u{1b}"] {
            assert!(!text.contains(forbidden), "{forbidden:?} in {text}");
        }
        let tags = |name: &str| {
            (picture.matches(&format!("<{name}")).count(), picture.matches(&format!("</{name}>")).count())
        };
        assert_eq!(tags("text").0, tags("text").1);
    }

    #[test]
    fn what_is_too_much_is_cut_and_told() {
        let nodes: Vec<_> = (0..5_000).map(|n| json!(format!("node{n}"))).collect();
        let edges: Vec<_> =
            (1..5_000).map(|n| json!([format!("node{}", n - 1), format!("node{n}")])).collect();
        let picture = svg(&drawn(1, &json!({ "graph": { "nodes": nodes, "edges": edges } })), true);
        assert!(picture.contains("left out"), "it says so");
        assert!(picture.len() < 1 << 20, "{}", picture.len());
    }
}
