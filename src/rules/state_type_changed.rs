//! The type of a state's value changed.

use super::context::StateMatch;
use super::finding::{Finding, Findings, SettledBy, Subject};
use super::uncompared::{Uncompared, moved, registered_anew, reserialized};
use super::{Context, Rule, Severity, describe, quoted};
use crate::plan::SourceKind;
use crate::state::{StateBackend, StateKind};
use crate::types::{Compatibility, DataType, Resolution, TypeConstructor};

pub(super) static RULE: Rule = Rule {
    id: "state-type-changed",
    severity: Severity::Error,
    summary: "The type of a state's value changed.",
    explanation: "The new serializer must take over what the old one wrote. POJOs may gain and lose fields, and enums \
constants at any place, and Flink migrates the state; a field of another type, another class, another tuple or a \
removed enum constant it refuses. It looks for a field in the class that declared it and in what this extends: where it moved to a \
subclass, or its superclass has another name, it is removed and added anew, and what it held is lost. Of a class that Kryo \
serializes it does not see that it, or one inside it, has another serializer, which in RocksDB fails on the bytes. The user key of \
a map state may change in the HashMap backend and not in RocksDB. Flink 2.x migrates a time to live that is switched on or \
off, but for a value that is a list or a map, and not in ForSt. Timers are migrated on the heap alone. \
Flink asks only when the state is registered or first used, which may be long after the job is running.",
    flink: "TypeSerializerSnapshot.resolveSchemaCompatibility, asked by StateTable (\"For heap backends, the new state \
serializer … must not be incompatible\"), RocksDBKeyedStateBackend and DefaultOperatorStateBackend \
(StateMigrationException).",
    repair: "Keep the type. To change it for good, register a state of another name, and fill it from the old one.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-field-type-changed/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let classes = context.planned_classes();
    for state in context.states() {
        // Another kind is refused already, whatever the types.
        if state.new.is_empty()
            || state.new.iter().any(|new| new.kind != state.old.kind)
            || key_decides(context, &state)
        {
            continue;
        }
        let missing = state.classes_beyond(&classes);
        let are_told = state.new.iter().all(|new| new.value.is_some());
        if are_told && !missing.is_empty() {
            findings.beyond_flink(
                Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name),
                format!(
                    "whether the new job still has {}, which the state names and the plan does not: without it the \
restore fails",
                    quoted(missing.iter().map(String::as_str))
                ),
                "keep the class in the job's jar",
            );
        }
        for new in &state.new {
            let parts = [
                ("KEY_SERIALIZER", new.key.as_ref(), "key"),
                ("VALUE_SERIALIZER", new.value.as_ref(), "value"),
            ];
            for (part, new, name) in parts {
                // The key of a keyed state is the operator's, and key-type-changed compares it.
                if part == "KEY_SERIALIZER" && state.old.kind != StateKind::Broadcast {
                    continue;
                }
                if let Some(old) = state.old.data_type(part) {
                    compare(context, findings, &state, name, new, &old);
                }
            }
        }
    }
}

/// Timers hold the operator's key: where that changed, key-type-changed says so.
fn key_decides(context: &Context<'_>, state: &StateMatch<'_>) -> bool {
    let Some(planned) = &state.operator.new.states else { return false };
    state.old.kind == StateKind::Timers
        && state.operator.old.keys.iter().any(|old| {
            let old = old.data_type();
            planned.keys.iter().any(|new| {
                context.resolve(new, &old).compatibility > Compatibility::WithReconfiguredSerializer
            })
        })
}

fn compare(
    context: &Context<'_>,
    findings: &mut Findings,
    state: &StateMatch<'_>,
    part: &str,
    new: Option<&DataType>,
    old: &DataType,
) {
    let subject = Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name);
    let Some(new) = new else {
        return findings.undetermined(
            subject,
            format!("the plan does not tell the type of its {part}"),
            SettledBy::Plan(SourceKind::PlanFile),
            format!("write `{part}` for the state in the plan file"),
        );
    };
    let resolution = context.resolve(new, old);
    let changes = describe(&resolution);
    if !resolution.removed_fields.is_empty() && resolution.compatibility != Compatibility::Incompatible {
        findings.beyond_flink(
            subject.clone(),
            format!(
                "whether the class still declares {}: Flink refuses a field that was made transient or static",
                quoted(resolution.removed_fields.iter().map(String::as_str))
            ),
            "delete the field from the class",
        );
    }
    not_compared(context, findings, state, part, (new, old), &resolution);
    match resolution.compatibility {
        Compatibility::AsIs => {}
        Compatibility::WithReconfiguredSerializer => findings.add(
            Finding::info(
                subject,
                format!("its {part} changed, and Flink reconfigures the serializer: {changes}"),
                "nothing to do",
            )
            .change(format_args!("{part}: {changes}")),
        ),
        Compatibility::AfterMigration if !resolution.moved_records.is_empty() => findings.undetermined(
            subject,
            format!(
                "its {part}: {changes}; Flink migrates Avro's generic records by the places of their fields and not by \
their names ({}), which RocksDB may refuse, and fields may change places",
                quoted(resolution.moved_records.iter().map(String::as_str))
            ),
            SettledBy::Trial,
            "keep the fields that there are in their order and add none, or use a class that Avro's compiler makes of the schema",
        ),
        Compatibility::AfterMigration => migrated(context, findings, state, subject, (new, old), &changes),
        Compatibility::Unknown => findings.undetermined(
            subject,
            format!("its {part}: {changes}"),
            SettledBy::Trial,
            "try the restore in a test: only the serializer's own class can tell",
        ),
        Compatibility::Incompatible => findings.add(
            Finding::rejected(
                subject,
                format!("the type of its {part} changed: {changes}"),
                "keep the type, or register a state of another name and fill it from the old one",
            )
            .change(format_args!("{part}: {changes}")),
        ),
    }
}

