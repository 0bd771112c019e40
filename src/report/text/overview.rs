//! One line for each operator of a check: what it holds, and what becomes of it.

use super::{size, table};
use crate::catalog::CatalogOperator;
use crate::ids::OperatorId;
use crate::plan::PlannedOperator;
use crate::report::{Checked, Report};
use crate::rules::{Context, Effect, Severity, Subject};
use crate::state::StateKind;

/// Most characters of state names that a line shows.
const MOST_NAMES: usize = 44;

pub(super) fn render_overview(checked: &Checked<'_>) -> String {
    table(&["Operator", "State", "States", "In the new job"], overview_rows(checked))
}

/// The operators of the savepoint, those with most state first, and then those that only the plan has: their names, how
/// much state they have, which states, and what becomes of them.
pub(in crate::report) fn overview_rows(checked: &Checked<'_>) -> Vec<Vec<String>> {
    let Checked { savepoint, plan, report, .. } = *checked;
    let context = Context::new(savepoint, plan, report.question);
    let mut operators: Vec<_> = savepoint.operators.iter().collect();
    operators.sort_by_key(|operator| (std::cmp::Reverse(operator.bytes), operator.id));
    let old = operators.into_iter().map(|old| {
        let new = context.matched.iter().find(|it| it.old.id == old.id).map(|it| it.new);
        let bytes = if old.has_state { size(old.bytes) } else { "-".to_owned() };
        let names = names(old.states.iter().map(|state| (state.kind, state.name.as_str())));
        vec![
            Subject::operator(old, new).title(),
            bytes,
            shorten(&names),
            fate(&context, report, old).to_owned(),
        ]
    });
    let moved = |new: &PlannedOperator| context.moved.iter().any(|it| std::ptr::eq(it.new, new));
    let new = context.added.iter().filter(|new| !moved(new)).map(|new| {
        let states = new.states.as_ref().map(|planned| planned.states.as_slice()).unwrap_or_default();
        let names = names(states.iter().map(|state| (state.kind, state.name.as_str())));
        vec![new.title(), String::new(), shorten(&names), "new".to_owned()]
    });
    old.chain(new).collect()
}

/// What the findings say of the operator, in a word or two.
fn fate(context: &Context<'_>, report: &Report, old: &CatalogOperator) -> &'static str {
    // A refusal of the whole job is one of each of its operators; a warning of it says nothing of any.
    let about = |id: Option<OperatorId>| id.is_none_or(|id| id == old.id);
    let findings = report.findings.found.iter().filter(|it| about(it.subject.operator_id));
    let mut unchecked = report.findings.unchecked.iter().filter(|it| it.undetermined);
    let is_undetermined = unchecked.any(|it| about(it.subject.operator_id));
    // What is under an ID that the plan does not tell may be under the old one.
    let mut moved = context.moved.iter().filter(|moved| moved.new.certain_id().is_some());
    if moved.any(|moved| moved.old.id == old.id) {
        "under another ID: not found"
    } else if !is_undetermined && context.removed.iter().any(|removed| removed.id == old.id) {
        if old.has_state { "removed" } else { "gone, and held nothing" }
    } else if findings.clone().any(|it| it.effect == Effect::Rejects) {
        "refused"
    } else if is_undetermined {
        "undetermined"
    } else if findings
        .filter(|it| it.subject.operator_id.is_some())
        .any(|it| it.severity == Severity::Warning)
    {
        "kept, with a warning"
    } else {
        "kept"
    }
}

/// The states' names; those of timers, which Flink gives, come last.
fn names<'n>(states: impl Iterator<Item = (StateKind, &'n str)>) -> Vec<&'n str> {
    let mut states: Vec<_> = states.collect();
    states.sort_by_key(|(kind, name)| (*kind == StateKind::Timers, *name));
    states.dedup();
    states.into_iter().map(|(_, name)| name).collect()
}

/// The names as far as they fit, and how many more there are.
fn shorten(names: &[&str]) -> String {
    let mut shown = String::new();
    for (index, name) in names.iter().enumerate() {
        let more = names.len().saturating_sub(index);
        let longer = if index == 0 { (*name).to_owned() } else { format!("{shown}, {name}") };
        if index > 0 && longer.chars().count() > MOST_NAMES {
            return format!("{shown} and {more} more");
        }
        shown = longer;
    }
    shown
}
