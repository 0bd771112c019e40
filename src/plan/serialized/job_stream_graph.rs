//! The stream graph that a job graph was made of.
//!
//! A job graph holds the ID of every operator, every edge, and which edges are chained. So it shows which IDs were
//! generated, and from what; before Flink 2.0 that is the only sign of an operator without a uid.

use super::edges::{EdgeKey, EdgeLists};
use super::stream_config::OperatorPlace;
use crate::ids::{
    Chaining, GraphSettings, StreamEdge, StreamGraph, StreamNode, generated_from, operator_ids,
};
use crate::plan::{MaxParallelism, PlannedGraph, PlannedOperator, Uid};
use std::collections::{BTreeMap, BTreeSet};

/// Puts the graph together of its operators, says of each whether it has a uid, and checks that the graph gives each of
/// them the ID that it has. `None` when it does not: then it is not the graph that Flink had.
pub(super) fn stream_graph(
    settings: GraphSettings,
    operators: &mut [PlannedOperator],
    places: &BTreeMap<i32, OperatorPlace>,
) -> Option<PlannedGraph> {
    let has_input: BTreeSet<_> =
        places.values().flat_map(edges_of).map(|((_, target, _), _)| *target).collect();
    let (edges, chaining) = chained_edges(places);
    let by_node: BTreeMap<i32, usize> =
        operators.iter().enumerate().filter_map(|(place, it)| Some((it.node?, place))).collect();
    let operator_of = |node: i32| by_node.get(&node).and_then(|place| operators.get(*place));
    let mut nodes = Vec::new();
    for (id, place) in places {
        let operator = operator_of(*id)?;
        nodes.push(StreamNode {
            id: *id,
            name: operator.name.clone().unwrap_or_default(),
            is_source: !has_input.contains(id),
            uid: if let Uid::Set(uid) = &operator.uid { Some(uid.clone()) } else { None },
            id_of_uid: None,
            uid_hash: operator.uid_hash,
            parallelism: operator.parallelism.unwrap_or(1),
            max_parallelism: match operator.max_parallelism {
                MaxParallelism::Set(value) => Some(value),
                _ => None,
            },
            slot_sharing_group: String::new(),
            factory: place.factory,
        });
    }
    let ids: Option<Vec<_>> = places.keys().map(|node| operator_of(*node)?.id).collect();
    let ids = ids?;
    let graph = StreamGraph::new(settings, nodes, edges).ok()?;
    let mut nodes = graph.nodes().to_vec();
    for ((node, id), generated) in nodes.iter_mut().zip(&ids).zip(generated_from(&graph, &chaining, &ids)) {
        let operator = by_node.get(&node.id).and_then(|place| operators.get_mut(*place));
        match (generated, operator) {
            // All 128 bits say so, unless somebody chose a uid for its hash.
            (Some(_), Some(operator)) if operator.uid == Uid::Unknown => operator.uid = Uid::Unset,
            (None, _) => node.id_of_uid = Some(*id),
            _ => {}
        }
    }
    let graph = StreamGraph::new(settings, nodes, graph.edges().to_vec()).ok()?;
    let computed = operator_ids(&graph, &chaining).ok()?;
    let is_so = computed.iter().zip(&ids).all(|(node, id)| node.as_ref().is_some_and(|node| node.id == *id));
    is_so.then_some(PlannedGraph { graph, chaining })
}

fn edges_of(place: &OperatorPlace) -> impl Iterator<Item = &(EdgeKey, StreamEdge)> {
    place.inputs.iter().chain(&place.chained)
}

/// The edges in the order in which Flink added them, and which of them are chained.
fn chained_edges(places: &BTreeMap<i32, OperatorPlace>) -> (Vec<StreamEdge>, Chaining) {
    let chained: BTreeSet<EdgeKey> =
        places.values().flat_map(|place| &place.chained).map(|(key, _)| *key).collect();
    let mut lists = EdgeLists::default();
    for place in places.values() {
        let mut inputs = place.inputs.clone();
        // Those from chained sources stand apart from the others. Of a union, all edges feed the same input.
        inputs.sort_by_key(|(_, edge)| edge.type_number);
        lists.add(inputs);
    }
    // A job graph holds edges that are chained and others apart, and so not in which order they leave an operator. A
    // program makes the operators behind it in the order of their numbers.
    let mut outputs: BTreeMap<EdgeKey, StreamEdge> = BTreeMap::new();
    outputs.extend(places.values().flat_map(edges_of).cloned());
    let mut left: BTreeMap<i32, Vec<_>> = BTreeMap::new();
    for (key, edge) in outputs {
        left.entry(edge.source).or_default().push((key, edge));
    }
    for list in left.into_values() {
        lists.add(list);
    }
    let ordered = lists.ordered();
    let chaining = Chaining::known(ordered.iter().map(|(key, _)| chained.contains(key)));
    (ordered.into_iter().map(|(_, edge)| edge).collect(), chaining)
}
