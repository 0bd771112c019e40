//! A node of a compiled plan.

use super::row_type;
use crate::types::{LogicalKind, LogicalType};
use serde::Deserialize;
use serde_json::Value;

pub(super) const SINK: &str = "stream-exec-sink";
pub(super) const VALUES: &str = "stream-exec-values";
pub(super) const TEMPORAL_SORT: &str = "stream-exec-temporal-sort";

/// Nodes whose operators have a max parallelism of 1 where all rows are of one group, as they had in savepoints of Flink
/// 1.20 and 2.3.
pub(super) const OF_ONE_GROUP: &[&str] =
    &["stream-exec-group-aggregate", "stream-exec-limit", "stream-exec-rank", "stream-exec-sort-limit"];

/// A node. What only some kinds have is in `rest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Node {
    pub(super) id: u32,
    /// The type with its version: `stream-exec-calc_1`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) description: String,
    #[serde(default)]
    output_type: Value,
    #[serde(default)]
    state: Vec<StateMetadata>,
    #[serde(flatten)]
    rest: Value,
}

/// Since Flink 1.18: a state, by what it is for, and how long it lives.
#[derive(Debug, Deserialize)]
struct StateMetadata {
    index: u32,
    ttl: String,
}

impl Node {
    /// The type without its version.
    pub(super) fn kind(&self) -> &str {
        self.kind.rsplit_once('_').map_or(self.kind.as_str(), |(kind, _)| kind)
    }

    /// What stands at this place, as a JSON pointer.
    pub(super) fn at(&self, pointer: &str) -> Option<&Value> {
        self.rest.pointer(pointer)
    }

    /// The text at this place.
    pub(super) fn text_at(&self, pointer: &str) -> Option<&str> {
        self.at(pointer)?.as_str()
    }

    /// The columns that stand at this place, by number.
    pub(super) fn columns_at(&self, pointer: &str) -> Option<Vec<usize>> {
        let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
        self.at(pointer)?.as_array()?.iter().map(number).collect()
    }

    /// Whether it sends all rows to one task.
    pub(super) fn gathers(&self) -> bool {
        self.kind() == "stream-exec-exchange"
            && self.text_at("/inputProperties/0/requiredDistribution/type") == Some("SINGLETON")
    }

    /// Whether it is a sink whose table sets a parallelism, or an exchange, behind which another one may be.
    pub(super) fn has_own_parallelism(&self) -> bool {
        let sets = self.at("/dynamicTableSink/table/resolvedTable/options/sink.parallelism");
        sets.is_some() || self.kind() == "stream-exec-exchange"
    }

    /// The row that comes out.
    pub(super) fn row_type(&self) -> Option<LogicalType> {
        row_type::of(&self.output_type)
    }

    /// Whether the state of this number lives for a limited time; `None` where the plan does not say.
    pub(super) fn has_time_to_live(&self, state: u32) -> Option<bool> {
        let ttl = self.state.iter().find(|it| it.index == state)?.ttl.trim();
        // As `TimeUtils` writes a duration: `1 d`.
        let number = ttl.split(|c: char| !c.is_ascii_digit()).next()?;
        number.parse::<u64>().ok().map(|number| number > 0)
    }

    /// Whether the node becomes an operator of this name; certainly, or perhaps. `None` when it does not.
    pub(super) fn becomes(&self, transformation: &str, inputs: &[&Self]) -> Option<bool> {
        match transformation {
            // The order of rows by event time, which the operator reads out of the record.
            "timestamp-inserter" => {
                let column = self.at("/matchSpec/orderBy/fields/0/index").and_then(Value::as_u64);
                let column = column.and_then(|column| usize::try_from(column).ok());
                match inputs.first().zip(column).and_then(|(input, column)| input.time_attribute(column)) {
                    Some(kind) => (kind == "ROWTIME").then_some(true),
                    None => Some(false),
                }
            }
            "upsert-materialize" => {
                self.at("/requireUpsertMaterialize").and_then(Value::as_bool)?.then_some(true)
            }
            "constraint-validator" => self.has_constraints(),
            _ => Some(true),
        }
    }

    /// `ROWTIME` or `PROCTIME`, if the column is a time attribute.
    pub(super) fn time_attribute(&self, column: usize) -> Option<&str> {
        self.output_type.get("fields")?.get(column)?.pointer("/fieldType/kind")?.as_str()
    }

    /// Whether the table that a sink writes has columns that must not be null, or lengths to keep; certainly, or perhaps.
    fn has_constraints(&self) -> Option<bool> {
        let keeps_lengths = self
            .rest
            .get("configuration")
            .and_then(|it| it.get("table.exec.sink.type-length-enforcer"))
            .and_then(Value::as_str)
            .is_some_and(|enforcer| enforcer != "IGNORE");
        let columns =
            self.at("/dynamicTableSink/table/resolvedTable/schema/columns").and_then(Value::as_array);
        let Some(columns) = columns else { return Some(false) };
        let types: Vec<_> = columns.iter().filter_map(|column| column.get("dataType")).collect();
        let types: Option<Vec<_>> = types.into_iter().map(row_type::logical_type).collect();
        match types {
            Some(types) if types.iter().any(|it| !it.nullable) => Some(true),
            Some(_) if !keeps_lengths => None,
            _ => Some(false),
        }
    }
}

/// A row of some of the columns of another.
pub(super) fn projection(row: &LogicalType, columns: &[usize]) -> Option<LogicalType> {
    let LogicalKind::Row(fields) = &row.kind else { return None };
    let fields = columns.iter().map(|column| fields.get(*column).cloned()).collect::<Option<_>>()?;
    Some(LogicalType { kind: LogicalKind::Row(fields), nullable: row.nullable })
}
