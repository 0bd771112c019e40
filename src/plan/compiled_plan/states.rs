//! The states that the operators of a node surely have, by the names that they have in a savepoint.
//!
//! Every line was seen in savepoints of compiled plans of Flink 1.16, 1.20 and 2.3. What depends on what a plan does not
//! hold, or differs between those lines, is not here: an operator may have states that are not listed.

use super::node::{Node, projection};
use crate::plan::PlannedState;
use crate::state::StateKind;
use crate::types::{DataType, LogicalType, notation};
use serde_json::Value;

/// A state of the operators of one kind of node.
struct StateRow {
    /// The node, and the operator of it.
    node: &'static str,
    transformation: &'static str,
    /// Whether an operator of such a node has it.
    when: fn(&Node) -> bool,
    name: &'static str,
    kind: StateKind,
    namespace: &'static str,
    /// The type of the value, in the notation, with `{in}`, `{left}` and `{right}` for rows that come in, and `Ttl?<…>` for
    /// what lives for a limited time if the plan says so. Empty where the plan does not tell.
    value: &'static str,
    /// Which of the node's state metadata says how long it lives.
    metadata: u32,
}

const fn row(
    node: &'static str,
    transformation: &'static str,
    name: &'static str,
    kind: StateKind,
    value: &'static str,
) -> StateRow {
    StateRow {
        node,
        transformation,
        when: |_| true,
        name,
        kind,
        namespace: "VoidNamespace",
        value,
        metadata: 0,
    }
}

impl StateRow {
    const fn when(mut self, when: fn(&Node) -> bool) -> Self {
        self.when = when;
        self
    }

    const fn within(mut self, namespace: &'static str) -> Self {
        self.namespace = namespace;
        self
    }

    const fn metadata(mut self, metadata: u32) -> Self {
        self.metadata = metadata;
        self
    }
}

const JOIN: &str = "stream-exec-join";
const RANK: &str = "stream-exec-rank";
const SORT_LIMIT: &str = "stream-exec-sort-limit";
const LIMIT: &str = "stream-exec-limit";
const OVER: &str = "stream-exec-over-aggregate";
const INTERVAL_JOIN: &str = "stream-exec-interval-join";
const TEMPORAL_JOIN: &str = "stream-exec-temporal-join";
const WINDOW_JOIN: &str = "stream-exec-window-join";

use StateKind::{List, Map, OperatorUnion, Value as One};

