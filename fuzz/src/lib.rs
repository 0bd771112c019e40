//! What each fuzz target does with its bytes. `tests/hostile/corpus.rs` does the same with the bytes that were found
//! to matter.
//!
//! To add a target: its function and its line in [`TARGETS`], its file in `fuzz_targets/`, and its `[[bin]]`.

use holdpoint::ids::edits;
use holdpoint::metadata::handle::{KeyedStateHandle, PlaceKind, StatePlace, StreamStateHandle};
use holdpoint::metadata::{CheckpointMetadata, OperatorSubtaskState};
use holdpoint::plan::{JobPlan, PlannedGraph};
use holdpoint::source::{Location, Settings};
use holdpoint::state::{
    StateHeader, change_set_start, decode_change_set, decode_keyed_header, decode_logged_state,
    decode_logged_states, decode_operator_header, decode_timer_services,
};
use holdpoint::types::compatibility::resolve;
use holdpoint::types::notation;
use holdpoint::wire::{DataInput, DecodeError, JavaObject, JavaValue};

/// A target: it returns for any bytes, or there is a bug.
pub type Target = fn(&[u8]);

/// Every target by its name, which is that of its corpus, too.
pub const TARGETS: [(&str, Target); 10] = [
    ("metadata", metadata),
    ("state_header", state_header),
    ("changelog", changelog),
    ("raw_timers", raw_timers),
    ("java_object", java_object),
    ("serializer_snapshot", serializer_snapshot),
    ("job_graph", job_graph),
    ("plan_document", plan_document),
    ("plan_file", plan_file),
    ("type_notation", type_notation),
];

/// A `_metadata` file, to its end, with all that hangs on its handles and the headers that stand in it.
pub fn metadata(bytes: &[u8]) {
    answered(bytes, walk_metadata(bytes));
}

fn walk_metadata(bytes: &[u8]) -> Result<(), DecodeError> {
    let metadata = CheckpointMetadata::decode(bytes)?;
    let mut operators = metadata.operators();
    for operator in operators.by_ref() {
        let operator = operator?;
        let mut total = operator.coordinator_state_bytes();
        for subtask in operator.subtasks() {
            walk_subtask(bytes, &subtask);
            total = total.saturating_add(subtask.state_size());
        }
        assert_eq!(total, operator.state_size());
    }
    operators.properties().map(drop)
}

fn walk_subtask(bytes: &[u8], subtask: &OperatorSubtaskState<'_>) {
    for (_, handle) in subtask.managed_operator().chain(subtask.raw_operator()) {
        let offsets: usize = handle.partitions().map(|partition| partition.offsets().count()).sum();
        assert!(offsets <= bytes.len() / 8, "offsets take eight bytes each");
        handle.state_places().for_each(|place| walk_place(bytes, &place));
    }
    for handle in [&subtask.managed_keyed, &subtask.raw_keyed].into_iter().flatten() {
        handle.state_places().for_each(|place| walk_place(bytes, &place));
        if let KeyedStateHandle::Incremental(handle) = handle {
            let _ = handle.shared().chain(handle.private()).count();
        }
    }
    for channel in subtask.input_channels().chain(subtask.result_subpartitions()) {
        let offsets: usize = channel.channels().map(|it| it.offsets().count()).sum();
        assert!(offsets <= bytes.len() / 8, "offsets take eight bytes each");
    }
}

fn walk_place(bytes: &[u8], place: &StatePlace<'_>) {
    if let StreamStateHandle::Inline { data, .. } = place.stream {
        match place.kind {
            PlaceKind::KeyedHeader => drop(answered(bytes, decode_keyed_header(data))),
            PlaceKind::OperatorHeader => drop(answered(bytes, decode_operator_header(data))),
            PlaceKind::ChangelogSegment => drop(answered(bytes, decode_logged_states(data, place.offset))),
            PlaceKind::ChangelogChange { key_group } => {
                drop(answered(bytes, decode_logged_state(key_group, data)));
            }
        }
    }
}

/// The header of a state file, as keyed and as operator state.
pub fn state_header(bytes: &[u8]) {
    let input = DataInput::new(bytes, 0);
    for header in [decode_keyed_header(input), decode_operator_header(input)] {
        if let Some(header) = answered(bytes, header) {
            walk_header(bytes, &header);
        }
    }
}

