//! Which edges Flink chains: the rules as data, by release line.

use super::graph::{ChainingStrategy, OperatorKind, Partitioner, PlacedEdge, StreamGraph, StreamNode};
use crate::flink::FlinkLine;

/// One condition that an edge has to meet. An edge is chained when it meets all that its line has.
///
/// Mirrors a condition of `StreamingJobGraphGenerator.isChainable`, as it is for streaming jobs.
pub struct ChainingRule {
    /// What breaks the chain, in a sentence about the edge.
    pub broken: &'static str,
    /// The first line that has the rule; `None` for all that are known.
    pub since: Option<FlinkLine>,
    holds: fn(&Edge<'_>) -> bool,
}

/// An edge with what the rules ask of it.
struct Edge<'g> {
    graph: &'g StreamGraph,
    placed: PlacedEdge<'g>,
    from: &'g StreamNode,
    to: &'g StreamNode,
    /// The head of the chain that the source is in is a legacy source.
    behind_legacy_source: bool,
}

/// The rules, in the order in which they are told as the reason of a broken chain.
pub static CHAINING_RULES: &[ChainingRule] = &[
    ChainingRule {
        broken: "chaining is disabled for the whole job",
        since: None,
        holds: |it| it.graph.settings().chaining,
    },
    ChainingRule {
        broken: "the target has several inputs",
        since: None,
        holds: |it| it.graph.only_in_edge(it.placed.target).is_some(),
    },
    ChainingRule {
        broken: "records are distributed anew: the edge is not a forward one",
        since: None,
        holds: |it| it.placed.edge.partitioner == Partitioner::Forward,
    },
    ChainingRule { broken: "the exchange is a batch one", since: None, holds: |it| !it.placed.edge.is_batch },
    ChainingRule {
        broken: "an end of the edge has no operator of its own",
        since: None,
        holds: |it| it.from.factory.is_some() && it.to.factory.is_some(),
    },
    ChainingRule {
        broken: "the parallelisms differ",
        since: None,
        holds: |it| it.from.parallelism == it.to.parallelism,
    },
    ChainingRule {
        broken: "the max parallelisms differ, and the job does not chain such operators",
        since: Some(FlinkLine { major: 1, minor: 18 }),
        holds: |it| {
            it.graph.settings().chain_different_max_parallelism
                || it.from.max_parallelism == it.to.max_parallelism
        },
    },
    ChainingRule {
        broken: "the slot sharing groups differ",
        since: None,
        holds: |it| it.from.slot_sharing_group == it.to.slot_sharing_group,
    },
    ChainingRule {
        broken: "chaining is disabled for the source of the edge",
        since: None,
        holds: |it| it.from.factory.is_none_or(|from| from.chaining != ChainingStrategy::Never),
    },
    ChainingRule {
        broken: "the target starts a chain of its own",
        since: None,
        holds: |it| {
            let from_source = it.from.factory.is_some_and(|from| from.kind == OperatorKind::Source);
            it.to.factory.is_none_or(|to| match to.chaining {
                ChainingStrategy::Always => true,
                ChainingStrategy::HeadWithSources => from_source,
                ChainingStrategy::Head | ChainingStrategy::Never => false,
            })
        },
    },
    ChainingRule {
        broken: "the target yields to the mailbox, which the legacy source at the head of the chain does not allow",
        since: None,
        holds: |it| {
            !it.behind_legacy_source || it.to.factory.is_none_or(|to| to.kind != OperatorKind::Yielding)
        },
    },
];

/// The chaining strategy of an operator that sets none: `AbstractStreamOperator` has another one since Flink 2.0.
pub fn default_strategy(line: FlinkLine) -> ChainingStrategy {
    if line.major >= 2 { ChainingStrategy::Always } else { ChainingStrategy::Head }
}

/// Which edges of a graph Flink chains, and why it does not chain the others.
#[derive(Debug, Clone)]
pub struct Chaining {
    /// For each edge the place in [`CHAINING_RULES`] of the first rule that it breaks.
    broken: Vec<Option<usize>>,
}

impl Chaining {
    /// As Flink of this line decides it.
    pub fn of(graph: &StreamGraph, line: FlinkLine) -> Self {
        let mut chaining = Self { broken: vec![Some(0); graph.edges().len()] };
        // Whether the head of a node's chain is a legacy source. A node comes after the one it may be chained to.
        let mut heads: Vec<Option<bool>> = vec![None; graph.nodes().len()];
        for node in 0..graph.nodes().len() {
            let mut path = Vec::new();
            let mut next = Some(node);
            while let Some(node) = next.filter(|node| heads.get(*node).is_some_and(Option::is_none)) {
                if let Some(head) = heads.get_mut(node) {
                    *head = Some(is_legacy_source(graph, node)); // and so the walk ends in a loop, too
                }
                path.push(node);
                next = graph.only_in_edge(node).map(|edge| edge.source);
            }
            for node in path.into_iter().rev() {
                for edge in graph.in_edges(node) {
                    let behind_legacy_source = heads.get(edge.source).copied().flatten().unwrap_or_default();
                    let broken = first_broken(graph, edge, behind_legacy_source, line);
                    if let Some(entry) = chaining.broken.get_mut(edge.place) {
                        *entry = broken;
                    }
                    if broken.is_none()
                        && let Some(head) = heads.get_mut(node)
                    {
                        *head = Some(behind_legacy_source);
                    }
                }
            }
        }
        chaining
    }

    /// As it is known to be: for each edge in [`StreamGraph::edges`], whether it is chained.
    pub fn known(chained: impl IntoIterator<Item = bool>) -> Self {
        Self { broken: chained.into_iter().map(|chained| (!chained).then_some(usize::MAX)).collect() }
    }

    /// Whether the edge at this place in [`StreamGraph::edges`] is chained.
    pub fn is_chained(&self, edge: usize) -> bool {
        self.broken.get(edge).is_some_and(Option::is_none)
    }

    /// Why the edge at this place is not chained, where the rules decided it.
    pub fn why_not(&self, edge: usize) -> Option<&'static str> {
        let rule = (*self.broken.get(edge)?)?;
        CHAINING_RULES.get(rule).map(|rule| rule.broken)
    }
}

fn is_legacy_source(graph: &StreamGraph, node: usize) -> bool {
    let factory = graph.nodes().get(node).and_then(|node| node.factory);
    factory.is_some_and(|factory| factory.kind == OperatorKind::LegacySource)
}

fn first_broken(
    graph: &StreamGraph,
    edge: PlacedEdge<'_>,
    behind_legacy_source: bool,
    line: FlinkLine,
) -> Option<usize> {
    let (Some(from), Some(to)) = (graph.nodes().get(edge.source), graph.nodes().get(edge.target)) else {
        return Some(0);
    };
    let edge = Edge { graph, placed: edge, from, to, behind_legacy_source };
    CHAINING_RULES
        .iter()
        .position(|rule| rule.since.is_none_or(|since| line >= since) && !(rule.holds)(&edge))
}