static STATES: &[StateRow] = &[
    row("stream-exec-group-aggregate", "group-aggregate", "accState", One, ""),
    row("stream-exec-global-group-aggregate", "global-group-aggregate", "accState", One, ""),
    row("stream-exec-group-window-aggregate", "group-window-aggregate", "window-aggs", One, "")
        .within("table.TimeWindow")
        .when(|node| node.at("/window/isTimeWindow").and_then(Value::as_bool) == Some(true)),
    row("stream-exec-window-aggregate", "window-aggregate", "watermark", OperatorUnion, "Long").within(""),
    row("stream-exec-window-aggregate", "window-aggregate", "window-aggs", One, "")
        .within("Long")
        .when(is_sliced),
    row("stream-exec-global-window-aggregate", "global-window-aggregate", "watermark", OperatorUnion, "Long")
        .within(""),
    row("stream-exec-global-window-aggregate", "global-window-aggregate", "window-aggs", One, "")
        .within("Long"),
    row("stream-exec-window-rank", "window-rank", "watermark", OperatorUnion, "Long").within(""),
    row("stream-exec-window-rank", "window-rank", "window_rank", Map, "").within("Long"),
    row("stream-exec-window-deduplicate", "window-deduplicate", "watermark", OperatorUnion, "Long")
        .within(""),
    row("stream-exec-window-deduplicate", "window-deduplicate", "window_deduplicate", One, "{in}")
        .within("Long"),
    row(JOIN, "join", "left-records", Map, "Map<{left}, Ttl?<Integer>>")
        .when(|it| left(it) == (Keys::None, false)),
    row(JOIN, "join", "left-records", Map, "Map<{left}, Ttl?<Tuple2<Integer, Integer>>>")
        .when(|it| left(it) == (Keys::None, true)),
    row(JOIN, "join", "left-records", One, "Ttl?<{left}>").when(|it| left(it) == (Keys::InJoin, false)),
    row(JOIN, "join", "left-records", One, "Ttl?<Tuple2<{left}, Integer>>")
        .when(|it| left(it) == (Keys::InJoin, true)),
    row(JOIN, "join", "left-records", Map, "").when(|it| left(it).0 == Keys::Others),
    row(JOIN, "join", "right-records", Map, "Map<{right}, Ttl?<Integer>>")
        .metadata(1)
        .when(|it| right(it) == (Keys::None, false)),
    row(JOIN, "join", "right-records", Map, "Map<{right}, Ttl?<Tuple2<Integer, Integer>>>")
        .metadata(1)
        .when(|it| right(it) == (Keys::None, true)),
    row(JOIN, "join", "right-records", One, "Ttl?<{right}>")
        .metadata(1)
        .when(|it| right(it) == (Keys::InJoin, false)),
    row(JOIN, "join", "right-records", One, "Ttl?<Tuple2<{right}, Integer>>")
        .metadata(1)
        .when(|it| right(it) == (Keys::InJoin, true)),
    row(JOIN, "join", "right-records", Map, "").metadata(1).when(|it| right(it).0 == Keys::Others),
    row(WINDOW_JOIN, "window-join", "left-records", List, "List<{left}>").within("Long"),
    row(WINDOW_JOIN, "window-join", "right-records", List, "List<{right}>").within("Long"),
    row(
        INTERVAL_JOIN,
        "interval-join",
        "IntervalJoinLeftCache",
        Map,
        "Map<Long, List<Tuple2<{left}, Boolean>>>",
    ),
    row(INTERVAL_JOIN, "interval-join", "IntervalJoinLeftTimerState", One, "Long"),
    row(
        INTERVAL_JOIN,
        "interval-join",
        "IntervalJoinRightCache",
        Map,
        "Map<Long, List<Tuple2<{right}, Boolean>>>",
    ),
    row(INTERVAL_JOIN, "interval-join", "IntervalJoinRightTimerState", One, "Long"),
    row(TEMPORAL_JOIN, "temporal-join", "left", Map, "Map<Long, {left}>").when(is_of_event_time),
    row(TEMPORAL_JOIN, "temporal-join", "right", Map, "Map<Long, {right}>").when(is_of_event_time),
    row(TEMPORAL_JOIN, "temporal-join", "next-index", One, "Long").when(is_of_event_time),
    row(TEMPORAL_JOIN, "temporal-join", "timer", One, "Long").when(is_of_event_time),
    row("stream-exec-deduplicate", "deduplicate", "deduplicate-state", One, "Ttl?<Boolean>")
        .when(|it| deduplicates(it, false, false)),
    row("stream-exec-deduplicate", "deduplicate", "deduplicate-state", One, "Ttl?<{in}>")
        .when(|it| deduplicates(it, false, true) || deduplicates(it, true, true)),
    row(RANK, "rank", "data-state-with-update", Map, "").when(|it| ranks(it, "UpdateFast")),
    row(RANK, "rank", "data-state", Map, "").when(|it| ranks(it, "Retract")),
    row(RANK, "rank", "sorted-map", One, "").when(|it| ranks(it, "Retract")),
    row(SORT_LIMIT, "rank", "data-state-with-append", Map, "").when(|it| ranks(it, "AppendFast")),
    row(LIMIT, "rank", "data-state-with-append", Map, "").when(|it| ranks(it, "AppendFast")),
    row(OVER, "over-aggregate", "accState", One, ""),
    row("stream-exec-match", "match", "nfaStateName", One, ""),
    row("stream-exec-match", "match", "eventQueuesStateName", Map, "Map<Long, List<{in}>>"),
    row("stream-exec-match", "match", "sharedBuffer-events", Map, ""),
    row("stream-exec-match", "match", "sharedBuffer-events-count", Map, "Map<Long, Integer>"),
    row("stream-exec-match", "match", "sharedBuffer-entries-with-lockable-edges", Map, ""),
];

/// Where a node says what its operator is keyed by, in columns of its first input.
static KEYS: &[(&str, &str)] = &[
    ("stream-exec-deduplicate", "/uniqueKeys"),
    ("stream-exec-global-group-aggregate", "/grouping"),
    ("stream-exec-global-window-aggregate", "/grouping"),
    ("stream-exec-group-aggregate", "/grouping"),
    ("stream-exec-group-window-aggregate", "/grouping"),
    ("stream-exec-incremental-group-aggregate", "/partialAggGrouping"),
    (INTERVAL_JOIN, "/intervalJoinSpec/joinSpec/leftKeys"),
    (JOIN, "/joinSpec/leftKeys"),
    (LIMIT, "/partition/fields"),
    ("stream-exec-match", "/matchSpec/partition/fields"),
    (OVER, "/overSpec/partition/fields"),
    (RANK, "/partition/fields"),
    (SORT_LIMIT, "/partition/fields"),
    (TEMPORAL_JOIN, "/joinSpec/leftKeys"),
    ("stream-exec-window-aggregate", "/grouping"),
    ("stream-exec-window-deduplicate", "/partitionKeys"),
    (WINDOW_JOIN, "/joinSpec/leftKeys"),
    ("stream-exec-window-rank", "/partitionSpec/fields"),
];

/// The types of the key and the states of an operator of a node, as far as they are known.
pub(super) fn of(node: &Node, transformation: &str, inputs: &[&Node]) -> (Vec<DataType>, Vec<PlannedState>) {
    let rows: Vec<_> = inputs.iter().map(|input| input.row_type()).collect();
    let row_of = |place: usize| rows.get(place).and_then(Option::as_ref);
    let state = |it: &StateRow| {
        let namespace = Some(it.namespace).filter(|namespace| !namespace.is_empty());
        PlannedState {
            name: it.name.to_owned(),
            kind: it.kind,
            key: None,
            namespace: namespace.and_then(|it| notation::parse(it, &|_| None).ok()),
            value: value(it, node, row_of(0), row_of(1)),
        }
    };
    let is_of =
        |it: &&StateRow| it.node == node.kind() && it.transformation == transformation && (it.when)(node);
    let mut states: Vec<_> = STATES.iter().filter(is_of).map(state).collect();
    states.sort_by(|one, other| one.name.cmp(&other.name));
    (key(node, transformation, row_of(0)).into_iter().collect(), states)
}

