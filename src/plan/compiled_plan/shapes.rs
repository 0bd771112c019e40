//! What the operators of a node are made of: the table of their states, by the names that they have in a savepoint.
//!
//! Every shape was seen in savepoints of compiled plans, of Flink 1.16 to 2.3 (`fixtures/plans/*-sql*`,
//! `fixtures/upgrades/sql-*`), and has all the states that those have. A node of no shape has operators of which nothing is
//! known.

use super::conditions::{
    Keys, deduplicates, has_interval, has_time_window, is_by_arrival, is_in_bundles, is_of_event_time,
    is_over, is_ranked, is_set, is_sliced, is_top_one, keeps_rows, left, order_time, right,
};
use super::node::{Node, TEMPORAL_SORT};
use crate::state::StateKind;

/// One way in which an operator of a node keeps state.
pub(super) struct Shape {
    /// The node, and the operator of it.
    pub(super) node: &'static str,
    pub(super) transformation: &'static str,
    /// Whether an operator of such a node is made so.
    pub(super) when: fn(&Node, &[&Node]) -> bool,
    /// The name of its timers, and their namespace.
    pub(super) timers: Option<(&'static str, &'static str)>,
    pub(super) states: &'static [StateRow],
    /// Settings that are not in the plan give it others.
    pub(super) has_others: bool,
}

/// A state of a shape.
pub(super) struct StateRow {
    pub(super) name: &'static str,
    pub(super) kind: StateKind,
    pub(super) namespace: Namespace,
    /// The type of the value, in the notation. In braces stand rows that the plan tells; `Ttl?<…>` is for what lives for a
    /// limited time if the plan says so. Empty where the plan does not tell.
    pub(super) value: &'static str,
    /// Whether an operator of such a node has it.
    pub(super) when: fn(&Node) -> bool,
    /// Which of the node's state metadata says how long it lives.
    pub(super) metadata: u32,
    /// The setting that it is there for is not in the plan.
    pub(super) is_uncertain: bool,
}

/// What a state is in.
#[derive(Clone, Copy)]
pub(super) enum Namespace {
    /// Nothing: operator state.
    None,
    Void,
    /// A window by its end.
    Slice,
    Window,
}

impl Namespace {
    /// As the notation writes it.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Void => Some("VoidNamespace"),
            Self::Slice => Some("Long"),
            Self::Window => Some("table.TimeWindow"),
        }
    }
}

const fn shape(node: &'static str, transformation: &'static str, states: &'static [StateRow]) -> Shape {
    Shape { node, transformation, when: |_, _| true, timers: None, states, has_others: false }
}

impl Shape {
    const fn when(mut self, when: fn(&Node, &[&Node]) -> bool) -> Self {
        self.when = when;
        self
    }

    const fn timers(mut self, name: &'static str, namespace: &'static str) -> Self {
        self.timers = Some((name, namespace));
        self
    }

    /// With the timers of a `KeyedProcessFunction`.
    const fn user_timers(self) -> Self {
        self.timers("user-timers", "VoidNamespace")
    }

    const fn and_others(mut self) -> Self {
        self.has_others = true;
        self
    }
}

const fn state(name: &'static str, kind: StateKind, value: &'static str) -> StateRow {
    StateRow {
        name,
        kind,
        namespace: Namespace::Void,
        value,
        when: |_| true,
        metadata: 0,
        is_uncertain: false,
    }
}

impl StateRow {
    const fn within(mut self, namespace: Namespace) -> Self {
        self.namespace = namespace;
        self
    }

    const fn when(mut self, when: fn(&Node) -> bool) -> Self {
        self.when = when;
        self
    }

    const fn metadata(mut self, metadata: u32) -> Self {
        self.metadata = metadata;
        self
    }

    /// There if `table.exec.state.ttl` is set when the plan is loaded.
    const fn if_limited(mut self) -> Self {
        self.is_uncertain = true;
        self
    }
}

