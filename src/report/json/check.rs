//! The document of `holdpoint check`. Its JSON Schema is derived from it.

use super::SCHEMA_VERSION;
use crate::report::{Checked, Entry, Outcome, Place, Verdict, Weight};
use crate::rules::{SettledBy, Severity};
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
    /// Whose the savepoint's files are after the restore: `no-claim`, `claim` or `legacy`.
    claim_mode: &'static str,
    /// Whether the new job keeps a state changelog. `null` where nobody tells: then it has none.
    changelog: Option<bool>,
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
    #[serde(flatten)]
    about: AboutEntry<'c>,
    /// How much it matters.
    severity: Severity,
    /// What was found.
    message: &'c str,
    #[serde(flatten)]
    repair: RepairEntry<'c>,
    /// Bytes of state that are lost, or at risk.
    bytes: u64,
}

/// Something that no rule could judge.
#[derive(Debug, Serialize, JsonSchema)]
struct UncheckedEntry<'c> {
    #[serde(flatten)]
    about: AboutEntry<'c>,
    /// What could not be judged, and why.
    why: &'c str,
    /// The cheapest thing that settles it: an option, a kind of plan, or `trial restore`.
    settled_by: Option<&'static str>,
    /// Flink's own checks may reject for it, so no verdict can be given.
    undetermined: bool,
    #[serde(flatten)]
    repair: RepairEntry<'c>,
}

/// What does not count, and why.
#[derive(Debug, Serialize, JsonSchema)]
struct WaivedEntry<'c> {
    #[serde(flatten)]
    about: AboutEntry<'c>,
    /// How much it would matter; `null` for what could not be judged.
    severity: Option<Severity>,
    /// What was found, or could not be judged.
    message: &'c str,
    #[serde(flatten)]
    repair: RepairEntry<'c>,
    /// Bytes of state that are lost, or at risk.
    bytes: u64,
    /// Why it was waived.
    reason: &'c str,
    /// The last day on which the waiver counts.
    expires: Option<String>,
}

/// What an entry is about. An operator and a state that are `null` are the whole job.
#[derive(Debug, Serialize, JsonSchema)]
struct AboutEntry<'c> {
    /// Name of the rule.
    rule: &'c str,
    /// The operator's ID, 32 hex digits.
    operator_id: Option<String>,
    /// Its uid.
    uid: Option<&'c str>,
    /// Its name.
    operator_name: Option<&'c str>,
    /// The state's name.
    state: Option<&'c str>,
}

/// What to do about an entry, what it is known by, and where it is.
#[derive(Debug, Serialize, JsonSchema)]
struct RepairEntry<'c> {
    /// What to do about it; of what could not be judged, what to pass to find out.
    help: &'c str,
    /// The same in every run that finds the same.
    fingerprint: String,
    /// Where the operator is written.
    location: PlaceEntry,
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
                claim_mode: report.rules.claim_mode.name(),
                changelog: report.rules.changelog,
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
            about: AboutEntry::of(entry),
            severity,
            message: entry.message,
            repair: RepairEntry::of(checked, entry),
            bytes: entry.bytes,
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
            about: AboutEntry::of(entry),
            why: entry.message,
            settled_by: entry.settled_by.map(SettledBy::name),
            undetermined,
            repair: RepairEntry::of(checked, entry),
        })
    }
}

impl<'c> WaivedEntry<'c> {
    fn of(checked: &Checked<'_>, entry: &Entry<'c>) -> Option<Self> {
        let waiver = entry.waiver?;
        Some(Self {
            about: AboutEntry::of(entry),
            severity: if let Weight::Found(severity, _) = entry.weight { Some(severity) } else { None },
            message: entry.message,
            repair: RepairEntry::of(checked, entry),
            bytes: entry.bytes,
            reason: &waiver.reason,
            expires: waiver.expires.map(|day| day.to_string()),
        })
    }
}

impl<'c> AboutEntry<'c> {
    fn of(entry: &Entry<'c>) -> Self {
        let subject = entry.subject;
        Self {
            rule: entry.rule,
            operator_id: subject.operator_id.map(|id| id.to_string()),
            uid: subject.uid.as_deref(),
            operator_name: subject.operator_name.as_deref(),
            state: subject.state.as_deref(),
        }
    }
}

impl<'c> RepairEntry<'c> {
    fn of(checked: &Checked<'_>, entry: &Entry<'c>) -> Self {
        Self {
            help: entry.help,
            fingerprint: entry.fingerprint.to_string(),
            location: PlaceEntry::of(checked, entry),
        }
    }
}

impl PlaceEntry {
    fn of(checked: &Checked<'_>, entry: &Entry<'_>) -> Self {
        let place = Place::of(checked, entry);
        Self { path: place.path(), line: place.line }
    }
}
