//! Waivers of nothing.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "waiver-unused",
    severity: Severity::Warning,
    summary: "A waiver matches no finding.",
    explanation: "What it was of was repaired, or is no longer what it was when somebody accepted it: another type, \
another operator. Left in place, it would hide the next finding that happens to match it.",
    flink: "Flink knows no policy; nothing of it is compared.",
    repair: "Remove it. A policy is of one job: give each job of a repository a directory and a policy of its own.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-state-renamed/savepoint --policy examples/rules/waiver-unused.toml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let policy = context.policy;
    for waiver in policy.waivers.iter().filter(|it| !it.is_expired(policy.today)) {
        let found = findings.found.iter().map(|it| (it.rule, &it.subject, it.fingerprint()));
        let unchecked = findings.unchecked.iter().map(|it| (it.rule, &it.subject, it.fingerprint()));
        let is_used =
            found.chain(unchecked).any(|(rule, subject, print)| waiver.covers(rule, subject, print));
        if !is_used {
            let message =
                format!("the waiver of {waiver} matches no finding; its reason was: {}", waiver.reason);
            let help = "remove it, or look what became of what it was of";
            findings.add(Finding::warning(Subject::job(), message, help).change(waiver).written_in(waiver));
        }
    }
}
