//! The job as a graph: operators in layers from the sources on, as far as the plan knows the edges.

use super::operator::Operator;
use super::{plain, shortened, size};
use crate::ids::{StreamEdge, operator_ids};
use crate::report::Checked;
use maud::{Markup, html};
use std::collections::BTreeMap;

const WIDTH: u64 = 240;
const HEIGHT: u64 = 62;
const COLUMN: u64 = 300;
const ROW: u64 = 82;
const MARGIN: u64 = 12;
/// Operators below each other where no edge says more.
const IN_COLUMN: usize = 8;
/// Characters that fit in a box.
const FITS: usize = 27;

/// An edge between two operators, by their places in the list.
struct Edge {
    from: usize,
    to: usize,
    chained: bool,
}

/// The drawing, and the same as a table.
pub(super) fn draw(checked: &Checked<'_>, operators: &[Operator<'_>]) -> Markup {
    let edges = edges(checked, operators);
    let places = places(operators, edges.as_deref());
    let position = |index: usize| {
        let (column, row) = places.get(index).copied().unwrap_or_default();
        (at(column, COLUMN), at(row, ROW))
    };
    let columns = places.iter().map(|place| place.0).max().unwrap_or(0);
    let rows = places.iter().map(|place| place.1).max().unwrap_or(0);
    let (width, height) = (at(columns, COLUMN).saturating_add(WIDTH), at(rows, ROW).saturating_add(HEIGHT));
    let (width, height) = (width.saturating_add(MARGIN), height.saturating_add(MARGIN));
    let known = edges.is_some();
    let edges = edges.unwrap_or_default();
    html! {
        p.quiet {
            @if known { "Thick lines are chained. Dashed boxes are in the savepoint alone." }
            @else { "This plan does not tell how operators are connected, so they stand in its order. Thick lines are chains that it names. Dashed boxes are in the savepoint alone." }
            " A box leads to its operator."
        }
        div.scroll role="region" tabindex="0" aria-label="Graph of the job" {
            svg width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } role="group" aria-label="The operators of the job; the table below has the same" {
                @for edge in &edges {
                    path.edge.chained[edge.chained] d=(curve(position(edge.from), position(edge.to))) { }
                }
                @for (index, operator) in operators.iter().enumerate() {
                    @let (x, y) = position(index);
                    a href={ "#" (operator.anchor) } aria-label={ (plain(&operator.title)) ", " (operator.place()) ", " (operator.worst()) } {
                        rect.node.(operator.worst()).gone[operator.new.is_none()] x=(x) y=(y) width=(WIDTH) height=(HEIGHT) rx="6" { }
                        text.name x=(x.saturating_add(10)) y=(y.saturating_add(19)) { (shortened(&operator.name(), FITS)) }
                        text x=(x.saturating_add(10)) y=(y.saturating_add(36)) { (shortened(&operator.uid(), FITS)) }
                        text x=(x.saturating_add(10)) y=(y.saturating_add(53)) { (summary(operator)) }
                    }
                }
            }
        }
        details {
            summary { "The same as a table" }
            (table(operators, &edges))
        }
    }
}

fn summary(operator: &Operator<'_>) -> String {
    let states = operator.old.map_or(0, |old| old.states.len());
    let noun = if states == 1 { "state" } else { "states" };
    let size = size(operator.bytes());
    match operator.worst() {
        "kept" => format!("{states} {noun}, {size}"),
        worst => format!("{states} {noun}, {size} · {worst}"),
    }
}

/// The edges of the plan's graph, else those of its chains; `None` where it has no graph.
fn edges(checked: &Checked<'_>, operators: &[Operator<'_>]) -> Option<Vec<Edge>> {
    let planned = checked.plan.graph.as_ref()?;
    let nodes = planned.graph.nodes();
    let ids = operator_ids(&planned.graph, &planned.chaining).unwrap_or_default();
    let ids: BTreeMap<_, _> =
        nodes.iter().zip(&ids).filter_map(|(node, id)| Some((id.as_ref()?.id, node.id))).collect();
    // A plan of JSON names its nodes; of a serialized graph the IDs tell which is which.
    let node = |operator: &Operator<'_>| {
        let new = operator.new?;
        new.node.or_else(|| ids.get(&new.id?).copied())
    };
    let of_node = |(index, operator)| Some((node(operator)?, index));
    let by_node: BTreeMap<_, _> = operators.iter().enumerate().filter_map(of_node).collect();
    if by_node.is_empty() {
        return None;
    }
    let edge = |(place, edge): (usize, &StreamEdge)| {
        let (from, to) = (*by_node.get(&edge.source)?, *by_node.get(&edge.target)?);
        Some(Edge { from, to, chained: planned.chaining.is_chained(place) })
    };
    Some(planned.graph.edges().iter().enumerate().filter_map(edge).collect())
}

