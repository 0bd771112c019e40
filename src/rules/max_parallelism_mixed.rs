//! One chain of operators that had different max parallelisms.

use super::context::Match;
use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, Rule, Severity};
use crate::flink::FlinkLine;
use crate::plan::SourceKind;
use std::collections::{BTreeMap, BTreeSet};

pub(super) static RULE: Rule = Rule {
    id: "max-parallelism-mixed",
    severity: Severity::Error,
    summary: "Operators that had different max parallelisms are in one chain now.",
    explanation: "The operators of a chain run in one task, which has one max parallelism. Where the job sets none, the \
savepoint's is taken over, operator by operator, and the last one counts, in no order that is fixed: keyed state that was \
divided into fewer key groups is then looked for in the wrong places, and such that was divided into more is refused. After 2.3 \
Flink refuses both.",
    flink: "StateAssignmentOperation.checkParallelismPreconditions sets the max parallelism of the task for each operator \
that it finds in a hash map, up to 2.3 without a look at the one before (FLINK-40113). A backend with fewer key groups than its \
state fails with \"The key group must belong to the backend\".",
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
        let may_lose_groups = stored.first().is_some_and(|least| *least < keyed.old.max_parallelism);
        let stored: Vec<_> = stored.iter().map(ToString::to_string).collect();
        if may_lose_groups && context.target() <= FlinkLine::new(2, 3) {
            findings.undetermined(
                subject,
                format!(
                    "it has {} key groups and is in one chain with operators of other max parallelisms ({}), of which \
Flink takes over one: with fewer it is refused",
                    keyed.old.max_parallelism,
                    stored.join(", ")
                ),
                SettledBy::Plan(SourceKind::PlanFile),
                "start a chain of its own with startNewChain(), or set the max parallelism of the chain's head",
            );
            continue;
        }
        let message =
            format!("it is in one chain with operators of other max parallelisms: {}", stored.join(", "));
        let help = "start a chain of its own with startNewChain()";
        let finding =
            if context.target() > FlinkLine::new(2, 3) { Finding::rejected } else { Finding::warning };
        findings.add(finding(subject, message, help).bytes(keyed.old.bytes));
    }
}
