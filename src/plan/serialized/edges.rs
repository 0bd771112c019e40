//! `StreamEdge`s, and the one order in which the lists of edges that a graph has were filled.

use crate::ids::{Partitioner, StreamEdge};
use crate::wire::JavaValue;
use std::collections::{BTreeMap, VecDeque};

const FORWARD: &str = "org.apache.flink.streaming.runtime.partitioner.ForwardPartitioner";

/// What identifies an edge: its ends, and which of those between them it is.
pub(super) type EdgeKey = (i32, i32, i32);

/// The edges of a graph, as lists that each stand in the order in which Flink added them.
#[derive(Default)]
pub(super) struct EdgeLists {
    found: BTreeMap<EdgeKey, StreamEdge>,
    /// The lists as queues, and in which of them an edge stands.
    queues: Vec<VecDeque<EdgeKey>>,
    stands_in: BTreeMap<EdgeKey, Vec<usize>>,
}

impl EdgeLists {
    /// Adds a list of edges that go into one node, or out of one.
    pub(super) fn add(&mut self, edges: impl IntoIterator<Item = (EdgeKey, StreamEdge)>) {
        let mut queue = VecDeque::new();
        for (key, edge) in edges {
            self.found.insert(key, edge);
            self.stands_in.entry(key).or_default().push(self.queues.len());
            queue.push_back(key);
        }
        self.queues.push(queue);
    }

    /// The edges in an order that is that of every list.
    pub(super) fn ordered(mut self) -> Vec<(EdgeKey, StreamEdge)> {
        let mut ordered = Vec::new();
        let mut ready: VecDeque<EdgeKey> =
            self.queues.iter().filter_map(|queue| queue.front().copied()).collect();
        while let Some(key) = ready.pop_front() {
            let places = self.stands_in.get(&key).map(Vec::as_slice).unwrap_or_default();
            let is_first =
                |place: &usize| self.queues.get(*place).is_some_and(|queue| queue.front() == Some(&key));
            if !places.iter().all(is_first) {
                continue; // it comes again when the last of its queues has come to it
            }
            let Some(edge) = self.found.remove(&key) else { continue };
            ordered.push((key, edge));
            for place in places {
                if let Some(queue) = self.queues.get_mut(*place) {
                    queue.pop_front();
                    ready.extend(queue.front());
                }
            }
        }
        // Lists that contradict one another, which no Flink writes.
        ordered.extend(self.found);
        ordered
    }
}

/// An edge and what identifies it; `None` for any other object.
pub(super) fn stream_edge(edge: JavaValue<'_, '_>) -> Option<(EdgeKey, StreamEdge)> {
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
