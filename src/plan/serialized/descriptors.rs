//! State descriptors that happen to be fields of an operator or of its function.
//!
//! Most states are registered in `open()` and leave no trace in a graph. Those that do: descriptors that are not
//! transient, and what Flink's own operators keep for windows, reductions and broadcast state.

use super::Streams;
use crate::plan::PlannedState;
use crate::state::StateKind;
use crate::types::{BasicType, CollectionType, DataType, TypeConstructor};
use crate::wire::{JavaObject, JavaValue};
use std::collections::BTreeMap;

const DESCRIPTOR: &str = "org.apache.flink.api.common.state.StateDescriptor";
/// The kinds of keyed state by the class of their descriptor.
const KINDS: &[(&str, StateKind)] = &[
    ("org.apache.flink.api.common.state.ValueStateDescriptor", StateKind::Value),
    ("org.apache.flink.api.common.state.ListStateDescriptor", StateKind::List),
    ("org.apache.flink.api.common.state.MapStateDescriptor", StateKind::Map),
    ("org.apache.flink.api.common.state.ReducingStateDescriptor", StateKind::Reducing),
    ("org.apache.flink.api.common.state.AggregatingStateDescriptor", StateKind::Aggregating),
];
/// `StreamGroupedReduceOperator` makes its descriptor of a serializer, and gives it this name.
const GROUPED_REDUCE: &[&str] = &[
    "org.apache.flink.streaming.api.operators.StreamGroupedReduceOperator",
    "org.apache.flink.runtime.asyncprocessing.operators.StreamGroupedReduceAsyncStateOperator",
];
const GROUPED_REDUCE_STATE: &str = "_op_state";

/// The operator that a factory holds.
pub(super) fn operator<'o, 'a>(factory: JavaValue<'o, 'a>) -> Option<JavaValue<'o, 'a>> {
    factory.field("operator").filter(|operator| !operator.is_null())
}

/// The states whose descriptors are in a factory, ordered by name.
pub(super) fn planned_states(
    streams: &Streams<'_>,
    factory: &JavaObject<'_>,
    is_keyed: bool,
) -> Vec<PlannedState> {
    let operator = operator(factory.root());
    // A factory that makes its operator later holds the parts itself, as Flink 2.x does for windows of all elements.
    let field = |name| operator.unwrap_or_else(|| factory.root()).field(name);
    let broadcast: Vec<_> =
        field("broadcastStateDescriptors").into_iter().flat_map(JavaValue::items).collect();
    let window_serializer = field("windowSerializer").filter(|serializer| !serializer.is_null());
    // With an evictor the second, and the first is null.
    let contents = [field("windowStateDescriptor"), field("evictingWindowStateDescriptor")];
    let mut states: BTreeMap<_, Option<PlannedState>> = BTreeMap::new();
    for descriptor in factory.objects().filter(|object| object.is_a(DESCRIPTOR)) {
        let Some(name) = super::text(descriptor.field("name")) else { continue };
        let is_broadcast = broadcast.iter().any(|it| it.is_same(descriptor));
        // Of a descriptor in an operator without a key it cannot be told how its state is divided.
        if !is_broadcast && !is_keyed {
            continue;
        }
        let is_contents = contents.iter().flatten().any(|it| it.is_same(descriptor));
        let namespace = match window_serializer {
            Some(serializer) if is_contents => Some(streams.data_type(serializer)),
            // A trigger's state is of a window, a function's may be of the key.
            Some(_) => None,
            None => void_namespace(),
        };
        if let Some(state) = planned(streams, descriptor, name, is_broadcast, namespace) {
            // Two that differ are a keyed state and an operator's of one name, and it cannot be told which is which.
            let told =
                states.entry((state.name.clone(), is_broadcast)).or_insert_with(|| Some(state.clone()));
            *told = told.take().filter(|other| *other == state);
        }
    }
    if let Some(reduce) = operator.filter(|it| GROUPED_REDUCE.iter().any(|class| it.is_a(class))) {
        let name = GROUPED_REDUCE_STATE.to_owned();
        let value = reduce.field("serializer").map(|serializer| streams.data_type(serializer));
        let state = PlannedState {
            name: name.clone(),
            kind: StateKind::Value,
            key: None,
            namespace: void_namespace(),
            value,
        };
        states.insert((name, false), Some(state));
    }
    states.into_values().flatten().collect()
}

fn planned(
    streams: &Streams<'_>,
    descriptor: JavaValue<'_, '_>,
    name: String,
    is_broadcast: bool,
    namespace: Option<DataType>,
) -> Option<PlannedState> {
    let kind = KINDS.iter().find(|(class, _)| descriptor.is_a(class)).map(|(_, kind)| *kind)?;
    // Until the descriptor is used, it may hold the type alone, and no serializer.
    let serializer =
        descriptor.field("serializerAtomicReference").and_then(|reference| reference.field("value"));
    let value = serializer.filter(|it| !it.is_null()).map(|serializer| streams.data_type(serializer));
    if is_broadcast {
        let mut parts = value.into_iter().flat_map(|map| map.arguments);
        let (key, value) = (parts.next(), parts.next());
        return Some(PlannedState { name, kind: StateKind::Broadcast, key, namespace: None, value });
    }
    let value = match value {
        Some(value) if has_time_to_live(descriptor) => Some(with_time_to_live(kind, value)?),
        value => value,
    };
    Some(PlannedState { name, kind, key: None, namespace, value })
}

fn void_namespace() -> Option<DataType> {
    Some(DataType::leaf(TypeConstructor::Basic(BasicType::named("VoidNamespace")?)))
}

fn has_time_to_live(descriptor: JavaValue<'_, '_>) -> bool {
    let update = descriptor.field("ttlConfig").and_then(|config| config.field("updateType"));
    update.and_then(JavaValue::enum_constant).is_some_and(|update| update != "Disabled")
}

/// The type as `TtlStateFactory` wraps it: the elements of a list and the values of a map, else the whole.
fn with_time_to_live(kind: StateKind, mut value: DataType) -> Option<DataType> {
    let ttl = CollectionType::named("Ttl")?;
    let wrap = |inner| DataType { constructor: TypeConstructor::Collection(ttl), arguments: vec![inner] };
    match kind {
        StateKind::List | StateKind::Map => {
            let last = value.arguments.pop()?;
            value.arguments.push(wrap(last));
            Some(value)
        }
        _ => Some(wrap(value)),
    }
}
