//! An operator that keeps its ID and none of its states.

use super::context::Match;
use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, quoted};
use crate::state::StateKind;

pub(super) static RULE: Rule = Rule {
    id: "operator-replaced",
    severity: Severity::Warning,
    summary: "An operator keeps its ID, and none of the states that the savepoint has for it.",
    explanation: "State without an operator is refused; state of an operator that asks for other names is not. So an \
operator of another kind under an old uid is accepted, and silently starts empty. Keyed state, operator lists and \
broadcast state do not see each other, so that an operator whose state moved from one to the other starts empty, too.",
    flink: "Checkpoints.loadAndValidateCheckpoint compares IDs; the state backends create a state whose name is not in the \
savepoint without a word, and keep what nobody asks for.",
    repair: "Give the operator its states back, or, if it is another operator, a uid of its own; the old state then has to be \
dropped with --allowNonRestoredState.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan examples/rules/operator-replaced.yaml -n",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for operator in context.matched.iter().filter(|it| is_replaced(context, it)) {
        let old = operator.old.states.iter().filter(|state| state.kind != StateKind::Timers);
        let new = operator.new.states.iter().flat_map(|planned| &planned.states);
        findings.add(
            Finding::warning(
                Subject::operator(operator.old, Some(operator.new)),
                format!(
                    "the new job asks for none of {}, but for {}: the operator silently starts empty",
                    quoted(old.map(|state| state.name.as_str())),
                    quoted(new.map(|state| state.name.as_str()))
                ),
                "look whether it is the same operator; if not, give it another uid",
            )
            .bytes(operator.old.bytes),
        );
    }
}

/// Every state is gone, and there are others in their place.
fn is_replaced(context: &Context<'_>, operator: &Match<'_>) -> bool {
    let mut states = context
        .states()
        .filter(|state| state.operator.old.id == operator.old.id && state.old.kind != StateKind::Timers);
    let mut any = false;
    let all_gone = states.all(|state| {
        any = true;
        state.new.is_empty() && state.renamed_to(context).is_none()
    });
    let planned = operator.new.states.as_ref();
    any && all_gone
        && planned.is_some_and(|planned| {
            !planned.unread && planned.states.iter().any(|state| state.kind != StateKind::Timers)
        })
}
