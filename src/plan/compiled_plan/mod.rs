//! A plan from the JSON that `COMPILE PLAN` writes for SQL.
//!
//! A node of it becomes operators when the plan is loaded, and each gets a uid made of the node's number and of what the
//! operator is, by `table.exec.uid.format`. States are named in the plan by what they are for, and not by the names that
//! they have in a savepoint: [`shapes`] has those.

mod accumulators;
mod conditions;
mod node;
mod row_type;
mod shapes;
mod states;

use super::{JobPlan, MaxParallelism, PlannedOperator, SourceKind, Uid};
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

/// What the states of operators depend on, beside the plan.
struct LoadedBy {
    flink: FlinkLine,
    /// `table.exec.async-state.enabled`.
    is_async: bool,
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
        let is_async = settings.flink(&["table.exec.async-state.enabled"]);
        let loaded_by =
            LoadedBy { flink, is_async: is_async.is_some_and(|it| it.eq_ignore_ascii_case("true")) };
        let set = settings.flink(&["pipeline.max-parallelism"]).and_then(|it| it.parse().ok());
        let of_job = set.filter(|value| *value > 0).map_or(MaxParallelism::Unknown, MaxParallelism::Set);
        let nodes: BTreeMap<u32, &Node> = self.nodes.iter().map(|node| (node.id, node)).collect();
        let mut inputs: BTreeMap<u32, Vec<&Node>> = BTreeMap::new();
        for edge in &self.edges {
            let source = nodes.get(&edge.source).copied();
            inputs.entry(edge.target).or_default().extend(source);
        }
        let mut plan = JobPlan { flink: Some(flink), ..JobPlan::of_source(SourceKind::CompiledPlan) };
        let mut own: BTreeMap<u32, MaxParallelism> = BTreeMap::new();
        for node in &self.nodes {
            let inputs = inputs.get(&node.id).map(Vec::as_slice).unwrap_or_default();
            own.extend(own_max_parallelism(node, inputs, &own).map(|value| (node.id, value)));
            for mut operator in operators(node, inputs, &uids, &loaded_by) {
                operator.has_own_max_parallelism = own.contains_key(&node.id);
                operator.max_parallelism = own.get(&node.id).copied().unwrap_or(of_job);
                plan.operators.push(operator);
            }
        }
        Ok(plan)
    }
}

/// The max parallelism of the operators that all rows go through, whatever the job sets. `own` has those of the nodes before
/// it.
fn own_max_parallelism(
    node: &Node,
    inputs: &[&Node],
    own: &BTreeMap<u32, MaxParallelism>,
) -> Option<MaxParallelism> {
    match inputs {
        [] if node.kind() == node::VALUES => Some(MaxParallelism::Set(1)),
        _ if inputs.iter().any(|input| input.gathers()) => match node.kind() {
            node::TEMPORAL_SORT => None,
            kind if node::OF_ONE_GROUP.contains(&kind) => Some(MaxParallelism::Set(1)),
            // Not tried: it may be so.
            _ => Some(MaxParallelism::SetOrDerived(1)),
        },
        // One that is chained to such an operator is in its task.
        [only] if own.contains_key(&only.id) && !node.has_own_parallelism() => {
            Some(MaxParallelism::SetOrDerived(1))
        }
        _ => None,
    }
}

/// The operators that a node becomes.
fn operators(node: &Node, inputs: &[&Node], uids: &Uids, loaded_by: &LoadedBy) -> Vec<PlannedOperator> {
    let unknown = |name| PlannedOperator { name: Some(name), ..PlannedOperator::of_id(None) };
    let Some((kind, transformations)) = SQL_NODES.iter().find(|(known, _)| *known == node.kind()) else {
        return vec![unknown(format!("{}[{}]: {}", node.kind(), node.id, node.description))];
    };
    let mut operators = Vec::new();
    for transformation in *transformations {
        let Some(is_certain) = node.becomes(transformation, inputs) else { continue };
        let mut operator = uids.operator(node, transformation);
        operator.is_id_assumed = !is_certain;
        operator.states = Some(states::of(node, transformation, inputs, loaded_by));
        operator.implementation.output = node.row_type().and_then(|row| row.serializer());
        operators.push(operator);
    }
    if *kind == node::SINK {
        operators.push(unknown(format!(
            "what the connector adds to {}",
            uids.format.uid(node.id, &node.kind, "sink")
        )));
    }
    for operator in &mut operators {
        operator.hides_uid_hash = false; // SQL sets none
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
