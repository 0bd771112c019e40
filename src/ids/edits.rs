//! Edits of a job, and the IDs that its operators have after each: found by hashing the edited graph, not by rules of thumb.

use super::chaining::Chaining;
use super::graph::{
    ChainingStrategy, OperatorFactory, OperatorKind, Partitioner, StreamEdge, StreamGraph, StreamNode,
};
use super::hasher::operator_ids;
use super::{Generated, OperatorId};

/// Edits of one graph that are tried, and IDs that are made for them.
const EDITS: usize = 4_000;
const IDS: usize = 4_000_000;

/// What was tried on a graph.
#[derive(Debug, Clone, Default)]
pub struct Edits {
    /// The edits.
    pub tried: Vec<Edit>,
    /// The graph is too large for all of them.
    pub cut: bool,
}

/// An edit, and what becomes of the operators.
#[derive(Debug, Clone)]
pub struct Edit {
    /// What kind of edit.
    pub kind: EditKind,
    /// Where: an operator, or an edge. Empty for the whole job.
    pub place: String,
    /// For each node of [`StreamGraph::nodes`], its ID after the edit; `None` when it is gone, or was given a uid.
    pub ids: Vec<Option<OperatorId>>,
}

/// The kinds of edits that are tried, in the order in which reports have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EditKind {
    /// A chain is broken (`startNewChain()`, another parallelism or slot sharing group, a redistribution).
    ChainBroken,
    /// An edge that could be chained is.
    ChainFormed,
    /// An operator is put on an edge.
    OperatorInserted,
    /// One more operator reads the output of one.
    OutputAdded,
    /// An operator is taken out.
    OperatorRemoved,
    /// A source is added behind the others, with an operator of its own.
    SourceAdded,
    /// An operator that has none gets a uid.
    UidSet,
}

impl EditKind {
    /// All kinds, in their order.
    pub const ALL: [Self; 7] = [
        Self::ChainBroken,
        Self::ChainFormed,
        Self::OperatorInserted,
        Self::OutputAdded,
        Self::OperatorRemoved,
        Self::SourceAdded,
        Self::UidSet,
    ];

    /// What happens, as the middle of a sentence that goes on with where.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChainBroken => "the chain is broken at",
            Self::ChainFormed => "a chain is formed at",
            Self::OperatorInserted => "an operator is inserted at",
            Self::OutputAdded => "another operator or sink reads from",
            Self::OperatorRemoved => "an operator is removed:",
            Self::SourceAdded => "a source is added",
            Self::UidSet => "a uid is set on",
        }
    }

    /// What happens, wherever it does.
    pub fn anywhere(self) -> &'static str {
        match self {
            Self::ChainBroken => "any chain is broken",
            Self::ChainFormed => "any chain is formed",
            Self::OperatorInserted => "an operator is inserted anywhere",
            Self::OutputAdded => "another operator or sink reads from any operator",
            Self::OperatorRemoved => "any operator is removed",
            Self::SourceAdded => "a source is added",
            Self::UidSet => "a uid is set on any other operator without one",
        }
    }
}

/// A graph under edit: chained edges stay chained, whatever decided it.
#[derive(Clone)]
struct Draft {
    nodes: Vec<StreamNode>,
    edges: Vec<(StreamEdge, bool)>,
}

/// Every edit that [`EditKind`] knows, at every place of the graph, up to a few thousand.
pub fn edits(graph: &StreamGraph, chaining: &Chaining) -> Edits {
    let chained = |place| chaining.is_chained(place);
    let edges = graph.edges().iter().cloned().enumerate().map(|(place, edge)| (edge, chained(place)));
    let draft = Draft { nodes: graph.nodes().to_vec(), edges: edges.collect() };
    let mut edits = Edits::default();
    let most = EDITS.min(IDS.checked_div(draft.nodes.len()).unwrap_or_default());
    let mut add = |kind, place: String, edit: &dyn Fn() -> Option<Draft>| {
        if edits.tried.len() >= most {
            edits.cut = true;
        } else if let Some(ids) = edit().and_then(|edited| edited.ids(graph)) {
            edits.tried.push(Edit { kind, place, ids });
        }
    };
    let name =
        |id: i32| graph.place(id).and_then(|place| graph.nodes().get(place)).map_or("", |node| &node.name);
    for (place, (edge, is_chained)) in draft.edges.iter().enumerate() {
        let between = format!("{} → {}", name(edge.source), name(edge.target));
        let only = graph.place(edge.target).is_some_and(|target| graph.only_in_edge(target).is_some());
        if *is_chained {
            add(EditKind::ChainBroken, between.clone(), &|| draft.with_chain(place, false));
        } else if only && edge.partitioner == Partitioner::Forward && graph.settings().chaining {
            add(EditKind::ChainFormed, between.clone(), &|| draft.with_chain(place, true));
        }
        add(EditKind::OperatorInserted, between, &|| draft.with_operator_on(place, graph));
    }
    for node in &draft.nodes {
        add(EditKind::OutputAdded, node.name.clone(), &|| draft.with_output_of(node, graph));
        if !node.is_source {
            add(EditKind::OperatorRemoved, node.name.clone(), &|| draft.without(node.id));
        }
        if node.uid.is_none() && node.id_of_uid.is_none() {
            add(EditKind::UidSet, node.name.clone(), &|| draft.with_uid(node.id));
        }
    }
    add(EditKind::SourceAdded, String::new(), &|| draft.with_source(graph));
    edits
}