const DEDUPLICATE: &str = "stream-exec-deduplicate";
const GROUP: &str = "stream-exec-group-aggregate";
const GROUP_WINDOW: &str = "stream-exec-group-window-aggregate";
const INTERVAL_JOIN: &str = "stream-exec-interval-join";
const JOIN: &str = "stream-exec-join";
const LIMIT: &str = "stream-exec-limit";
const MATCH: &str = "stream-exec-match";
const OVER: &str = "stream-exec-over-aggregate";
const RANK: &str = "stream-exec-rank";
const SORT_LIMIT: &str = "stream-exec-sort-limit";
const TEMPORAL_JOIN: &str = "stream-exec-temporal-join";
const WINDOW: &str = "stream-exec-window-aggregate";
const WINDOW_DEDUPLICATE: &str = "stream-exec-window-deduplicate";
const WINDOW_JOIN: &str = "stream-exec-window-join";
const WINDOW_RANK: &str = "stream-exec-window-rank";

use StateKind::{List, Map, OperatorUnion, Value as One};

/// What the operators of windows have, each in all subtasks.
const WATERMARK: StateRow = state("watermark", OperatorUnion, "Long").within(Namespace::None);
const SESSIONS: StateRow = state("session-window-mapping", Map, "Map<table.TimeWindow, table.TimeWindow>");

