//! Operators without a uid.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::catalog::{Origin, Origins};
use crate::ids::KnownUids;
use crate::plan::{PlannedOperator, Uid};

pub(super) static RULE: Rule = Rule {
    id: "uid-missing",
    severity: Severity::Info,
    summary: "An operator that holds state has no uid.",
    explanation: "Without a uid, Flink generates the operator's ID from its place in the graph and from what is \
chained to it. It holds for this restore, and breaks with the next edit: an operator added or removed before it, a \
chain broken or formed by another parallelism, another partitioning or a disableChaining().",
    flink: "StreamGraphHasherV2.generateDeterministicHash. Set pipeline.auto-generate-uids to false, and Flink \
refuses a job with such operators.",
    repair: "Set a uid now. That changes the ID once more, so keep the state with setUidHash and the present ID.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let stored = context.savepoint.version.has_names();
    let mut unknown = 0_usize;
    // What a savepoint does not store shows in its IDs, unless an operator's input is not known.
    let origins = (!stored).then(|| Origins::of(context.savepoint, &planned_uids(context)));
    let is_generated =
        |id| matches!(origins.as_ref().map(|origins| origins.get(id)), Some(Origin::Generated(_)));
    for operator in context.matched.iter().filter(|it| it.old.has_state || has_states(it.new)) {
        match (&operator.new.uid, &operator.old.uid) {
            (Uid::Unset, _) => {}
            // The same ID, and the savepoint says that nobody set a uid for it.
            (Uid::Unknown, None) if stored || is_generated(operator.old.id) => {}
            (Uid::Unknown, None) => {
                unknown = unknown.saturating_add(1);
                continue;
            }
            _ => continue,
        }
        findings.add(
            Finding::info(
                Subject::operator(operator.old, Some(operator.new)),
                "it has no uid: its ID depends on its place in the graph and on what is chained to it, and matches this time".to_owned(),
                format!(
                    "add .uid(\"…\") together with .setUidHash(\"{}\"), which keeps the state",
                    operator.old.id
                ),
            )
            .bytes(operator.old.bytes),
        );
    }
    for new in context.added.iter().filter(|new| new.uid == Uid::Unset && has_states(new)) {
        if context.moved.iter().any(|moved| std::ptr::eq(moved.new, *new)) {
            continue; // operator-id-changed says more
        }
        findings.add(Finding::info(
            Subject::planned(new),
            "it has no uid: its ID depends on its place in the graph and on what is chained to it".to_owned(),
            "add .uid(\"…\") before the first savepoint",
        ));
    }
    if unknown > 0 {
        findings.beyond_flink(
            Subject::job(),
            format!("whether the uids of {unknown} operators with state are set: Flink before 2.0 does not store them"),
            "write each `uid` in the plan file (`holdpoint plan` makes one)",
        );
    }
}

/// Uids that the plan says help to tell which of two operators has none.
fn planned_uids(context: &Context<'_>) -> KnownUids {
    let mut known = KnownUids::default();
    for operator in &context.plan.operators {
        if let Uid::Set(uid) = &operator.uid {
            known.add(uid, "the plan");
        }
    }
    known
}

fn has_states(new: &PlannedOperator) -> bool {
    new.states.as_ref().is_some_and(|planned| !planned.states.is_empty())
}
