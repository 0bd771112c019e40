//! A plan from `getExecutionPlan()`, `flink info` or `EXPLAIN JSON_EXECUTION_PLAN`.
//!
//! It is the graph before chaining, without IDs and uids; the IDs are computed. What chaining may depend on beside the
//! graph is not in it (chaining that was disabled, slot sharing groups, uids), so a computed ID counts where a savepoint
//! has it, and says nothing where none does.

use super::graph::planned_operators;
use super::{JobPlan, MaxParallelism, SourceKind, Uid};
use crate::flink::FlinkLine;
use crate::ids::{
    Chaining, ChainingStrategy, GraphSettings, OperatorFactory, OperatorKind, Partitioner, StreamEdge,
    StreamGraph, StreamNode,
};
use serde::Deserialize;

/// The rules of chaining that differ between lines need what is not in the plan.
pub(super) const LINE: FlinkLine = FlinkLine { major: 1, minor: 20 };

/// As much of the document as is read.
#[derive(Debug, Deserialize)]
pub(super) struct ExecutionPlan {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: i32,
    #[serde(rename = "type")]
    name: String,
    pact: String,
    parallelism: i32,
    #[serde(default)]
    predecessors: Vec<Predecessor>,
}

#[derive(Debug, Deserialize)]
struct Predecessor {
    id: i32,
    ship_strategy: String,
}

impl ExecutionPlan {
    /// The plan, with the IDs that Flink generates if nobody set a uid.
    pub(super) fn into_plan(mut self) -> Result<JobPlan, String> {
        self.nodes.sort_by_key(|node| node.id);
        let edges = self.nodes.iter().flat_map(|node| {
            node.predecessors.iter().map(|before| StreamEdge {
                source: before.id,
                target: node.id,
                type_number: 0,
                partitioner: if before.ship_strategy == "FORWARD" {
                    Partitioner::Forward
                } else {
                    Partitioner::Other
                },
                is_batch: false,
            })
        });
        let edges = edges.collect();
        let nodes = self.nodes.into_iter().map(Node::into_stream_node).collect();
        let graph =
            StreamGraph::new(GraphSettings::default(), nodes, edges).map_err(|error| error.to_string())?;
        let mut plan = JobPlan::of_source(SourceKind::ExecutionPlan);
        for (place, mut operator) in
            planned_operators(&graph, &Chaining::of(&graph, LINE)).map_err(|error| error.to_string())?
        {
            operator.node = graph.nodes().get(place).map(|node| node.id);
            operator.is_id_assumed = true;
            operator.hides_uid_hash = true;
            operator.uid = Uid::Unknown;
            operator.max_parallelism = MaxParallelism::Unknown;
            plan.operators.push(operator);
        }
        plan.assumed_graph = Some(graph);
        Ok(plan)
    }
}

impl Node {
    fn into_stream_node(self) -> StreamNode {
        let is_source = self.pact == "Data Source";
        StreamNode {
            id: self.id,
            name: self.name,
            is_source,
            uid: None,
            id_of_uid: None,
            uid_hash: None,
            parallelism: self.parallelism,
            max_parallelism: None,
            slot_sharing_group: "default".to_owned(),
            factory: Some(OperatorFactory {
                chaining: ChainingStrategy::Always,
                kind: if is_source { OperatorKind::Source } else { OperatorKind::Ordinary },
            }),
        }
    }
}