pub(super) static SHAPES: &[Shape] = &[
    shape("stream-exec-calc", "calc", &[]),
    shape("stream-exec-correlate", "correlate", &[]),
    shape("stream-exec-expand", "expand", &[]),
    shape("stream-exec-local-group-aggregate", "local-group-aggregate", &[]),
    shape("stream-exec-local-window-aggregate", "local-window-aggregate", &[]),
    shape("stream-exec-mini-batch-assigner", "mini-batch-assigner", &[]),
    shape("stream-exec-watermark-assigner", "watermark-assigner", &[]),
    shape("stream-exec-window-table-function", "window", &[]).when(|node, _| is_sliced(node, "/windowing")),
    shape(MATCH, "timestamp-inserter", &[]),
    // Groups.
    shape(GROUP, "group-aggregate", &[state("accState", One, "Ttl?<{accumulators}>")])
        .when(|node, _| !is_in_bundles(node))
        .user_timers(),
    shape(GROUP, "group-aggregate", &[state("accState", One, "Ttl?<{accumulators}>")])
        .when(|node, _| is_in_bundles(node))
        .and_others(),
    shape(
        "stream-exec-global-group-aggregate",
        "global-group-aggregate",
        &[state("accState", One, "Ttl?<{accumulators}>")],
    ),
    // Windows. Those of `GROUP BY TUMBLE(…)` may have triggers by `table.exec.emit.*`, which have states.
    shape(
        GROUP_WINDOW,
        "group-window-aggregate",
        &[state("window-aggs", One, "{accumulators}").within(Namespace::Window)],
    )
    .when(|node, _| has_time_window(node) && node.text_at("/window/kind") != Some("SESSION"))
    .timers("window-timers", "table.TimeWindow")
    .and_others(),
    shape(
        GROUP_WINDOW,
        "group-window-aggregate",
        &[state("window-aggs", One, "{accumulators}").within(Namespace::Window), SESSIONS],
    )
    .when(|node, _| has_time_window(node) && node.text_at("/window/kind") == Some("SESSION"))
    .timers("window-timers", "table.TimeWindow")
    .and_others(),
    shape(
        WINDOW,
        "window-aggregate",
        &[WATERMARK, state("window-aggs", One, "{accumulators}").within(Namespace::Slice)],
    )
    .when(|node, _| is_sliced(node, "/windowing"))
    .timers("window-timers", "Long"),
    shape(
        WINDOW,
        "window-aggregate",
        &[WATERMARK, state("window-aggs", One, "{accumulators}").within(Namespace::Window), SESSIONS],
    )
    .when(|node, _| node.text_at("/windowing/window/type") == Some("SessionWindow"))
    .timers("window-timers", "table.TimeWindow"),
    shape(
        "stream-exec-global-window-aggregate",
        "global-window-aggregate",
        &[WATERMARK, state("window-aggs", One, "{accumulators}").within(Namespace::Slice)],
    )
    .when(|node, _| is_sliced(node, "/windowing"))
    .timers("window-timers", "Long"),
    shape(
        WINDOW_RANK,
        "window-rank",
        &[WATERMARK, state("window_rank", Map, "Map<{order}, List<{in}>>").within(Namespace::Slice)],
    )
    .when(|node, _| is_sliced(node, "/windowing"))
    .timers("window-timers", "Long"),
    shape(
        WINDOW_DEDUPLICATE,
        "window-deduplicate",
        &[WATERMARK, state("window_deduplicate", One, "{in}").within(Namespace::Slice)],
    )
    .when(|node, _| is_sliced(node, "/windowing"))
    .timers("window-timers", "Long"),
    shape(
        WINDOW_JOIN,
        "window-join",
        &[
            state("left-records", List, "List<{left}>").within(Namespace::Slice),
            state("right-records", List, "List<{right}>").within(Namespace::Slice),
        ],
    )
    .when(|node, _| is_sliced(node, "/leftWindowing") && is_sliced(node, "/rightWindowing"))
    .timers("window-timers", "Long"),
    // Joins.
    shape(
        JOIN,
        "join",
        &[
            state("left-records", Map, "Map<{left}, Ttl?<Integer>>").when(|it| left(it) == (Keys::None, false)),
            state("left-records", Map, "Map<{left}, Ttl?<Tuple2<Integer, Integer>>>")
                .when(|it| left(it) == (Keys::None, true)),
            state("left-records", One, "Ttl?<{left}>").when(|it| left(it) == (Keys::InJoin, false)),
            state("left-records", One, "Ttl?<Tuple2<{left}, Integer>>")
                .when(|it| left(it) == (Keys::InJoin, true)),
            state("left-records", Map, "Map<{left key}, Ttl?<{left}>>")
                .when(|it| left(it) == (Keys::Others, false)),
            state("left-records", Map, "Map<{left key}, Ttl?<Tuple2<{left}, Integer>>>")
                .when(|it| left(it) == (Keys::Others, true)),
            state("right-records", Map, "Map<{right}, Ttl?<Integer>>")
                .metadata(1)
                .when(|it| right(it) == (Keys::None, false)),
            state("right-records", Map, "Map<{right}, Ttl?<Tuple2<Integer, Integer>>>")
                .metadata(1)
                .when(|it| right(it) == (Keys::None, true)),
            state("right-records", One, "Ttl?<{right}>")
                .metadata(1)
                .when(|it| right(it) == (Keys::InJoin, false)),
            state("right-records", One, "Ttl?<Tuple2<{right}, Integer>>")
                .metadata(1)
                .when(|it| right(it) == (Keys::InJoin, true)),
            state("right-records", Map, "Map<{right key}, Ttl?<{right}>>")
                .metadata(1)
                .when(|it| right(it) == (Keys::Others, false)),
            state("right-records", Map, "Map<{right key}, Ttl?<Tuple2<{right}, Integer>>>")
                .metadata(1)
                .when(|it| right(it) == (Keys::Others, true)),
        ],
    ),
    shape(
        INTERVAL_JOIN,
        "interval-join",
        &[
            state("IntervalJoinLeftCache", Map, "Map<Long, List<Tuple2<{left}, Boolean>>>"),
            state("IntervalJoinLeftTimerState", One, "Long"),
            state("IntervalJoinRightCache", Map, "Map<Long, List<Tuple2<{right}, Boolean>>>"),
            state("IntervalJoinRightTimerState", One, "Long"),
        ],
    )
    .when(|node, _| has_interval(node))
    .user_timers(),
    shape(
        TEMPORAL_JOIN,
        "temporal-join",
        &[
            state("cleanup-timestamp", One, "Long").if_limited(),
            state("left", Map, "Map<Long, {left}>"),
            state("right", Map, "Map<Long, {right}>"),
            state("next-index", One, "Long"),
            state("timer", One, "Long"),
        ],
    )
    .when(|node, _| is_of_event_time(node))
    .timers("timers", "VoidNamespace"),
    // The first and the last rows.
    shape(DEDUPLICATE, "deduplicate", &[state("deduplicate-state", One, "Ttl?<Boolean>")])
        .when(|it, _| deduplicates(it, false, false) && !is_in_bundles(it))
        .user_timers(),
    shape(DEDUPLICATE, "deduplicate", &[state("deduplicate-state", One, "Ttl?<Boolean>")])
        .when(|it, _| deduplicates(it, false, false) && is_in_bundles(it)),
    shape(DEDUPLICATE, "deduplicate", &[state("deduplicate-state", One, "Ttl?<{in}>")])
        .when(|it, _| keeps_rows(it) && !is_in_bundles(it))
        .user_timers(),
    shape(DEDUPLICATE, "deduplicate", &[state("deduplicate-state", One, "Ttl?<{in}>")])
        .when(|it, _| keeps_rows(it) && is_in_bundles(it)),
    shape(
        DEDUPLICATE,
        "deduplicate",
        &[
            state("already-emitted-state-boolean", One, "Ttl?<Boolean>"),
            state("waiting-to-emit-on-timer", One, "{in}"),
        ],
    )
    .when(|it, _| deduplicates(it, true, false) && is_set(it, "/outputInsertOnly") && !is_in_bundles(it))
    .user_timers(),
    shape(RANK, "rank", &[state("counterState", One, "Ttl?<Integer>")])
        .when(|it, inputs| is_ranked(it, "AppendFast") && is_by_arrival(it, inputs))
        .user_timers(),
    shape(RANK, "rank", &[state("Top1-Rank-State", One, "Ttl?<{in}>")])
        .when(|it, inputs| is_ranked(it, "AppendFast") && !is_by_arrival(it, inputs) && is_top_one(it))
        .user_timers(),
    shape(RANK, "rank", ROWS_IN_ORDER)
        .when(|it, inputs| is_ranked(it, "AppendFast") && !is_by_arrival(it, inputs) && !is_top_one(it))
        .user_timers(),
    shape(SORT_LIMIT, "rank", ROWS_IN_ORDER)
        .when(|it, inputs| is_ranked(it, "AppendFast") && !is_by_arrival(it, inputs) && !is_top_one(it))
        .user_timers(),
    shape(LIMIT, "rank", ROWS_IN_ORDER)
        .when(|it, _| is_ranked(it, "AppendFast") && !is_top_one(it))
        .user_timers(),
    shape(
        RANK,
        "rank",
        &[state("data-state-with-update", Map, "Map<{unique}, Ttl?<Tuple2<{in}, Integer>>>")],
    )
    .when(|it, _| is_ranked(it, "UpdateFast") && !is_top_one(it))
    .user_timers(),
    shape(
        RANK,
        "rank",
        &[
            state("data-state", Map, "Map<{order}, Ttl?<List<{in}>>>"),
            state("sorted-map", One, "Ttl?<SortedMap(org.apache.flink.table.runtime.operators.rank.ComparableRecordComparator, \"{comparator}\")<{order}, Long>>"),
        ],
    )
    .when(|it, _| is_ranked(it, "Retract"))
    .user_timers(),
    // Over windows.
    shape(
        OVER,
        "over-aggregate",
        &[
            state("ProcTimeBoundedRowsOverCleanupTime", One, "Long").if_limited(),
            state("accState", One, "{accumulators}"),
            state("inputState", Map, "Map<Long, List<{in}>>"),
            state("processedCountState", One, "Long"),
            state("smallestTSState", One, "Long"),
        ],
    )
    .when(|it, inputs| is_over(it, inputs, "PROCTIME", Some(true), "BOUNDED_WINDOW"))
    .user_timers(),
    shape(
        OVER,
        "over-aggregate",
        &[
            state("RowTimeBoundedRowsOverCleanupTime", One, "Long").if_limited(),
            state("accState", One, "{accumulators}"),
            state("inputState", Map, "Map<Long, List<{in}>>"),
            state("lastTriggeringTsState", One, "Long"),
            state("processedCountState", One, "Long"),
        ],
    )
    .when(|it, inputs| is_over(it, inputs, "ROWTIME", Some(true), "BOUNDED_WINDOW"))
    .user_timers(),
    shape(
        OVER,
        "over-aggregate",
        &[
            state("accState", One, "{accumulators}"),
            state("cleanupTsState", One, "Long"),
            state("inputState", Map, "Map<Long, List<{in}>>"),
        ],
    )
    .when(|it, inputs| is_over(it, inputs, "PROCTIME", Some(false), "BOUNDED_WINDOW"))
    .user_timers(),
    shape(
        OVER,
        "over-aggregate",
        &[
            state("accState", One, "{accumulators}"),
            state("cleanupTsState", One, "Long"),
            state("inputState", Map, "Map<Long, List<{in}>>"),
            state("lastTriggeringTsState", One, "Long"),
        ],
    )
    .when(|it, inputs| is_over(it, inputs, "ROWTIME", Some(false), "BOUNDED_WINDOW"))
    .user_timers(),
    shape(
        OVER,
        "over-aggregate",
        &[
            state("RowTimeUnboundedOverCleanupTime", One, "Long").if_limited(),
            state("accState", One, "{accumulators}"),
            state("inputState", Map, "Map<Long, List<{in}>>"),
        ],
    )
    .when(|it, inputs| is_over(it, inputs, "ROWTIME", None, "UNBOUNDED_PRECEDING"))
    .user_timers(),
    // Whether the accumulators live for a limited time, or have timers for it, is the doing of the Flink that loads the plan.
    shape(
        OVER,
        "over-aggregate",
        &[
            state("ProcTimeUnboundedOverCleanupTime", One, "Long").if_limited(),
            state("accState", One, "Ttl?<{accumulators}>"),
        ],
    )
    .when(|it, inputs| is_over(it, inputs, "PROCTIME", None, "UNBOUNDED_PRECEDING"))
    .user_timers(),
    shape(
        TEMPORAL_SORT,
        "temporal-sort",
        &[state("dataState", Map, "Map<Long, List<{in}>>"), state("lastTriggeringTsState", One, "Long")],
    )
    .when(|it, inputs| order_time(it, inputs, "/orderBy/fields/0/index") == Some("ROWTIME"))
    .user_timers(),
    shape(TEMPORAL_SORT, "temporal-sort", &[state("sortState", List, "List<{in}>")])
        .when(|it, inputs| order_time(it, inputs, "/orderBy/fields/0/index") == Some("PROCTIME"))
        .user_timers(),
    // Patterns.
    shape(
        MATCH,
        "match",
        &[
            state("nfaStateName", One, "NFAState<DeweyNumber, NodeId<EventId>, EventId>"),
            state("eventQueuesStateName", Map, "Map<Long, List<{in}>>"),
            state("sharedBuffer-events", Map, "Map<EventId, Lockable<{in}>>"),
            state("sharedBuffer-events-count", Map, "Map<Long, Integer>"),
            state(
                "sharedBuffer-entries-with-lockable-edges",
                Map,
                "Map<NodeId<EventId>, Lockable<SharedBufferNode<SharedBufferEdge<NodeId<EventId>, DeweyNumber>>>>",
            ),
        ],
    )
    .timers("watermark-callbacks", "VoidNamespace"),
];

