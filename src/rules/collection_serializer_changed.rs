//! Collections that Flink 1.x left to Kryo and 2.x serializes itself.

use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, Rule, Severity, kryo_serialized::kryo_class};
use crate::flink::FlinkLine;
use crate::plan::{PlannedState, SourceKind};
use crate::types::DataType;

pub(super) static RULE: Rule = Rule {
    id: "collection-serializer-changed",
    severity: Severity::Error,
    summary: "A List, Map or Set that Flink 1.x left to Kryo has a serializer of its own in 2.x.",
    explanation: "In 1.x a field of type java.util.List, Map, Set or Collection has no serializer of its own, unless a \
TypeInfo says so, and Kryo serializes it. From 2.0 on, the same field of the same class has one. Flink takes it for a field \
that changed its type, and refuses the whole state, although nobody changed anything. A plan of Flink 1.x does not show it.",
    flink: "TypeExtractor gives such a field a ListTypeInfo, MapTypeInfo, SetTypeInfo or CollectionTypeInfo from 2.0 on; \
PojoSerializerSnapshot.resolveSchemaCompatibility finds ListSerializerSnapshot where KryoSerializerSnapshot was: incompatible.",
    repair: "In the new job, let Kryo serialize the field as before: annotate it with @TypeInfo and a factory that returns \
new GenericTypeInfo<>(List.class). Or, before the upgrade and with 1.x, copy the state into one of another name whose class \
declares the field with Types.LIST, which both lines know.",
    example: "fixtures/savepoints/flink-1.20-v1/savepoint --plan fixtures/savepoints/flink-1.20-v1/savepoint --target-flink 2.3",
    check,
};

/// What has a serializer of its own from 2.0 on.
const COLLECTIONS: [&str; 4] = ["java.util.Collection", "java.util.List", "java.util.Map", "java.util.Set"];

fn check(context: &Context<'_>, findings: &mut Findings) {
    let since = FlinkLine::new(2, 0);
    if context.target() < since || context.savepoint.version.row().until >= since {
        return;
    }
    for state in context.states() {
        let subject =
            || Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name);
        // Where the plan has the new serializer, state-type-changed says so.
        let types = state.new.iter().flat_map(|new| types(new));
        let places: Vec<_> = types.flat_map(|(part, it)| collections(part, it)).collect();
        if places.is_empty() {
            continue;
        }
        let places = places.join(", ");
        match context.plan.flink {
            Some(planned) if planned < since => findings.add(
                Finding::rejected(
                    subject(),
                    format!(
                        "{places}: Flink {} left it to Kryo and {} serializes it itself, so the state is refused",
                        planned,
                        context.target()
                    ),
                    "annotate the field with @TypeInfo and a factory that returns new GenericTypeInfo<>(…), which keeps Kryo",
                )
                .bytes(state.operator.old.bytes)
.change(&places),
            ),
            // A savepoint of Flink 2.x has it from the job itself.
            Some(_) if context.plan.layers.iter().any(|(_, kind)| *kind == SourceKind::Savepoint) => {}
            _ => findings.undetermined(
                subject(),
                format!("{places}: Flink 1.x leaves it to Kryo and {} does not, unless the job says so", context.target()),
                SettledBy::Plan(SourceKind::Savepoint),
                "let a test run of the job on the new Flink take one, or write the types as the new Flink has them: List<…>",
            ),
        }
    }
}

fn types(state: &PlannedState) -> impl Iterator<Item = (&'static str, &DataType)> {
    [("key", &state.key), ("namespace", &state.namespace), ("value", &state.value)]
        .into_iter()
        .filter_map(|(part, data_type)| Some((part, data_type.as_ref()?)))
}

/// The ways to the collections that are left to Kryo.
fn collections(part: &str, data_type: &DataType) -> Vec<String> {
    let is_collection = |it: &DataType| kryo_class(it).is_some_and(|class| COLLECTIONS.contains(&class));
    let places = data_type.places();
    let places = places.iter().filter(|(_, it)| is_collection(it));
    places
        .map(|(place, it)| {
            let way = if place.is_empty() { part } else { place };
            format!("{way} ({})", kryo_class(it).unwrap_or_default())
        })
        .collect()
}
