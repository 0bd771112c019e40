//! What Flink's options say of the state backend, in a configuration file and in a job's own configuration.

use crate::state::StateBackend;
use clap::ValueEnum;

/// The keys of `StateBackendOptions.STATE_BACKEND`, the older one last.
const STATE_BACKEND: [&str; 2] = ["state.backend.type", "state.backend"];
/// The keys of `StateChangelogOptions.ENABLE_STATE_CHANGE_LOG`, the older one last.
const CHANGELOG: [&str; 2] = ["state.changelog.enabled", "state.backend.changelog.enabled"];

/// The state backend that the options name, if it is one of Flink's own.
pub(super) fn state_backend(value: impl Fn(&str) -> Option<String>) -> Option<StateBackend> {
    let named = STATE_BACKEND.into_iter().find_map(value)?;
    StateBackend::from_str(&named, false).ok()
}

/// Whether the options switch a changelog on or off.
pub(super) fn changelog(value: impl Fn(&str) -> Option<String>) -> Option<bool> {
    CHANGELOG.into_iter().find_map(value)?.parse().ok()
}
