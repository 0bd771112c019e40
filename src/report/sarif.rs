//! SARIF 2.1.0, the format of static analysis results (OASIS), with what GitHub's code scanning asks for beyond it.

use super::{Checked, Place};
use crate::rules::{Finding, Fingerprint, RULES, Rule, Severity, Subject, Unchecked};
use serde_json::{Value, json};

/// Where the directory that holdpoint runs in stands for the root of the sources.
const ROOT: &str = "%SRCROOT%";

/// One run: the rules, and a result for each finding and for what could not be judged.
pub fn render_report(checked: &Checked<'_>) -> String {
    let findings = &checked.report.findings;
    let entries = findings.found.iter().map(Entry::from).chain(findings.unchecked.iter().map(Entry::from));
    let results: Vec<_> = entries.map(|entry| result(checked, &entry)).collect();
    let report = checked.report;
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "holdpoint",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": RULES.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            } },
            "invocations": [{
                "executionSuccessful": true,
                "exitCode": report.exit_status(checked.gate) as u8,
                "exitCodeDescription": report.headline(),
            }],
            "originalUriBaseIds": {
                ROOT: { "description": { "text": "The directory that holdpoint ran in." } },
            },
            "columnKind": "unicodeCodePoints",
            "results": results,
            "properties": {
                "verdict": report.verdict().name(),
                "savepoint": checked.title,
                "plan": checked.plan.source,
            },
        }],
    });
    format!("{log:#}\n")
}

fn descriptor(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.explanation },
        "help": {
            "text": format!("{}\n\nWhat Flink does: {}\n\nWhat to do: {}", rule.explanation, rule.flink, rule.repair),
            "markdown": format!("{}\n\n**What Flink does.** {}\n\n**What to do.** {}", rule.explanation, rule.flink, rule.repair),
        },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "tags": ["flink", "state"], "precision": "very-high", "problem.severity": problem(rule.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// The words that code scanning has.
fn problem(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "recommendation",
    }
}

/// What a result says, whatever it is of.
struct Entry<'r> {
    rule: &'static str,
    subject: &'r Subject,
    fingerprint: Fingerprint,
    kind: &'static str,
    level: &'static str,
    text: String,
    bytes: u64,
}

impl<'r> From<&'r Finding> for Entry<'r> {
    fn from(finding: &'r Finding) -> Self {
        Self {
            rule: finding.rule,
            subject: &finding.subject,
            fingerprint: finding.fingerprint(),
            kind: "fail",
            level: level(finding.severity),
            text: format!("{}: {}. {}", finding.subject, finding.message, finding.help),
            bytes: finding.bytes,
        }
    }
}

/// SARIF has kinds of its own for these: `open` is what could not be decided, `review` what a person has to look at. Their
/// level is `none`, as the standard wants it.
impl<'r> From<&'r Unchecked> for Entry<'r> {
    fn from(unchecked: &'r Unchecked) -> Self {
        let (kind, word) =
            if unchecked.undetermined { ("open", "undetermined") } else { ("review", "unchecked") };
        Self {
            rule: unchecked.rule,
            subject: &unchecked.subject,
            fingerprint: unchecked.fingerprint(),
            kind,
            level: "none",
            text: format!("{}: {word}: {}. {}", unchecked.subject, unchecked.why, unchecked.help),
            bytes: 0,
        }
    }
}

fn result(checked: &Checked<'_>, entry: &Entry<'_>) -> Value {
    let place = Place::of(checked, entry.subject);
    let artifact = match place.uri() {
        (uri, true) => json!({ "uri": uri, "uriBaseId": ROOT }),
        (uri, false) => json!({ "uri": uri }),
    };
    json!({
        "ruleId": entry.rule,
        "ruleIndex": RULES.iter().position(|it| it.id == entry.rule),
        "kind": entry.kind,
        "level": entry.level,
        "message": { "text": entry.text },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": artifact,
                "region": { "startLine": place.line, "startColumn": 1, "endLine": place.line, "endColumn": 2 },
            },
            "logicalLocations": [{ "fullyQualifiedName": entry.subject.to_string(), "kind": "operator" }],
        }],
        // The one of this name is what code scanning takes.
        "partialFingerprints": {
            "primaryLocationLineHash": entry.fingerprint.to_string(),
            "holdpoint/v1": entry.fingerprint.to_string(),
        },
        "properties": { "bytes": entry.bytes },
    })
}
