//! What the plan does not say.

use super::finding::{Findings, SettledBy, Subject};
use super::{Context, Rule, Severity, quoted};
use crate::plan::SourceKind;

pub(super) static RULE: Rule = Rule {
    id: "plan-incomplete",
    severity: Severity::Info,
    summary: "The plan does not say enough to judge an operator.",
    explanation: "No verdict rests on a guess. An operator whose states the plan does not tell, or a savepoint of a \
test run in which no key came by, leaves the types unjudged, and the report says so.",
    flink: "Flink itself learns the types only when the new job registers each state, after the old one was stopped.",
    repair: "Lay a plan that tells more over this one; each entry says which.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/plans/flink-2.3-shop/stream.graph",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.matched.is_empty() {
        findings.undetermined(
            Subject::job(),
            "no operator of the savepoint is in the plan, so nothing was compared".to_owned(),
            SettledBy::Plan(SourceKind::PlanFile),
            "look whether the plan is of the same job",
        );
    }
    for state in context.states() {
        if state.perhaps().is_some_and(|new| !state.is_same_but_name(context, new)) {
            findings.undetermined(
                Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name),
                "the plan does not tell whether the new job has it: if so, Flink takes it for a state of another type"
                    .to_owned(),
                SettledBy::Plan(SourceKind::Savepoint),
                "pass a savepoint of a test run of the new job as another --plan",
            );
        }
    }
    for operator in &context.matched {
        let subject = || Subject::operator(operator.old, Some(operator.new));
        if operator.new.states.as_ref().is_some_and(|planned| planned.unread) {
            let missing: Vec<_> =
                operator.states().filter(|it| it.new.is_empty() && it.perhaps().is_none()).collect();
            if !missing.is_empty() {
                findings.undetermined(
                    subject(),
                    format!(
                        "the plan does not tell all of its states; of those in the savepoint it lacks {}",
                        quoted(missing.iter().map(|state| state.old.name.as_str()))
                    ),
                    SettledBy::Plan(SourceKind::Savepoint),
"list its `states` in a plan file, or pass a savepoint of a test run of the new job as another --plan",
                );
            }
        }
        if operator.new.states.is_none() {
            if !operator.old.states.is_empty() || !operator.old.keys.is_empty() {
                findings.undetermined(
                    subject(),
                    "the plan does not tell its states".to_owned(),
                    SettledBy::Plan(SourceKind::Savepoint),
                    "list its `states` in the plan file, or pass a savepoint of a test run of the new job",
                );
            }
        } else if !operator.old.keys.is_empty() && operator.planned_half(true).is_none() {
            findings.undetermined(
                subject(),
                "the plan shows no keyed state for it, as when no key came by in the test run".to_owned(),
                SettledBy::Plan(SourceKind::Savepoint),
"let the test run send it an element, or list its `states` in a plan file (`states: []` if there are none)",
            );
        }
    }
}
