//! State without an operator.

use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, Rule, Severity, quoted};
use crate::catalog::CatalogOperator;
use crate::plan::SourceKind;

pub(super) static RULE: Rule = Rule {
    id: "operator-removed",
    severity: Severity::Error,
    summary: "An operator that holds state is not in the new job.",
    explanation: "Flink refuses to drop state unless it is told to with --allowNonRestoredState (-n), which then drops \
all state of all operators that the new job does not have.",
    flink: "Checkpoints.loadAndValidateCheckpoint: \"Cannot map checkpoint/savepoint state for operator … to the new \
program\". An operator counts as stateful when any subtask has any state handle, or its coordinator has state; a \
keyed operator that registers no state still has its timers' handle.",
    repair: "If the operator was meant to go, restore with -n. If it was not, its ID changed: give it the uid that it \
had, or `setUidHash` with the ID that the savepoint has.",
    example: "fixtures/savepoints/flink-1.20-v1/savepoint --plan fixtures/savepoints/flink-1.20-operator-removed/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let without_id: Vec<_> = context.added.iter().filter(|new| new.certain_id().is_none()).collect();
    for old in context.removed.iter().filter(|old| old.has_state) {
        if context.moved.iter().any(|moved| moved.old.id == old.id) {
            continue; // operator-id-changed says more
        }
        let subject = Subject::operator(old, None);
        if let Some(new) = without_id.first() {
            findings.undetermined(
                subject,
                format!(
                    "no operator of the plan has its ID, but the plan does not tell the ID of {}",
                    new.title()
                ),
                SettledBy::Plan(SourceKind::PlanFile),
                "write the operator's uid in a file (--uids), or its generated_id in the plan file",
            );
            continue;
        }
        findings.add(
            Finding::dropped(
                context,
                subject,
                format!("it holds state ({}) and the new job has no operator with its ID", what_it_holds(old)),
                format!(
                    "if it was meant to go, restore with --allowNonRestoredState; if not, put .setUidHash(\"{}\") on the operator that takes over",
                    old.id
                ),
            )
            .bytes(old.bytes),
        );
    }
}

/// What the state is, in a few words.
fn what_it_holds(old: &CatalogOperator) -> String {
    match (old.states.is_empty(), old.coordinator_state_bytes > 0) {
        (false, _) => quoted(old.states.iter().map(|state| state.name.as_str())),
        (true, true) => "its coordinator's".to_owned(),
        (true, false) => "of a kind that has no name".to_owned(),
    }
}
