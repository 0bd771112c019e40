//! A serializer that the new Flink does not have.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::types::{TypeConstructor, snapshot_lines};

pub(super) static RULE: Rule = Rule {
    id: "serializer-missing",
    severity: Severity::Error,
    summary: "A state was written by a serializer that the new Flink does not have.",
    explanation: "The header of a state names the classes of its serializers, and whoever restores it loads them. Flink 2.0 \
has no serializers for Scala types any more, none of the first headers of CEP, and others in other packages; the other way \
round, a new type is not known to an older line that still reads the savepoint. One class that is missing loses the \
whole header of the operator, states that the job does not use included.",
    flink: "TypeSerializerSnapshot.readVersionedSnapshot loads the class by its name, when a task restores its backend: \
\"Could not find class … in classpath\" (IOException). --allowNonRestoredState does not help.",
    repair: "Rewrite the state before the upgrade: with the old Flink, read it into a state of a type that both lines have, \
and take the savepoint after that one was dropped from the job (by another uid for the operator); or rewrite the savepoint \
with the State Processor API.",
    example: "fixtures/savepoints/flink-1.20-stock/savepoint --plan fixtures/savepoints/flink-2.3-stock/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let target = context.target();
    for operator in &context.matched {
        for state in &operator.old.states {
            for data_type in state.data_types() {
                for (place, part) in data_type.places() {
                    let class = match &part.constructor {
                        TypeConstructor::Opaque { class, .. } => Some(class.as_str()),
                        known => known.snapshot(),
                    };
                    let Some(class) = class else { continue };
                    let Some(lines) = snapshot_lines(class).filter(|lines| !lines.contains(target)) else {
                        continue;
                    };
                    let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
                    findings.add(
                        Finding::rejected(
                            Subject::operator(operator.old, Some(operator.new)).state(&state.name),
                            format!("{place}Flink {target} has no {class}, which is in {lines}"),
                            "rewrite the state with the Flink that wrote it, into a type that both have",
                        )
                        .bytes(operator.old.bytes)
                        .change(format!("{place}{class}")),
                    );
                }
            }
        }
    }
}
