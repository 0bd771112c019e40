//! What the plan does not say.

use super::finding::{Findings, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "plan-incomplete",
    severity: Severity::Info,
    summary: "The plan does not say enough to judge an operator.",
    explanation: "No verdict rests on a guess. An operator whose states the plan does not tell, or a savepoint of a \
test run in which no key came by, leaves the types unjudged, and the report says so.",
    flink: "Flink itself learns the types only when the new job registers each state, after the old one was stopped.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.matched.is_empty() {
        findings.undetermined(
            Subject::job(),
            "no operator of the savepoint is in the plan, so nothing was compared".to_owned(),
            "look whether the plan is of the same job",
        );
    }
    for operator in &context.matched {
        let subject = || Subject::operator(operator.old, Some(operator.new));
        if operator.new.states.as_ref().is_some_and(|planned| planned.unread) {
            findings.undetermined(
                subject(),
                "not all of its states could be read out of the plan's savepoint".to_owned(),
                "list its `states` in a plan file, or try the restore in a test",
            );
        }
        if operator.new.states.is_none() {
            if !operator.old.states.is_empty() || !operator.old.keys.is_empty() {
                findings.undetermined(
                    subject(),
                    "the plan does not tell its states".to_owned(),
                    "list its `states` in the plan file, or pass a savepoint of a test run of the new job",
                );
            }
        } else if !operator.old.keys.is_empty() && operator.planned_half(true).is_none() {
            findings.undetermined(
                subject(),
                "the plan shows no keyed state for it, as when no key came by in the test run".to_owned(),
                "let the test run send it an element, or list its `states` in a plan file (`states: []` if there are none)",
            );
        }
    }
}
