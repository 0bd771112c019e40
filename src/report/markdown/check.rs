//! The answer of a check as a comment on a pull request.

use crate::report::text::{overview_rows, plain, size};
use crate::report::{Checked, Outcome, Verdict};
use crate::rules::Severity;
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
    findings(&mut out, checked, |severity| severity > Severity::Info);
    folded(&mut out, "For information", |out| findings(out, checked, |severity| severity == Severity::Info));
    folded(&mut out, "Not checked", |out| unchecked(out, checked));
    folded(&mut out, "All operators", |out| {
        let _ = writeln!(out, "\n| Operator | State | States | In the new job |\n|---|--:|---|---|");
        for row in overview_rows(checked) {
            let cells: Vec<_> = row.iter().map(|cell| text(cell)).collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
    });
    out
}

fn findings(out: &mut String, checked: &Checked<'_>, wanted: fn(Severity) -> bool) {
    let wanted: Vec<_> = checked.report.findings.found.iter().filter(|it| wanted(it.severity)).collect();
    if wanted.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n| | Rule | Where | State | What it is, and what to do |\n|---|---|---|--:|---|");
    for finding in wanted {
        let bytes = if finding.bytes > 0 { size(finding.bytes) } else { String::new() };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {bytes} | {}<br>→ {}<br>{} |",
            finding.severity.name(),
            code(finding.rule), // rules have no bars in their names, which would end the cell
            text(&finding.subject.to_string()),
            text(&finding.message),
            text(&finding.help),
            code(&finding.fingerprint().to_string()),
        );
    }
}

fn unchecked(out: &mut String, checked: &Checked<'_>) {
    let unchecked = &checked.report.findings.unchecked;
    if unchecked.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n| | Rule | Where | What it is, and what to do |\n|---|---|---|---|");
    for it in unchecked {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {}<br>→ {} |",
            if it.undetermined { "undetermined" } else { "unchecked" },
            code(it.rule),
            text(&it.subject.to_string()),
            text(&it.why),
            text(&it.help),
        );
    }
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