/// The column and row of each operator.
fn places(operators: &[Operator<'_>], edges: Option<&[Edge]>) -> Vec<(usize, usize)> {
    let Some(edges) = edges else {
        let in_order = (0..operators.len()).map(|index| (index / IN_COLUMN, index % IN_COLUMN));
        return in_order.collect();
    };
    let layers = layers(operators.len(), edges);
    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, layer) in layers.iter().enumerate() {
        columns.entry(*layer).or_default().push(index);
    }
    let mut inputs: Vec<Vec<usize>> = vec![Vec::new(); operators.len()];
    for edge in edges {
        if let Some(list) = inputs.get_mut(edge.to) {
            list.push(edge.from);
        }
    }
    let mut places: Vec<(usize, usize)> = vec![(0, 0); operators.len()];
    for (column, mut members) in columns {
        // Next to where its inputs are, so that few lines cross.
        members.sort_by_key(|member| {
            let rows = inputs.get(*member).into_iter().flatten().filter_map(|from| places.get(*from));
            let (sum, count) = rows.fold((0_usize, 0_usize), |(sum, count), place| {
                (sum.saturating_add(place.1.saturating_mul(1000)), count.saturating_add(1))
            });
            let is_gone = operators.get(*member).is_some_and(|it| it.new.is_none());
            (is_gone, sum.checked_div(count).unwrap_or(0), *member)
        });
        for (row, member) in members.into_iter().enumerate() {
            if let Some(place) = places.get_mut(member) {
                *place = (column, row);
            }
        }
    }
    places
}

/// Each operator behind all its inputs. What an iteration leads back to is put behind nothing.
fn layers(count: usize, edges: &[Edge]) -> Vec<usize> {
    let mut layers = vec![0_usize; count];
    let mut waits = vec![0_usize; count];
    let mut outputs: Vec<Vec<usize>> = vec![Vec::new(); count];
    for edge in edges {
        if let (Some(waits), Some(outputs)) = (waits.get_mut(edge.to), outputs.get_mut(edge.from)) {
            *waits = waits.saturating_add(1);
            outputs.push(edge.to);
        }
    }
    let mut ready: Vec<_> =
        waits.iter().enumerate().filter(|(_, waits)| **waits == 0).map(|it| it.0).collect();
    while let Some(from) = ready.pop() {
        let behind = layers.get(from).map_or(0, |layer| layer.saturating_add(1));
        for to in outputs.get(from).into_iter().flatten() {
            if let (Some(layer), Some(waits)) = (layers.get_mut(*to), waits.get_mut(*to)) {
                *layer = behind.max(*layer);
                *waits = waits.saturating_sub(1);
                if *waits == 0 {
                    ready.push(*to);
                }
            }
        }
    }
    layers
}

fn at(place: usize, step: u64) -> u64 {
    u64::try_from(place).unwrap_or(u64::MAX).saturating_mul(step).saturating_add(MARGIN)
}

/// From the right side of one box to the left side of another.
fn curve((x, y): (u64, u64), (to_x, to_y): (u64, u64)) -> String {
    let (x, y, to_y) =
        (x.saturating_add(WIDTH), y.saturating_add(HEIGHT / 2), to_y.saturating_add(HEIGHT / 2));
    let half = COLUMN.saturating_sub(WIDTH) / 2;
    format!("M{x} {y} C{} {y} {} {to_y} {to_x} {to_y}", x.saturating_add(half), to_x.saturating_sub(half))
}

fn table(operators: &[Operator<'_>], edges: &[Edge]) -> Markup {
    let inputs = |index: usize| {
        let from = edges.iter().filter(move |edge| edge.to == index);
        let names = from.filter_map(|edge| Some((operators.get(edge.from)?.title.as_str(), edge.chained)));
        let names = names.map(|(name, chained)| format!("{name}{}", if chained { " (chained)" } else { "" }));
        names.collect::<Vec<_>>().join(", ")
    };
    html! {
        div.scroll role="region" tabindex="0" aria-label="Operators of the job" {
            table {
                thead { tr {
                    @for head in ["Operator", "Uid or ID", "Chain", "Inputs", "State", "Where", "Worst finding"] { th scope="col" { (head) } }
                } }
                tbody {
                    @for (index, operator) in operators.iter().enumerate() {
                        tr {
                            th scope="row" { a href={ "#" (operator.anchor) } { (plain(&operator.name())) } }
                            td { (plain(&operator.uid())) }
                            td { (operator.new.and_then(|new| new.chain.as_deref()).map(plain).unwrap_or_default()) }
                            td { (plain(&inputs(index))) }
                            td { (size(operator.bytes())) }
                            td { (operator.place()) }
                            td { (operator.worst()) }
                        }
                    }
                }
            }
        }
    }
}
