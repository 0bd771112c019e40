//! The job as a graph: its chains in columns from the sources on, as far as the plan knows the edges.

use super::operator::Operator;
use super::{Drawing, plain, shortened, size};
use crate::ids::{StreamEdge, operator_ids};
use crate::report::Checked;
use maud::{Markup, html};
use std::collections::BTreeMap;

const WIDTH: u64 = 240;
const HEIGHT: u64 = 62;
/// Between the operators of a chain.
const GAP: u64 = 8;
/// Around the operators of a chain.
const PADDING: u64 = 8;
const COLUMN: u64 = 310;
/// Between chains below each other.
const ROW_GAP: u64 = 18;
const MARGIN: u64 = 12;
/// Chains beside each other where no edge says more.
const IN_ROW: usize = 3;
/// Characters that fit in a box.
const FITS: usize = 27;

/// An edge between two operators, by their places in the list.
struct Edge {
    from: usize,
    to: usize,
    chained: bool,
}

/// Operators that one task runs.
struct Chain {
    /// By their places in the list, in the order of the chain.
    members: Vec<usize>,
    x: u64,
    y: u64,
}

impl Chain {
    fn height(&self) -> u64 {
        let members = u64::try_from(self.members.len()).unwrap_or(u64::MAX);
        members
            .saturating_mul(HEIGHT.saturating_add(GAP))
            .saturating_sub(GAP)
            .saturating_add(PADDING.saturating_mul(2))
    }
}

/// The drawing, and the same as a table.
pub(super) fn draw(checked: &Checked<'_>, operators: &[Operator<'_>]) -> Markup {
    let edges = edges(checked, operators);
    let is_known = edges.is_some();
    let edges = edges.unwrap_or_default();
    let chains = place(operators, chains(operators, &edges), &edges, is_known);
    let mut boxes = vec![(MARGIN, MARGIN); operators.len()];
    for chain in &chains {
        let mut y = chain.y.saturating_add(PADDING);
        for member in &chain.members {
            if let Some(place) = boxes.get_mut(*member) {
                *place = (chain.x.saturating_add(PADDING), y);
            }
            y = y.saturating_add(HEIGHT).saturating_add(GAP);
        }
    }
    let position = |index: usize| boxes.get(index).copied().unwrap_or((MARGIN, MARGIN));
    let chain_width = WIDTH.saturating_add(PADDING.saturating_mul(2));
    let right = chains.iter().map(|it| it.x.saturating_add(chain_width)).max().unwrap_or(0);
    let bottom = chains.iter().map(|it| it.y.saturating_add(it.height())).max().unwrap_or(0);
    let (width, height) = (right.saturating_add(MARGIN), bottom.saturating_add(MARGIN));
    let drawing = Drawing { name: "Graph of the job", table: "job-table" };
    html! {
        p.quiet {
            @if !is_known { "This plan does not tell how operators are connected, so they stand in its order. " }
            "Operators in one frame are chained. Dashed boxes are in the savepoint alone. A box leads to its operator."
        }
        (drawing.around(&html! {
            svg width=(width) height=(height) viewBox={ "0 0 " (width) " " (height) } role="group" aria-label="The operators of the job; the table below has the same" {
                @for chain in chains.iter().filter(|it| it.members.len() > 1) {
                    rect.chain x=(chain.x) y=(chain.y) width=(chain_width) height=(chain.height()) rx="10" { }
                }
                @for edge in &edges {
                    path.edge.chained[edge.chained] d=(line(edge, position(edge.from), position(edge.to))) { }
                }
                @for index in chains.iter().flat_map(|chain| &chain.members) {
                    @if let Some(operator) = operators.get(*index) { (draw_operator(operator, position(*index))) }
                }
            }
        }))
        details id=(drawing.table) {
            summary { "The same as a table" }
            (table(operators, &edges))
        }
    }
}