fn key(node: &Node, transformation: &str, input: Option<&LogicalType>) -> Option<DataType> {
    let (_, pointer) = KEYS.iter().find(|(kind, _)| *kind == node.kind())?;
    if transformation == "timestamp-inserter" {
        return None;
    }
    projection(input?, &node.columns_at(pointer)?)?.serializer()
}

/// The type of a state's value, where all of it is known.
fn value(
    state: &StateRow,
    node: &Node,
    left: Option<&LogicalType>,
    right: Option<&LogicalType>,
) -> Option<DataType> {
    let mut text = state.value.to_owned();
    for (place, row) in [("{in}", left), ("{left}", left), ("{right}", right)] {
        if text.contains(place) {
            text = text.replace(place, &row?.serializer()?.to_string());
        }
    }
    if let Some((before, behind)) = text.split_once("Ttl?<") {
        text = if node.has_time_to_live(state.metadata)? {
            format!("{before}Ttl<{behind}")
        } else {
            without_closing(before, behind)?
        };
    }
    notation::parse(&text, &|_| None).ok()
}

/// `before` and `behind` without the bracket that closes the one between them.
fn without_closing(before: &str, behind: &str) -> Option<String> {
    let mut depth = 1_usize;
    for (place, c) in behind.char_indices() {
        match c {
            '<' => depth = depth.saturating_add(1),
            '>' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            let (inside, rest) = behind.split_at_checked(place)?;
            return Some(format!("{before}{inside}{}", rest.strip_prefix('>')?));
        }
    }
    None
}

/// What is known of keys of the rows of one side of a join.
#[derive(PartialEq, Eq)]
enum Keys {
    None,
    /// A key whose columns are all compared by the join.
    InJoin,
    /// Only others.
    Others,
}

/// Of the left side of a join: its keys, and whether the join counts the matches of each row.
fn left(node: &Node) -> (Keys, bool) {
    let counts = matches!(node.text_at("/joinSpec/joinType"), Some("LEFT" | "FULL" | "SEMI" | "ANTI"));
    (keys(node, ["/leftUpsertKeys", "/leftUniqueKeys"], "/joinSpec/leftKeys"), counts)
}

/// The same of the right side.
fn right(node: &Node) -> (Keys, bool) {
    let counts = matches!(node.text_at("/joinSpec/joinType"), Some("RIGHT" | "FULL"));
    (keys(node, ["/rightUpsertKeys", "/rightUniqueKeys"], "/joinSpec/rightKeys"), counts)
}

/// The keys of one side. Their field had the second name in Flink 1.15.
fn keys(node: &Node, names: [&str; 2], joined_by: &str) -> Keys {
    let Some(joined_by) = node.columns_at(joined_by) else { return Keys::Others };
    let [name, older] = names;
    let upsert_keys = if node.at(older).is_some() { older } else { name };
    let count = node.at(upsert_keys).and_then(Value::as_array).map_or(0, Vec::len);
    let is_in_join = |place: usize| {
        let columns = node.columns_at(&format!("{upsert_keys}/{place}"));
        columns.is_some_and(|columns| columns.iter().all(|column| joined_by.contains(column)))
    };
    match count {
        0 => Keys::None,
        count if (0..count).any(is_in_join) => Keys::InJoin,
        _ => Keys::Others,
    }
}

fn is_sliced(node: &Node) -> bool {
    matches!(
        node.text_at("/windowing/window/type"),
        Some("TumblingWindow" | "HoppingWindow" | "CumulativeWindow")
    )
}

fn is_of_event_time(node: &Node) -> bool {
    node.at("/isTemporalFunctionJoin").and_then(Value::as_bool) == Some(false)
        && node.at("/leftTimeAttributeIndex").and_then(Value::as_i64).is_some_and(|index| index >= 0)
        && node.at("/rightTimeAttributeIndex").and_then(Value::as_i64).is_some_and(|index| index >= 0)
}

/// Whether a node keeps the first or the last row, in the order of event time or of processing time. The first of event
/// time is kept in another way in some lines.
fn deduplicates(node: &Node, by_event_time: bool, keeps_last: bool) -> bool {
    let flag = |pointer| node.at(pointer).and_then(Value::as_bool);
    (flag("/isRowtime"), flag("/keepLastRow")) == (Some(by_event_time), Some(keeps_last))
}

/// Whether a rank of this strategy keeps more than the first row; that one, and rows in the order of time, Flink keeps in
/// other ways.
fn ranks(node: &Node, strategy: &str) -> bool {
    node.text_at("/rankStrategy/type") == Some(strategy)
        && node.text_at("/rankRange/type") == Some("Constant")
        && node.at("/rankRange/end").and_then(Value::as_i64).is_some_and(|end| end > 1)
}
