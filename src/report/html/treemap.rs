//! How the state is spread over the operators, as areas.
//!
//! A savepoint does not say how many bytes of an operator's keyed state are in which state, so an area is an operator's.

use super::operator::Operator;
use super::{plain, shortened, size};
use maud::{Markup, html};
use std::cmp::Reverse;

const WIDTH: u64 = 960;
const HEIGHT: u64 = 360;
/// Smaller areas have no text.
const FOR_TEXT: (u64, u64) = (90, 34);
/// Points that a character takes.
const CHARACTER: u64 = 8;

/// An area of the drawing.
#[derive(Clone, Copy)]
struct Area {
    x: u64,
    y: u64,
    width: u64,
    height: u64,
}

/// The drawing, and the same as a table.
pub(super) fn draw(operators: &[Operator<'_>]) -> Markup {
    let mut sized: Vec<_> = operators.iter().filter(|it| it.bytes() > 0).collect();
    sized.sort_by_key(|it| (Reverse(it.bytes()), it.id));
    let all = sized.iter().map(|it| it.bytes()).fold(0, u64::saturating_add);
    let areas = areas(&sized.iter().map(|it| it.bytes()).collect::<Vec<_>>());
    html! {
        @if sized.is_empty() { p { "The savepoint holds no state." } }
        @else {
            div.scroll role="region" tabindex="0" aria-label="State by operator, as areas" {
                svg.treemap width=(WIDTH) height=(HEIGHT) viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="group" aria-label="State by operator; the table below has the same" {
                    @for (operator, area) in sized.iter().zip(&areas) {
                        a href={ "#" (operator.anchor) } aria-label={ (plain(&operator.title)) ", " (size(operator.bytes())) } {
                            rect.area x=(area.x) y=(area.y) width=(area.width) height=(area.height) { }
                            @if area.width >= FOR_TEXT.0 && area.height >= FOR_TEXT.1 {
                                text.name x=(area.x.saturating_add(6)) y=(area.y.saturating_add(16)) {
                                    (shortened(&operator.title, usize::try_from(area.width / CHARACTER).unwrap_or(8)))
                                }
                                text x=(area.x.saturating_add(6)) y=(area.y.saturating_add(31)) { (size(operator.bytes())) }
                            }
                        }
                    }
                }
            }
            details {
                summary { "The same as a table" }
                div.scroll role="region" tabindex="0" aria-label="State by operator" {
                    table {
                        thead { tr { th scope="col" { "Operator" } th scope="col" { "State" } th scope="col" { "Of all" } th scope="col" { "States" } } }
                        tbody {
                            @for operator in &sized {
                                tr {
                                    th scope="row" { a href={ "#" (operator.anchor) } { (plain(&operator.title)) } }
                                    td { (size(operator.bytes())) }
                                    td { (percent(operator.bytes(), all)) "%" }
                                    td { (states(operator)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn states(operator: &Operator<'_>) -> String {
    let mut names: Vec<_> = operator.old.iter().flat_map(|it| &it.states).map(|it| plain(&it.name)).collect();
    names.dedup();
    names.join(", ")
}

fn percent(part: u64, all: u64) -> u128 {
    u128::from(part).saturating_mul(100).checked_div(u128::from(all)).unwrap_or(0)
}

/// An area for each size, the largest first: each time the list is cut where its halves are most alike, and the area across
/// its longer side.
fn areas(sizes: &[u64]) -> Vec<Area> {
    let mut areas = vec![Area { x: 0, y: 0, width: 0, height: 0 }; sizes.len()];
    let mut left = vec![(0, sizes.len(), Area { x: 0, y: 0, width: WIDTH, height: HEIGHT })];
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
        let areas = areas(&sizes);
        let area = |it: &Area| it.width * it.height;
        assert_eq!(areas.iter().map(area).sum::<u64>(), WIDTH * HEIGHT);
        for (it, size) in areas.iter().zip(sizes) {
            let expected = WIDTH * HEIGHT * size / 1000;
            assert!(area(it).abs_diff(expected) <= WIDTH + HEIGHT, "{size}");
        }
    }
}
