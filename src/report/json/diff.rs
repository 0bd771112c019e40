//! The document of `holdpoint diff`.

use super::SCHEMA_VERSION;
use crate::catalog::{StateCatalog, StoredState};
use crate::diff::{FileCount, OperatorDiff, OperatorSize, SavepointDiff, StateDiff, TypeDiff};
use crate::state::StateBackend;
use crate::types::DataType;
use serde_json::{Value, json};

/// What became of a job's state.
pub fn render_diff(diff: &SavepointDiff) -> Value {
    json!({
        "schema_version": SCHEMA_VERSION,
        "old": side(&diff.old),
        "new": side(&diff.new),
        "files": {
            "shared": count(diff.files.shared),
            "old_only": count(diff.files.old),
            "new_only": count(diff.files.new),
        },
        "operators": diff.operators.iter().map(operator).collect::<Vec<_>>(),
    })
}

fn side(catalog: &StateCatalog) -> Value {
    let row = catalog.version.row();
    json!({
        "metadata_version": row.number,
        "flink_since": row.since.to_string(),
        "flink_until": row.until.to_string(),
        "checkpoint_id": catalog.checkpoint_id,
        "kind": catalog.kind.name(),
        "state_backend": catalog.state_backend().map(StateBackend::name),
        "total_bytes": catalog.total_bytes(),
        "distinct_bytes": catalog.stored.as_ref().map(|stored| stored.bytes),
        "distinct_files": catalog.stored.as_ref().map(StoredState::files),
        "operators": catalog.operators.len(),
    })
}

fn count(count: FileCount) -> Value {
    json!({ "files": count.files, "bytes": count.bytes })
}

fn operator(operator: &OperatorDiff) -> Value {
    json!({
        "operator_id": operator.id,
        "title": operator.title,
        "change": operator.presence().name(),
        "old": operator.old.as_ref().map(size),
        "new": operator.new.as_ref().map(size),
        "states": operator.states.iter().map(state).collect::<Vec<_>>(),
    })
}

fn size(size: &OperatorSize) -> Value {
    json!({
        "parallelism": size.parallelism,
        "max_parallelism": size.max_parallelism,
        "bytes": size.bytes,
        "states": size.states,
    })
}

fn state(state: &StateDiff) -> Value {
    json!({
        "state": state.name,
        "is_key": state.name.is_none(),
        "change": state.presence.name(),
        "old_kinds": state.old_kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>(),
        "new_kinds": state.new_kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>(),
        "types": state.types.iter().map(types).collect::<Vec<_>>(),
    })
}

fn types(types: &TypeDiff) -> Value {
    let texts = |types: &[DataType]| types.iter().map(DataType::to_string).collect::<Vec<_>>();
    let changes = types.changes.iter().map(|change| {
        json!({ "path": change.path, "compatibility": change.compatibility.name(), "what": change.what })
    });
    json!({
        "part": types.part,
        "old": texts(&types.old),
        "new": texts(&types.new),
        "changes": changes.collect::<Vec<_>>(),
    })
}
