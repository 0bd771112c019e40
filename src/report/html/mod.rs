//! The answer of a check as a page: one file that needs nothing else, for people.
//!
//! Every text goes through [`plain`] and is escaped by the template. There is no script in it: what opens is `details`.

mod graph;
mod operator;
mod treemap;

use super::text::{self, next, plain, size};
use super::{Checked, Entry, Verdict, Weight};
use crate::rules::{SettledBy, Severity};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use operator::{Operator, operators};

const STYLE: &str = include_str!("style.css");

/// The verdict and what to do, the job drawn, the sizes of its state, each operator, and the rest.
pub fn render_report(checked: &Checked<'_>) -> String {
    let operators = operators(checked);
    let report = checked.report;
    let is_loud = |entry: &Entry<'_>| match entry.weight {
        Weight::Found(severity, _) => severity > Severity::Info,
        weight => weight == Weight::Undetermined,
    };
    let (loud, quiet): (Vec<_>, Vec<_>) = report.entries_waived(false).partition(is_loud);
    let waived: Vec<_> = report.entries_waived(true).collect();
    let title = format!("{}: {}", report.verdict().name(), plain(checked.title));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            // Void elements are closed, so that readers of XML take the page, too.
            (PreEscaped("<head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"))
            title { (title) }
            style { (PreEscaped(STYLE)) }
            (PreEscaped("</head>"))
            body {
                a.skip href="#todo" { "Skip to what to do" }
                header {
                    h1.(verdict_class(report.verdict())) { (report.verdict().name()) }
                    p.lead { (report.sentence()) }
                    p { (next(checked.title, report)) }
                    dl {
                        dt { "Savepoint" }
                        dd { (plain(checked.title)) ", " (size(checked.savepoint.total_bytes())) ", "
                            (checked.savepoint.operators.len()) " operators" }
                        dt { "Plan" }
                        dd { (plain(&checked.plan.source)) ", " (checked.plan.operators.len()) " operators" }
                        dt { "Rules" }
                        dd { (text::rules(report.rules)) }
                    }
                    nav aria-label="Parts of this page" {
                        a href="#todo" { "What to do" } " "
                        a href="#job" { "The job" } " "
                        a href="#sizes" { "Sizes" } " "
                        a href="#operators" { "Operators" }
                    }
                }
                main {
                    section aria-labelledby="todo" {
                        h2 #todo { "What to do" }
                        @if loud.is_empty() { p { "Nothing: no error, no warning, nothing undetermined." } }
                        (entries(&loud, &operators))
                        (folded("For information, and what nobody looked at", &quiet, &operators))
                        (folded("Waived", &waived, &operators))
                    }
                    section aria-labelledby="job" {
                        h2 #job { "The job" }
                        (graph::draw(checked, &operators))
                    }
                    section aria-labelledby="sizes" {
                        h2 #sizes { "State by operator" }
                        (treemap::draw(&operators))
                    }
                    section aria-labelledby="operators" {
                        h2 #operators { "Operators" }
                        @for operator in &operators { (operator.render()) }
                    }
                }
            }
        }
    };
    let mut page = page.into_string();
    page.push('\n');
    page
}

fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Compatible => "kept",
        Verdict::NeedsAllowNonRestoredState => "warning",
        Verdict::Incompatible => "error",
        Verdict::Undetermined => "undetermined",
    }
}

/// The class of an entry, which its colour follows.
fn entry_class(entry: &Entry<'_>) -> &'static str {
    match entry.weight {
        _ if entry.waiver.is_some() => "unchecked",
        Weight::Found(severity, _) => severity.name(),
        weight => weight.name(),
    }
}

fn folded(title: &str, list: &[Entry<'_>], operators: &[Operator<'_>]) -> Markup {
    html! {
        @if !list.is_empty() {
            details { summary { (title) " (" (list.len()) ")" } (entries(list, operators)) }
        }
    }
}

/// A list of entries, each with the way to its operator.
fn entries(list: &[Entry<'_>], operators: &[Operator<'_>]) -> Markup {
    let anchor = |entry: &Entry<'_>| {
        let id = entry.subject.operator_id?;
        operators.iter().find(|it| it.id == Some(id)).map(|it| format!("#{}", it.anchor))
    };
    html! {
        @if !list.is_empty() {
            ol.entries {
                @for entry in list {
                    li.(entry_class(entry)) {
                        p {
                            strong { (entry.word()) } " " code { (entry.rule) } " "
                            @match anchor(entry) {
                                Some(anchor) => a href=(anchor) { (plain(&entry.subject.to_string())) },
                                None => (plain(&entry.subject.to_string())),
                            }
                            @if entry.bytes > 0 { " (" (size(entry.bytes)) ")" }
                        }
                        p { (plain(entry.message)) }
                        @if let Some(waiver) = entry.waiver {
                            p { "Waived: " (plain(&waiver.reason)) }
                        } @else if entry.help != "nothing to do" {
                            p { "→ " (entry.settled_by.map_or("", SettledBy::name))
                                @if entry.settled_by.is_some() { ": " } (plain(entry.help)) }
                        }
                        p.quiet { (entry.fingerprint.to_string()) }
                    }
                }
            }
        }
    }
}

/// As much of a text as fits in a drawing.
fn shortened(text: &str, most: usize) -> String {
    let text = plain(text);
    if text.chars().count() <= most {
        return text.into_owned();
    }
    let start: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{start}…")
}