fn draw_operator(operator: &Operator<'_>, (x, y): (u64, u64)) -> Markup {
    let text_x = x.saturating_add(10);
    html! {
        a href={ "#" (operator.anchor) } {
            title { (plain(&operator.name())) ", " (plain(&operator.uid())) ", " (operator.place()) ", " (summary(operator)) }
            rect.node.(operator.worst()).gone[operator.is_gone()] x=(x) y=(y) width=(WIDTH) height=(HEIGHT) rx="6" { }
            text.name x=(text_x) y=(y.saturating_add(19)) { (shortened(&operator.name(), FITS)) }
            text x=(text_x) y=(y.saturating_add(36)) { (shortened(&operator.uid(), FITS)) }
            text x=(text_x) y=(y.saturating_add(53)) { (summary(operator)) }
        }
    }
}

fn summary(operator: &Operator<'_>) -> String {
    let held = match operator.old.filter(|old| old.has_state) {
        Some(old) if old.states.len() == 1 => format!("1 state, {}", size(old.bytes)),
        Some(old) => format!("{} states, {}", old.states.len(), size(old.bytes)),
        None => "no state".to_owned(),
    };
    match operator.worst() {
        "kept" => held,
        worst => format!("{held} · {worst}"),
    }
}

/// The edges of the plan's graph; `None` where it has none.
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

/// The chains, by their first operators: those of chained edges, and those that the plan names.
fn chains(operators: &[Operator<'_>], edges: &[Edge]) -> Vec<Vec<usize>> {
    let chained: Vec<_> = edges.iter().filter(|edge| edge.chained).collect();
    let depth = layers(operators.len(), chained.iter().map(|edge| (edge.from, edge.to)));
    let mut head: Vec<usize> = (0..operators.len()).collect();
    let mut by_depth = chained;
    by_depth.sort_by_key(|edge| depth.get(edge.to).copied());
    for edge in by_depth {
        if let (Some(from), Some(to)) = (head.get(edge.from).copied(), head.get_mut(edge.to)) {
            *to = from;
        }
    }
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, operator) in operators.iter().enumerate() {
        if let (Some(label), Some(own)) = (operator.chain(), head.get_mut(index))
            && *own == index
        {
            *own = *named.entry(label).or_insert(index);
        }
    }
    let mut chains: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, head) in head.iter().enumerate() {
        chains.entry(*head).or_default().push(index);
    }
    let mut chains: Vec<_> = chains.into_values().collect();
    for chain in &mut chains {
        chain.sort_by_key(|member| (depth.get(*member).copied(), *member));
    }
    chains
}

/// Puts each chain into the column behind all its inputs, next to where they are, so that few lines cross. What no edge
/// places stands below in rows.
fn place(operators: &[Operator<'_>], chains: Vec<Vec<usize>>, edges: &[Edge], is_known: bool) -> Vec<Chain> {
    let mut chain_of = vec![0; operators.len()];
    for (number, chain) in chains.iter().enumerate() {
        for member in chain {
            if let Some(place) = chain_of.get_mut(*member) {
                *place = number;
            }
        }
    }
    let ends = |edge: &Edge| Some((*chain_of.get(edge.from)?, *chain_of.get(edge.to)?));
    let links: Vec<_> = edges.iter().filter_map(ends).filter(|(from, to)| from != to).collect();
    let layers = layers(chains.len(), links.iter().copied());
    let mut inputs: Vec<Vec<usize>> = vec![Vec::new(); chains.len()];
    for (from, to) in &links {
        if let Some(list) = inputs.get_mut(*to) {
            list.push(*from);
        }
    }
    let is_gone =
        |chain: &Vec<usize>| chain.iter().all(|it| operators.get(*it).is_some_and(Operator::is_gone));
    let in_rows: Vec<bool> = chains.iter().map(|chain| !is_known || is_gone(chain)).collect();
    let mut placed: Vec<_> =
        chains.into_iter().map(|members| Chain { members, x: MARGIN, y: MARGIN }).collect();

    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, layer) in
        layers.iter().enumerate().filter(|(number, _)| in_rows.get(*number) == Some(&false))
    {
        columns.entry(*layer).or_default().push(number);
    }
    let mut bottom = MARGIN;
    for (column, mut members) in columns {
        members.sort_by_key(|member| {
            let of_inputs = inputs.get(*member).into_iter().flatten().filter_map(|from| placed.get(*from));
            let (sum, count) = of_inputs.fold((0_u64, 0_u64), |(sum, count), chain| {
                (sum.saturating_add(chain.y), count.saturating_add(1))
            });
            (sum.checked_div(count).unwrap_or(0), *member)
        });
        let mut y = MARGIN;
        for member in members {
            if let Some(chain) = placed.get_mut(member) {
                (chain.x, chain.y) = (at(column), y);
                y = y.saturating_add(chain.height()).saturating_add(ROW_GAP);
            }
        }
        bottom = bottom.max(y);
    }
    let rows: Vec<usize> = (0..placed.len()).filter(|it| in_rows.get(*it) == Some(&true)).collect();
    for row in rows.chunks(IN_ROW) {
        let mut height = 0;
        for (column, number) in row.iter().enumerate() {
            if let Some(chain) = placed.get_mut(*number) {
                (chain.x, chain.y) = (at(column), bottom);
                height = height.max(chain.height());
            }
        }
        bottom = bottom.saturating_add(height).saturating_add(ROW_GAP);
    }
    placed
}