fn walk_header(bytes: &[u8], header: &StateHeader) {
    assert!(header.length <= bytes.len());
    let own = header.states.iter().flat_map(|state| state.serializers.iter().map(|(_, snapshot)| snapshot));
    for snapshot in header.key.iter().chain(own) {
        let data_type = snapshot.data_type();
        let _ = data_type.to_string();
        let _ = resolve(&data_type, &data_type, None);
    }
}

/// A log of changes: from several places in the file on, as one set, and as one change.
pub fn changelog(bytes: &[u8]) {
    let input = DataInput::new(bytes, 0);
    for offset in [0, 1, 9, u64::MAX] {
        answered(bytes, decode_logged_states(input, offset));
        let _ = change_set_start(input, offset);
    }
    answered(bytes, decode_change_set(input));
    for key_group in [-1, 0] {
        answered(bytes, decode_logged_state(key_group, input));
    }
}

/// Raw keyed state that may hold timers, behind the starts of its key groups: the first byte counts them, and two bytes
/// each say where they are.
pub fn raw_timers(bytes: &[u8]) {
    let Some((count, rest)) = bytes.split_first() else { return };
    let Some((offsets, data)) = rest.split_at_checked(usize::from(*count).saturating_mul(2)) else { return };
    let offsets: Vec<_> =
        offsets.as_chunks::<2>().0.iter().map(|it| u64::from(u16::from_be_bytes(*it))).collect();
    if let Some(Some(services)) = answered(data, decode_timer_services(DataInput::new(data, 0), &offsets)) {
        let _ = services.unread();
    }
}

/// What `ObjectOutputStream` wrote.
pub fn java_object(bytes: &[u8]) {
    if let Some(object) = answered(bytes, JavaObject::read(&mut DataInput::new(bytes, 0))) {
        walk_object(object.root(), &mut 1000, 0);
    }
}

/// A graph may come back to where it was, so a walk has a budget.
fn walk_object(value: JavaValue<'_, '_>, budget: &mut u32, depth: u32) {
    let Some(left) = budget.checked_sub(1).filter(|_| depth < 20) else { return };
    *budget = left;
    let _ = (value.as_bool(), value.as_int(), value.as_long(), value.as_double(), value.as_str());
    let _ = (value.as_bytes(), value.enum_constant(), value.as_class(), value.class_name());
    for class in value.class_names().take(20) {
        for inner in value.annotation(&class).take(20) {
            walk_object(inner, budget, depth + 1);
        }
    }
    for inner in ["value", "checkpointType", "formatType"].into_iter().filter_map(|name| value.field(name)) {
        walk_object(inner, budget, depth + 1);
    }
    for inner in value.elements().take(20) {
        walk_object(inner, budget, depth + 1);
    }
}

/// A serializer snapshot, in the place of a key's, so that states may follow.
pub fn serializer_snapshot(bytes: &[u8]) {
    state_header(&[&[0, 0, 0, 6, 0, 0, 0, 0, 2], bytes].concat());
}

/// A graph that Java serialized: read as a plan, written as a plan file, and edited where it is small.
pub fn job_graph(bytes: &[u8]) {
    if let Some(plan) = plan("job.graph", bytes)
        && let Some(PlannedGraph { graph, chaining }) = plan.graph.filter(|it| it.graph.nodes().len() <= 20)
    {
        let _ = edits(&graph, &chaining);
    }
}

/// A plan of Flink's in JSON: of the REST API, before chaining, or of SQL.
pub fn plan_document(bytes: &[u8]) {
    let _ = plan("plan.json", bytes);
}

/// A plan file.
pub fn plan_file(bytes: &[u8]) {
    let _ = plan("plan.yaml", bytes);
}

fn plan(name: &str, bytes: &[u8]) -> Option<JobPlan> {
    let plan = JobPlan::of_file(&Settings::default(), &Location::Local(name.into()), bytes).ok()?;
    let _ = plan.to_file().to_yaml(name);
    Some(plan)
}

/// A type as people write it. What was read is written, and read again as the same.
pub fn type_notation(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(data_type) = notation::parse(text, &|_| None) {
        let written = data_type.to_string();
        assert_eq!(notation::parse(&written, &|_| None), Ok(data_type), "{text:?} is written {written:?}");
    }
}

/// A value is an answer; so is an error whose place lies in the file.
fn answered<T>(bytes: &[u8], result: Result<T, DecodeError>) -> Option<T> {
    if let Err(error) = &result {
        assert!(error.offset() <= bytes.len() as u64, "{error}");
    }
    result.ok()
}
