//! Two operators with one uid.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::plan::PlannedOperator;
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    id: "uid-duplicated",
    severity: Severity::Error,
    summary: "Two operators of the new job have the same uid, or the same ID.",
    explanation: "The uid is hashed to the operator's ID, by which a restore finds its state, so that two operators \
cannot share one. It happens where a method that adds an operator with a fixed uid is called twice.",
    flink: "StreamGraphHasherV2.generateNodeHash, when the job is made ready for submission: \"Hash collision on \
user-specified ID\" (IllegalArgumentException). No savepoint is looked at yet.",
    repair: "Give each operator a uid of its own: take it as an argument of the method that adds the operator. The \
operator whose state is to be kept keeps the old one.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan examples/rules/uid-duplicated.yaml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut of_id: BTreeMap<_, Vec<&PlannedOperator>> = BTreeMap::new();
    for new in &context.plan.operators {
        if let Some(id) = new.certain_id() {
            of_id.entry(id).or_default().push(new);
        }
    }
    for same in of_id.values().filter(|same| same.len() > 1) {
        let Some(first) = same.first() else { continue };
        let names: Vec<_> = same.iter().filter_map(|it| it.name.as_deref()).collect();
        let names = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        findings.add(Finding::rejected(
            Subject::planned(first),
            format!("{} operators of the new job have this uid{names}", same.len()),
            "give each a uid of its own",
        ));
    }
}
