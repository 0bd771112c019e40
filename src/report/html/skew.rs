//! How the state of the largest operators is spread over their subtasks, as bars.

use super::operator::Operator;
use super::{plain, size};
use crate::catalog::CatalogOperator;
use maud::{Markup, html};
use std::cmp::Reverse;
use std::fmt::Write;

/// So many operators are drawn.
const MOST_OPERATORS: usize = 12;
/// So many bars an operator has at most; of more subtasks, neighbours share one.
const MOST_BARS: usize = 128;
const HEIGHT: u64 = 48;
/// What a bar takes, with the gap behind it: wider where there are few.
const STEP: (u64, u64) = (5, 24);
const WIDTH: u64 = 640;

/// Bars for each of the largest operators that have several subtasks.
pub(super) fn draw(operators: &[Operator<'_>]) -> Markup {
    let mut spread: Vec<_> = operators
        .iter()
        .filter_map(|operator| Some((operator, operator.old.filter(|it| it.parallelism > 1)?)))
        .filter(|(_, old)| !old.subtask_bytes.is_empty())
        .collect();
    spread.sort_by_key(|(operator, old)| (Reverse(old.bytes), operator.id));
    let more = spread.len().saturating_sub(MOST_OPERATORS);
    html! {
        @if spread.is_empty() { p { "No operator with state has more than one subtask." } }
        @else {
            p.quiet {
                "Each bar is a subtask, in their order; its height is its state beside that of the operator's largest."
                @if more > 0 { " The " (MOST_OPERATORS) " operators with most state are shown; " (more) " more have several subtasks." }
            }
            ol.skews {
                @for (operator, old) in spread.iter().take(MOST_OPERATORS) {
                    li {
                        p { a href={ "#" (operator.anchor) } { (plain(&operator.title)) } ": " (summary(old)) }
                        (bars(old))
                    }
                }
            }
        }
    }
}

/// The numbers behind the bars.
pub(super) fn summary(operator: &CatalogOperator) -> String {
    let Some((subtask, largest)) = operator.largest_subtask() else { return String::new() };
    let mean = operator.mean_subtask_bytes();
    let times = largest.saturating_mul(10).checked_div(mean).unwrap_or(0);
    let (whole, tenth) = (times / 10, times % 10);
    format!(
        "{} subtasks; the largest, {subtask}, has {}, {whole}.{tenth} times the mean of {}",
        operator.parallelism,
        size(largest),
        size(mean)
    )
}

fn bars(operator: &CatalogOperator) -> Markup {
    let heights = heights(operator);
    let largest = heights.iter().copied().max().unwrap_or(0);
    let count = u64::try_from(heights.len()).unwrap_or(u64::MAX);
    let step = WIDTH.checked_div(count).unwrap_or(STEP.1).clamp(STEP.0, STEP.1);
    let width = step.saturating_mul(count);
    let mut path = String::new();
    let mut x = step / 2;
    for bytes in heights {
        let height = u128::from(bytes).saturating_mul(HEIGHT.into()).checked_div(largest.into()).unwrap_or(0);
        let height = u64::try_from(height).unwrap_or(HEIGHT).max(u64::from(bytes > 0));
        if height > 0 {
            let _ = write!(path, "M{x} {HEIGHT}v-{height}");
        }
        x = x.saturating_add(step);
    }
    html! {
        div.scroll role="group" tabindex="0" aria-label={ "State by subtask of " (plain(&operator.title())) } {
            svg width=(width) height=(HEIGHT) viewBox={ "0 0 " (width) " " (HEIGHT) } role="img" aria-label=(summary(operator)) {
                path.bars d=(path) stroke-width=(step.saturating_sub(2)) { }
            }
        }
    }
}

/// The bytes that each bar stands for: of neighbours that share one, the most.
fn heights(operator: &CatalogOperator) -> Vec<u64> {
    let subtasks = usize::try_from(operator.parallelism).unwrap_or(1).max(1);
    let count = subtasks.min(MOST_BARS);
    let mut heights = vec![0; count];
    for (subtask, bytes) in &operator.subtask_bytes {
        let subtask = usize::try_from(*subtask).unwrap_or(0);
        let bar = subtask.saturating_mul(count).checked_div(subtasks).unwrap_or(0);
        if let Some(height) = heights.get_mut(bar) {
            *height = bytes.max(height).to_owned();
        }
    }
    heights
}
