//! One chain of operators that had different max parallelisms.

use super::context::Match;
use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::flink::FlinkLine;
use std::collections::{BTreeMap, BTreeSet};

pub(super) static RULE: Rule = Rule {
    id: "max-parallelism-mixed",
    severity: Severity::Error,
    summary: "Operators that had different max parallelisms are in one chain now.",
    explanation: "The operators of a chain run in one task, which has one max parallelism. Where the job sets none, the \
savepoint's is taken over, operator by operator, and the last one counts: keyed state that was divided into another number \
of key groups is then looked for in the wrong places. After 2.3 Flink refuses it.",
    flink: "StateAssignmentOperation.checkParallelismPreconditions sets the max parallelism of the task for each operator \
that it finds, up to 2.3 without a look at the one before (FLINK-40113).",
    repair: "Keep the operators in chains of their own with startNewChain() or disableChaining().",
    example: "fixtures/savepoints/flink-2.3-stock/savepoint --target-flink 2.4 --plan fixtures/savepoints/flink-2.3-stock/savepoint --plan examples/rules/max-parallelism-mixed.yaml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut chains: BTreeMap<&str, Vec<&Match<'_>>> = BTreeMap::new();
    for operator in &context.matched {
        if let Some(chain) = &operator.new.chain {
            chains.entry(chain).or_default().push(operator);
        }
    }
    for chain in chains.values() {
        let stored: BTreeSet<i32> = chain.iter().map(|it| it.old.max_parallelism).collect();
        let Some(keyed) = chain.iter().find(|it| !it.old.keys.is_empty()) else { continue };
        if stored.len() < 2 {
            continue;
        }
        let subject = Subject::operator(keyed.old, Some(keyed.new));
        let stored: Vec<_> = stored.iter().map(ToString::to_string).collect();
        let message =
            format!("it is in one chain with operators of other max parallelisms: {}", stored.join(", "));
        let help = "start a chain of its own with startNewChain()";
        let finding =
            if context.target() > FlinkLine::new(2, 3) { Finding::rejected } else { Finding::warning };
        findings.add(finding(subject, message, help).bytes(keyed.old.bytes));
    }
}
