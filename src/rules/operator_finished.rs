//! The graph changed around operators that had finished.

use super::finding::{Findings, Subject};
use super::{Context, Rule, Severity};
use crate::catalog::Finished;

pub(super) static RULE: Rule = Rule {
    id: "operator-finished",
    severity: Severity::Info,
    summary: "Some operators had finished when the savepoint was taken, and the graph changed around them.",
    explanation: "A finished operator must not get a running one before it, and a chain must be finished as a whole. \
Whether a changed graph keeps to that cannot be seen from the operators alone, so nothing is said.",
    flink: "VertexFinishedStateChecker compares the finished operators with the new graph and refuses with \"Illegal \
JobGraph modification\".",
    repair: "Take the savepoint while every operator runs, or try the restore in a test.",
    example: "fixtures/savepoints/flink-2.3-finished/savepoint --plan fixtures/savepoints/flink-2.3-operator-removed/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.added.is_empty() && context.removed.is_empty() {
        return;
    }
    for old in context.savepoint.operators.iter().filter(|old| old.finished != Finished::No) {
        let how = if old.finished == Finished::Fully { "fully" } else { "partly" };
        findings.undetermined(
            Subject::operator(old, None),
            format!("it had {how} finished, and operators were added or removed; Flink compares the graphs"),
            "take a savepoint while every operator runs, or try the restore in a test",
        );
    }
}
