//! `StreamConfig`: what a job graph holds of each operator, mostly as streams inside of the stream.

use super::Streams;
use super::edges::{EdgeKey, stream_edge};
use super::factory::operator_factory;
use super::operator::{OperatorParts, parts_of};
use crate::ids::{OperatorFactory, OperatorId, StreamEdge};
use crate::wire::{DataInput, DecodeError, JavaValue, Within};
use std::borrow::Cow;
use std::collections::BTreeMap;

// org.apache.flink.streaming.api.graph.StreamConfig
const SERIALIZED_UDF: &str = "serializedUDF";
const CHAINED_TASK_CONFIG: &str = "chainedTaskConfig_";
const INPUTS: &str = "inputs";
const TYPE_SERIALIZER_OUT: &str = "typeSerializer_out";
const OPERATOR_NAME: &str = "operatorName";
const OPERATOR_ID: &str = "operatorID";
const VERTEX_ID: &str = "vertexID";
const IN_EDGES: &str = "inStreamEdges";
const CHAINED_OUTPUTS: &str = "chainedOutputs";
const STATE_KEY_SERIALIZER: &str = "statekeyser";

/// What the configurations of a vertex say of its operators.
pub(super) struct ConfiguredOperator {
    pub(super) name: Option<String>,
    pub(super) parts: OperatorParts,
    pub(super) place: OperatorPlace,
}

/// Where an operator is in the stream graph that its job graph was made of.
#[derive(Default)]
pub(super) struct OperatorPlace {
    /// The number of its node.
    pub(super) node: Option<i32>,
    pub(super) factory: Option<OperatorFactory>,
    /// The edges into it that are not chained, and those from sources that are chained to several inputs.
    pub(super) inputs: Vec<(EdgeKey, StreamEdge)>,
    /// The edges out of it that are chained.
    pub(super) chained: Vec<(EdgeKey, StreamEdge)>,
}

/// Reads the configuration of a vertex and those of the operators that are chained in it.
pub(super) fn configured_operators(
    streams: &Streams<'_>,
    configuration: JavaValue<'_, '_>,
) -> Result<BTreeMap<OperatorId, ConfiguredOperator>, DecodeError> {
    let mut found = BTreeMap::new();
    let head = Entries::of(configuration);
    head.operator(streams, &mut found)?;
    let chained = streams.nested(head.get(CHAINED_TASK_CONFIG)).within("chained operators")?;
    if let Some(chained) = chained {
        for (_, config) in chained.root().entries() {
            if let Some(configuration) = config.field("config") {
                Entries::of(configuration).operator(streams, &mut found)?;
            }
        }
    }
    Ok(found)
}

/// The entries of a `Configuration`.
struct Entries<'o, 'a>(BTreeMap<Cow<'a, str>, JavaValue<'o, 'a>>);

impl<'o, 'a> Entries<'o, 'a> {
    fn of(configuration: JavaValue<'o, 'a>) -> Self {
        let entries = configuration.field("confData").into_iter().flat_map(JavaValue::entries);
        Self(entries.filter_map(|(key, value)| Some((key.as_str()?, value))).collect())
    }

    fn get(&self, key: &str) -> Option<JavaValue<'o, 'a>> {
        self.0.get(key).copied()
    }

    /// The operator that this is the configuration of.
    fn operator(
        &self,
        streams: &Streams<'_>,
        found: &mut BTreeMap<OperatorId, ConfiguredOperator>,
    ) -> Result<(), DecodeError> {
        let id = self.get(OPERATOR_ID).and_then(JavaValue::as_bytes);
        let Some(id) = id.and_then(|bytes| OperatorId::decode(&mut DataInput::new(bytes, 0)).ok()) else {
            return Ok(());
        };
        let name = super::text(self.get(OPERATOR_NAME));
        let (parts, place) = self.parts(streams).within_with(|| format!("operator {id}"))?;
        found.insert(id, ConfiguredOperator { name, parts, place });
        Ok(())
    }

    fn parts(&self, streams: &Streams<'_>) -> Result<(OperatorParts, OperatorPlace), DecodeError> {
        let nested = |key| streams.nested(self.get(key)).within(key);
        let key = nested(STATE_KEY_SERIALIZER)?;
        let output = nested(TYPE_SERIALIZER_OUT)?;
        let inputs = nested(INPUTS)?;
        let factory = nested(SERIALIZED_UDF)?;
        let edges = |key| -> Result<Vec<_>, DecodeError> {
            let list = nested(key)?;
            let edges = list.as_ref().into_iter().flat_map(|list| list.root().items());
            Ok(edges.filter_map(stream_edge).collect())
        };
        let inputs = || inputs.as_ref().into_iter().flat_map(|inputs| inputs.root().elements());
        let from_sources = inputs().filter_map(|input| stream_edge(input.field("inputEdge")?));
        let mut place = OperatorPlace {
            node: self.get(VERTEX_ID).and_then(JavaValue::as_int),
            factory: factory.as_ref().map(|factory| operator_factory(factory.root())),
            inputs: edges(IN_EDGES)?,
            chained: edges(CHAINED_OUTPUTS)?,
        };
        place.inputs.extend(from_sources);
        let parts = parts_of(
            streams,
            factory.as_ref(),
            key.as_ref().map(|key| key.root()),
            inputs().filter_map(|input| input.field("typeSerializer")),
            output.as_ref().map(|output| output.root()),
        );
        Ok((parts, place))
    }
}
