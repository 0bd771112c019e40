//! Which plan a JSON document is.

use super::compiled_plan::CompiledPlan;
use super::execution_plan::ExecutionPlan;
use super::rest::Answer;
use super::{JobPlan, PlanError};
use crate::source::{Location, Settings};
use serde::Deserialize;
use serde_json::Value;

/// What a JSON document is, by the keys that it has.
enum Document {
    Rest,
    ExecutionPlan,
    CompiledPlan,
    /// An error that a JobManager answered with.
    Refusal(String),
    Unknown,
}

/// Reads a JSON document of Flink's; `None` when the text is none, or a plan file.
pub(super) fn read(
    settings: &Settings,
    location: &Location,
    bytes: &[u8],
) -> Option<Result<JobPlan, PlanError>> {
    let text = str::from_utf8(bytes).ok()?;
    let value = first_object(text)?;
    if value.get("operators").is_some() {
        return None;
    }
    let foreign = |problem: String| PlanError::Foreign { location: location.clone(), problem };
    let plan = match Document::of(&value) {
        Document::Rest => decoded::<Answer>(value, "a plan of the JobManager's REST API").and_then(Answer::into_plan),
        Document::ExecutionPlan => decoded::<ExecutionPlan>(value, "an execution plan").and_then(ExecutionPlan::into_plan),
        Document::CompiledPlan => decoded::<CompiledPlan>(value, "a compiled plan").and_then(|plan| plan.into_plan(settings)),
        Document::Refusal(said) => Err(format!("the JobManager answered with an error: {said}")),
        Document::Unknown => Err("this JSON is no plan: it is neither a plan file (which has `operators`), nor a plan of the REST API (`plan`), nor an execution plan or a compiled plan (`nodes`)".to_owned()),
    };
    let plan = plan.and_then(|plan| {
        if plan.operators.is_empty() { Err("this plan has no operators".to_owned()) } else { Ok(plan) }
    });
    Some(plan.map(|plan| JobPlan { source: location.to_string(), ..plan }).map_err(foreign))
}

/// The object that the text is, or the first that starts a line: `flink info` prints banner lines around it.
fn first_object(text: &str) -> Option<Value> {
    let mut at = 0_usize;
    for line in text.split_inclusive('\n') {
        let object = line.trim_start_matches(['\u{feff}', ' ', '\t']);
        if object.starts_with('{') {
            let rest = text.get(at..)?.trim_start_matches('\u{feff}');
            return Value::deserialize(&mut serde_json::Deserializer::from_str(rest)).ok();
        }
        at = at.saturating_add(line.len());
    }
    None
}

impl Document {
    fn of(value: &Value) -> Self {
        let nodes = value.get("nodes").and_then(Value::as_array);
        let first = nodes.and_then(|nodes| nodes.first());
        if value.get("plan").is_some_and(Value::is_object) {
            Self::Rest
        } else if value.get("flinkVersion").is_some() && nodes.is_some() {
            Self::CompiledPlan
        } else if first.is_some_and(|node| node.get("pact").is_some()) {
            Self::ExecutionPlan
        } else if let Some(errors) = value.get("errors").and_then(Value::as_array) {
            let said = errors.iter().filter_map(Value::as_str).find_map(|error| error.lines().next());
            Self::Refusal(said.unwrap_or("it does not say which").to_owned())
        } else {
            Self::Unknown
        }
    }
}

fn decoded<T: for<'de> Deserialize<'de>>(value: Value, what: &str) -> Result<T, String> {
    serde_json::from_value(value)
        .map_err(|error| format!("this is {what}, and not as Flink writes it: {error}"))
}