/// Whether the values have a time to live: the whole, or the elements of a list or a map.
fn lives(value: &DataType) -> bool {
    let is_ttl =
        |it: &DataType| matches!(it.constructor, TypeConstructor::Collection(row) if row.name == "Ttl");
    is_ttl(value) || value.arguments.last().is_some_and(is_ttl)
}

/// What Flink accepts, and then loses or reads otherwise.
fn not_compared(
    context: &Context<'_>,
    findings: &mut Findings,
    state: &StateMatch<'_>,
    part: &str,
    types: (&DataType, &DataType),
    resolution: &Resolution,
) {
    // Timers hold the key, of which key-type-changed says all of this.
    if state.old.kind == StateKind::Timers {
        return;
    }
    let subject = || Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name);
    if !resolution.lost_fields.is_empty() && resolution.compatibility == Compatibility::AfterMigration {
        let fields = quoted(resolution.lost_fields.iter().map(String::as_str));
        findings.add(
            Finding::warning(
                subject(),
                format!("what {fields} held is lost: Flink looks for a field where it was declared, and finds it no more"),
                "leave the field in its superclass, or move it after its value was copied to a field of another name",
            )
            .change(format_args!("{part}: {fields} lost")),
        );
    }
    let may_be_rows = state.old.kind.is_keyed() && context.state_backend() != Some(StateBackend::HashMap);
    let mut undetermined = |what: &str, open: Uncompared| {
        findings.undetermined(subject(), format!("{what}: {}", open.why), SettledBy::Trial, open.help);
    };
    // HashMap and operator state are read by the serializer that wrote them, and RocksDB's where it migrates.
    if may_be_rows
        && resolution.compatibility < Compatibility::AfterMigration
        && let Some(open) = reserialized(resolution)
    {
        undetermined(&format!("its {part}"), open);
    }
    if resolution.compatibility >= Compatibility::Unknown {
        return;
    }
    // The rows of RocksDB are found by the bytes of the user key.
    let user_key =
        (state.old.kind == StateKind::Map && may_be_rows).then(|| user_key(context, types)).flatten();
    if let Some(open) = user_key.as_ref().and_then(registered_anew) {
        undetermined("the user key of a map state", open);
    }
    let Some(open) = moved(resolution) else { return };
    if user_key.is_some_and(|it| !it.moved_fields.is_empty()) {
        return undetermined("the user key of a map state, which RocksDB cannot migrate", open);
    }
    if context.tells_inherited() {
        let fields = quoted(resolution.moved_fields.iter().map(String::as_str));
        let what = format!(
            "another class declares {fields} now: unless the one that did extends it, what they held is lost"
        );
        let change = format!("{part}: {fields} moved");
        findings.add(Finding::warning(subject(), what, open.help).change(change));
    }
    findings.beyond_flink(subject(), format!("its {part}: {}", open.why), open.help);
}

/// What becomes of the user key of a map state.
fn user_key(context: &Context<'_>, (new, old): (&DataType, &DataType)) -> Option<Resolution> {
    Some(context.resolve(new.arguments.first()?, old.arguments.first()?))
}

/// RocksDB keeps a map entry by entry with the user key in the row's key, so it can migrate the values alone.
fn migrated(
    context: &Context<'_>,
    findings: &mut Findings,
    state: &StateMatch<'_>,
    subject: Subject,
    (new, old): (&DataType, &DataType),
    changes: &str,
) {
    let user_key_changed = state.old.kind == StateKind::Map
        && user_key(context, (new, old)).is_some_and(|it| it.compatibility != Compatibility::AsIs);
    match context.state_backend() {
        // Nothing migrates them in RocksDB: old bytes are read as the new type.
        backend if state.old.kind == StateKind::Timers && backend != Some(StateBackend::HashMap) => findings
            .undetermined(
                subject,
                format!(
                    "whether its timers are kept on the heap, where Flink migrates them, or in RocksDB, which reads them as if \
nothing had changed and fails, or reads other values ({changes})"
                ),
                SettledBy::Trial,
                "keep the type of the namespace; or give the timer service another name, and lose its timers",
            ),
        // Where no backend is known, state-backend-changed asks, unless the state is in a format that ForSt does not restore.
        Some(StateBackend::ForSt) if lives(new) != lives(old) => findings.add(
            Finding::rejected(
                subject,
                format!("ForSt does not migrate a time to live, and fails on the first value: {changes}"),
                "leave the time to live as it is, or restore with RocksDB",
            )
            .change(changes),
        ),
        Some(StateBackend::RocksDb | StateBackend::ForSt) if user_key_changed => findings.add(Finding::rejected(
            subject,
            format!("the user key of a map state changed, which RocksDB cannot migrate: {changes}"),
            "keep the type of the user key, or register a state of another name and fill it from the old one",
        )
        .change(changes)),
        None if user_key_changed => findings.undetermined(
            subject,
            format!(
                "the user key of a map state changed: HashMap accepts it and RocksDB does not ({changes})"
            ),
            SettledBy::Option("--state-backend"),
            "pass --state-backend, or write `state_backend` in the plan file",
        ),
        _ => findings.add(Finding::info(
            subject,
            format!("Flink migrates it: {changes}"),
            "nothing to do; the first access, or the restore, takes longer",
        )
        .change(changes)),
    }
}
