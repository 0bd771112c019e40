//! A plan from the JSON that `COMPILE PLAN` writes for SQL.
//!
//! A node of it becomes operators when the plan is loaded, and each gets a uid made of the node's number and of what the
//! operator is, in the default of `table.exec.uid.format`: `6_group-aggregate`. States are named in the plan by what they
//! are for, and not by the names that they have in a savepoint.

use super::{JobPlan, PlannedOperator, SourceKind, Uid};
use crate::flink::FlinkLine;
use crate::ids::OperatorId;
use serde::Deserialize;

/// As much of the document as is read.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CompiledPlan {
    flink_version: String,
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: u32,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    require_upsert_materialize: bool,
}

/// What a node becomes: its type without version, and the last part of its operators' uids. Each line is of a node whose
/// operators were seen in a savepoint.
const OPERATORS: &[(&str, &[&str])] = &[
    ("stream-exec-calc", &["calc"]),
    ("stream-exec-deduplicate", &["deduplicate"]),
    ("stream-exec-exchange", &[]),
    ("stream-exec-global-window-aggregate", &["global-window-aggregate"]),
    ("stream-exec-group-aggregate", &["group-aggregate"]),
    ("stream-exec-join", &["join"]),
    ("stream-exec-local-window-aggregate", &["local-window-aggregate"]),
    ("stream-exec-over-aggregate", &["over-aggregate"]),
    ("stream-exec-rank", &["rank"]),
    (SINK, &["sink"]),
    (SOURCE, &["source"]),
    ("stream-exec-watermark-assigner", &["watermark-assigner"]),
];
const SINK: &str = "stream-exec-sink";
const SOURCE: &str = "stream-exec-table-source-scan";
/// What a sink has before it when its input changes rows that it cannot tell apart.
const UPSERT_MATERIALIZE: &str = "upsert-materialize";

impl CompiledPlan {
    /// The plan.
    pub(super) fn into_plan(self) -> Result<JobPlan, String> {
        let flink: FlinkLine = self.flink_version.parse()?;
        let mut plan = JobPlan { flink: Some(flink), ..JobPlan::of_source(SourceKind::CompiledPlan) };
        for node in &self.nodes {
            plan.operators.extend(node.operators());
        }
        Ok(plan)
    }
}

impl Node {
    fn operators(&self) -> Vec<PlannedOperator> {
        let kind = self.kind.rsplit_once('_').map_or(self.kind.as_str(), |(kind, _)| kind);
        let unknown = |name| PlannedOperator { name: Some(name), ..PlannedOperator::of_id(None) };
        let Some((_, transformations)) = OPERATORS.iter().find(|(known, _)| *known == kind) else {
            return vec![unknown(format!("{}[{}]: {}", kind, self.id, self.description))];
        };
        let materialize = Some(UPSERT_MATERIALIZE).filter(|_| self.require_upsert_materialize);
        let mut operators: Vec<_> =
            transformations.iter().copied().chain(materialize).map(|it| self.operator(it)).collect();
        if kind == SINK {
            operators.push(unknown(format!("what the connector adds to {}_sink", self.id)));
        }
        operators
    }

    fn operator(&self, transformation: &str) -> PlannedOperator {
        let uid = format!("{}_{transformation}", self.id);
        PlannedOperator {
            uid: Uid::Set(uid.clone()),
            ..PlannedOperator::of_id(Some(OperatorId::of_uid(&uid)))
        }
    }
}
