//! Keys whose place depends on the user's own `hashCode`.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, keyed_states, quoted};
use crate::types::{DataType, TypeConstructor};
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule {
    id: "key-hash-code",
    severity: Severity::Warning,
    summary: "The place of the keys depends on the hashCode of a class of the user's own.",
    explanation: "A key belongs to the key group that its hashCode gives. Where that comes from a class of the user's own, a \
changed hashCode, or one that was added, sends every key to another group: the restore is accepted, and no key finds its \
state again. Nothing in a savepoint tells how a hashCode is computed. That of a record, which Java writes, changes with the order \
of its components.",
    flink: "KeyGroupRangeAssignment.assignToKeyGroup takes murmur(key.hashCode()) modulo the max parallelism; a restore \
compares the key's serializer alone.",
    repair: "Compare equals and hashCode of the class with the version that wrote the savepoint. Keys of strings, numbers and \
tuples of these depend on nothing of the user's.",
    example: "fixtures/savepoints/flink-2.3-stock/savepoint --plan fixtures/savepoints/flink-2.3-stock/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for operator in context.matched.iter().filter(|it| !it.old.states.is_empty()) {
        let keys: Vec<_> = operator.old.keys.iter().map(|key| key.data_type()).collect();
        let classes: BTreeSet<_> = keys.iter().flat_map(DataType::walk).filter_map(hashed_class).collect();
        if classes.is_empty() {
            continue;
        }
        let subject = || Subject::operator(operator.old, Some(operator.new));
        let classes = quoted(classes);
        let states = keyed_states(operator.old);
        findings.add(Finding::warning(
            subject(),
            format!("the keys of {states} are found by the hashCode of {classes}, which nothing compares"),
            "look whether equals and hashCode of the class changed since the savepoint",
        ));
        findings.beyond_flink(
            subject(),
            format!("whether the hashCode of {classes} changed: every key would be looked for in another key group, and its state be lost"),
            "compare it with the version that wrote the savepoint",
        );
    }
}

/// A class of the user's own that a key is, or has in it.
fn hashed_class(part: &DataType) -> Option<&str> {
    match &part.constructor {
        TypeConstructor::Pojo { class, .. } | TypeConstructor::Kryo { class, .. }
            if !class.starts_with("java.") =>
        {
            Some(class)
        }
        _ => None,
    }
}
