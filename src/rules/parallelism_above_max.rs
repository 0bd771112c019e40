//! More subtasks than key groups.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::plan::MaxParallelism;

pub(super) static RULE: Rule = Rule {
    id: "parallelism-above-max",
    severity: Severity::Error,
    summary: "The job wants more subtasks than the savepoint has key groups.",
    explanation: "A job that sets no max parallelism takes over the savepoint's, and keyed state cannot be divided \
among more subtasks than it has key groups.",
    flink: "StateAssignmentOperation.checkParallelismPreconditions, for operators with state, and those that were in one task \
with them: \"The state for task … \
can not be restored. The maximum parallelism (…) of the restored state is lower than the configured parallelism\".",
    repair: "Lower the parallelism. The number of key groups can only be changed by rewriting the savepoint with the \
State Processor API.",
    example: "fixtures/savepoints/flink-1.20-max4/savepoint --plan fixtures/savepoints/flink-1.20-parallelism-8/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for operator in context.matched.iter().filter(|it| context.is_assigned(it)) {
        let stored = operator.old.max_parallelism;
        let Some(parallelism) = operator.new.parallelism else { continue };
        // Where the job sets another max parallelism, max-parallelism-changed says so.
        let takes_over =
            !matches!(operator.new.max_parallelism, MaxParallelism::Set(value) if value != stored);
        if takes_over && stored > 0 && parallelism > stored {
            findings.add(
                Finding::rejected(
                    Subject::operator(operator.old, Some(operator.new)),
                    format!(
                        "it is to run with parallelism {parallelism}, and its state has {stored} key groups"
                    ),
                    format!("lower its parallelism to {stored} or less"),
                )
                .bytes(operator.old.bytes)
                .change(parallelism),
            );
        }
    }
}