impl Draft {
    /// The IDs of the nodes that the graph had before.
    fn ids(self, graph: &StreamGraph) -> Option<Vec<Option<OperatorId>>> {
        let (edges, chained): (Vec<_>, Vec<_>) = self.edges.into_iter().unzip();
        let edited = StreamGraph::new(graph.settings(), self.nodes, edges).ok()?;
        let ids = operator_ids(&edited, &Chaining::known(chained)).ok()?;
        let id = |node: &StreamNode| {
            let place = edited.place(node.id)?;
            let was_given_a_uid = node.uid.is_none() && edited.nodes().get(place)?.uid.is_some();
            ids.get(place)?.as_ref().map(|node| node.id).filter(|_| !was_given_a_uid)
        };
        Some(graph.nodes().iter().map(id).collect())
    }

    fn with_chain(&self, place: usize, chained: bool) -> Option<Self> {
        let mut draft = self.clone();
        draft.edges.get_mut(place)?.1 = chained;
        Some(draft)
    }

    fn with_operator_on(&self, place: usize, graph: &StreamGraph) -> Option<Self> {
        let mut draft = self.clone();
        let (edge, chained) = draft.edges.get(place)?.clone();
        let source = self.nodes.iter().find(|node| node.id == edge.source)?;
        let inserted = draft.add_node(false)?;
        let before = StreamEdge {
            source: edge.source,
            target: inserted,
            type_number: 0,
            partitioner: Partitioner::Forward,
            is_batch: false,
        };
        let behind = StreamEdge { source: inserted, ..edge };
        let first = chained || may_be_chained_to(source, graph);
        draft.edges.splice(place..=place, [(before, first), (behind, chained)]);
        Some(draft)
    }

    fn with_output_of(&self, node: &StreamNode, graph: &StreamGraph) -> Option<Self> {
        let mut draft = self.clone();
        let target = draft.add_node(false)?;
        draft.add_edge(node.id, target, may_be_chained_to(node, graph));
        Some(draft)
    }

    fn with_source(&self, graph: &StreamGraph) -> Option<Self> {
        let mut draft = self.clone();
        let source = draft.add_node(true)?;
        let target = draft.add_node(false)?;
        draft.add_edge(source, target, graph.settings().chaining);
        Some(draft)
    }

    fn with_uid(&self, id: i32) -> Option<Self> {
        let mut draft = self.clone();
        // Any uid will do that no operator has.
        draft.nodes.iter_mut().find(|node| node.id == id)?.uid = Some(format!("a uid for {id}"));
        Some(draft)
    }

    /// Without an operator: what was behind it reads from its only input.
    fn without(&self, id: i32) -> Option<Self> {
        let mut draft = self.clone();
        draft.nodes.retain(|node| node.id != id);
        let is_behind = |(edge, _): &&(StreamEdge, bool)| edge.source == id;
        let behind: Vec<_> = self.edges.iter().filter(is_behind).cloned().collect();
        let mut before = self.edges.iter().enumerate().filter(|(_, (edge, _))| edge.target == id);
        let (place, (input, chained)) = before.next()?;
        if behind.is_empty() {
            draft.edges.retain(|(edge, _)| edge.target != id);
            return Some(draft);
        }
        if before.next().is_some() || behind.iter().any(|(edge, _)| edge.target == id) {
            return None; // no one can say what takes its place
        }
        let bridges: Vec<_> = behind
            .into_iter()
            .map(|(edge, both)| (StreamEdge { source: input.source, ..edge }, both && *chained))
            .collect();
        draft.edges.splice(place..=place, bridges);
        draft.edges.retain(|(edge, _)| edge.source != id);
        Some(draft)
    }

    fn add_node(&mut self, is_source: bool) -> Option<i32> {
        let id = self.nodes.iter().map(|node| node.id).max()?.checked_add(1)?;
        let kind = if is_source { OperatorKind::Source } else { OperatorKind::Ordinary };
        self.nodes.push(StreamNode {
            id,
            name: String::new(),
            is_source,
            uid: None,
            id_of_uid: None,
            uid_hash: None,
            parallelism: 1,
            max_parallelism: None,
            slot_sharing_group: String::new(),
            factory: Some(OperatorFactory { chaining: ChainingStrategy::Always, kind }),
        });
        Some(id)
    }

    fn add_edge(&mut self, source: i32, target: i32, chained: bool) {
        let partitioner = Partitioner::Forward;
        self.edges
            .push((StreamEdge { source, target, type_number: 0, partitioner, is_batch: false }, chained));
    }
}

/// Whether an operator with nothing set is chained to this one.
fn may_be_chained_to(node: &StreamNode, graph: &StreamGraph) -> bool {
    graph.settings().chaining
        && node.factory.is_some_and(|factory| factory.chaining != ChainingStrategy::Never)
}

/// What an operator's ID would be after the smallest edits, where no more is known than what it was generated from.
pub fn edits_of_generated(generated: &Generated) -> Vec<(&'static str, OperatorId)> {
    let with = |position: Option<u32>, chained_outputs: Option<u32>| {
        let inputs = generated.inputs.clone();
        Some(Generated { position: position?, chained_outputs: chained_outputs?, inputs }.id())
    };
    let (position, chained) = (generated.position, generated.chained_outputs);
    let edits = [
        ("one operator more is counted before it", with(position.checked_add(1), Some(chained))),
        ("one operator less is counted before it", with(position.checked_sub(1), Some(chained))),
        ("one more output of it is chained", with(Some(position), chained.checked_add(1))),
        ("one output of it is no longer chained", with(Some(position), chained.checked_sub(1))),
    ];
    edits.into_iter().filter_map(|(edit, id)| Some((edit, id?))).collect()
}
