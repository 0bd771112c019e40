//! What became of a job's state between two savepoints, for people.

use super::inspect::format;
use super::{BOLD, DIM, plain, size, styled, table};
use crate::catalog::StateCatalog;
use crate::diff::{FileCount, OperatorDiff, OperatorSize, Presence, SavepointDiff, StateDiff, TypeDiff};
use crate::state::StateBackend;
use crate::types::{Change, DataType};
use std::fmt::Write;

/// Both savepoints, then the operators, those that grew most first, then the states that are not the same.
pub fn render_diff(old: &str, new: &str, diff: &SavepointDiff) -> String {
    let mut out = String::new();
    let rows = [
        ("Old", format!("{old}  ({})", format(&diff.old))),
        ("New", format!("{new}  ({})", format(&diff.new))),
        ("Backend", arrow(&backend(&diff.old), &backend(&diff.new))),
        ("State", growth_of_both(&diff.old, &diff.new)),
        ("Files", files(diff)),
    ];
    for (name, text) in rows {
        let _ = writeln!(out, "{} {}", styled(BOLD, &format!("{name:<10}")), plain(&text));
    }
    let mut operators: Vec<_> = diff.operators.iter().collect();
    operators.sort_by_key(|it| (std::cmp::Reverse(it.growth().unsigned_abs()), it.id));
    let rows = operators.iter().map(|it| operator(it));
    let heading = ["", "Operator", "Parallelism", "Max", "State", "Growth"];
    let _ = writeln!(out, "\n{}", table(&heading, rows));
    let changed = || operators.iter().filter(|it| !it.states.is_empty());
    for operator in changed() {
        let _ = writeln!(out, "\n{}", styled(BOLD, &operator.title));
        let rows = operator.states.iter().flat_map(state);
        let _ = writeln!(out, "{}", table(&["", "State", "What", "Where", "Flink makes of it"], rows));
    }
    if changed().next().is_none() {
        let _ = writeln!(out, "\n{}", styled(DIM, "The states and their types are the same."));
    }
    out
}

fn arrow(old: &str, new: &str) -> String {
    if old == new { old.to_owned() } else { format!("{old} → {new}") }
}

fn backend(catalog: &StateCatalog) -> String {
    catalog.state_backend().map_or("not told", StateBackend::name).to_owned()
}

/// In which of them, as the lines of a textual difference have it.
fn mark(presence: Presence) -> &'static str {
    match presence {
        Presence::Came => "+",
        Presence::Went => "-",
        Presence::Changed => "~",
        Presence::Unknown => "?",
        Presence::Same => "",
    }
}

fn growth_of_both(old: &StateCatalog, new: &StateCatalog) -> String {
    let (was, is) = (old.total_bytes(), new.total_bytes());
    let stored = |catalog: &StateCatalog| catalog.stored.as_ref().map(|stored| size(stored.bytes));
    let stored = arrow(&stored(old).unwrap_or_default(), &stored(new).unwrap_or_default());
    let growth = growth(i128::from(is).saturating_sub(i128::from(was)));
    format!("{} ({growth}); each file counted once: {stored}", arrow(&size(was), &size(is)))
}

fn growth(bytes: i128) -> String {
    let text = size(u64::try_from(bytes.unsigned_abs()).unwrap_or(u64::MAX));
    match bytes {
        0 => "±0".to_owned(),
        1.. => format!("+{text}"),
        _ => format!("-{text}"),
    }
}

fn files(diff: &SavepointDiff) -> String {
    let count = |count: FileCount| match count.files {
        0 => "0".to_owned(),
        files => format!("{files} ({})", size(count.bytes)),
    };
    let files = &diff.files;
    format!(
        "{} in both, {} only in the old one, {} only in the new one",
        count(files.shared),
        count(files.old),
        count(files.new)
    )
}

fn operator(operator: &OperatorDiff) -> Vec<String> {
    let of = |what: fn(&OperatorSize) -> String| {
        let (old, new) = (operator.old.as_ref().map(what), operator.new.as_ref().map(what));
        match (old, new) {
            (Some(old), Some(new)) => arrow(&old, &new),
            (old, new) => old.or(new).unwrap_or_default(),
        }
    };
    vec![
        mark(operator.presence()).to_owned(),
        operator.title.clone(),
        of(|it| it.parallelism.to_string()),
        of(|it| it.max_parallelism.to_string()),
        of(|it| size(it.bytes)),
        growth(operator.growth()),
    ]
}

/// A row for what became of the state, and one for each change of its types.
fn state(state: &StateDiff) -> Vec<Vec<String>> {
    let name = state.name.clone().unwrap_or_else(|| "(key)".to_owned());
    let row = |what: String, place: String, made_of_it: &str| {
        vec![mark(state.presence).to_owned(), name.clone(), what, place, made_of_it.to_owned()]
    };
    let kinds = |kinds: &[crate::state::StateKind]| {
        kinds.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
    };
    let (was, is) = (kinds(&state.old_kinds), kinds(&state.new_kinds));
    if was.is_empty() != is.is_empty() {
        let types: Vec<_> = state.types.iter().filter(|it| it.part != "namespace").map(one_sided).collect();
        let why = if state.presence == Presence::Unknown { "not all of the other was read" } else { "" };
        return vec![row(format!("{was}{is} {}", types.join(" → ")), String::new(), why)];
    }
    let mut rows = Vec::new();
    if was != is {
        rows.push(row(format!("{was} → {is}"), String::new(), "another kind"));
    }
    for types in &state.types {
        if types.changes.is_empty() {
            let made_of_it =
                if types.old.len() == 1 && types.new.len() == 1 { "as is" } else { "subtasks differ" };
            rows.push(row(
                arrow(&joined(&types.old), &joined(&types.new)),
                types.part.to_owned(),
                made_of_it,
            ));
        }
        for change in &types.changes {
            rows.push(row(change.what.clone(), way(types, change), change.compatibility.words()));
        }
    }
    rows
}

fn way(types: &TypeDiff, change: &Change) -> String {
    let path = change.path.iter().map(String::as_str);
    [types.part].into_iter().chain(path).collect::<Vec<_>>().join(" › ")
}

fn one_sided(types: &TypeDiff) -> String {
    joined(if types.new.is_empty() { &types.old } else { &types.new })
}

fn joined(types: &[DataType]) -> String {
    types.iter().map(DataType::to_string).collect::<Vec<_>>().join(" | ")
}
