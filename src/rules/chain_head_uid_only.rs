//! A chain of which only the head has a uid.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::plan::Uid;

pub(super) static RULE: Rule = Rule {
    id: "chain-head-uid-only",
    severity: Severity::Warning,
    summary: "Only the head of a chain has a uid, and an operator behind it holds state.",
    explanation: "Up to Flink 1.2 a chain [a -> b -> c] had one ID, that of its head a, and a uid on a covered the \
whole chain. Since Flink 1.3 every operator has an ID of its own: the uid of a covers a alone, and b and c have \
generated IDs, which change with the graph and with the chain.",
    flink: "StreamGraphHasherV2 hashes every StreamNode, chained or not; OperatorState is stored for each operator \
ID since metadata version 2 (Flink 1.3).",
    repair: "Set a uid on every operator that holds state.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint --plan examples/rules/chain-head-uid-only.yaml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for new in context.plan.operators.iter().filter(|new| new.uid == Uid::Unset) {
        let head = context.chain_head(new);
        let old = context.matched.iter().find(|it| std::ptr::eq(it.new, new)).map(|it| it.old);
        let planned_state = new.states.as_ref().is_some_and(|planned| !planned.states.is_empty());
        // The operator itself has none.
        if let Uid::Set(uid) = &head.uid
            && (planned_state || old.is_some_and(|old| old.has_state))
        {
            let id = new.id.map_or_else(|| "…".to_owned(), |id| id.to_string());
            findings.add(
                Finding::warning(
                    old.map_or_else(|| Subject::planned(new), |old| Subject::operator(old, Some(new))),
                    format!("it is chained behind \"{uid}\", whose uid does not cover it: since Flink 1.3 every operator of a chain has an ID of its own"),
                    format!("add .uid(\"…\") to it, with .setUidHash(\"{id}\") to keep its state"),
                )
                .bytes(old.map_or(0, |old| old.bytes)),
            );
        }
    }
}
