//! A new state in an operator that stays.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "state-added",
    severity: Severity::Info,
    summary: "An operator that stays registers a state that the savepoint does not have.",
    explanation: "It starts empty for every key, those that the operator has known for long included. If the state is \
not new, it had another name before; then state-renamed or state-removed says so.",
    flink: "The state backends create a state whose name is not in the savepoint without a word.",
    repair: "Nothing, if the state is new.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-state-added/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    // state-renamed says of these what they were.
    let renamed: Vec<_> = context.states().filter_map(|state| state.renamed_to(context)).collect();
    for operator in &context.matched {
        let planned =
            operator.new.states.as_ref().map(|planned| planned.states.as_slice()).unwrap_or_default();
        for new in planned {
            let known = operator
                .old
                .states
                .iter()
                .any(|old| old.name == new.name && old.kind.family() == new.kind.family());
            // Where the savepoint's own states could not all be read, the state may be among them.
            if known || !operator.old.unread.is_empty() || renamed.iter().any(|it| std::ptr::eq(*it, new)) {
                continue;
            }
            findings.add(Finding::info(
                Subject::operator(operator.old, Some(operator.new)).state(&new.name),
                format!("this {} state is new and starts empty", new.kind),
                "nothing to do if the state is new",
            ));
        }
    }
}
