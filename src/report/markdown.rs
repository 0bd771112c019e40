//! Markdown: so far, the page of all rules in the documentation.

use crate::plan::{Fact, SOURCES, Tells};
use crate::rules::RULES;
use std::fmt::Write;

/// The page `docs/rules.md`.
pub fn render_rules() -> String {
    let mut page = "# Rules\n\n<!-- Made from src/rules by `SNAPSHOTS=overwrite cargo test`; do not edit. -->\n\n\
                    `holdpoint explain RULE` prints the same. The severity is the highest that a finding of the rule \
                    has: an *error* is what Flink rejects, a *warning* is what a careful colleague would stop for. With \
                    `-n` the errors that `--allowNonRestoredState` overrides are warnings.\n\n\
                    | rule | severity | |\n|---|---|---|\n"
        .to_owned();
    for rule in RULES {
        let _ = writeln!(page, "| [{0}](#{0}) | {1} | {2} |", rule.id, rule.severity.name(), rule.summary);
    }
    for rule in RULES {
        let _ = write!(
            page,
            "\n## {}\n\n*{}.* {}\n\n{}\n\n**What Flink does.** {}\n",
            rule.id,
            rule.severity.name(),
            rule.summary,
            rule.explanation,
            rule.flink
        );
    }
    page
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
