//! What the serialized factory of an operator, and its serializers, say.

use super::Streams;
use super::descriptors::{self, planned_states};
use crate::plan::{Implementation, PlannedStates};
use crate::state::snapshot_of_serializer;
use crate::types::DataType;
use crate::wire::{JavaObject, JavaValue};

/// A lambda, which names the class that it stands in; its own class has another name in each run.
const LAMBDA: &str = "java.lang.invoke.SerializedLambda";

/// What a graph says of an operator beside its place.
#[derive(Default)]
pub(super) struct OperatorParts {
    pub(super) implementation: Implementation,
    pub(super) states: PlannedStates,
}

/// Puts together what the parts of an operator say.
pub(super) fn parts_of<'o, 'a: 'o>(
    streams: &Streams<'_>,
    factory: Option<&JavaObject<'_>>,
    key: Option<JavaValue<'_, '_>>,
    inputs: impl Iterator<Item = JavaValue<'o, 'a>>,
    output: Option<JavaValue<'_, '_>>,
) -> OperatorParts {
    let key = key.filter(|key| !key.is_null()).map(|key| streams.data_type(key));
    let present = |serializer: &JavaValue<'_, '_>| !serializer.is_null();
    let states = factory.map(|factory| planned_states(streams, factory, key.is_some())).unwrap_or_default();
    let operator = factory.and_then(|factory| descriptors::operator(factory.root()));
    OperatorParts {
        implementation: Implementation {
            operator: operator.and_then(class_of).or_else(|| factory.and_then(|it| class_of(it.root()))),
            function: operator.and_then(|operator| operator.field("userFunction")).and_then(class_of),
            inputs: inputs.filter(present).map(|input| streams.data_type(input)).collect(),
            output: output.filter(present).map(|output| streams.data_type(output)),
        },
        // The job may register others when it runs.
        states: PlannedStates {
            unread: true,
            keys: key.into_iter().collect(),
            states,
            ..PlannedStates::default()
        },
    }
}

impl Streams<'_> {
    /// The type that a serializer handles.
    pub(super) fn data_type(&self, serializer: JavaValue<'_, '_>) -> DataType {
        let mut left = self.parts.get();
        let data_type = snapshot_of_serializer(serializer, &mut left).data_type();
        self.parts.set(left);
        data_type
    }
}

/// The class of an operator or a function.
fn class_of(value: JavaValue<'_, '_>) -> Option<String> {
    let class = value.class_name()?;
    if class == LAMBDA {
        let owner = value.field("capturingClass")?.as_class();
        return Some(format!("lambda in {}", owner.unwrap_or("an unknown class".into())));
    }
    Some(class.into_owned())
}
