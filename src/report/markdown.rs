//! Markdown: so far, the page of all rules in the documentation.

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
