//! Two operators that exchanged their uids.

use super::context::Match;
use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    id: "uids-swapped",
    severity: Severity::Warning,
    summary: "Two operators seem to have exchanged their uids.",
    explanation: "Flink gives an operator the state that its ID names, whatever wrote it. Where the states of both have \
the same names and types, they are exchanged, and the job runs on with wrong contents; where the names differ, both \
operators silently start empty; where types of the same name differ, the restore is refused. The pair is found by the \
operators' names, or by the names of their states.",
    flink: "StateAssignmentOperation compares IDs and nothing else; the operator's name in the savepoint (from 2.0 on) is \
not looked at.",
    repair: "Exchange the two uids back.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan examples/rules/uids-swapped.yaml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (place, one) in context.matched.iter().enumerate() {
        for other in context.matched.iter().skip(place.saturating_add(1)) {
            if !(are_crossed(one, other, name) || are_crossed(one, other, states)) {
                continue;
            }
            let title = |it: &Match<'_>| Subject::operator(it.old, Some(it.new)).title();
            findings.add(
                Finding::warning(
                    Subject::operator(one.old, Some(one.new)),
                    format!("it and {} look exchanged: what each was in the savepoint, the other is in the new job", title(other)),
                    format!("exchange the uids \"{}\" and \"{}\" back if that was not meant", title(one), title(other)),
                )
                .bytes(one.old.bytes.saturating_add(other.old.bytes))
.change(other.old.id),
            );
        }
    }
}

/// What identifies an operator, in the savepoint and in the plan.
type Trait = (BTreeSet<String>, BTreeSet<String>);

fn are_crossed(one: &Match<'_>, other: &Match<'_>, of: impl Fn(&Match<'_>) -> Trait) -> bool {
    let ((one_was, one_is), (other_was, other_is)) = (of(one), of(other));
    !one_was.is_empty()
        && !other_was.is_empty()
        && one_was != other_was
        && one_was == other_is
        && other_was == one_is
}

fn name(it: &Match<'_>) -> Trait {
    (it.old.name.iter().cloned().collect(), it.new.name.iter().cloned().collect())
}

fn states(it: &Match<'_>) -> Trait {
    let planned = it.new.states.iter().flat_map(|planned| &planned.states);
    (it.old.states.iter().map(|it| it.name.clone()).collect(), planned.map(|it| it.name.clone()).collect())
}