/// Where a node says what its operator is keyed by, in columns of its first input; empty for one key of all rows.
pub(super) static KEYS: &[(&str, &str)] = &[
    (DEDUPLICATE, "/uniqueKeys"),
    ("stream-exec-global-group-aggregate", "/grouping"),
    ("stream-exec-global-window-aggregate", "/grouping"),
    (GROUP, "/grouping"),
    (GROUP_WINDOW, "/grouping"),
    ("stream-exec-incremental-group-aggregate", "/partialAggGrouping"),
    (INTERVAL_JOIN, "/intervalJoinSpec/joinSpec/leftKeys"),
    (JOIN, "/joinSpec/leftKeys"),
    (LIMIT, "/partition/fields"),
    (MATCH, "/matchSpec/partition/fields"),
    (OVER, "/overSpec/partition/fields"),
    (RANK, "/partition/fields"),
    (SORT_LIMIT, "/partition/fields"),
    (TEMPORAL_JOIN, "/joinSpec/leftKeys"),
    (TEMPORAL_SORT, ""),
    (WINDOW, "/grouping"),
    (WINDOW_DEDUPLICATE, "/partitionKeys"),
    (WINDOW_JOIN, "/joinSpec/leftKeys"),
    (WINDOW_RANK, "/partitionSpec/fields"),
];

/// The rows of a top N that only gains some.
const ROWS_IN_ORDER: &[StateRow] = &[state("data-state-with-append", Map, "Map<{order}, Ttl?<List<{in}>>>")];
