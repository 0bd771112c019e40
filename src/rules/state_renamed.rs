//! A state of another name, and otherwise the same.

use super::context::StateMatch;
use super::finding::{Finding, Findings, Subject};
use super::state_removed::is_removed;
use super::{Context, Rule, Severity};
use crate::plan::PlannedState;
use crate::types::{Compatibility, compatibility};

pub(super) static RULE: Rule = Rule {
    id: "state-renamed",
    severity: Severity::Warning,
    summary: "A state of an operator that stays seems to have another name in the new job.",
    explanation: "Flink looks states up by the name in their descriptor. Under a new name a state starts empty, and \
the old one is kept in every savepoint, unused; Flink says nothing. The pair is found by kind and type: in the same \
operator one state went, and one of the same kind and types came.",
    flink: "The keyed and operator state backends create a state whose name is not in the savepoint without a word \
(getPartitionedState, getListState, getBroadcastState).",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for state in context.states() {
        if let Some(new) = new_name(context, &state) {
            findings.add(Finding::warning(
                Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name),
                format!(
                    "it is not in the new job, which has \"{}\" of the same kind and type instead: that starts empty",
                    new.name
                ),
                format!("name the state \"{}\" again if it is the same one", state.old.name),
            ));
        }
    }
}

/// The one state that the plan has for a removed one under a new name, if there is exactly one of each.
pub(super) fn new_name<'c>(context: &Context<'c>, state: &StateMatch<'c>) -> Option<&'c PlannedState> {
    let planned = state.operator.planned_half(state.old.kind.is_keyed()).filter(|_| is_removed(state))?;
    let old_states = &state.operator.old.states;
    let is_new = |new: &PlannedState| old_states.iter().all(|old| old.name != new.name);
    let mut candidates =
        planned.states.iter().filter(|new| is_new(new) && same_but_name(context, state, new));
    candidates.next().filter(|_| candidates.next().is_none())
}

fn same_but_name(context: &Context<'_>, state: &StateMatch<'_>, new: &PlannedState) -> bool {
    let same = |part, new: Option<&_>| match (state.old.data_type(part), new) {
        (Some(old), Some(new)) => {
            compatibility::resolve(new, &old, context.target()).compatibility == Compatibility::AsIs
        }
        (None, None) => true,
        _ => false,
    };
    new.kind == state.old.kind
        && same("NAMESPACE_SERIALIZER", new.namespace.as_ref())
        && same("VALUE_SERIALIZER", new.value.as_ref())
}
