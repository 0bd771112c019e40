//! The answer of a check as a comment on a pull request.

use crate::report::text::{overview_rows, plain, size};
use crate::report::{Checked, Entry, Outcome, Verdict, Weight};
use crate::rules::{Severity, Waiver};
use std::fmt::Write;

/// The first line of a comment, by which a script finds the one that it wrote before.
const MARKER: &str = "<!-- holdpoint -->";

/// The verdict first, then what to do, and the rest folded.
pub fn render_report(checked: &Checked<'_>) -> String {
    let report = checked.report;
    let sign = match (report.verdict(), report.asked()) {
        (Verdict::Undetermined, _) => "❔",
        (_, Outcome::Accepted) => "✅",
        (_, Outcome::Rejected | Outcome::Undetermined) => "❌",
    };
    let mut out = format!("{MARKER}\n### {sign} {}\n\n", text(&report.headline()));
    let _ = writeln!(
        out,
        "{} in the savepoint {}, {} in the plan {}.",
        counted(checked.savepoint.operators.len(), "operator"),
        code(checked.title),
        counted(checked.plan.operators.len(), "operator"),
        code(&checked.plan.source)
    );
    let is_loud = |entry: &Entry<'_>| match entry.weight {
        Weight::Found(severity, _) => severity > Severity::Info,
        weight => weight == Weight::Undetermined,
    };
    let (loud, quiet): (Vec<_>, Vec<_>) = report.entries_waived(false).partition(is_loud);
    table(&mut out, &loud);
    folded(&mut out, "For information, and what nobody looked at", |out| table(out, &quiet));
    let waived: Vec<_> = report.entries_waived(true).collect();
    folded(&mut out, "Waived", |out| table(out, &waived));
    folded(&mut out, "All operators", |out| {
        let _ = writeln!(out, "\n| Operator | State | States | In the new job |\n|---|--:|---|---|");
        for row in overview_rows(checked) {
            let cells: Vec<_> = row.iter().map(|cell| text(cell)).collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
    });
    out
}

/// A row for each entry.
fn table(out: &mut String, entries: &[Entry<'_>]) {
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n| | Rule | Where | State | What it is, and what to do |\n|---|---|---|--:|---|");
    for entry in entries {
        let bytes = if entry.bytes > 0 { size(entry.bytes) } else { String::new() };
        let _ = write!(
            out,
            "| {} | {} | {} | {bytes} | {}<br>→ {}",
            entry.weight.name(),
            code(entry.rule), // rules have no bars in their names, which would end the cell
            text(&entry.subject.to_string()),
            text(entry.message),
            text(entry.help),
        );
        if let Some(waiver) = entry.waiver {
            let _ = write!(out, "<br>waived{}: {}", until(waiver), text(&waiver.reason));
        }
        let _ = writeln!(out, "<br>{} |", code(&entry.fingerprint.to_string()));
    }
}

fn until(waiver: &Waiver) -> String {
    waiver.expires.map(|day| format!(" until {day}")).unwrap_or_default()
}

/// A part that opens on a click; nothing where it has nothing in it.
fn folded(out: &mut String, title: &str, write: impl FnOnce(&mut String)) {
    let mut inner = String::new();
    write(&mut inner);
    if !inner.is_empty() {
        let _ = write!(out, "\n<details><summary>{title}</summary>\n{inner}\n</details>\n");
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// Text as it stands, in a cell too: nothing in it is markup, a person's name or the number of an issue.
fn text(text: &str) -> String {
    let mut out = String::new();
    for c in plain(text).chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' => out.extend(['\\', c]),
            // What joins no words keeps a mention from being one.
            '@' | '#' => out.extend([c, '\u{2060}']),
            c => out.push(c),
        }
    }
    out
}

/// Text in the font of code.
fn code(text: &str) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.saturating_add(1));
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}
