//! `holdpoint.toml` as it stands; its JSON Schema is derived from this.

use crate::rules::{ClaimMode, RestorePath, Severity};
use crate::state::StateBackend;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml_edit::Datetime;

/// What a team decided once for its job. A key is named as the option of the command line that goes before it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct PolicySettings {
    /// The least severity that fails a check.
    pub fail_on: Option<Severity>,
    /// What could not be judged passes.
    pub accept_undetermined: bool,
    /// The line of Flink that will restore, such as "2.3".
    pub target_flink: Option<String>,
    /// What the job is restored from.
    pub restore: Option<RestorePath>,
    /// Whose the savepoint's files are after the restore.
    pub claim_mode: Option<ClaimMode>,
    /// The state backend that will restore, where the plan does not say.
    pub state_backend: Option<StateBackend>,
    /// State of one subtask from which on a report says that it is much, such as "10GiB".
    pub large_state: Option<String>,
    /// Where the job's uids are written: source files, directories of sources, lists; from the policy's directory.
    pub uids: Vec<String>,
    /// How stores are reached.
    pub stores: StoreSettings,
    /// The severity that findings of a rule have at most, by the rule.
    pub severities: BTreeMap<String, Severity>,
    /// Findings that do not count.
    pub waivers: Vec<WaiverEntry>,
}

/// How stores are reached.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct StoreSettings {
    /// Flink's config.yaml or flink-conf.yaml, from the policy's directory.
    pub flink_conf: Option<String>,
    /// Directories that were moved: "FROM=TO", with what the savepoint says first.
    pub relocate: Vec<String>,
}

/// Findings that do not count, and why. It names a fingerprint, or a rule together with an operator or a state.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WaiverEntry {
    /// The fingerprint of one finding, as reports show it.
    pub fingerprint: Option<String>,
    /// The rule.
    pub rule: Option<String>,
    /// The operator's uid, name or ID.
    pub operator: Option<String>,
    /// The state's name.
    pub state: Option<String>,
    /// Why it does not count.
    pub reason: String,
    /// The last day on which the waiver counts, a date such as 2027-03-31.
    #[schemars(with = "Option<String>")]
    pub expires: Option<Datetime>,
}
