//! A plan from the JSON that `COMPILE PLAN` writes for SQL.
//!
//! A node of it becomes operators when the plan is loaded, and each gets a uid made of the node's number and of what the
//! operator is, by `table.exec.uid.format`. States are named in the plan by what they are for, and not by the names that
//! they have in a savepoint: [`states`] has those.

mod node;
mod row_type;
mod states;

use super::{JobPlan, PlannedOperator, PlannedStates, SourceKind, Uid};
use crate::flink::FlinkLine;
use crate::ids::{OperatorId, SQL_NODES, UidFormat};
use crate::source::Settings;
use node::Node;
use serde::Deserialize;
use std::collections::BTreeMap;

/// As much of the document as is read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompiledPlan {
    flink_version: String,
    nodes: Vec<Node>,
    #[serde(default)]
    edges: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    source: u32,
    target: u32,
}

/// How the job that loads the plan makes uids.
struct Uids {
    format: UidFormat,
    /// `table.exec.uid.generation` is `DISABLED`.
    disabled: bool,
}

impl CompiledPlan {
    /// The plan, with the uids that these settings make.
    pub(super) fn into_plan(self, settings: &Settings) -> Result<JobPlan, String> {
        let flink: FlinkLine = self.flink_version.parse()?;
        let uids = Uids {
            format: settings
                .flink(&["table.exec.uid.format"])
                .map_or_else(|| UidFormat::default_of(flink), UidFormat::new),
            disabled: settings
                .flink(&["table.exec.uid.generation"])
                .is_some_and(|it| it.eq_ignore_ascii_case("DISABLED")),
        };
        let nodes: BTreeMap<u32, &Node> = self.nodes.iter().map(|node| (node.id, node)).collect();
        let mut inputs: BTreeMap<u32, Vec<&Node>> = BTreeMap::new();
        for edge in &self.edges {
            let source = nodes.get(&edge.source).copied();
            inputs.entry(edge.target).or_default().extend(source);
        }
        let mut plan = JobPlan { flink: Some(flink), ..JobPlan::of_source(SourceKind::CompiledPlan) };
        for node in &self.nodes {
            let inputs = inputs.get(&node.id).map(Vec::as_slice).unwrap_or_default();
            plan.operators.extend(operators(node, inputs, &uids));
        }
        Ok(plan)
    }
}

/// The operators that a node becomes.
fn operators(node: &Node, inputs: &[&Node], uids: &Uids) -> Vec<PlannedOperator> {
    let unknown = |name| PlannedOperator { name: Some(name), ..PlannedOperator::of_id(None) };
    let Some((kind, transformations)) = SQL_NODES.iter().find(|(known, _)| *known == node.kind()) else {
        return vec![unknown(format!("{}[{}]: {}", node.kind(), node.id, node.description))];
    };
    let mut operators = Vec::new();
    for transformation in *transformations {
        let Some(is_certain) = node.becomes(transformation, inputs) else { continue };
        let mut operator = uids.operator(node, transformation);
        operator.is_id_assumed = !is_certain;
        let (keys, states) = states::of(node, transformation, inputs);
        // An operator may have others: of views in accumulators, of what the connector adds.
        operator.states = Some(PlannedStates { complete: false, unread: true, keys, states });
        operator.implementation.output = node.row_type().and_then(|row| row.serializer());
        operators.push(operator);
    }
    if *kind == node::SINK {
        operators.push(unknown(format!(
            "what the connector adds to {}",
            uids.format.uid(node.id, &node.kind, "sink")
        )));
    }
    operators
}

impl Uids {
    fn operator(&self, node: &Node, transformation: &str) -> PlannedOperator {
        let uid = self.format.uid(node.id, &node.kind, transformation);
        if self.disabled {
            let name = Some(format!("{uid}, without a uid"));
            return PlannedOperator { uid: Uid::Unset, name, ..PlannedOperator::of_id(None) };
        }
        PlannedOperator {
            uid: Uid::Set(uid.clone()),
            ..PlannedOperator::of_id(Some(OperatorId::of_uid(&uid)))
        }
    }
}
