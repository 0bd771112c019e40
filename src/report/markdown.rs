//! Markdown: a check as a comment, and the pages of the documentation that are made from the code.

mod check;

pub use check::render_report;

use crate::plan::{Fact, SOURCES, Tells};
use crate::rules::{RULES, Rule};
use std::fmt::Write;

/// The page `docs/rules.md`.
pub fn render_rules() -> String {
    let mut page = "# Rules\n\n<!-- Made from src/rules by `SNAPSHOTS=overwrite cargo test`; do not edit. -->\n\n\
                    `holdpoint explain RULE` prints a rule. The severity is the highest that a finding of the rule \
                    has: an *error* is what Flink rejects, a *warning* is what a careful colleague would stop for, \
                    *info* is the rest. With `-n` the errors that `--allowNonRestoredState` overrides are warnings.\n\n\
                    | rule | severity | |\n|---|---|---|\n"
        .to_owned();
    for rule in RULES {
        let _ = writeln!(
            page,
            "| [{0}](rules/{0}.md) | {1} | {2} |",
            rule.id,
            rule.severity.name(),
            rule.summary
        );
    }
    page
}

/// The page of a rule, with what its example printed and how that ended.
pub fn render_rule(rule: &Rule, printed: &str, status: i32) -> String {
    let status = if status == 0 { String::new() } else { format!("? {status}\n") };
    format!(
        "# {}\n\n<!-- Made from src/rules by `SNAPSHOTS=overwrite cargo test`; do not edit. -->\n\n\
         *{}.* {}\n\n{}\n\n## What Flink does\n\n{}\n\n## Repair\n\n{}\n\n\
         ## Example\n\n```console\n$ holdpoint check {}\n{status}{}```\n\n[All rules](../rules.md)\n",
        rule.id,
        rule.severity.name(),
        rule.summary,
        rule.explanation,
        rule.flink,
        rule.repair,
        rule.example,
        excerpt(rule, printed)
    )
}

/// What the rule said in the report of a check, and the verdict.
fn excerpt(rule: &Rule, printed: &str) -> String {
    let paragraphs: Vec<_> = printed.trim_end().split("\n\n").collect();
    let is_said = |paragraph: &str| paragraph.split(' ').nth(1) == Some(rule.id);
    let mut shown: Vec<_> =
        paragraphs.iter().map(|paragraph| if is_said(paragraph) { paragraph } else { "..." }).collect();
    if let (Some(last), Some(verdict)) = (shown.last_mut(), paragraphs.last()) {
        *last = verdict;
    }
    shown.dedup();
    shown.join("\n\n") + "\n"
}

/// The page of what plans can be read from, and what each source tells.
pub fn render_sources() -> String {
    let mut out = "# What each source of plans tells\n\nMade from the code: `SNAPSHOTS=overwrite cargo test` writes it. [plans.md](plans.md) says how to get each.\n".to_owned();
    for row in SOURCES {
        let _ = write!(out, "\n## {}\n\nFrom {}.\n\n| fact | told |\n|---|---|\n", row.name, row.made_by);
        for (fact, tells) in Fact::ALL.iter().zip(row.tells) {
            let told = match tells {
                Tells::Yes => "yes",
                Tells::Partly(how) => how,
                Tells::No => "no",
            };
            let _ = writeln!(out, "| {} | {told} |", fact.name());
        }
    }
    out
}
