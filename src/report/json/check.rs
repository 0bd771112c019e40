//! The document of `holdpoint check`. Its JSON Schema is derived from it.

use super::SCHEMA_VERSION;
use crate::report::{Checked, Entry, Outcome, Place, Verdict, Weight};
use crate::rules::{SettledBy, Severity, Subject};
use schemars::JsonSchema;
use serde::Serialize;

/// What `holdpoint check` found. Keys are added, and never change their meaning while `schema_version` stays.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CheckDocument<'c> {
    /// Rises when a key goes, or means something else.
    schema_version: u32,
    /// What Flink does with the restore.
    verdict: Verdict,
    /// Whose rules were used.
    rules: RulesEntry,
    /// What becomes of the two restores that can be asked for.
    restore: RestoreEntry,
    /// What the rules found, the worst first.
    findings: Vec<FindingEntry<'c>>,
    /// What no rule could judge.
    unchecked: Vec<UncheckedEntry<'c>>,
    /// What the policy waives, of both.
    waived: Vec<WaivedEntry<'c>>,
    /// The policy file that decided, if there is one.
    policy: Option<&'c str>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RulesEntry {
    /// The line of Flink that restores, such as `2.3`.
    flink: String,
    /// Who says so: `option` (or the policy), `plan`, or nobody (`default`).
    flink_from: &'static str,
    /// What the job is restored from: `savepoint` or `ha`.
    restore: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RestoreEntry {
    /// Without `--allowNonRestoredState`.
    strict: Outcome,
    /// With it.
    allow_non_restored_state: Outcome,
}

/// One thing that a rule found.
#[derive(Debug, Serialize, JsonSchema)]
struct FindingEntry<'c> {
    /// Name of the rule.
    rule: &'c str,
    /// How much it matters.
    severity: Severity,
    #[serde(flatten)]
    subject: SubjectEntry<'c>,
    /// What was found.
    message: &'c str,
    /// What to do about it.
    help: &'c str,
    /// Bytes of state that are lost, or at risk.
    bytes: u64,
    /// The same in every run that finds the same.
    fingerprint: String,
    /// Where the operator is written.
    location: PlaceEntry,
}

/// Something that no rule could judge.
#[derive(Debug, Serialize, JsonSchema)]
struct UncheckedEntry<'c> {
    /// Name of the rule.
    rule: &'c str,
    #[serde(flatten)]
    subject: SubjectEntry<'c>,
    /// What could not be judged, and why.
    why: &'c str,
    /// The cheapest thing that settles it: an option, a kind of plan, or `trial restore`.
    settled_by: Option<&'static str>,
    /// What to pass to find out.
    help: &'c str,
    /// Flink's own checks may reject for it, so no verdict can be given.
    undetermined: bool,
    /// The same in every run that finds the same.
    fingerprint: String,
    /// Where the operator is written.
    location: PlaceEntry,
}

/// What does not count, and why.
#[derive(Debug, Serialize, JsonSchema)]
struct WaivedEntry<'c> {
    /// Name of the rule.
    rule: &'c str,
    /// How much it would matter; `null` for what could not be judged.
    severity: Option<Severity>,
    #[serde(flatten)]
    subject: SubjectEntry<'c>,
    /// What was found, or could not be judged.
    message: &'c str,
    /// What to do about it.
    help: &'c str,
    /// Bytes of state that are lost, or at risk.
    bytes: u64,
    /// The same in every run that finds the same.
    fingerprint: String,
    /// Where the operator is written.
    location: PlaceEntry,
    /// Why it was waived.
    reason: &'c str,
    /// The last day on which the waiver counts.
    expires: Option<String>,
}

/// Which operator and state. All `null`: the whole job.
#[derive(Debug, Serialize, JsonSchema)]
struct SubjectEntry<'c> {
    /// The operator's ID, 32 hex digits.
    operator_id: Option<String>,
    /// Its uid.
    uid: Option<&'c str>,
    /// Its name.
    operator_name: Option<&'c str>,
    /// The state's name.
    state: Option<&'c str>,
}

