//! A code quality report, as GitLab shows it in a merge request.

use super::{Checked, Entry, Place, Weight};
use crate::rules::{Effect, Severity};
use serde_json::{Value, json};

/// A list of what was found and of what could not be judged.
pub fn render_report(checked: &Checked<'_>) -> String {
    let entries: Value = checked.report.entries().iter().map(|entry| issue(checked, entry)).collect();
    format!("{entries:#}\n")
}

/// The words that GitLab has.
fn severity(entry: &Entry<'_>) -> &'static str {
    match entry.weight {
        _ if entry.waiver.is_some() => "info",
        Weight::Found(Severity::Error, Effect::Rejects) => "blocker",
        Weight::Found(Severity::Error, _) => "critical",
        Weight::Found(Severity::Warning, _) | Weight::Undetermined => "major",
        Weight::Found(Severity::Info, _) | Weight::Unchecked => "info",
    }
}

fn issue(checked: &Checked<'_>, entry: &Entry<'_>) -> Value {
    let place = Place::of(checked, entry);
    let word = match (entry.waiver, entry.weight) {
        (Some(waiver), _) => format!("waived ({}): ", waiver.reason),
        (None, Weight::Found(..)) => String::new(),
        (None, weight) => format!("{}: ", weight.name()),
    };
    json!({
        "description": format!("{}: {word}{} → {}", entry.subject, entry.message, entry.help),
        "check_name": entry.rule,
        "fingerprint": entry.fingerprint.to_string(),
        "severity": severity(entry),
        "location": { "path": place.path(), "lines": { "begin": place.line } },
    })
}
