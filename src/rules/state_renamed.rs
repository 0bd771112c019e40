//! A state of another name, and otherwise the same.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "state-renamed",
    severity: Severity::Warning,
    summary: "A state of an operator that stays seems to have another name in the new job.",
    explanation: "Flink looks states up by the name in their descriptor. Under a new name a state starts empty, and \
the old one is kept in every savepoint, unused; Flink says nothing. The pair is found by kind and type: in the same \
operator one state went, and one of the same kind and types came.",
    flink: "The keyed and operator state backends create a state whose name is not in the savepoint without a word \
(getPartitionedState, getListState, getBroadcastState).",
    repair: "Give the state its name back.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-state-renamed/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for state in context.states() {
        if let Some(new) = state.renamed_to(context) {
            findings.add(Finding::warning(
                Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name),
                format!(
                    "it is not in the new job, which has \"{}\" of the same kind and type instead: that starts empty",
                    new.name
                ),
                format!("name the state \"{}\" again if it is the same one", state.old.name),
            )
            .change(&new.name));
        }
    }
}
