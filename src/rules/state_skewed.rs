//! A subtask with much more state than the others.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, size};

pub(super) static RULE: Rule = Rule {
    id: "state-skewed",
    severity: Severity::Info,
    summary: "One subtask of an operator has much more state than the others.",
    explanation: "Some keys have most of the state, or most of the keys are in few key groups. The whole job restores, and runs, \
as fast as that subtask, and a higher parallelism does not help where it is one key. It is said where the largest subtask has at \
least twice the mean, and a tenth of --large-state (1 GiB, unless that is given).",
    flink: "Nothing is compared. KeyGroupRangeAssignment gives each subtask a range of key groups, whatever is in them.",
    repair: "Look at the keys: split a hot one (with a salt, and a second aggregation), or drop what one key gathers with a time \
to live.",
    example: "fixtures/savepoints/flink-2.3-partly/savepoint --plan fixtures/savepoints/flink-2.3-partly/savepoint --large-state 2KiB",
    check,
};

/// How many times the mean the largest subtask has.
const SKEW: u64 = 2;
/// Which part of what counts as large it has at least.
const PART_OF_LARGE: u64 = 10;

fn check(context: &Context<'_>, findings: &mut Findings) {
    for operator in &context.matched {
        let Some((subtask, bytes)) = operator.old.largest_subtask() else { continue };
        let subtasks = operator.old.parallelism;
        let mean = operator.old.mean_subtask_bytes();
        if subtasks > 1
            && bytes >= context.question.large_state / PART_OF_LARGE
            && bytes >= mean.saturating_mul(SKEW)
        {
            findings.add(
                Finding::info(
                    Subject::operator(operator.old, Some(operator.new)),
                    format!(
                        "subtask {subtask} of {subtasks} has {}, and the mean is {}",
                        size(bytes),
                        size(mean)
                    ),
                    "look whether a few keys have most of the state",
                )
                .bytes(bytes),
            );
        }
    }
}
