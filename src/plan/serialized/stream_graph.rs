//! `StreamGraph`: nodes before they are chained, as high-availability storage of Flink 2.x may hold them.

use super::edges::{EdgeLists, stream_edge};
use super::factory::operator_factory;
use super::operator::{OperatorParts, parts_of};
use super::{Problem, Streams, take_backend, text};
use crate::flink::FlinkLine;
use crate::ids::{Chaining, GraphSettings, StreamGraph, StreamNode};
use crate::plan::graph::planned_operators;
use crate::plan::{JobPlan, PlannedGraph, SourceKind};
use crate::wire::{DecodeError, JavaObject, JavaValue, Within};
use std::collections::{BTreeMap, BTreeSet};

/// No Flink before it keeps stream graphs, and the lines after it chain alike.
const SINCE: FlinkLine = FlinkLine { major: 2, minor: 0 };

/// What the user's program made stands in these two fields of the graph's holder, each in a stream of its own.
const NODES: &str = "serializedStreamNodes";
const FACTORIES: &str = "streamNodeToSerializedOperatorFactories";
/// The plan that a `StreamGraph` is.
pub(super) fn plan(streams: &Streams<'_>, graph: JavaValue<'_, '_>) -> Result<JobPlan, Problem> {
    let holder = graph.field("userDefinedObjectsHolder").filter(|holder| !holder.is_null());
    let nodes = streams.nested(holder.and_then(|holder| holder.field(NODES))).within("nodes")?;
    let Some((holder, nodes)) = holder.zip(nodes) else {
        return Err(Problem::Foreign(
            "this stream graph holds no operators: call serializeUserDefinedInstances() on it before it is written, or write its getJobGraph()".to_owned(),
        ));
    };
    let mut factories = factories(streams, holder)?;
    let sources = graph.field("sources").into_iter().flat_map(JavaValue::items);
    let sources: BTreeSet<_> = sources.filter_map(JavaValue::as_int).collect();
    let mut read = Vec::new();
    for (_, node) in nodes.root().entries() {
        let Some(id) = node.field("id").and_then(JavaValue::as_int) else { continue };
        let factory = factories.remove(&id);
        let parts = parts(streams, node, factory.as_ref());
        read.push((stream_node(node, id, sources.contains(&id), factory.as_ref()), parts));
    }
    read.sort_by_key(|(node, _)| node.id);
    let mut lists = EdgeLists::default();
    for (_, node) in nodes.root().entries() {
        for list in ["inEdges", "outEdges"] {
            let edges = node.field(list).into_iter().flat_map(JavaValue::items);
            lists.add(edges.filter_map(stream_edge));
        }
    }
    let edges = lists.ordered().into_iter().map(|(_, edge)| edge).collect();
    let settings = settings(graph);
    let (nodes, parts): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let foreign = |error: crate::ids::GraphError| Problem::Foreign(format!("this stream graph: {error}"));
    let graph_of_ids = StreamGraph::new(settings, nodes, edges).map_err(foreign)?;
    let chaining = Chaining::of(&graph_of_ids, SINCE);
    let mut parts: BTreeMap<usize, OperatorParts> = parts.into_iter().enumerate().collect();
    let mut plan = JobPlan::of_source(SourceKind::StreamGraph);
    take_backend(&mut plan, streams, graph)?;
    for (place, mut operator) in planned_operators(&graph_of_ids, &chaining).map_err(foreign)? {
        let parts = parts.remove(&place).unwrap_or_default();
        operator.states = Some(parts.states);
        operator.implementation = parts.implementation;
        plan.operators.push(operator);
    }
    plan.graph = Some(PlannedGraph { graph: graph_of_ids, chaining });
    Ok(plan)
}

/// The factory of each node, by the node's number.
fn factories<'a>(
    streams: &Streams<'_>,
    holder: JavaValue<'_, 'a>,
) -> Result<BTreeMap<i32, JavaObject<'a>>, DecodeError> {
    let mut factories = BTreeMap::new();
    for pair in holder.field(FACTORIES).into_iter().flat_map(JavaValue::items) {
        let Some(id) = pair.field("f0").and_then(JavaValue::as_int) else { continue };
        if let Some(factory) = streams.nested(pair.field("f1")).within_with(|| format!("node {id}"))? {
            factories.insert(id, factory);
        }
    }
    Ok(factories)
}

fn parts(streams: &Streams<'_>, node: JavaValue<'_, '_>, factory: Option<&JavaObject<'_>>) -> OperatorParts {
    let inputs = node.field("typeSerializersIn").into_iter().flat_map(JavaValue::elements);
    parts_of(streams, factory, node.field("stateKeySerializer"), inputs, node.field("typeSerializerOut"))
}

fn stream_node(
    node: JavaValue<'_, '_>,
    id: i32,
    is_source: bool,
    factory: Option<&JavaObject<'_>>,
) -> StreamNode {
    let number = |field| node.field(field).and_then(JavaValue::as_int).filter(|number| *number > 0);
    StreamNode {
        id,
        name: text(node.field("operatorName")).unwrap_or_default(),
        is_source,
        uid: text(node.field("transformationUID")),
        id_of_uid: None,
        uid_hash: text(node.field("userHash")).and_then(|hash| hash.parse().ok()),
        parallelism: number("parallelism").unwrap_or(1),
        max_parallelism: number("maxParallelism"),
        slot_sharing_group: text(node.field("slotSharingGroup")).unwrap_or_default(),
        factory: factory.map(|factory| operator_factory(factory.root())),
    }
}

/// What the job's configuration says of chaining.
pub(super) fn settings(graph: JavaValue<'_, '_>) -> GraphSettings {
    let configuration = graph.field("jobConfiguration").and_then(|it| it.field("confData"));
    let mut settings = GraphSettings::default();
    for (key, value) in configuration.into_iter().flat_map(JavaValue::entries) {
        let flag = value.as_bool().or_else(|| value.as_str()?.parse().ok());
        match (key.as_str().as_deref(), flag) {
            (Some("pipeline.operator-chaining.enabled" | "pipeline.operator-chaining"), Some(flag)) => {
                settings.chaining = flag;
            }
            (
                Some("pipeline.operator-chaining.chain-operators-with-different-max-parallelism"),
                Some(flag),
            ) => settings.chain_different_max_parallelism = flag,
            _ => {}
        }
    }
    settings
}
