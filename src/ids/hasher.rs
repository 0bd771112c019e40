//! The IDs of all operators of a graph, as Flink makes them.

use super::OperatorId;
use super::chaining::Chaining;
use super::graph::{GraphError, StreamGraph};
use std::collections::{BTreeSet, VecDeque};

/// How an operator came by its ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeId {
    /// The ID.
    pub id: OperatorId,
    /// What it was made of; `None` when the operator has a uid.
    pub generated: Option<Generated>,
}

/// What a generated ID is the hash of: all of its position in the graph that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// How many operators came before it, those with a uid included.
    pub position: u32,
    /// How many of the edges out of it are chained.
    pub chained_outputs: u32,
    /// The IDs of its inputs, in order.
    pub inputs: Vec<OperatorId>,
}

impl Generated {
    /// The ID. Mirrors `StreamGraphHasherV2.generateDeterministicHash`.
    pub fn id(&self) -> OperatorId {
        let mut id = OperatorId::of_position(self.position, self.chained_outputs);
        for input in &self.inputs {
            id = id.with_input(*input);
        }
        id
    }
}

impl OperatorId {
    /// The ID of an operator without uid and without inputs.
    pub(super) fn of_position(position: u32, chained_outputs: u32) -> Self {
        // Flink hashes the position once for the operator, and once more for each edge that is chained.
        let bytes =
            position.to_le_bytes().repeat(usize::try_from(chained_outputs).unwrap_or(0).saturating_add(1));
        Self::hash(&bytes)
    }

    /// With one more input mixed in.
    pub(super) fn with_input(self, input: Self) -> Self {
        let mut mixed = self.0;
        for (byte, input) in mixed.iter_mut().zip(input.0) {
            *byte = byte.wrapping_mul(37) ^ input;
        }
        Self(mixed)
    }

    /// What [`Self::with_input`] made this of: 173 undoes 37, because their product is 1 modulo 256.
    pub(super) fn without_input(self, input: Self) -> Self {
        let mut bare = self.0;
        for (byte, input) in bare.iter_mut().zip(input.0) {
            *byte = (*byte ^ input).wrapping_mul(173);
        }
        Self(bare)
    }
}

