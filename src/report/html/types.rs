//! The key and the states of an operator, with their types as they were and as they will be.

use super::operator::Operator;
use super::{plain, size};
use crate::catalog::CatalogState;
use crate::flink::FlinkLine;
use crate::plan::PlannedState;
use crate::report::text::bare_name;
use crate::state::{StateFamily, StateKind};
use crate::types::{Change, DataType, TypeConstructor, compatibility, notation};
use maud::{Markup, html};
use std::collections::BTreeSet;

/// What one side has of a state, or of the key: several where subtasks differ.
type Side = Vec<(Option<StateKind>, Option<DataType>)>;

/// A table of the states: both sides beside each other, or the savepoint's alone.
pub(super) fn draw(operator: &Operator<'_>, target: Option<FlinkLine>) -> Markup {
    let old: &[CatalogState] = operator.old.map_or(&[], |old| &old.states);
    let planned = operator.new.and_then(|new| new.states.as_ref());
    let new: &[PlannedState] = planned.map_or(&[], |planned| &planned.states);
    let names = old.iter().map(|it| (it.name.as_str(), it.kind.family()));
    let names: BTreeSet<_> = names.chain(new.iter().map(|it| (it.name.as_str(), it.kind.family()))).collect();
    let was = |name: &str, family: StateFamily| -> Side {
        let found = old.iter().filter(|it| it.name == name && it.kind.family() == family);
        found.map(|it| (Some(it.kind), it.data_type("VALUE_SERIALIZER"))).collect()
    };
    let is = |name: &str, family: StateFamily| -> Side {
        let found = new.iter().filter(|it| it.name == name && it.kind.family() == family);
        found.map(|it| (Some(it.kind), it.value.clone())).collect()
    };
    let bytes = |name: &str, family: StateFamily| {
        let state = old.iter().find(|it| it.name == name && it.kind.family() == family)?;
        operator.old?.state_bytes(state)
    };
    let keys = operator.old.iter().flat_map(|old| &old.keys).map(|key| (None, Some(key.data_type())));
    let (old_key, new_key): (Side, Side) = (
        keys.collect(),
        planned.iter().flat_map(|it| &it.keys).map(|key| (None, Some(key.clone()))).collect(),
    );
    let is_compared = operator.is_compared();
    let absent = if planned.is_some() { "–" } else { "not told by the plan" };
    let row = |name: Markup, bytes: Option<u64>, was: &Side, is: &Side| {
        let (old, new) = (said(was), said(is));
        let is_in = |sides: &[Vec<String>], line: &String| {
            sides.is_empty() || sides.iter().flatten().any(|it| it == line)
        };
        html! {
            tr {
                th scope="row" { (name) @if let Some(bytes) = bytes { div.quiet { (size(bytes)) } } }
                td { (side(&old, "–", |line| is_in(&new, line), |code| html! { del { (code) } })) }
                @if is_compared {
                    @if was == is { td { "the same" } }
                    @else { td { (side(&new, absent, |line| is_in(&old, line), |code| html! { ins { (code) } })) } }
                    td { (changes(was, is, target)) }
                }
            }
        }
    };
    html! {
        @if !names.is_empty() {
            div.scroll role="group" tabindex="0" aria-label={ "States of " (plain(&operator.title)) } {
                table {
                    thead { tr {
                        th scope="col" { "State" } th scope="col" { "In the savepoint" }
                        @if is_compared { th scope="col" { "In the new job" } th scope="col" { "What changed: what Flink makes of it" } }
                    } }
                    tbody {
                        @if !old_key.is_empty() || !new_key.is_empty() { (row(html! { "key" }, None, &old_key, &new_key)) }
                        @for (name, family) in &names {
                            (row(html! { (plain(name)) }, bytes(name, *family), &was(name, *family), &is(name, *family)))
                        }
                    }
                }
            }
        }
    }
}

/// One side of a row. What the other side does not have is marked.
fn side(
    said: &[Vec<String>],
    absent: &str,
    is_in_both: impl Fn(&String) -> bool,
    mark: fn(Markup) -> Markup,
) -> Markup {
    html! {
        @if said.is_empty() { (absent) }
        @for lines in said {
            @for (number, line) in lines.iter().enumerate() {
                @let code = html! { code { (plain(line)) } };
                div.member[number > 0] { @if is_in_both(line) { (code) } @else { (mark(code)) } }
            }
        }
    }
}

/// What is said of one side: of each type that it has, the kind of state and the type, and then each class in it with its
/// fields or constants, a line each.
fn said(side: &Side) -> Vec<Vec<String>> {
    let of_one = |(kind, data_type): &(Option<StateKind>, Option<DataType>)| {
        let kind = kind.map(|kind| format!("{kind} ")).unwrap_or_default();
        let Some(data_type) = data_type else { return vec![format!("{kind}?")] };
        let mut lines = vec![format!("{kind}{}", notation::write(data_type, &bare_name))];
        let mut seen = BTreeSet::new();
        for part in data_type.walk() {
            let Some(name) = bare_name(part) else { continue };
            let avro = part.avro_schema();
            let class = avro.as_ref().map(|schema| schema.class).or(part.class()).unwrap_or_default();
            if !seen.insert((name.clone(), class.to_owned())) {
                continue;
            }
            lines.push(format!("{name} is {class}"));
            lines.extend(avro.map(|schema| format!("{name}: {}", schema.fields)));
            if let TypeConstructor::Enum { constants, .. } = &part.constructor {
                lines.extend(constants.iter().map(|constant| format!("{name}.{constant}")));
            }
            lines.extend(
                part.fields()
                    .map(|(field, inner)| format!("{name}.{field}: {}", notation::write(inner, &bare_name))),
            );
        }
        lines
    };
    side.iter().map(of_one).collect()
}

/// Where the two types differ, and what Flink makes of each difference.
fn changes(was: &Side, is: &Side, target: Option<FlinkLine>) -> Markup {
    let changes = match (was.as_slice(), is.as_slice()) {
        ([(_, Some(was))], [(_, Some(is))]) => compatibility::resolve(is, was, target).changes,
        _ => Vec::new(),
    };
    let way =
        |change: &Change| change.path.iter().map(|it| format!("{it}: ")).next_back().unwrap_or_default();
    html! {
        @for change in &changes {
            div { (plain(&way(change))) (plain(&change.what)) ": " strong { (change.compatibility.words()) } }
        }
    }
}
