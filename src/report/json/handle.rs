//! The handles of a subtask: in which role, of which kind, where their bytes are.

use crate::metadata::handle::{
    ChangelogSegment, ChannelDirection, ChannelState, ChannelStateHandle, IncrementalKeyedStateHandle,
    KeyedStateHandle, OperatorStateHandle, StateFile, StreamStateHandle,
};
use crate::metadata::{OperatorSubtaskState, StateRole};
use crate::wire::JavaStr;
use serde_json::{Map, Value, json};

/// Every handle of a subtask.
///
/// Of a task, an operator's state says which operator of the chain it is of.
pub(super) fn render(subtask: &OperatorSubtaskState<'_>, is_task: bool) -> Vec<Value> {
    let place_in_chain = |index| is_task.then_some(index);
    let managed = subtask.managed_operator().map(|(index, handle)| {
        with_role(StateRole::ManagedOperator, operator_state(&handle, place_in_chain(index)))
    });
    let raw = subtask.raw_operator().map(|(index, handle)| {
        with_role(StateRole::RawOperator, operator_state(&handle, place_in_chain(index)))
    });
    let keyed =
        [(StateRole::ManagedKeyed, &subtask.managed_keyed), (StateRole::RawKeyed, &subtask.raw_keyed)];
    let keyed =
        keyed.iter().filter_map(|(role, handle)| Some(with_role(*role, keyed_state(handle.as_ref()?))));
    let input =
        subtask.input_channels().map(|handle| with_role(StateRole::InputChannel, channel_state(&handle)));
    let output = subtask
        .result_subpartitions()
        .map(|handle| with_role(StateRole::ResultSubpartition, channel_state(&handle)));
    managed.chain(raw).chain(keyed).chain(input).chain(output).collect()
}

fn with_role(role: StateRole, handle: Map<String, Value>) -> Value {
    let mut value = object(json!({ "role": role.name() }));
    value.extend(handle);
    value.into()
}

