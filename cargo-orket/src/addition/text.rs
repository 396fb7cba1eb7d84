//! The files that are added: they compile, are formatted, have nothing to lint, and do something small.

use super::{Crate, Phase};

/// The file of a workload.
pub(super) fn workload(to: &Crate, name: &str, extension: &str) -> String {
    let (sdk, renamed) = (&to.sdk, renamed(to));
    let (input, argument, greeted) = match to.serde {
        true => (input(to), ", input: Input", "input.name.unwrap_or_else(|| \"world\".to_owned())"),
        false => (String::new(), "", "\"world\""),
    };
    let test = if to.tests { test(to, name, extension) } else { String::new() };
    format!(
        "//! The workload `{name}`.

use {sdk}::prelude::*;
{input}
/// Greet someone.
#[workload(id = \"{name}\"{renamed})]
pub fn {name}(ctx: &mut WorkloadContext{argument}) -> Result<WorkloadResult> {{
    let name = {greeted};
    ctx.logger.info(\"greeting\");
    WorkloadResult::ok(json!({{ \"greeting\": format!(\"Hello, {{}}!\", name) }}))
}}
{test}"
    )
}

/// Names the SDK to a macro that would not find it.
fn renamed(to: &Crate) -> String {
    if to.sdk == "orket_runtime" { String::new() } else { format!(", crate = {}", to.sdk) }
}

fn input(to: &Crate) -> String {
    let renamed = match to.sdk.as_str() {
        "orket_runtime" => String::new(),
        sdk => format!("#[schema(crate = {sdk})]\n"),
    };
    format!(
        "
/// What the workload is given; `--input` or `--set name=Ada` fills it.
#[derive(serde::Deserialize, Schema)]
{renamed}pub struct Input {{
    /// Who is greeted.
    #[serde(default)]
    pub name: Option<String>,
}}
"
    )
}

fn test(to: &Crate, name: &str, extension: &str) -> String {
    let sdk = &to.sdk;
    let (given, greeted) = if to.serde { ("{ \"name\": \"Ada\" }", "Ada") } else { ("{}", "world") };
    format!(
        "
#[cfg(test)]
mod tests {{
    use super::*;
    use {sdk}::testing::{{FakeCapabilities, run}};
    use {extension}::register;

    #[test]
    fn it_greets() -> Result<()> {{
        let outcome = run(register, \"{name}\", json!({given}), &FakeCapabilities::new())?;
        assert_eq!(outcome.result.output[\"greeting\"], \"Hello, {greeted}!\");
        Ok(())
    }}
}}
"
    )
}

/// The file of a hook.
pub(super) fn hook(to: &Crate, name: &str, phase: Phase) -> String {
    let sdk = &to.sdk;
    match phase {
        Phase::Plan => format!(
            "//! A hook before the run: its plan, which is on record and compared.

use {sdk}::prelude::*;

/// The plan: one step. What it says in `metadata` is for whoever reads it.
pub fn {name}<Input>(ctx: &PlanContext, _input: &Input) -> Result<RunPlan> {{
    let mut plan = ctx.plan();
    plan.metadata.insert(\"planned_by\".to_owned(), json!(\"{name}\"));
    Ok(plan)
}}
"
        ),
        Phase::Validate => format!(
            "//! A hook after the run: an error that it finds keeps the run from being published.

use {sdk}::prelude::*;
use std::path::Path;

/// The output says something.
pub fn {name}(result: &WorkloadResult, _artifacts: &Path) -> Vec<Issue> {{
    if result.output.is_empty() {{
        return vec![Issue::error(\"output.empty\", \"the output says nothing\")];
    }}
    Vec::new()
}}
"
        ),
        Phase::Summarize => format!(
            "//! A hook after the run: what is said of it.

use {sdk}::prelude::*;
use std::path::Path;

/// How many files the run has left at the top of its artifacts.
pub fn {name}(artifacts: &Path) -> Result<Value> {{
    Ok(json!({{ \"artifacts\": std::fs::read_dir(artifacts)?.count() }}))
}}
"
        ),
    }
}
