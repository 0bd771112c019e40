//! Subclasses of POJOs that the job did not register.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, describe};
use crate::plan::PlannedState;
use crate::state::StateKind;
use crate::types::{Compatibility, DataType, TypeConstructor};
use std::collections::{BTreeMap, BTreeSet};

pub(super) static RULE: Rule = Rule {
    id: "subclass-unregistered",
    severity: Severity::Warning,
    summary: "Values of a POJO are, or may be, of a subclass that the job did not register: nothing checks whether it changed.",
    explanation: "A value of a subclass that the job did not register is written with the name of its class and with the \
fields that the class has then. Flink compares no such class, and accepts the restore. One that is gone then fails, and so does \
a field that was added (EOFException); a field that was removed, or that has another type, is read as something else without a \
word. A savepoint names such a class only where the serializer that wrote the header had met it: RocksDB's has met what its \
task read or wrote, and that of the HashMap backend, of operator state and of the key mostly nothing. A class that is named is \
read as it was, so that a field may be added or removed, and the new field is never written; one of another type fails. A \
savepoint does not tell which classes could have a subclass at all, so all POJOs stand in one entry.",
    flink: "PojoSerializer writes the class name (IS_SUBCLASS) and makes a serializer of the class as it is when it reads it; \
PojoSerializerSnapshot.resolveSchemaCompatibility asks of subclasses that were not registered only that their classes are there. The \
snapshot has those in the cache of the one serializer that it is made of, and PojoSerializer.duplicate starts with an empty one.",
    repair: "Compare the subclasses of these POJOs with the version that wrote the savepoint. Register them (registerPojoType, \
or pipeline.serialization-config), before the next savepoint that has such values: then Flink compares their fields, and \
migrates them. Where no POJO of the job has subclasses, waive the entry.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint",
    check,
};

/// How many classes an entry names; of the others it has the number.
const NAMED: usize = 5;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let planned = planned_subclasses(context);
    let mut classes = BTreeSet::new();
    for operator in &context.matched {
        let subject = Subject::operator(operator.old, Some(operator.new));
        let has_values = operator.old.states.iter().any(|it| it.kind != StateKind::Timers);
        // Timers have no classes but those of the key, which is that of every state.
        for state in operator.old.states.iter().filter(|it| !has_values || it.kind != StateKind::Timers) {
            let types = state.data_types();
            let parts = || types.iter().flat_map(DataType::walk);
            classes.extend(parts().filter(|it| is_pojo(it)).map(|it| it.simple_class().to_owned()));
            for named in parts().flat_map(DataType::unregistered_subclasses) {
                compare(context, findings, &subject.clone().state(&state.name), named, &planned);
            }
        }
    }
    // All in one entry: of no POJO a savepoint tells that it has no subclass.
    let named: Vec<_> = classes.iter().take(NAMED).map(String::as_str).collect();
    let classes = match classes.len().checked_sub(NAMED) {
        _ if classes.is_empty() => return,
        None | Some(0) => named.join(", "),
        Some(more) => format!("{} and {more} more", named.join(", ")),
    };
    findings.beyond_flink(
        Subject::job(),
        format!("whether an unregistered subclass of a POJO ({classes}) changed: Flink compares none of them"),
        "if one of them has subclasses, compare these with the version that wrote the savepoint, and register them",
    );
}

/// What a header names. Where the plan has the same class, and it is the same, nothing changed.
fn compare(
    context: &Context<'_>,
    findings: &mut Findings,
    subject: &Subject,
    named: &DataType,
    planned: &BTreeMap<&str, Vec<&DataType>>,
) {
    let class = named.class().unwrap_or_default();
    let changes: Vec<_> =
        planned.get(class).into_iter().flatten().map(|new| context.resolve(new, named)).collect();
    if changes.iter().any(|it| it.compatibility == Compatibility::AsIs) {
        return;
    }
    let what = changes.first().map_or_else(
        || "whose fields nothing compares".to_owned(),
        |it| format!("and changed: {}", describe(it)),
    );
    findings.add(
        Finding::warning(
            subject.clone(),
            format!("it holds values of {class}, which the job did not register, {what}"),
            "compare the class with the version that wrote the savepoint; register it, so that Flink does",
        )
        .change(class),
    );
}

/// The subclasses that the plan names, by their class.
fn planned_subclasses<'c>(context: &Context<'c>) -> BTreeMap<&'c str, Vec<&'c DataType>> {
    let states = context.plan.operators.iter().filter_map(|it| it.states.as_ref()).flat_map(|it| &it.states);
    let types = |state: &'c PlannedState| [&state.key, &state.namespace, &state.value].into_iter().flatten();
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for part in states.flat_map(types).flat_map(DataType::walk) {
        for subclass in part.registered_subclasses().iter().chain(part.unregistered_subclasses()) {
            found.entry(subclass.class().unwrap_or_default()).or_default().push(subclass);
        }
    }
    found
}

fn is_pojo(part: &DataType) -> bool {
    matches!(part.constructor, TypeConstructor::Pojo { .. })
}
