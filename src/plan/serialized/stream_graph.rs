//! `StreamGraph`: nodes before they are chained, as high-availability storage of Flink 2.x may hold them.

use super::operator::{OperatorParts, parts_of};
use super::{Problem, Streams, state_backend, text};
use crate::flink::FlinkLine;
use crate::ids::{
    Chaining, ChainingStrategy, GraphSettings, OperatorFactory, OperatorKind, Partitioner, StreamEdge,
    StreamGraph, StreamNode,
};
use crate::plan::graph::planned_operators;
use crate::plan::{JobPlan, PlannedGraph, SourceKind};
use crate::wire::{DecodeError, JavaObject, JavaValue, Within};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// No Flink before it keeps stream graphs, and the lines after it chain alike.
const SINCE: FlinkLine = FlinkLine { major: 2, minor: 0 };

const FORWARD: &str = "org.apache.flink.streaming.runtime.partitioner.ForwardPartitioner";
/// What the user's program made stands in these two fields of the graph's holder, each in a stream of its own.
const NODES: &str = "serializedStreamNodes";
const FACTORIES: &str = "streamNodeToSerializedOperatorFactories";
/// Kinds of factories that chaining treats apart, by their class.
const KINDS: &[(&str, OperatorKind)] = &[
    ("org.apache.flink.streaming.api.operators.SourceOperatorFactory", OperatorKind::Source),
    ("org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory", OperatorKind::Yielding),
    ("org.apache.flink.streaming.runtime.operators.sink.SinkWriterOperatorFactory", OperatorKind::Yielding),
    (
        "org.apache.flink.streaming.api.functions.source.ContinuousFileReaderOperatorFactory",
        OperatorKind::Yielding,
    ),
];
const LEGACY_SOURCE: &str = "org.apache.flink.streaming.api.operators.StreamSource";

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
    let edges = edges(nodes.root());
    let settings = settings(graph);
    let (nodes, parts): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let foreign = |error: crate::ids::GraphError| Problem::Foreign(format!("this stream graph: {error}"));
    let graph_of_ids = StreamGraph::new(settings, nodes, edges).map_err(foreign)?;
    let chaining = Chaining::of(&graph_of_ids, SINCE);
    let mut parts: BTreeMap<usize, OperatorParts> = parts.into_iter().enumerate().collect();
    let mut plan = JobPlan::of_source(SourceKind::StreamGraph);
    plan.state_backend = state_backend(streams, graph)?;
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
        uid_hash: text(node.field("userHash")).and_then(|hash| hash.parse().ok()),
        parallelism: number("parallelism").unwrap_or(1),
        max_parallelism: number("maxParallelism"),
        slot_sharing_group: text(node.field("slotSharingGroup")).unwrap_or_default(),
        factory: factory.map(|factory| operator_factory(factory.root())),
    }
}

fn operator_factory(factory: JavaValue<'_, '_>) -> OperatorFactory {
    let strategy = factory.field("chainingStrategy").and_then(JavaValue::enum_constant);
    let chaining = match strategy.as_deref() {
        Some("NEVER") => ChainingStrategy::Never,
        Some("HEAD") => ChainingStrategy::Head,
        Some("HEAD_WITH_SOURCES") => ChainingStrategy::HeadWithSources,
        _ => ChainingStrategy::Always,
    };
    let kind = KINDS.iter().find(|(class, _)| factory.is_a(class)).map(|(_, kind)| *kind);
    let is_legacy = factory.field("operator").is_some_and(|operator| operator.is_a(LEGACY_SOURCE));
    let ordinary = if is_legacy { OperatorKind::LegacySource } else { OperatorKind::Ordinary };
    OperatorFactory { chaining, kind: kind.unwrap_or(ordinary) }
}

/// What identifies an edge: its ends, and which of those between them it is.
type EdgeKey = (i32, i32, i32);

/// The edges in an order that is that of every node's list, of edges in and of edges out.
fn edges(nodes: JavaValue<'_, '_>) -> Vec<StreamEdge> {
    let mut found: BTreeMap<EdgeKey, StreamEdge> = BTreeMap::new();
    // Each list of each node, as a queue, and in which queues an edge stands.
    let mut queues: Vec<VecDeque<EdgeKey>> = Vec::new();
    let mut stands_in: BTreeMap<EdgeKey, Vec<usize>> = BTreeMap::new();
    for (_, node) in nodes.entries() {
        for list in ["inEdges", "outEdges"] {
            let mut queue = VecDeque::new();
            for edge in node.field(list).into_iter().flat_map(JavaValue::items) {
                let Some((key, edge)) = stream_edge(edge) else { continue };
                found.insert(key, edge);
                stands_in.entry(key).or_default().push(queues.len());
                queue.push_back(key);
            }
            queues.push(queue);
        }
    }
    let mut ordered = Vec::new();
    let mut ready: VecDeque<EdgeKey> = queues.iter().filter_map(|queue| queue.front().copied()).collect();
    while let Some(key) = ready.pop_front() {
        let places = stands_in.get(&key).map(Vec::as_slice).unwrap_or_default();
        let is_first = |place: &usize| queues.get(*place).is_some_and(|queue| queue.front() == Some(&key));
        if !places.iter().all(is_first) {
            continue; // it comes again when the last of its queues has come to it
        }
        let Some(edge) = found.remove(&key) else { continue };
        ordered.push(edge);
        for place in places {
            if let Some(queue) = queues.get_mut(*place) {
                queue.pop_front();
                ready.extend(queue.front());
            }
        }
    }
    // Lists that contradict one another, which no Flink writes.
    ordered.extend(found.into_values());
    ordered
}

fn stream_edge(edge: JavaValue<'_, '_>) -> Option<(EdgeKey, StreamEdge)> {
    let number = |field| edge.field(field).and_then(JavaValue::as_int);
    let (source, target) = (number("sourceId")?, number("targetId")?);
    let mode = edge.field("exchangeMode").and_then(JavaValue::enum_constant);
    let is_forward = edge.field("outputPartitioner").is_some_and(|partitioner| partitioner.is_a(FORWARD));
    let edge = StreamEdge {
        source,
        target,
        type_number: number("typeNumber").unwrap_or_default(),
        partitioner: if is_forward { Partitioner::Forward } else { Partitioner::Other },
        is_batch: mode.is_some_and(|mode| mode == "BATCH"),
    };
    Some(((source, target, number("uniqueId").unwrap_or_default()), edge))
}

/// What the job's configuration says of chaining.
fn settings(graph: JavaValue<'_, '_>) -> GraphSettings {
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
