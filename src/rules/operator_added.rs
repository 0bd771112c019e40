//! A new operator that holds state.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, quoted};

pub(super) static RULE: Rule = Rule {
    id: "operator-added",
    severity: Severity::Info,
    summary: "The new job has an operator with state that the savepoint does not know.",
    explanation: "It starts empty, which is right for a new operator. If it is not new, its ID changed, and its state \
is among the removed operators.",
    flink: "StateAssignmentOperation assigns no state to an operator whose ID is not in the savepoint, and says \
nothing.",
    repair: "Nothing, if the operator is new.",
    example: "fixtures/savepoints/flink-2.3-operator-removed/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for new in &context.added {
        let moved = context.moved.iter().any(|moved| std::ptr::eq(moved.new, *new));
        let states = new.states.as_ref().map(|planned| planned.states.as_slice()).unwrap_or_default();
        if moved || states.is_empty() {
            continue;
        }
        findings.add(Finding::info(
            Subject::planned(new),
            format!("it starts empty: {}", quoted(states.iter().map(|state| state.name.as_str()))),
            "nothing to do if the operator is new",
        ));
    }
}
