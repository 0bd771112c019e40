//! Waivers whose last day is over.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "waiver-expired",
    severity: Severity::Warning,
    summary: "The last day of a waiver is over.",
    explanation: "What it was of counts again, and may fail the check by itself. The day was set so that somebody would look \
again, and it has come.",
    flink: "Flink knows no policy; nothing of it is compared.",
    repair: "Repair what was waived, and remove the waiver; or write why it is still right, with a later day.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-state-renamed/savepoint --policy examples/rules/waiver-expired.toml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let policy = context.policy;
    for waiver in policy.waivers.iter().filter(|it| it.is_expired(policy.today)) {
        let day = waiver.expires.map(|day| day.to_string()).unwrap_or_default();
        let message = format!("the waiver of {waiver} ended on {day}; its reason was: {}", waiver.reason);
        let help = "repair what was waived and remove the waiver, or write a later day";
        findings.add(Finding::warning(Subject::job(), message, help).change(waiver).written_in(waiver));
    }
}
