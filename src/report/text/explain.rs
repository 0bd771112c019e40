//! The rules, for people.

use super::{BOLD, severity_style, styled, table, wrapped};
use crate::rules::{RULES, Rule};

/// All that a rule says of itself.
pub fn render_rule(rule: &Rule) -> String {
    format!(
        "{}  {}\n{}\n\n{}\n\n{}\n{}\n\n{}\n{}\n",
        styled(BOLD, rule.id),
        styled(severity_style(rule.severity), rule.severity.name()),
        wrapped("", rule.summary),
        wrapped("", rule.explanation),
        styled(BOLD, "What Flink does"),
        wrapped("", rule.flink),
        styled(BOLD, "Repair"),
        wrapped("", rule.repair),
    )
}

/// Every rule with its summary.
pub fn render_rules() -> String {
    let rows = RULES
        .iter()
        .map(|rule| vec![rule.id.to_owned(), rule.severity.name().to_owned(), rule.summary.to_owned()]);
    format!("{}\n", table(&["Rule", "Severity", "Summary"], rows))
}
