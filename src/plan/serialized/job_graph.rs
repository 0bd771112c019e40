//! `JobGraph`: vertices, each of them a chain of operators.

use super::job_stream_graph::stream_graph;
use super::stream_config::{OperatorPlace, configured_operators};
use super::stream_graph::settings;
use super::{Problem, Streams, operator_id, take_backend, text};
use crate::ids::OperatorId;
use crate::plan::{JobPlan, MaxParallelism, PlannedOperator, SourceKind, Uid};
use crate::wire::{JavaValue, Within};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A vertex and the vertices before it.
struct Vertex<'o, 'a> {
    id: OperatorId,
    object: JavaValue<'o, 'a>,
    before: Vec<OperatorId>,
}

/// The plan that a `JobGraph` is.
pub(super) fn plan(streams: &Streams<'_>, graph: JavaValue<'_, '_>) -> Result<JobPlan, Problem> {
    let mut operators = Vec::new();
    let mut places = BTreeMap::new();
    for vertex in in_order(vertices(graph)) {
        operators.extend(vertex.operators(streams, &mut places)?);
    }
    if operators.is_empty() {
        return Err(Problem::Foreign("this job graph has no operators".to_owned()));
    }
    let mut plan = JobPlan::of_source(SourceKind::JobGraph);
    take_backend(&mut plan, streams, graph)?;
    // An operator without a place in the graph leaves no graph.
    if operators.len() == places.len() {
        plan.graph = stream_graph(settings(graph), &mut operators, &places);
    }
    plan.operators = operators;
    Ok(plan)
}

fn vertices<'o, 'a>(graph: JavaValue<'o, 'a>) -> Vec<Vertex<'o, 'a>> {
    let vertices = graph.field("taskVertices").into_iter().flat_map(JavaValue::entries);
    let vertex = |(id, vertex): (JavaValue<'o, 'a>, JavaValue<'o, 'a>)| {
        let edges = vertex.field("inputs").into_iter().flat_map(JavaValue::items);
        let producer =
            |edge: JavaValue<'_, '_>| operator_id(edge.field("source")?.field("producer")?.field("id")?);
        Some(Vertex { id: operator_id(id)?, object: vertex, before: edges.filter_map(producer).collect() })
    };
    vertices.filter_map(vertex).collect()
}

/// The vertices with those before them first; otherwise as they stand.
fn in_order<'o, 'a>(vertices: Vec<Vertex<'o, 'a>>) -> Vec<Vertex<'o, 'a>> {
    let known: BTreeSet<_> = vertices.iter().map(|vertex| vertex.id).collect();
    // How many edges a vertex waits for, and which vertices wait for it.
    let mut waits_for: BTreeMap<OperatorId, usize> = BTreeMap::new();
    let mut awaited_by: BTreeMap<OperatorId, Vec<OperatorId>> = BTreeMap::new();
    for vertex in &vertices {
        let before = vertex.before.iter().filter(|id| known.contains(id));
        let count = before.map(|id| awaited_by.entry(*id).or_default().push(vertex.id)).count();
        waits_for.insert(vertex.id, count);
    }
    let ready = vertices.iter().map(|vertex| vertex.id).filter(|id| waits_for.get(id) == Some(&0));
    let mut ready: VecDeque<_> = ready.collect();
    let mut left: BTreeMap<_, _> = vertices.into_iter().map(|vertex| (vertex.id, vertex)).collect();
    let mut ordered = Vec::new();
    while let Some(id) = ready.pop_front() {
        ordered.extend(left.remove(&id));
        for next in awaited_by.remove(&id).unwrap_or_default() {
            let Some(count) = waits_for.get_mut(&next) else { continue };
            *count = count.saturating_sub(1);
            if *count == 0 {
                ready.push_back(next);
            }
        }
    }
    // Vertices that go round in a circle, which no Flink writes.
    ordered.extend(left.into_values());
    ordered
}

impl Vertex<'_, '_> {
    /// The operators of the chain, from its head to its tail.
    fn operators(
        &self,
        streams: &Streams<'_>,
        places: &mut BTreeMap<i32, OperatorPlace>,
    ) -> Result<Vec<PlannedOperator>, Problem> {
        let configuration = self.object.field("configuration");
        let configured =
            configuration.map(|configuration| configured_operators(streams, configuration)).transpose();
        let mut configured = configured.within_with(|| format!("vertex {}", self.id))?.unwrap_or_default();
        let pairs: Vec<_> = self.object.field("operatorIDs").into_iter().flat_map(JavaValue::items).collect();
        let chain = (pairs.len() > 1).then(|| self.id.to_string());
        let number =
            |field| self.object.field(field).and_then(JavaValue::as_int).filter(|number| *number > 0);
        let mut operators = Vec::new();
        // They stand from the tail to the head.
        for pair in pairs.into_iter().rev() {
            let Some(id) = pair.field("generatedOperatorID").and_then(operator_id) else { continue };
            let (name, parts, place) = match configured.remove(&id) {
                Some(found) => (found.name, found.parts, found.place),
                None => Default::default(),
            };
            let node = place.node;
            places.extend(node.map(|node| (node, place)));
            let uid = pair.field("userDefinedOperatorUid");
            operators.push(PlannedOperator {
                uid_hash: pair.field("userDefinedOperatorID").and_then(operator_id),
                hides_uid_hash: false,
                uid: match (uid, text(uid)) {
                    (None, _) => Uid::Unknown, // before Flink 2.0
                    (Some(_), Some(uid)) => Uid::Set(uid),
                    (Some(_), None) => Uid::Unset,
                },
                name: name.or_else(|| text(pair.field("userDefinedOperatorName"))),
                parallelism: number("parallelism"),
                max_parallelism: number("maxParallelism")
                    .map_or(MaxParallelism::Derived, MaxParallelism::Set),
                chain: chain.clone(),
                states: Some(parts.states),
                implementation: parts.implementation,
                node,
                ..PlannedOperator::of_id(Some(id))
            });
        }
        Ok(operators)
    }
}
