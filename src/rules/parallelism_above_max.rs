//! More subtasks than key groups.

use super::context::Match;
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
    let above: Vec<_> = context.matched.iter().filter_map(|it| Above::of(context, it)).collect();
    // Operators without state say nothing that those with state have not said.
    let has_state = above.iter().any(|it| it.operator.old.has_state);
    for Above { operator, parallelism, stored } in above {
        let whose = match operator.old.has_state {
            true => "its state has",
            false if has_state => continue,
            false => "it was in a task whose state has",
        };
        findings.add(
            Finding::rejected(
                Subject::operator(operator.old, Some(operator.new)),
                format!("it is to run with parallelism {parallelism}, and {whose} {stored} key groups"),
                format!("lower its parallelism to {stored} or less"),
            )
            .bytes(operator.old.bytes)
            .change(parallelism),
        );
    }
}

/// An operator that is to have more subtasks than there are key groups.
struct Above<'m, 'c> {
    operator: &'m Match<'c>,
    parallelism: i32,
    stored: i32,
}

impl<'m, 'c> Above<'m, 'c> {
    fn of(context: &Context<'c>, operator: &'m Match<'c>) -> Option<Self> {
        let stored = operator.old.max_parallelism;
        let parallelism = operator.new.parallelism?;
        // Where the job sets another max parallelism, max-parallelism-changed says so.
        let takes_over =
            !matches!(operator.new.max_parallelism, MaxParallelism::Set(value) if value != stored);
        let is_above = takes_over && stored > 0 && parallelism > stored;
        (is_above && context.is_assigned(operator)).then_some(Self { operator, parallelism, stored })
    }
}