fn operator_state(handle: &OperatorStateHandle<'_>, chain_index: Option<usize>) -> Map<String, Value> {
    let mut partitions: Vec<_> = handle.partitions().collect();
    partitions.sort_by(|a, b| a.state.decode().cmp(&b.state.decode()));
    let partitions: Vec<_> = partitions
        .iter()
        .map(|partition| {
            json!({
                "state": partition.state.decode(),
                "mode": partition.mode.name(),
                "offsets": partition.offsets().collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut value = object(json!({
        "kind": if handle.merged.is_some() { "merged-operator-state" } else { "operator-state" },
        "key_group_range": null,
        "bytes": handle.state_size(),
        "partitions": partitions,
    }));
    if let Some(merged) = &handle.merged {
        value.extend(object(json!({
            "empty": merged.is_empty,
            "task_owned_directory": merged.task_owned.decode(),
            "shared_directory": merged.shared.decode(),
        })));
    }
    value.extend(place(&handle.stream));
    if let Some(index) = chain_index {
        value.insert("chain_index".to_owned(), index.into());
    }
    value
}

fn keyed_state(handle: &KeyedStateHandle<'_>) -> Map<String, Value> {
    let range = handle.key_groups();
    let mut value = object(json!({
        "kind": handle.kind_name(),
        "key_group_range": [range.start, range.end],
        "bytes": handle.state_size(),
    }));
    value.extend(match handle {
        KeyedStateHandle::KeyGroups(handle) => {
            let mut value = object(json!({ "handle_id": text(handle.handle_id) }));
            value.extend(place(&handle.stream));
            value
        }
        KeyedStateHandle::SavepointKeyGroups(handle) => place(&handle.stream),
        KeyedStateHandle::Incremental(handle) => incremental(handle),
        KeyedStateHandle::Changelog(handle) => object(json!({
            "handle_id": text(handle.handle_id),
            "checkpoint_id": handle.checkpoint_id,
            "materialization_id": handle.materialization_id,
            "checkpointed_bytes": handle.checkpointed_size,
            "materialized": handle.materialized().map(|it| keyed_state(&it)).collect::<Vec<_>>(),
            "non_materialized": handle.non_materialized().map(|it| keyed_state(&it)).collect::<Vec<_>>(),
        })),
        KeyedStateHandle::ChangelogInMemory(handle) => object(json!({
            "handle_id": text(handle.handle_id),
            "sequence_numbers": [handle.from, handle.to],
            "changes": handle.change_count(),
            "inline": true,
        })),
        KeyedStateHandle::ChangelogFiles(handle) => object(json!({
            "handle_id": text(handle.handle_id),
            "checkpointed_bytes": handle.checkpointed_size,
            "storage": handle.storage.map_or("filesystem".into(), JavaStr::decode),
            "segments": handle.segments().map(|segment| changelog_segment(&segment)).collect::<Vec<_>>(),
        })),
    });
    value
}

fn incremental(handle: &IncrementalKeyedStateHandle<'_>) -> Map<String, Value> {
    let mut meta = object(json!({ "role": "meta", "name": null, "bytes": handle.meta.state_size() }));
    meta.extend(place(&handle.meta));
    let shared = files("shared", handle.shared());
    let private = files("private", handle.private());
    let files: Vec<_> = std::iter::once(meta).chain(shared).chain(private).collect();
    object(json!({
        "handle_id": text(handle.handle_id),
        "checkpoint_id": handle.checkpoint_id,
        "backend_id": handle.backend_id.decode(),
        "checkpointed_bytes": handle.checkpointed_size,
        "files": files,
    }))
}

fn files<'a>(role: &'static str, files: impl Iterator<Item = StateFile<'a>>) -> Vec<Map<String, Value>> {
    let mut files: Vec<_> = files.map(|file| (file.local_path.decode(), file.stream)).collect();
    files.sort_by(|a, b| a.0.cmp(&b.0));
    files
        .into_iter()
        .map(|(name, stream)| {
            let mut value = object(json!({ "role": role, "name": name, "bytes": stream.state_size() }));
            value.extend(place(&stream));
            value
        })
        .collect()
}

fn changelog_segment(segment: &ChangelogSegment<'_>) -> Map<String, Value> {
    let mut value = object(json!({ "offset": segment.offset, "bytes": segment.stream.state_size() }));
    value.extend(place(&segment.stream));
    value
}

fn channel_state(handle: &ChannelStateHandle<'_>) -> Map<String, Value> {
    let channels: Vec<_> = handle.channels().map(|it| channel(handle.direction, &it)).collect();
    let mut value = object(json!({
        "kind": if handle.is_merged() { "merged-channel-state" } else { "channel-state" },
        "key_group_range": null,
        "bytes": handle.size,
        "subtask": handle.subtask_index,
        "channels": channels,
    }));
    value.extend(place(&handle.stream));
    value
}

fn channel(direction: ChannelDirection, channel: &ChannelState<'_>) -> Value {
    let (outer, inner) = match direction {
        ChannelDirection::Input => ("gate", "channel"),
        ChannelDirection::Output => ("partition", "subpartition"),
    };
    json!({
        outer: channel.outer,
        inner: channel.inner,
        "bytes": channel.size,
        "offsets": channel.offsets().collect::<Vec<_>>(),
    })
}

/// Where the bytes are: in the `_metadata` file itself, in a file of their own, or in a part of a file.
fn place(stream: &StreamStateHandle<'_>) -> Map<String, Value> {
    object(match stream {
        StreamStateHandle::Inline { .. } => json!({ "inline": true }),
        StreamStateHandle::File { path, .. } | StreamStateHandle::RelativeFile { path, .. } => {
            json!({ "path": path.decode() })
        }
        StreamStateHandle::Segment(segment) => json!({
            "path": segment.path.decode(),
            "segment": {
                "start": segment.start,
                "scope": segment.scope.name(),
                "logical_file": segment.logical_file_id.decode(),
            },
        }),
        StreamStateHandle::EmptySegment => json!({ "empty_segment": true }),
    })
}

fn text(text: Option<JavaStr<'_>>) -> Value {
    text.map(JavaStr::decode).into()
}

/// What the macro makes of braces.
fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
