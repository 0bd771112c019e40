//! State that Flink leaves to Kryo.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, quoted};
use crate::types::{DataType, TypeConstructor};

pub(super) static RULE: Rule = Rule {
    id: "kryo-serialized",
    severity: Severity::Warning,
    summary: "A state holds a class that Flink leaves to Kryo: nothing checks whether its fields changed.",
    explanation: "The savepoint says nothing of the class's fields, so neither Flink nor this tool sees a change of them: \
Flink accepts the restore. A field that was added then fails on the bytes, in the HashMap backend when the state is \
restored, in RocksDB at the first record; a field that was removed fails with a native savepoint of HashMap. Such a class \
can never be evolved. Of Java's own classes only the elements can change, so they are listed as unchecked alone.",
    flink: "KryoSerializerSnapshot.resolveSchemaCompatibility compares the class and the registrations, and accepts any \
change of the registrations.",
    repair: "Compare the class with the version that wrote the savepoint. Make it a POJO, or give it a TypeInfoFactory, before \
it has state worth keeping; pipeline.generic-types: false refuses such types when the job is made.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for state in context.states().filter(|state| !state.new.is_empty()) {
        let types = state.old.data_types();
        let classes: Vec<_> = types.iter().flat_map(DataType::walk).filter_map(kryo_class).collect();
        if classes.is_empty() {
            continue;
        }
        let subject = Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name);
        if classes.iter().any(|class| !class.starts_with("java.")) {
            let places = kryo_places(&types, |_| true).join(", ");
            findings.add(
                Finding::warning(
                    subject.clone(),
                    format!("Kryo serialized {places}, whose fields nothing compares"),
                    "look whether the class changed since the savepoint; make it a POJO before it has to",
                )
                .change(places),
            );
        }
        let classes = quoted(classes);
        findings.beyond_flink(
            subject,
            format!("whether the fields of {classes} changed: Flink does not compare them, and would fail on the bytes later"),
            "compare the class with the version that wrote the savepoint; make it a POJO, or give it a TypeInfoFactory, before its fields change",
        );
    }
}

/// The class of a type that Kryo serializes.
pub(super) fn kryo_class(part: &DataType) -> Option<&str> {
    match &part.constructor {
        TypeConstructor::Kryo { class, .. } => Some(class),
        _ => None,
    }
}

/// The classes in these types that Kryo serialized, with the ways to them.
pub(super) fn kryo_places(types: &[DataType], is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (place, part) in types.iter().flat_map(DataType::places) {
        let Some(class) = kryo_class(part).filter(|class| is_wanted(class)) else { continue };
        found.push(if place.is_empty() { class.to_owned() } else { format!("{place} ({class})") });
    }
    found.sort();
    found.dedup();
    found
}
