//! What the nodes of compiled SQL plans become, and the uids that their operators get.

use crate::flink::FlinkLine;

/// The kinds of nodes that were seen in compiled plans and their operators in savepoints of the same plans (Flink 1.15 to
/// 2.3), each with the names of what it becomes. An exchange and a union are edges.
pub static SQL_NODES: &[(&str, &[&str])] = &[
    ("stream-exec-calc", &["calc"]),
    ("stream-exec-correlate", &["correlate"]),
    ("stream-exec-deduplicate", &["deduplicate"]),
    ("stream-exec-exchange", &[]),
    ("stream-exec-expand", &["expand"]),
    ("stream-exec-global-group-aggregate", &["global-group-aggregate"]),
    ("stream-exec-global-window-aggregate", &["global-window-aggregate"]),
    ("stream-exec-group-aggregate", &["group-aggregate"]),
    ("stream-exec-group-window-aggregate", &["group-window-aggregate"]),
    ("stream-exec-incremental-group-aggregate", &["incremental-group-aggregate"]),
    ("stream-exec-interval-join", &["interval-join"]),
    ("stream-exec-join", &["join"]),
    ("stream-exec-limit", &["rank"]),
    ("stream-exec-local-group-aggregate", &["local-group-aggregate"]),
    ("stream-exec-local-window-aggregate", &["local-window-aggregate"]),
    ("stream-exec-match", &["timestamp-inserter", "match"]),
    ("stream-exec-mini-batch-assigner", &["mini-batch-assigner"]),
    ("stream-exec-over-aggregate", &["over-aggregate"]),
    ("stream-exec-rank", &["rank"]),
    ("stream-exec-sink", &["constraint-validator", "upsert-materialize", "sink"]),
    ("stream-exec-sort-limit", &["rank"]),
    ("stream-exec-table-source-scan", &["source"]),
    ("stream-exec-temporal-join", &["temporal-join"]),
    ("stream-exec-temporal-sort", &["temporal-sort"]),
    ("stream-exec-union", &[]),
    ("stream-exec-values", &["values"]),
    ("stream-exec-watermark-assigner", &["watermark-assigner"]),
    ("stream-exec-window-aggregate", &["window-aggregate"]),
    ("stream-exec-window-deduplicate", &["window-deduplicate"]),
    ("stream-exec-window-join", &["window-join"]),
    ("stream-exec-window-rank", &["window-rank"]),
    ("stream-exec-window-table-function", &["window"]),
];

/// `table.exec.uid.format`: how a uid is made of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UidFormat(String);

/// The default, since when each counts.
static DEFAULTS: &[(FlinkLine, &str)] = &[
    (FlinkLine { major: 1, minor: 16 }, "<id>_<transformation>"),
    (FlinkLine { major: 1, minor: 15 }, "<id>_<type>_<version>_<transformation>"),
];

impl UidFormat {
    /// As a job sets it.
    pub fn new(format: &str) -> Self {
        Self(format.to_owned())
    }

    /// The default of this line.
    pub fn default_of(line: FlinkLine) -> Self {
        let found = DEFAULTS.iter().find(|(since, _)| line >= *since).or(DEFAULTS.last());
        Self::new(found.map_or("", |(_, format)| format))
    }

    /// All that are or were the default.
    pub fn defaults() -> impl Iterator<Item = Self> {
        DEFAULTS.iter().map(|(_, format)| Self::new(format))
    }

    /// The uid that an operator gets: the number of its node, the type of the node with its version
    /// (`stream-exec-calc_1`), and what of the node it is. Mirrors `ExecNodeContext.generateUid`.
    pub fn uid(&self, id: u32, kind: &str, transformation: &str) -> String {
        let (name, version) = kind.rsplit_once('_').unwrap_or((kind, ""));
        self.0
            .replace("<id>", &id.to_string())
            .replace("<type>", name)
            .replace("<version>", version)
            .replace("<transformation>", transformation)
    }
}
