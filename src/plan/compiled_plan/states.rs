//! The types of the key and the states of the operators of a node, as its shape has them.

use super::LoadedBy;
use super::accumulators::{self, Accumulators, View};
use super::conditions::key_of_side;
use super::node::{Node, projection};
use super::shapes::{KEYS, SHAPES, Shape, StateRow};
use crate::flink::FlinkLine;
use crate::plan::{PlannedState, PlannedStates};
use crate::state::StateKind;
use crate::types::{DataType, LogicalKind, LogicalType, SqlField, notation};
use serde_json::Value;

/// The newest line whose savepoints the shapes were compared with.
const NEWEST_TRIED: FlinkLine = FlinkLine::new(2, 3);
const ACCUMULATORS: &str = "{accumulators}";

/// What is known of the states of an operator of a node.
///
/// A Flink that is newer than those that were tried may have others, and so may the operators of asynchronous state.
pub(super) fn of(node: &Node, transformation: &str, inputs: &[&Node], loaded_by: &LoadedBy) -> PlannedStates {
    let has_shape = |it: &&Shape| {
        it.node == node.kind() && it.transformation == transformation && (it.when)(node, inputs)
    };
    let rows = Rows::of(node, inputs, loaded_by.flink);
    let keys: Vec<_> = rows.key(transformation).into_iter().collect();
    let Some(shape) = SHAPES.iter().find(has_shape) else {
        return PlannedStates { unread: true, keys, ..PlannedStates::default() };
    };
    let mut complete = !shape.has_others && !loaded_by.is_async && loaded_by.flink <= NEWEST_TRIED;
    let mut planned = PlannedStates { keys, ..PlannedStates::default() };
    for row in shape.states.iter().filter(|row| (row.when)(node)) {
        let states = if row.is_uncertain { &mut planned.perhaps } else { &mut planned.states };
        states.push(rows.state(row));
    }
    if let Some(row) = shape.states.iter().find(|row| row.value.contains(ACCUMULATORS)) {
        match &rows.accumulators {
            Some(accumulators) => {
                planned.states.extend(accumulators.views.iter().map(|it| rows.view(it, row)));
            }
            // One that is not known may have views.
            None => complete = false,
        }
    }
    (planned.complete, planned.unread) = (complete, !complete);
    if let Some((name, namespace)) = shape.timers {
        let key = planned.keys.first();
        planned.states.extend(["event", "processing"].map(|time| timers(time, name, key, namespace)));
    }
    planned.states.sort_by(|one, other| one.name.cmp(&other.name));
    planned
}

/// Flink registers the timers of both times, whichever are set.
fn timers(time: &str, name: &str, key: Option<&DataType>, namespace: &str) -> PlannedState {
    PlannedState {
        name: format!("_timer_state/{time}_{name}"),
        kind: StateKind::Timers,
        key: None,
        namespace: None,
        value: key.and_then(|key| notation::parse(&format!("Timer<{key}, {namespace}>"), &|_| None).ok()),
    }
}

/// What the states of a node are made of.
struct Rows<'n> {
    node: &'n Node,
    left: Option<LogicalType>,
    right: Option<LogicalType>,
    accumulators: Option<Accumulators>,
}

impl<'n> Rows<'n> {
    fn of(node: &'n Node, inputs: &[&Node], flink: FlinkLine) -> Self {
        let row = |place: usize| inputs.get(place)?.row_type();
        let left = row(0);
        let accumulators = left.as_ref().and_then(|left| accumulators::of(node, left, flink));
        Self { node, left, right: row(1), accumulators }
    }

    fn key(&self, transformation: &str) -> Option<DataType> {
        let (_, pointer) = KEYS.iter().find(|(kind, _)| *kind == self.node.kind())?;
        if transformation == "timestamp-inserter" {
            return None;
        }
        let columns = if pointer.is_empty() { Vec::new() } else { self.node.columns_at(pointer)? };
        projection(self.left.as_ref()?, &columns)?.serializer()
    }

    fn state(&self, row: &StateRow) -> PlannedState {
        let namespace = row.namespace.name();
        PlannedState {
            name: row.name.to_owned(),
            kind: row.kind,
            key: None,
            namespace: namespace.and_then(|it| notation::parse(it, &|_| None).ok()),
            value: self.value(row.value, self.node.has_time_to_live(row.metadata)),
        }
    }

    /// A view in the accumulators that this row is of.
    fn view(&self, view: &View, accumulators: &StateRow) -> PlannedState {
        let lives = if accumulators.value == ACCUMULATORS {
            Some(false)
        } else {
            self.node.has_time_to_live(accumulators.metadata)
        };
        PlannedState {
            name: view.name.clone(),
            kind: view.kind,
            value: self.value(&view.value, lives),
            ..self.state(accumulators)
        }
    }

    /// The type of a state's value, where all of it is known; `lives` for a limited time.
    fn value(&self, template: &str, lives: Option<bool>) -> Option<DataType> {
        let mut text = template.to_owned();
        if let Some((before, behind)) = text.split_once("Ttl?<") {
            text = if lives? { format!("{before}Ttl<{behind}") } else { without_closing(before, behind)? };
        }
        let mut filled = String::new();
        let mut rest = text.as_str();
        while let Some((before, behind)) = rest.split_once('{') {
            let (row, behind) = behind.split_once('}')?;
            filled.push_str(before);
            filled.push_str(&self.row(row)?);
            rest = behind;
        }
        filled.push_str(rest);
        notation::parse(&filled, &|_| None).ok()
    }

    /// A row by its name in the table of shapes, in the notation.
    fn row(&self, name: &str) -> Option<String> {
        let some = |row: &Option<LogicalType>, columns: Vec<usize>| {
            Some(projection(row.as_ref()?, &columns)?.serializer()?.to_string())
        };
        let all = |row: &Option<LogicalType>| Some(row.as_ref()?.serializer()?.to_string());
        match name {
            "in" | "left" => all(&self.left),
            "right" => all(&self.right),
            "left key" => some(&self.left, key_of_side(self.node, true)?),
            "right key" => some(&self.right, key_of_side(self.node, false)?),
            "order" => some(&self.left, self.order()?),
            "comparator" => self.comparator(),
            "unique" => some(&self.left, self.node.columns_at("/rankStrategy/primaryKeys")?),
            "accumulators" => self.accumulators.as_ref().map(|it| it.row.clone()),
            _ => None,
        }
    }

    /// The columns by which rows are in order.
    fn order(&self) -> Option<Vec<usize>> {
        let column = |field: &Value| usize::try_from(field.get("index")?.as_u64()?).ok();
        self.order_fields()?.iter().map(column).collect()
    }

    fn order_fields(&self) -> Option<&'n Vec<Value>> {
        ["/orderBy/fields", "/sortSpec/fields"].into_iter().find_map(|it| self.node.at(it))?.as_array()
    }

    /// What compares rows of these columns, as the notation writes it.
    fn comparator(&self) -> Option<String> {
        let row = projection(self.left.as_ref()?, &self.order()?)?;
        let LogicalKind::Row(columns) = row.kind else { return None };
        let column = |(place, (column, field)): (usize, (&SqlField, &Value))| {
            let ascending = if field.get("isAscending")?.as_bool()? { "" } else { " DESC" };
            let nulls_last = if field.get("nullIsLast")?.as_bool()? { " NULLS LAST" } else { "" };
            Some(format!("{place} {}{ascending}{nulls_last}", column.logical_type))
        };
        let columns: Option<Vec<_>> =
            columns.iter().zip(self.order_fields()?).enumerate().map(column).collect();
        Some(columns?.join(", "))
    }
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
