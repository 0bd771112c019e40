//! The stream graph: what Flink makes operator IDs of.

use super::OperatorId;

/// The operators of a job and the edges between them, before chaining.
///
/// Mirrors what of `org.apache.flink.streaming.api.graph.StreamGraph` decides about chaining and IDs.
#[derive(Debug, Clone)]
pub struct StreamGraph {
    settings: GraphSettings,
    nodes: Vec<StreamNode>,
    edges: Vec<StreamEdge>,
    /// For each edge the places of its source and target.
    ends: Vec<(usize, usize)>,
    /// For each node the indexes of its edges, in the order in which Flink added them.
    in_edges: Vec<Vec<usize>>,
    out_edges: Vec<Vec<usize>>,
}

/// What a job sets for all its operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphSettings {
    /// `pipeline.operator-chaining.enabled`, false after `disableOperatorChaining()`.
    pub chaining: bool,
    /// `pipeline.operator-chaining.chain-operators-with-different-max-parallelism`.
    pub chain_different_max_parallelism: bool,
}

impl Default for GraphSettings {
    fn default() -> Self {
        Self { chaining: true, chain_different_max_parallelism: true }
    }
}

/// An operator of a stream graph. Mirrors `org.apache.flink.streaming.api.graph.StreamNode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamNode {
    /// The node's number: that of its transformation. Sources are visited by it.
    pub id: i32,
    /// The operator's name, for reports alone.
    pub name: String,
    /// It was added as a source: `StreamGraph.getSourceIDs`, which has the heads of iterations, too.
    pub is_source: bool,
    /// The uid that the user set. Flink hashes an empty one like any other.
    pub uid: Option<String>,
    /// The ID that a uid gave it, where the uid itself is not known: job graphs of Flink before 2.0 do not hold it.
    pub id_of_uid: Option<OperatorId>,
    /// The ID that the user set with `setUidHash`. It is looked up first, and changes no generated ID.
    pub uid_hash: Option<OperatorId>,
    /// The operator's parallelism.
    pub parallelism: i32,
    /// The max parallelism that the user set.
    pub max_parallelism: Option<i32>,
    /// The group of operators that share slots with it: `default`, or what the user set.
    pub slot_sharing_group: String,
    /// What makes the operator; `None` for nodes without one, such as the ends of an iteration.
    pub factory: Option<OperatorFactory>,
}

/// What of a `StreamOperatorFactory` decides about chaining.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorFactory {
    /// What the operator may be chained to.
    pub chaining: ChainingStrategy,
    /// The kinds of operator that Flink treats apart.
    pub kind: OperatorKind,
}

/// Mirrors `org.apache.flink.streaming.api.operators.ChainingStrategy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainingStrategy {
    /// To what is before it and to what is behind it.
    Always,
    /// To nothing (`disableChaining()`).
    Never,
    /// To what is behind it (`startNewChain()`).
    Head,
    /// To what is behind it, and to sources before it.
    HeadWithSources,
}

/// Kinds of operator factories that `StreamingJobGraphGenerator` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorKind {
    /// `SourceOperatorFactory`: a source of the API of FLIP-27.
    Source,
    /// `isLegacySource()`: a `SourceFunction`.
    LegacySource,
    /// `YieldingOperatorFactory`: an operator that gives the mailbox away, such as asynchronous I/O and the writers of
    /// sinks in some lines.
    Yielding,
    /// Any other.
    Ordinary,
}

/// An edge of a stream graph. Mirrors `org.apache.flink.streaming.api.graph.StreamEdge`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamEdge {
    /// The node that it comes from.
    pub source: i32,
    /// The node that it leads to.
    pub target: i32,
    /// The input of the target that it feeds: 0 for the only one, else from 1 on. Edges of a union feed the same.
    pub type_number: i32,
    /// How records are distributed.
    pub partitioner: Partitioner,
    /// `StreamExchangeMode.BATCH`: the source writes all before the target reads.
    pub is_batch: bool,
}

