//! From a stream graph to the operators of a plan: the IDs that Flink will generate, and the chains.

use super::{MaxParallelism, PlannedGraph, PlannedOperator, Uid};
use crate::ids::{Chaining, GraphError, StreamGraph, operator_ids};

/// The operators of a graph, as Flink names them when it chains them so, the sources first. What the graph does not
/// hold is for the caller to add.
pub(super) fn planned_operators(
    graph: &StreamGraph,
    chaining: &Chaining,
) -> Result<Vec<(usize, PlannedOperator)>, GraphError> {
    let ids = operator_ids(graph, chaining)?;
    let mut operators = Vec::new();
    for chain in chains(graph, chaining) {
        let id = |place: usize| ids.get(place).and_then(Option::as_ref).map(|node| node.id);
        let head = chain.first().and_then(|place| graph.nodes().get(*place));
        let label = chain.first().filter(|_| chain.len() > 1).and_then(|place| id(*place));
        for place in &chain {
            let Some(node) = graph.nodes().get(*place) else { continue };
            // The head of a chain decides for all of it.
            let max_parallelism = head.and_then(|head| head.max_parallelism);
            let operator = PlannedOperator {
                uid_hash: node.uid_hash,
                hides_uid_hash: false,
                uid: node.uid.clone().map_or(Uid::Unset, Uid::Set),
                name: Some(node.name.clone()),
                parallelism: Some(node.parallelism),
                max_parallelism: max_parallelism.map_or(MaxParallelism::Derived, MaxParallelism::Set),
                chain: label.map(|id| id.to_string()),
                ..PlannedOperator::of_id(id(*place))
            };
            operators.push((*place, operator));
        }
    }
    Ok(operators)
}

impl PlannedGraph {
    /// The chains as places of nodes, each from its head to its tail, in the order of their heads.
    pub fn chains(&self) -> Vec<Vec<usize>> {
        chains(&self.graph, &self.chaining)
    }
}

/// The chains as places of nodes, each from its head to its tail, in the order of their heads.
fn chains(graph: &StreamGraph, chaining: &Chaining) -> Vec<Vec<usize>> {
    let is_head = |place: &usize| graph.in_edges(*place).all(|edge| !chaining.is_chained(edge.place));
    let mut chains = Vec::new();
    for head in (0..graph.nodes().len()).filter(is_head) {
        // A chained operator has one input, so no operator is met twice.
        let mut chain = Vec::new();
        let mut stack = vec![head];
        while let Some(place) = stack.pop() {
            chain.push(place);
            // As a job graph lists them: where a chain forks, the last branch first.
            let behind = graph.out_edges(place).filter(|edge| chaining.is_chained(edge.place));
            stack.extend(behind.map(|edge| edge.target));
        }
        chains.push(chain);
    }
    chains
}
