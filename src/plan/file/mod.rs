//! The plan file: YAML or JSON that people write and review.
//!
//! [`PlanFile`] is the file as it stands, and its JSON Schema is derived from it; `read` turns it into a
//! [`JobPlan`](super::JobPlan), and `write` makes one of a plan.

mod difference;
mod lines;
mod max_parallelism;
mod read;
mod write;

pub use difference::Difference;
pub use max_parallelism::MaxParallelismSetting;
pub(super) use read::read;

use crate::state::StateBackend;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A planned job: its operators, their uids and their states.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// The line of Flink that will restore, such as "1.20".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flink: Option<String>,
    /// The state backend that will restore.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_backend: Option<StateBackend>,
    /// Whether that backend keeps a changelog of its state (`state.changelog.enabled`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changelog: Option<bool>,
    /// The master hooks of the job that store something in its checkpoints, by their names; `[]` for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_hooks: Option<Vec<String>>,
    /// Max parallelism of every operator that does not say its own: a number that the job sets, or "derived" when
    /// the job never sets one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_parallelism: Option<MaxParallelismSetting>,
    /// The job may set more uid hashes than those of the operators below: whoever wrote this could not tell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_uid_hashes: bool,
    /// POJOs and enums by their class, so that the states below can name them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, TypeEntry>,
    /// Every operator of the job. Left out, the file says something of the whole job, and is laid over another plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operators: Vec<OperatorEntry>,
}

/// One operator of a plan file. It has one of `uid`, `generated_id` and `id`; without any, its ID is not known.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorEntry {
    /// The uid that the job sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The job sets no uid; this is the ID that Flink generated (32 hex digits).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_id: Option<String>,
    /// The operator's ID (32 hex digits), when it is not known whether the job sets a uid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The ID that the job sets with `setUidHash` (32 hex digits), beside the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid_hash: Option<String>,
    /// The operator's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its parallelism.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub parallelism: Option<i32>,
    /// Its max parallelism: a number that the job sets; "derived" when the job sets none; a number with a question
    /// mark, such as "128?", when a run had it and it is not known who set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_parallelism: Option<MaxParallelismSetting>,
    /// A label that the operators of one chain share, listed from the head of the chain to its tail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// Type of the key, for keyed states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Every state of the operator. Left out, nothing is known of them; `[]` says that there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub states: Option<Vec<StateEntry>>,
    /// The job may register more states than those that are listed: whoever wrote this could not tell.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more_states: bool,
}

/// One state of a plan file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateEntry {
    /// Name of the state, as in its descriptor.
    pub name: String,
    /// value, list, map, reducing, aggregating; timers; operator-list, operator-union, broadcast.
    pub kind: String,
    /// Type of the key of a broadcast state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Type of the namespace of a keyed state: `TimeWindow` for windows. Left out, it is `VoidNamespace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Type of the whole value: `List<T>` for a list state, `Map<K, V>` for a map state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What a class is made of: the fields of a POJO or the constants of an enum.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypeEntry {
    /// Fields of a POJO and their types; a field that a superclass declares is `name of class`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    /// Constants of an enum, in the order of their ordinals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constants: Option<Vec<String>>,
    /// Subclasses of a POJO that the job registers, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registered: Vec<String>,
}

/// The namespace of a keyed state that is in no window, which needs no mention.
const KEYED_DEFAULT_NAMESPACE: &str = "VoidNamespace";