/// Each number behind all those that lead to it. What an iteration leads back to is put behind nothing.
fn layers(count: usize, edges: impl Iterator<Item = (usize, usize)>) -> Vec<usize> {
    let mut layers = vec![0_usize; count];
    let mut waits = vec![0_usize; count];
    let mut outputs: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (from, to) in edges {
        if let (Some(waits), Some(outputs)) = (waits.get_mut(to), outputs.get_mut(from)) {
            *waits = waits.saturating_add(1);
            outputs.push(to);
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

fn at(column: usize) -> u64 {
    u64::try_from(column).unwrap_or(u64::MAX).saturating_mul(COLUMN).saturating_add(MARGIN)
}

/// From the right side of one box to the left side of another; inside a chain, from box to box.
fn line(edge: &Edge, (x, y): (u64, u64), (to_x, to_y): (u64, u64)) -> String {
    if edge.chained {
        let (middle, bottom) = (x.saturating_add(WIDTH / 2), y.saturating_add(HEIGHT));
        if bottom.saturating_add(GAP) == to_y {
            return format!("M{middle} {bottom}V{to_y}");
        }
        let (right, y, to_y) =
            (x.saturating_add(WIDTH), y.saturating_add(HEIGHT / 2), to_y.saturating_add(HEIGHT / 2));
        let out = right.saturating_add(PADDING.saturating_mul(2));
        return format!("M{right} {y}C{out} {y} {out} {to_y} {right} {to_y}");
    }
    let (x, y, to_y) =
        (x.saturating_add(WIDTH), y.saturating_add(HEIGHT / 2), to_y.saturating_add(HEIGHT / 2));
    let half = COLUMN.saturating_sub(WIDTH) / 2;
    format!("M{x} {y}C{} {y} {} {to_y} {to_x} {to_y}", x.saturating_add(half), to_x.saturating_sub(half))
}

fn table(operators: &[Operator<'_>], edges: &[Edge]) -> Markup {
    let mut inputs: Vec<Vec<String>> = vec![Vec::new(); operators.len()];
    for edge in edges {
        if let (Some(list), Some(from)) = (inputs.get_mut(edge.to), operators.get(edge.from)) {
            list.push(format!("{}{}", from.title, if edge.chained { " (chained)" } else { "" }));
        }
    }
    html! {
        div.scroll role="region" tabindex="0" aria-label="Operators of the job" {
            table {
                thead { tr {
                    @for head in ["Operator", "Uid or ID", "Chain", "Inputs", "State", "Where", "Worst finding"] { th scope="col" { (head) } }
                } }
                tbody {
                    @for (operator, inputs) in operators.iter().zip(&inputs) {
                        tr {
                            th scope="row" { a href={ "#" (operator.anchor) } { (plain(&operator.name())) } }
                            td { (plain(&operator.uid())) }
                            td { (operator.chain().map(plain).unwrap_or_default()) }
                            td { (plain(&inputs.join(", "))) }
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
