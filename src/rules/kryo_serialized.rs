//! State that Flink leaves to Kryo.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, quoted};
use crate::types::{DataType, TypeConstructor};

pub(super) static RULE: Rule = Rule {
    id: "kryo-serialized",
    severity: Severity::Warning,
    summary: "A state holds a class that Flink leaves to Kryo, and the new Flink has another Kryo.",
    explanation: "The savepoint says nothing of the class's fields, so neither Flink nor this tool sees a change of \
them: Flink accepts the restore, and fails on the bytes, or reads nonsense. Between Flink 1.x and 2.x Kryo itself \
changed from version 2 to 5, and its bytes are not promised to be the same.",
    flink: "KryoSerializerSnapshot.resolveSchemaCompatibility compares the class and the registrations, and accepts \
any change of the registrations.",
    repair: "Compare the class with the version that wrote the savepoint. Make it a POJO, or give it a \
TypeInfoFactory, before it has state worth keeping.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let written_by = context.savepoint.version.row().until;
    let other_kryo = context.target().major != written_by.major;
    for state in context.states().filter(|state| !state.new.is_empty()) {
        let types: Vec<_> = state.old.serializers.iter().map(|(_, snapshot)| snapshot.data_type()).collect();
        let classes: Vec<_> = types.iter().flat_map(DataType::walk).filter_map(kryo_class).collect();
        if classes.is_empty() {
            continue;
        }
        let subject = Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name);
        let classes = quoted(classes);
        if other_kryo {
            findings.add(
                Finding::warning(
                    subject.clone(),
                    format!(
                        "Kryo serialized {classes}, and Flink {} has another Kryo than the one that wrote it",
                        context.target()
                    ),
                    "read the state in a test with the new Flink before you stop the old job",
                )
                .change(&classes),
            );
        }
        findings.beyond_flink(
            subject,
            format!("whether the fields of {classes} changed: Flink does not compare them, and would fail on the bytes later"),
            "compare the class with the version that wrote the savepoint; make it a POJO, or give it a TypeInfoFactory, before its fields change",
        );
    }
}

fn kryo_class(part: &DataType) -> Option<&str> {
    match &part.constructor {
        TypeConstructor::Kryo { class, .. } => Some(class),
        _ => None,
    }
}
