//! The document of `holdpoint inspect`, which is written one subtask at a time: that of a large savepoint is several
//! times as long as the file, and nobody needs it at once.

use super::{SCHEMA_VERSION, handle, id, state, unread};
use crate::catalog::{CatalogOperator, Finished, Origins, StateCatalog};
use crate::error::Error;
use crate::metadata::{CheckpointMetadata, CheckpointProperties, OperatorState, OperatorSubtaskState};
use crate::source::SavepointLocation;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What the catalogue says, with every handle of the metadata, to be serialized.
pub struct SavepointDocument<'a> {
    metadata: &'a CheckpointMetadata<'a>,
    catalog: &'a StateCatalog,
    origins: &'a Origins,
    /// In the order of the catalogue.
    operators: Vec<OperatorState<'a>>,
}

/// The document of `holdpoint inspect`.
pub fn render_savepoint<'a>(
    metadata: &'a CheckpointMetadata<'a>,
    catalog: &'a StateCatalog,
    origins: &'a Origins,
    location: &SavepointLocation,
) -> Result<SavepointDocument<'a>, Error> {
    let operators: Result<Vec<_>, _> = metadata.operators().collect();
    let mut operators =
        operators.map_err(|error| Error::Decode { location: location.metadata().clone(), error })?;
    operators.sort_by_key(|operator| operator.id);
    Ok(SavepointDocument { metadata, catalog, origins, operators })
}

/// The document of `holdpoint inspect --summary`: without master states, subtasks and states.
pub fn render_summary(catalog: &StateCatalog, origins: &Origins) -> Value {
    let operators = catalog.operators.iter().map(|entry| Value::Object(operator_head(entry, origins)));
    let mut document = head(catalog);
    document.insert("operators".to_owned(), operators.collect());
    Value::Object(document)
}

fn head(catalog: &StateCatalog) -> Map<String, Value> {
    let mut head = entries(json!({
        "schema_version": SCHEMA_VERSION,
        "metadata_version": catalog.version.row().number,
        "checkpoint_id": catalog.checkpoint_id,
        "kind": catalog.kind.name(),
        "properties": catalog.properties.as_ref().map(properties),
        "total_bytes": catalog.total_bytes(),
    }));
    if let Some(stored) = &catalog.stored {
        head.insert("distinct_bytes".to_owned(), stored.bytes.into());
        head.insert("distinct_files".to_owned(), stored.files().into());
    }
    head
}

fn properties(properties: &CheckpointProperties) -> Value {
    json!({
        "checkpoint_type": properties.checkpoint_type,
        "sharing_files_strategy": properties.sharing_files_strategy,
        "post_checkpoint_action": properties.post_checkpoint_action,
        "savepoint_format": properties.savepoint_format,
        "forced": properties.forced,
        "unclaimed": properties.unclaimed,
        "discard_subsumed": properties.discard_subsumed,
        "discard_finished": properties.discard_finished,
        "discard_cancelled": properties.discard_cancelled,
        "discard_failed": properties.discard_failed,
        "discard_suspended": properties.discard_suspended,
    })
}

fn operator_head(entry: &CatalogOperator, origins: &Origins) -> Map<String, Value> {
    entries(json!({
        "operator_id": entry.id,
        "uid": entry.uid,
        "id_origin": id::origin(origins.get(entry.id)),
        "operator_name": entry.name,
        "parallelism": entry.parallelism,
        "max_parallelism": entry.max_parallelism,
        "fully_finished": entry.finished == Finished::Fully,
        "coordinator_state_bytes": entry.coordinator_state_bytes,
        "bytes": entry.bytes,
    }))
}

fn entries(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}

impl Serialize for SavepointDocument<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let master_states = self.metadata.master_states.iter().map(|state| {
            json!({ "name": state.name.decode(), "version": state.version, "bytes": state.payload.len() })
        });
        let operators = self.operators.iter().zip(&self.catalog.operators);
        let mut document = serializer.serialize_map(None)?;
        for (key, value) in head(self.catalog) {
            document.serialize_entry(&key, &value)?;
        }
        document.serialize_entry("master_states", &List(master_states))?;
        document.serialize_entry(
            "operators",
            &List(operators.map(|(decoded, entry)| Operator { decoded, entry, origins: self.origins })),
        )?;
        document.end()
    }
}

/// The elements are made as they are written.
struct List<I>(I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for List<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

struct Operator<'d, 'a> {
    decoded: &'d OperatorState<'a>,
    entry: &'d CatalogOperator,
    origins: &'d Origins,
}

impl Serialize for Operator<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { decoded, entry, origins } = self;
        let mut subtasks: Vec<_> = decoded.subtasks().collect();
        subtasks.sort_by_key(|subtask| subtask.index);
        let mut document = serializer.serialize_map(None)?;
        for (key, value) in operator_head(entry, origins) {
            document.serialize_entry(&key, &value)?;
        }
        let by_role = entry.role_bytes.iter().map(|(role, bytes)| (role.name(), bytes));
        document.serialize_entry("bytes_by_role", &by_role.collect::<BTreeMap<_, _>>())?;
        if let Some(length) = decoded.chain_length {
            document.serialize_entry("chain_length", &length)?;
        }
        let is_task = decoded.chain_length.is_some();
        document.serialize_entry("subtasks", &List(subtasks.iter().map(|it| subtask(it, is_task))))?;
        document.serialize_entry("states", &List(entry.states.iter().map(|it| state(entry, it))))?;
        document.serialize_entry("unread", &List(entry.unread.iter().map(unread)))?;
        document.end()
    }
}

fn subtask(subtask: &OperatorSubtaskState<'_>, is_task: bool) -> Value {
    let mut value = json!({
        "index": subtask.index,
        "finished": subtask.finished,
        "bytes": subtask.state_size(),
        "handles": handle::render(subtask, is_task),
    });
    if let (Value::Object(value), Some(reference)) = (&mut value, subtask.reference) {
        value.insert("reference_checkpoint_id".to_owned(), reference.into());
    }
    value
}
