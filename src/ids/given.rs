//! A graph of which the IDs are known: which of them Flink generated, and from what.

use super::chaining::Chaining;
use super::graph::StreamGraph;
use super::{Generated, OperatorId};
use std::collections::BTreeMap;

/// Hashes of positions that are made. Real graphs have some dozens of numbers of chained outputs at most.
const POSITIONS: usize = 4_000_000;

/// What the ID of each node of [`StreamGraph::nodes`] was generated from; `None` for one that comes of a uid.
///
/// All 128 bits follow from the position, the chained outputs and the inputs, so this needs no look at where the node
/// stands among the others.
pub fn generated_from(
    graph: &StreamGraph,
    chaining: &Chaining,
    ids: &[OperatorId],
) -> Vec<Option<Generated>> {
    let mut positions = Positions { nodes: graph.nodes().len(), left: POSITIONS, made: BTreeMap::new() };
    let generated = |(place, id): (usize, &OperatorId)| {
        let chained = graph.out_edges(place).filter(|edge| chaining.is_chained(edge.place)).count();
        let inputs: Option<Vec<_>> =
            graph.in_edges(place).map(|edge| ids.get(edge.source).copied()).collect();
        let (inputs, chained_outputs) = (inputs?, u32::try_from(chained).ok()?);
        let bare = inputs.iter().rev().fold(*id, |id, input| id.without_input(*input));
        let position = positions.of(bare, chained_outputs)?;
        Some(Generated { position, chained_outputs, inputs })
    };
    ids.iter().enumerate().map(generated).collect()
}

/// Positions by the IDs that they give an operator without inputs, for each number of chained outputs.
struct Positions {
    nodes: usize,
    left: usize,
    made: BTreeMap<u32, BTreeMap<OperatorId, u32>>,
}

impl Positions {
    fn of(&mut self, bare: OperatorId, chained_outputs: u32) -> Option<u32> {
        if !self.made.contains_key(&chained_outputs) {
            // A position is hashed once more for each output that is chained.
            let cost = (chained_outputs as usize).saturating_add(1).saturating_mul(self.nodes);
            self.left = self.left.checked_sub(cost)?;
            let ids = (0..u32::try_from(self.nodes).ok()?)
                .map(|position| (OperatorId::of_position(position, chained_outputs), position));
            self.made.insert(chained_outputs, ids.collect());
        }
        self.made.get(&chained_outputs)?.get(&bare).copied()
    }
}
