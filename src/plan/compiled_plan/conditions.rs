//! What a node says of the way in which its operator keeps state: which of the [shapes](super::shapes) it has.

use super::node::Node;
use serde_json::Value;

pub(super) fn is_set(node: &Node, pointer: &str) -> bool {
    node.at(pointer).and_then(Value::as_bool) == Some(true)
}

/// Whether the operator works on rows in bundles, and so without timers.
pub(super) fn is_in_bundles(node: &Node) -> bool {
    node.text_at("/configuration/table.exec.mini-batch.enabled") == Some("true")
}

pub(super) fn is_sliced(node: &Node, windowing: &str) -> bool {
    matches!(
        node.text_at(&format!("{windowing}/window/type")),
        Some("TumblingWindow" | "HoppingWindow" | "CumulativeWindow")
    )
}

pub(super) fn has_time_window(node: &Node) -> bool {
    is_set(node, "/window/isTimeWindow")
}

/// Whether there is any time in which two rows join: without one, Flink makes other operators.
pub(super) fn has_interval(node: &Node) -> bool {
    let bound = |name| node.at(&format!("/intervalJoinSpec/windowBounds/{name}")).and_then(Value::as_i64);
    bound("leftLowerBound").zip(bound("leftUpperBound")).is_some_and(|(lower, upper)| lower <= upper)
}

pub(super) fn is_of_event_time(node: &Node) -> bool {
    node.at("/isTemporalFunctionJoin").and_then(Value::as_bool) == Some(false)
        && node.at("/leftTimeAttributeIndex").and_then(Value::as_i64).is_some_and(|index| index >= 0)
        && node.at("/rightTimeAttributeIndex").and_then(Value::as_i64).is_some_and(|index| index >= 0)
}

/// Whether a node keeps the first or the last row, in the order of event time or of processing time.
pub(super) fn deduplicates(node: &Node, by_event_time: bool, keeps_last: bool) -> bool {
    is_set(node, "/isRowtime") == by_event_time && is_set(node, "/keepLastRow") == keeps_last
}

/// The last row is kept, and the first of event time unless it is held back until it is certain.
pub(super) fn keeps_rows(node: &Node) -> bool {
    is_set(node, "/keepLastRow")
        || deduplicates(node, true, false) && !is_set(node, "/outputInsertOnly") && !is_in_bundles(node)
}

/// Whether a node ranks in this way, up to a place that is the same for all rows.
pub(super) fn is_ranked(node: &Node, strategy: &str) -> bool {
    node.text_at("/rankStrategy/type") == Some(strategy)
        && node.text_at("/rankRange/type") == Some("Constant")
}

/// Of a top 1, Flink keeps the row alone.
pub(super) fn is_top_one(node: &Node) -> bool {
    let place = |pointer| node.at(pointer).and_then(Value::as_i64);
    place("/rankRange/start") == Some(1) && place("/rankRange/end") == Some(1)
}

/// Of the first rows to arrive, Flink counts how many there were.
pub(super) fn is_by_arrival(node: &Node, inputs: &[&Node]) -> bool {
    node.at("/orderBy/fields").and_then(Value::as_array).is_some_and(|fields| fields.len() == 1)
        && is_set(node, "/orderBy/fields/0/isAscending")
        && order_time(node, inputs, "/orderBy/fields/0/index") == Some("PROCTIME")
}

/// What kind of time attribute the column is that is named at this place.
pub(super) fn order_time<'n>(node: &Node, inputs: &[&'n Node], pointer: &str) -> Option<&'n str> {
    let column = usize::try_from(node.at(pointer)?.as_u64()?).ok()?;
    inputs.first()?.time_attribute(column)
}

/// Whether a window reaches from such a bound to the current row, in the order of such a time.
pub(super) fn is_over(node: &Node, inputs: &[&Node], time: &str, is_rows: Option<bool>, from: &str) -> bool {
    let group = |pointer: &str| format!("/overSpec/groups/0{pointer}");
    let has_one_order =
        node.at(&group("/orderBy/fields")).and_then(Value::as_array).is_some_and(|fields| fields.len() == 1);
    has_one_order
        && order_time(node, inputs, &group("/orderBy/fields/0/index")) == Some(time)
        && is_rows.is_none_or(|is_rows| is_set(node, &group("/isRows")) == is_rows)
        && node.text_at(&group("/lowerBound/kind")) == Some(from)
        && node.text_at(&group("/upperBound/kind")) == Some("CURRENT_ROW")
}

/// What is known of keys of the rows of one side of a join.
#[derive(PartialEq, Eq)]
pub(super) enum Keys {
    None,
    /// A key whose columns are all compared by the join.
    InJoin,
    /// Only others.
    Others,
}

/// The columns of the keys of the left side of a join, and of the right. Their field had the second name in Flink 1.15.
const LEFT_KEYS: [&str; 2] = ["/leftUpsertKeys", "/leftUniqueKeys"];
const RIGHT_KEYS: [&str; 2] = ["/rightUpsertKeys", "/rightUniqueKeys"];

/// Of the left side of a join: its keys, and whether the join counts the matches of each row.
pub(super) fn left(node: &Node) -> (Keys, bool) {
    let counts = matches!(node.text_at("/joinSpec/joinType"), Some("LEFT" | "FULL" | "SEMI" | "ANTI"));
    (keys(node, LEFT_KEYS, "/joinSpec/leftKeys"), counts)
}

/// The same of the right side.
pub(super) fn right(node: &Node) -> (Keys, bool) {
    let counts = matches!(node.text_at("/joinSpec/joinType"), Some("RIGHT" | "FULL"));
    (keys(node, RIGHT_KEYS, "/joinSpec/rightKeys"), counts)
}

fn keys(node: &Node, names: [&str; 2], joined_by: &str) -> Keys {
    let Some(joined_by) = node.columns_at(joined_by) else { return Keys::Others };
    let keys = columns_of_keys(node, names);
    let is_in_join = |key: &Vec<usize>| key.iter().all(|column| joined_by.contains(column));
    match keys.as_deref() {
        Some([]) => Keys::None,
        Some(keys) if keys.iter().any(is_in_join) => Keys::InJoin,
        _ => Keys::Others,
    }
}

/// The columns of every key; `None` where one is not read here.
fn columns_of_keys(node: &Node, [name, older]: [&str; 2]) -> Option<Vec<Vec<usize>>> {
    let place = if node.at(older).is_some() { older } else { name };
    let count = node.at(place).and_then(Value::as_array).map_or(0, Vec::len);
    (0..count).map(|key| node.columns_at(&format!("{place}/{key}"))).collect()
}

/// The key by which a join keeps the rows of a side: the first of those with the fewest columns.
pub(super) fn key_of_side(node: &Node, is_left: bool) -> Option<Vec<usize>> {
    let keys = columns_of_keys(node, if is_left { LEFT_KEYS } else { RIGHT_KEYS })?;
    keys.into_iter().min_by_key(Vec::len)
}
