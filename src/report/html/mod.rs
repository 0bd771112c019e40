//! A check, or a savepoint alone, as a page: one file that needs nothing else, for people.
//!
//! Every text goes through [`plain`] and is escaped by the template. There is no script in it: what opens is `details`.

mod graph;
mod operator;
mod part;
mod skew;
mod treemap;
mod types;

use super::text::{self, next, plain, size};
use super::{Checked, Entry, Verdict, Weight};
use crate::catalog::StateCatalog;
use crate::flink::FlinkLine;
use crate::rules::{SettledBy, Severity};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use operator::{Operator, operators, operators_of};

const STYLE: &str = include_str!("style.css");

/// Operators are folded where there are more, but for those of which something was found.
const MOST_OPEN: usize = 24;

/// A check: the verdict and what to do, the job drawn, its state, and each operator.
pub fn render_report(checked: &Checked<'_>) -> String {
    let operators = operators(checked);
    let report = checked.report;
    let is_loud = |entry: &Entry<'_>| match entry.weight {
        Weight::Found(severity, _) => severity > Severity::Info,
        weight => weight == Weight::Undetermined,
    };
    let (loud, quiet): (Vec<_>, Vec<_>) = report.entries_waived(false).partition(is_loud);
    let waived: Vec<_> = report.entries_waived(true).collect();
    let verdict = report.verdict();
    let header = html! {
        h1.(verdict_class(verdict)) { (verdict.name()) }
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
    };
    let todo = html! {
        @if loud.is_empty() { p { "Nothing: no error, no warning, nothing undetermined." } }
        (entries(&loud, &operators))
        (folded("For information, and what nobody looked at", &quiet, &operators))
        (folded("Waived", &waived, &operators))
    };
    let sections = [
        Section { id: "todo", title: "What to do", body: todo },
        Section { id: "job", title: "The job", body: graph::draw(checked, &operators) },
    ];
    let title = format!("{}: {}", verdict.name(), plain(checked.title));
    let target = Some(report.rules.flink);
    page(&title, &header, sections.into_iter().chain(state_sections(&operators, target)))
}

/// A savepoint alone: its state, and each operator.
pub fn render_catalog(source: &str, catalog: &StateCatalog) -> String {
    let operators = operators_of(catalog);
    let header = html! {
        h1 { (plain(source)) }
        dl {
            // The first row is what the heading says.
            @for (name, text) in text::heading_rows(source, catalog).iter().skip(1) {
                dt { (name) }
                dd { (plain(text)) }
            }
        }
    };
    page(&plain(source), &header, state_sections(&operators, None))
}

/// A part of the page under a heading.
struct Section {
    id: &'static str,
    title: &'static str,
    body: Markup,
}

/// The sizes of state, and the operators; their types are put side by side as Flink of the line `target` sees them.
fn state_sections(operators: &[Operator<'_>], target: Option<FlinkLine>) -> impl Iterator<Item = Section> {
    let is_open = |operator: &Operator<'_>| operators.len() <= MOST_OPEN || operator.is_loud();
    let list = html! {
        (choice(operators))
        @for operator in operators { (operator.render(is_open(operator), target)) }
    };
    let sections = [
        Section { id: "sizes", title: "State by operator and state", body: treemap::draw(operators) },
        Section { id: "skew", title: "Skew across subtasks", body: skew::draw(operators) },
        Section { id: "operators", title: "Operators", body: list },
    ];
    sections.into_iter()
}

/// Which operators are listed: radio buttons that the style sheet follows, where the list is long.
fn choice(operators: &[Operator<'_>]) -> Markup {
    let count = |is: &dyn Fn(&Operator<'_>) -> bool| operators.iter().filter(|it| is(it)).count();
    let choices = [
        ("all", "all", operators.len()),
        ("found", "with findings", count(&|it| it.worst() != "kept")),
        ("new", "new", count(&|it| it.old.is_none())),
        ("gone", "only in the savepoint", count(&|it| it.is_gone())),
    ];
    let is_long = operators.len() > MOST_OPEN && operators.iter().any(Operator::is_compared);
    html! {
        @if is_long {
            fieldset {
                legend { "Show" }
                @for (id, words, count) in choices.into_iter().filter(|(.., count)| *count > 0) {
                    (PreEscaped(format!("<input type=\"radio\" name=\"show\" id=\"show-{id}\"")))
                    @if id == "all" { (PreEscaped(" checked=\"\"")) }
                    (PreEscaped("/>"))
                    label for={ "show-" (id) } { (words) " (" (count) ")" } " "
                }
            }
        }
    }
}

fn page(title: &str, header: &Markup, sections: impl Iterator<Item = Section>) -> String {
    let sections: Vec<_> = sections.collect();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            // Void elements are closed, so that readers of XML take the page, too.
            (PreEscaped("<head><meta charset=\"utf-8\"/><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"))
            title { (title) }
            style { (PreEscaped(STYLE)) }
            (PreEscaped("</head>"))
            body {
                header {
                    (header)
                    nav aria-label="Parts of this page" {
                        @for section in &sections { a href={ "#" (section.id) } { (section.title) } " " }
                    }
                }
                main {
                    @for section in &sections {
                        section aria-labelledby=(section.id) {
                            h2 id=(section.id) { (section.title) }
                            (section.body)
                        }
                    }
                }
            }
        }
    };
    let mut page = page.into_string();
    page.push('\n');
    page
}

/// A drawing that may be wider or higher than the window.
struct Drawing {
    name: &'static str,
    /// The part of the page that says the same as a table.
    table: &'static str,
}

impl Drawing {
    /// It scrolls by itself, and the keyboard gets past it in one step.
    fn around(&self, svg: &Markup) -> Markup {
        html! {
            a.skip href={ "#" (self.table) } { "Skip the drawing" }
            div.scroll.drawing role="region" tabindex="0" aria-label=(self.name) { (svg) }
        }
    }
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
