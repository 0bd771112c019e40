//! How the state is spread over the operators and their states, as areas.

use super::operator::Operator;
use super::part::{Part, parts};
use super::{Drawing, plain, shortened, size};
use maud::{Markup, html};
use std::cmp::Reverse;

const WIDTH: u64 = 1100;
const HEIGHT: u64 = 480;
/// Operators with an area of their own; the others, which are the smallest, have one together.
const MOST_AREAS: usize = 48;
/// Smaller areas have no text.
const FOR_TEXT: (u64, u64) = (64, 20);
/// What an operator's name takes above its parts, in areas that have room for it.
const FOR_NAME: u64 = 20;
/// Points that a character takes.
const CHARACTER: u64 = 8;

/// An area of the drawing.
#[derive(Clone, Copy, Default)]
struct Area {
    x: u64,
    y: u64,
    width: u64,
    height: u64,
}

/// The drawing, and the same as a table.
pub(super) fn draw(operators: &[Operator<'_>]) -> Markup {
    let mut holders: Vec<_> = operators.iter().filter(|it| it.bytes() > 0).collect();
    holders.sort_by_key(|it| (Reverse(it.bytes()), it.id));
    let bytes: Vec<_> = holders.iter().map(|it| it.bytes()).collect();
    let all = bytes.iter().copied().fold(0, u64::saturating_add);
    // One more than that many would be an area for a single one.
    let shown = if holders.len() > MOST_AREAS { MOST_AREAS.saturating_sub(1) } else { holders.len() };
    let (large, small) = bytes.split_at_checked(shown).unwrap_or((&bytes, &[]));
    let small_bytes = small.iter().copied().fold(0, u64::saturating_add);
    let sizes: Vec<_> = large.iter().copied().chain((small_bytes > 0).then_some(small_bytes)).collect();
    let areas = areas(&sizes, Area { x: 0, y: 0, width: WIDTH, height: HEIGHT });
    let drawing = Drawing { name: "State by operator and state, as areas", table: "sizes-table" };
    html! {
        @if holders.is_empty() { p { "The savepoint holds no state." } }
        @else {
            p.quiet {
                span.key.keyed-state { "keyed state" } " " span.key.operator-state { "operator state" } " "
                span.key.other-state { "other" } " "
                "Keyed states of one operator have one area: a savepoint does not say how much each of them has."
            }
            (drawing.around(&html! {
                svg width=(WIDTH) height=(HEIGHT) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="group" aria-label="State by operator and state; the table below has the same" {
                    @for (operator, area) in holders.iter().take(shown).zip(&areas) { (draw_operator(operator, *area)) }
                    @if let (true, Some(area)) = (small_bytes > 0, areas.get(shown)) {
                        rect.area.other-state x=(area.x) y=(area.y) width=(area.width) height=(area.height) { }
                        (label(*area, &format!("{} more, {}", small.len(), size(small_bytes)), "name"))
                    }
                }
            }))
            details id=(drawing.table) {
                summary { "The same as a table" }
                div.scroll role="region" tabindex="0" aria-label="State by operator and state" {
                    table {
                        thead { tr { @for head in ["Operator", "State", "Bytes", "Of all"] { th scope="col" { (head) } } } }
                        tbody { @for operator in &holders { (rows(operator, all)) } }
                    }
                }
            }
        }
    }
}

fn draw_operator(operator: &Operator<'_>, area: Area) -> Markup {
    let parts = operator.old.map(parts).unwrap_or_default();
    let said: Vec<_> = parts.iter().map(|part| format!("{}: {}", part.name, size(part.bytes))).collect();
    let has_name = area.height >= FOR_NAME.saturating_mul(2) && area.width >= FOR_TEXT.0;
    let above = if has_name { FOR_NAME } else { 0 };
    let inside = Area { y: area.y.saturating_add(above), height: area.height.saturating_sub(above), ..area };
    let areas = areas(&parts.iter().map(|part| part.bytes).collect::<Vec<_>>(), inside);
    let title = format!("{}, {}", operator.title, size(operator.bytes()));
    html! {
        a href={ "#" (operator.anchor) } {
            title { (plain(&title)) "; " (said.join("; ")) }
            @for (part, area) in parts.iter().zip(&areas) {
                rect.part.(part.class) x=(area.x) y=(area.y) width=(area.width) height=(area.height) { }
                @if has_name || area.width < WIDTH { (label(*area, &part_label(part), "")) }
            }
            rect.area x=(area.x) y=(area.y) width=(area.width) height=(area.height) { }
            @if has_name { (label(Area { height: FOR_NAME, ..area }, &title, "name")) }
        }
    }
}

fn part_label(part: &Part) -> String {
    match part.together {
        0 | 1 => format!("{} {}", size(part.bytes), part.name),
        many => format!("{} in {many} keyed states", size(part.bytes)),
    }
}

/// A text at the top of an area, as far as there is room.
fn label(area: Area, text: &str, class: &str) -> Markup {
    html! {
        @if area.width >= FOR_TEXT.0 && area.height >= FOR_TEXT.1 {
            text.(class) x=(area.x.saturating_add(6)) y=(area.y.saturating_add(15)) {
                (shortened(text, usize::try_from(area.width.saturating_sub(8) / CHARACTER).unwrap_or(8)))
            }
        }
    }
}

/// A row for the operator, and one for each part, where there are several.
fn rows(operator: &Operator<'_>, all: u64) -> Markup {
    let parts = operator.old.map(parts).unwrap_or_default();
    let only = if let [part] = parts.as_slice() { part_name(part) } else { String::new() };
    html! {
        tr {
            th scope="row" { a href={ "#" (operator.anchor) } { (plain(&operator.title)) } }
            td { (only) }
            td { (size(operator.bytes())) }
            td { (percent(operator.bytes(), all)) "%" }
        }
        @if parts.len() > 1 {
            @for part in &parts {
                tr {
                    td { }
                    td { (part_name(part)) }
                    td { (size(part.bytes)) }
                    td { (percent(part.bytes, all)) "%" }
                }
            }
        }
    }
}

fn part_name(part: &Part) -> String {
    if part.together > 1 { format!("{} (together)", part.name) } else { part.name.clone() }
}

fn percent(part: u64, all: u64) -> u128 {
    u128::from(part).saturating_mul(100).checked_div(u128::from(all)).unwrap_or(0)
}

/// An area inside `whole` for each size, the largest first: each time the list is cut where its halves are most alike, and
/// the area across its longer side.
fn areas(sizes: &[u64], whole: Area) -> Vec<Area> {
    let mut areas = vec![Area::default(); sizes.len()];
    let mut left = vec![(0, sizes.len(), whole)];
    while let Some((from, to, area)) = left.pop() {
        let Some(part) = sizes.get(from..to) else { continue };
        if part.len() < 2 {
            if let Some(place) = areas.get_mut(from) {
                *place = area;
            }
            continue;
        }
        let all: u128 = part.iter().copied().map(u128::from).sum();
        let (mut first, mut count) = (0_u128, 0_usize);
        for size in part.iter().take(part.len().saturating_sub(1)) {
            if count > 0 && first.saturating_add(u128::from(*size) / 2) > all / 2 {
                break;
            }
            first = first.saturating_add(u128::from(*size));
            count = count.saturating_add(1);
        }
        let cut = |side: u64| {
            let cut = u128::from(side).saturating_mul(first).checked_div(all).unwrap_or(0);
            u64::try_from(cut).unwrap_or(side)
        };
        let (one, other) = if area.width >= area.height {
            let width = cut(area.width);
            let rest = area.width.saturating_sub(width);
            (Area { width, ..area }, Area { x: area.x.saturating_add(width), width: rest, ..area })
        } else {
            let height = cut(area.height);
            let rest = area.height.saturating_sub(height);
            (Area { height, ..area }, Area { y: area.y.saturating_add(height), height: rest, ..area })
        };
        let middle = from.saturating_add(count);
        left.push((middle, to, other));
        left.push((from, middle, one));
    }
    areas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_fill_the_drawing_and_are_as_large_as_their_sizes() {
        let sizes = [500, 200, 100, 100, 50, 50];
        let areas = areas(&sizes, Area { x: 0, y: 0, width: WIDTH, height: HEIGHT });
        let area = |it: &Area| it.width * it.height;
        assert_eq!(areas.iter().map(area).sum::<u64>(), WIDTH * HEIGHT);
        for (it, size) in areas.iter().zip(sizes) {
            let expected = WIDTH * HEIGHT * size / 1000;
            assert!(area(it).abs_diff(expected) <= WIDTH + HEIGHT, "{size}");
        }
    }
}