/// How an edge distributes records: only `ForwardPartitioner` can be chained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partitioner {
    /// `ForwardPartitioner`.
    Forward,
    /// Any other.
    Other,
}

/// Nodes and edges that make no graph.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Two nodes have the same number.
    #[error("two nodes have the number {0}")]
    DuplicateNode(i32),
    /// An edge leads from or to a node that is not there.
    #[error("an edge names the node {0}, which is not there")]
    UnknownNode(i32),
    /// Two operators have the same uid, or one has the uid that hashes to another's ID: Flink refuses the job.
    #[error("two operators have the ID {id} (uid {uid:?}); Flink refuses such a job")]
    Collision {
        /// The ID.
        id: OperatorId,
        /// The uid of the second.
        uid: String,
    },
}

/// An edge at its place in a graph.
#[derive(Debug, Clone, Copy)]
pub struct PlacedEdge<'g> {
    /// The edge.
    pub edge: &'g StreamEdge,
    /// Its place in [`StreamGraph::edges`].
    pub place: usize,
    /// The place of its source in [`StreamGraph::nodes`].
    pub source: usize,
    /// The place of its target there.
    pub target: usize,
}

impl StreamGraph {
    /// A graph of these nodes, in any order, and of these edges in the order in which Flink added them: of each node,
    /// the edges that come in and those that go out stand in that order.
    pub fn new(
        settings: GraphSettings,
        mut nodes: Vec<StreamNode>,
        edges: Vec<StreamEdge>,
    ) -> Result<Self, GraphError> {
        nodes.sort_by_key(|node| node.id);
        if let Some([first, _]) = nodes.array_windows().find(|[first, second]| first.id == second.id) {
            return Err(GraphError::DuplicateNode(first.id));
        }
        let mut graph = Self {
            settings,
            in_edges: vec![Vec::new(); nodes.len()],
            out_edges: vec![Vec::new(); nodes.len()],
            ends: Vec::with_capacity(edges.len()),
            nodes,
            edges,
        };
        for (place, edge) in graph.edges.iter().enumerate() {
            let end = |id| graph.place(id).ok_or(GraphError::UnknownNode(id));
            let (source, target) = (end(edge.source)?, end(edge.target)?);
            graph.ends.push((source, target));
            for (list, node) in [(&mut graph.out_edges, source), (&mut graph.in_edges, target)] {
                if let Some(list) = list.get_mut(node) {
                    list.push(place);
                }
            }
        }
        Ok(graph)
    }

    /// What the job sets for all operators.
    pub fn settings(&self) -> GraphSettings {
        self.settings
    }

    /// The nodes, by number.
    pub fn nodes(&self) -> &[StreamNode] {
        &self.nodes
    }

    /// The edges, in the order in which Flink added them.
    pub fn edges(&self) -> &[StreamEdge] {
        &self.edges
    }

    /// The place of a node in [`Self::nodes`].
    pub fn place(&self, id: i32) -> Option<usize> {
        self.nodes.binary_search_by_key(&id, |node| node.id).ok()
    }

    /// The edges into the node at this place.
    pub fn in_edges(&self, node: usize) -> impl Iterator<Item = PlacedEdge<'_>> {
        self.placed(self.in_edges.get(node))
    }

    /// The edges out of the node at this place.
    pub fn out_edges(&self, node: usize) -> impl Iterator<Item = PlacedEdge<'_>> {
        self.placed(self.out_edges.get(node))
    }

    /// The edge into the node at this place, if it is the only one.
    pub fn only_in_edge(&self, node: usize) -> Option<PlacedEdge<'_>> {
        let mut edges = self.in_edges(node);
        edges.next().filter(|_| edges.next().is_none())
    }

    fn placed<'g>(&'g self, list: Option<&'g Vec<usize>>) -> impl Iterator<Item = PlacedEdge<'g>> {
        list.into_iter().flatten().filter_map(|place| {
            let (source, target) = *self.ends.get(*place)?;
            Some(PlacedEdge { edge: self.edges.get(*place)?, place: *place, source, target })
        })
    }
}
