//! A code quality report, as GitLab shows it in a merge request.

use super::{Checked, Place};
use crate::rules::{Effect, Finding, Fingerprint, Severity, Subject};
use serde_json::{Value, json};

/// An entry for each finding and for what could not be judged.
pub fn render_report(checked: &Checked<'_>) -> String {
    let findings = &checked.report.findings;
    let found = findings.found.iter().map(|it| {
        let text = format!("{}: {} → {}", it.subject, it.message, it.help);
        entry(checked, it.rule, severity(it), &it.subject, it.fingerprint(), &text)
    });
    let unchecked = findings.unchecked.iter().map(|it| {
        let (severity, word) =
            if it.undetermined { ("major", "undetermined") } else { ("info", "unchecked") };
        let text = format!("{word}: {}: {} → {}", it.subject, it.why, it.help);
        entry(checked, it.rule, severity, &it.subject, it.fingerprint(), &text)
    });
    let entries: Value = found.chain(unchecked).collect();
    format!("{entries:#}\n")
}

/// The words that GitLab has.
fn severity(finding: &Finding) -> &'static str {
    match (finding.severity, finding.effect) {
        (Severity::Error, Effect::Rejects) => "blocker",
        (Severity::Error, _) => "critical",
        (Severity::Warning, _) => "major",
        (Severity::Info, _) => "info",
    }
}

fn entry(
    checked: &Checked<'_>,
    rule: &str,
    severity: &str,
    subject: &Subject,
    fingerprint: Fingerprint,
    text: &str,
) -> Value {
    let place = Place::of(checked, subject);
    json!({
        "description": text,
        "check_name": rule,
        "fingerprint": fingerprint.to_string(),
        "severity": severity,
        "location": { "path": place.path(), "lines": { "begin": place.line } },
    })
}