/// The ID of each node of [`StreamGraph::nodes`], in that order. A node that no source leads to has none; Flink makes no
/// such graphs.
///
/// Mirrors `StreamGraphHasherV2.traverseStreamGraphAndGenerateHashes`, which is the same in all lines.
pub fn operator_ids(graph: &StreamGraph, chaining: &Chaining) -> Result<Vec<Option<NodeId>>, GraphError> {
    let nodes = graph.nodes();
    let mut ids: Vec<Option<NodeId>> = vec![None; nodes.len()];
    let mut known = BTreeSet::new();
    let mut position = 0_u32;
    let mut visited: Vec<bool> = nodes.iter().map(|node| node.is_source).collect();
    let mut queue: VecDeque<usize> =
        nodes.iter().enumerate().filter(|(_, node)| node.is_source).map(|(place, _)| place).collect();
    while let Some(place) = queue.pop_front() {
        let Some(node) = nodes.get(place) else { continue };
        let id = if let Some(uid) = &node.uid {
            let id = OperatorId::of_uid(uid);
            if known.contains(&id) {
                return Err(GraphError::Collision { id, uid: uid.clone() });
            }
            NodeId { id, generated: None }
        } else if let Some(id) = node.id_of_uid {
            NodeId { id, generated: None }
        } else {
            let inputs: Option<Vec<_>> = graph
                .in_edges(place)
                .map(|edge| ids.get(edge.source).and_then(Option::as_ref).map(|input| input.id))
                .collect();
            let Some(inputs) = inputs else {
                // It comes back with its last input.
                if let Some(visited) = visited.get_mut(place) {
                    *visited = false;
                }
                continue;
            };
            let chained = graph.out_edges(place).filter(|edge| chaining.is_chained(edge.place)).count();
            let generated =
                Generated { position, chained_outputs: u32::try_from(chained).unwrap_or(u32::MAX), inputs };
            NodeId { id: generated.id(), generated: Some(generated) }
        };
        known.insert(id.id);
        position = position.saturating_add(1);
        if let Some(entry) = ids.get_mut(place) {
            *entry = Some(id);
        }
        for edge in graph.out_edges(place) {
            if let Some(visited) = visited.get_mut(edge.target)
                && !*visited
            {
                *visited = true;
                queue.push_back(edge.target);
            }
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flink::FlinkLine;
    use crate::ids::{
        ChainingStrategy, GraphSettings, OperatorFactory, OperatorKind, Partitioner, StreamEdge, StreamNode,
    };

    /// An operator without anything set.
    fn node(id: i32, kind: OperatorKind) -> StreamNode {
        StreamNode {
            id,
            name: format!("node {id}"),
            is_source: kind != OperatorKind::Ordinary,
            uid: None,
            id_of_uid: None,
            uid_hash: None,
            parallelism: 1,
            max_parallelism: None,
            slot_sharing_group: "default".to_owned(),
            factory: Some(OperatorFactory { chaining: ChainingStrategy::Always, kind }),
        }
    }

    /// Nodes from 1 on, `sources` of which are sources, and edges between them.
    fn graph(
        sources: i32,
        nodes: i32,
        edges: &[(i32, i32, Partitioner)],
        change: impl Fn(&mut StreamNode),
    ) -> StreamGraph {
        let kind = |id| if id <= sources { OperatorKind::Source } else { OperatorKind::Ordinary };
        let mut nodes: Vec<_> = (1..=nodes).map(|id| node(id, kind(id))).collect();
        nodes.iter_mut().for_each(change);
        let edge = |&(source, target, partitioner): &_| StreamEdge {
            source,
            target,
            type_number: 0,
            partitioner,
            is_batch: false,
        };
        StreamGraph::new(GraphSettings::default(), nodes, edges.iter().map(edge).collect()).unwrap()
    }

    fn ids(graph: &StreamGraph) -> Vec<String> {
        let chaining = Chaining::of(graph, FlinkLine { major: 1, minor: 20 });
        let ids = operator_ids(graph, &chaining).unwrap();
        ids.iter().map(|id| id.as_ref().unwrap().id.to_string()).collect()
    }

    const F: Partitioner = Partitioner::Forward;

    /// What `StreamGraphHasherV2` of Flink 1.20.5 and 2.3.0 made of these graphs.
    #[test]
    fn graphs_hash_to_the_ids_that_flink_gives_them() {
        let line = [(1, 2, F), (2, 3, F)];
        let chained = [
            "cbc357ccb763df2852fee8c4fc7d55f2",
            "570f707193e0fe32f4d86d067aba243b",
            "b728d985904d42b0fdd945a9e3253fca",
        ];
        assert_eq!(ids(&graph(1, 3, &line, |_| {})), chained);
        // A hash that the user sets is a second ID, and changes none.
        let hash = "000102030405060708090a0b0c0d0e0f".parse().ok();
        assert_eq!(ids(&graph(1, 3, &line, |node| node.uid_hash = hash)), chained);
        assert_eq!(
            ids(&graph(1, 3, &line, |node| if node.id == 2 {
                node.factory.as_mut().unwrap().chaining = ChainingStrategy::Never;
            })),
            [
                "bc764cd8ddf7a0cff126f51c16239658",
                "0a448493b4782967b150582570326227",
                "ea632d67b7d595e5b851708ae9ad79d6"
            ]
        );
        assert_eq!(
            ids(&graph(1, 3, &[(1, 2, Partitioner::Other), (2, 3, F)], |_| {})),
            [
                "bc764cd8ddf7a0cff126f51c16239658",
                "20ba6b65f97481d5570070de90e4e791",
                "c09dc291fad93d575e015871097bfc60"
            ]
        );
        assert_eq!(
            ids(&graph(2, 4, &[(1, 3, F), (2, 3, F), (3, 4, F)], |_| {})),
            [
                "bc764cd8ddf7a0cff126f51c16239658",
                "feca28aff5a3958840bee985ee7de4d3",
                "4bf7c1955ffe56e2106d666433eaf137",
                "ccb29b5204e83e8a588b3828afaa7015"
            ]
        );
        // Breadth first: both maps before both sinks.
        assert_eq!(
            ids(&graph(1, 5, &[(1, 2, F), (2, 3, F), (1, 4, F), (4, 5, F)], |_| {})),
            [
                "e3dfc0d7e9ecd8a43f85f0b68ebf3b80",
                "7f13e76acd6ff9be99a3757408784a49",
                "f856bdad967991d6d1452b389438cb6b",
                "0e90f93dd6c2bfc9de34a6a7c1979ccc",
                "be0316302f6f90c52cb82c8f0f9ee3db"
            ]
        );
        // The operator with two inputs waits for the second.
        assert_eq!(
            ids(&graph(2, 5, &[(1, 3, F), (3, 4, F), (2, 4, F), (4, 5, F)], |_| {})),
            [
                "cbc357ccb763df2852fee8c4fc7d55f2",
                "feca28aff5a3958840bee985ee7de4d3",
                "2be4fe38b4ce63aa5bffc06b65e24e03",
                "685fa031c53f27eb72e36aade80e27bb",
                "d8cc4f3c3c9208e7806fe085260758ac"
            ]
        );
        let with_uid = |place, uid: &'static str| {
            ids(&graph(1, 3, &line, |node| node.uid = (node.id == place).then(|| uid.to_owned())))
        };
        assert_eq!(
            with_uid(2, "mapper"),
            [
                "cbc357ccb763df2852fee8c4fc7d55f2",
                "68d9ba1c95f4086b1fa3bcef4b72f3b8",
                "88fe13e89659b4e916a29440d2ede849"
            ]
        );
        assert_eq!(
            with_uid(1, "source-id"),
            [
                "bd9c186e89cc37a76d776844dfa8ccba",
                "21503fd3ad4f16bdcb51ed86596fbd73",
                "c1779627aee2aa3fc250c529c0f0a682"
            ]
        );
    }

    #[test]
    fn what_flink_refuses_is_refused() {
        let twice = graph(1, 2, &[(1, 2, F)], |node| node.uid = Some("a".to_owned()));
        let chaining = Chaining::known([true]);
        assert!(matches!(operator_ids(&twice, &chaining), Err(GraphError::Collision { .. })));
        let nodes = vec![node(1, OperatorKind::Source); 2];
        let settings = GraphSettings::default();
        assert_eq!(StreamGraph::new(settings, nodes, Vec::new()).unwrap_err(), GraphError::DuplicateNode(1));
    }

    /// No Flink makes such graphs; whoever reads one from a file must come to an end.
    #[test]
    fn loops_end() {
        let circle = graph(0, 2, &[(1, 2, F), (2, 1, F)], |_| {});
        let chaining = Chaining::of(&circle, FlinkLine { major: 2, minor: 0 });
        assert_eq!(operator_ids(&circle, &chaining), Ok(vec![None, None]));
    }
}
