//! SARIF 2.1.0, the format of static analysis results (OASIS), with what GitHub's code scanning asks for beyond it.

use super::{Checked, Entry, Place, Weight};
use crate::rules::{RULES, Rule, Severity};
use serde_json::{Value, json};

/// Where the directory that holdpoint runs in stands for the root of the sources.
const ROOT: &str = "%SRCROOT%";

/// One run: the rules, and a result for each finding and for what could not be judged.
pub fn render_report(checked: &Checked<'_>) -> String {
    let report = checked.report;
    let results: Vec<_> = report.entries().iter().map(|entry| result(checked, entry)).collect();
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

/// The kind and the level of a result. SARIF has kinds of its own for what is no finding: `open` is what could not be
/// decided, `review` what a person has to look at; the standard wants them without a level. What is waived is suppressed,
/// and has the least of levels for readers that do not look at suppressions.
fn kind_and_level(entry: &Entry<'_>) -> (&'static str, &'static str) {
    match entry.weight {
        Weight::Found(..) if entry.waiver.is_some() => ("fail", "note"),
        Weight::Found(severity, _) => ("fail", level(severity)),
        Weight::Undetermined => ("open", "none"),
        Weight::Unchecked => ("review", "none"),
    }
}

fn result(checked: &Checked<'_>, entry: &Entry<'_>) -> Value {
    let place = Place::of(checked, entry);
    let artifact = match place.uri() {
        (uri, true) => json!({ "uri": uri, "uriBaseId": ROOT }),
        (uri, false) => json!({ "uri": uri }),
    };
    let (kind, level) = kind_and_level(entry);
    let word = match entry.weight {
        Weight::Found(..) => String::new(),
        weight => format!("{}: ", weight.name()),
    };
    // When one result of a run tells of suppressions, all have to.
    let suppressions: Vec<_> = entry
        .waiver
        .iter()
        .map(|waiver| json!({ "kind": "external", "status": "accepted", "justification": waiver.reason }))
        .collect();
    json!({
        "ruleId": entry.rule,
        "ruleIndex": RULES.iter().position(|it| it.id == entry.rule),
        "kind": kind,
        "level": level,
        "message": { "text": format!("{}: {word}{}. {}", entry.subject, entry.message, entry.help) },
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
        "suppressions": suppressions,
        "properties": { "bytes": entry.bytes },
    })
}