/// A line in one of the user's files.
#[derive(Debug, Serialize, JsonSchema)]
struct PlaceEntry {
    /// The file, from the working directory.
    path: String,
    /// The line, from 1.
    line: u64,
}

/// The document, as text.
pub fn render_report(checked: &Checked<'_>) -> String {
    let document = CheckDocument::of(checked);
    // Nothing in it can fail to be written to memory.
    let text = serde_json::to_string_pretty(&document).unwrap_or_default();
    format!("{text}\n")
}

impl<'c> CheckDocument<'c> {
    fn of(checked: &Checked<'c>) -> Self {
        let report = checked.report;
        Self {
            schema_version: SCHEMA_VERSION,
            verdict: report.verdict(),
            rules: RulesEntry {
                flink: report.rules.flink.to_string(),
                flink_from: report.rules.said_by.name(),
                restore: report.rules.restore.name(),
            },
            restore: RestoreEntry {
                strict: report.restore.strict,
                allow_non_restored_state: report.restore.allow_non_restored_state,
            },
            findings: report.entries_waived(false).filter_map(|it| FindingEntry::of(checked, &it)).collect(),
            unchecked: report
                .entries_waived(false)
                .filter_map(|it| UncheckedEntry::of(checked, &it))
                .collect(),
            waived: report.entries_waived(true).filter_map(|it| WaivedEntry::of(checked, &it)).collect(),
            policy: checked.policy.map(|policy| policy.path.as_str()),
        }
    }
}

impl<'c> FindingEntry<'c> {
    fn of(checked: &Checked<'_>, entry: &Entry<'c>) -> Option<Self> {
        let Weight::Found(severity, _) = entry.weight else { return None };
        Some(Self {
            rule: entry.rule,
            severity,
            subject: SubjectEntry::of(entry.subject),
            message: entry.message,
            help: entry.help,
            bytes: entry.bytes,
            fingerprint: entry.fingerprint.to_string(),
            location: PlaceEntry::of(checked, entry),
        })
    }
}

impl<'c> UncheckedEntry<'c> {
    fn of(checked: &Checked<'_>, entry: &Entry<'c>) -> Option<Self> {
        let undetermined = match entry.weight {
            Weight::Found(..) => return None,
            weight => weight == Weight::Undetermined,
        };
        Some(Self {
            rule: entry.rule,
            subject: SubjectEntry::of(entry.subject),
            why: entry.message,
            settled_by: entry.settled_by.map(SettledBy::name),
            help: entry.help,
            undetermined,
            fingerprint: entry.fingerprint.to_string(),
            location: PlaceEntry::of(checked, entry),
        })
    }
}

impl<'c> WaivedEntry<'c> {
    fn of(checked: &Checked<'_>, entry: &Entry<'c>) -> Option<Self> {
        let waiver = entry.waiver?;
        Some(Self {
            rule: entry.rule,
            severity: if let Weight::Found(severity, _) = entry.weight { Some(severity) } else { None },
            subject: SubjectEntry::of(entry.subject),
            message: entry.message,
            help: entry.help,
            bytes: entry.bytes,
            fingerprint: entry.fingerprint.to_string(),
            location: PlaceEntry::of(checked, entry),
            reason: &waiver.reason,
            expires: waiver.expires.map(|day| day.to_string()),
        })
    }
}

impl<'c> SubjectEntry<'c> {
    fn of(subject: &'c Subject) -> Self {
        Self {
            operator_id: subject.operator_id.map(|id| id.to_string()),
            uid: subject.uid.as_deref(),
            operator_name: subject.operator_name.as_deref(),
            state: subject.state.as_deref(),
        }
    }
}

impl PlaceEntry {
    fn of(checked: &Checked<'_>, entry: &Entry<'_>) -> Self {
        let place = Place::of(checked, entry);
        Self { path: place.path(), line: place.line }
    }
}
