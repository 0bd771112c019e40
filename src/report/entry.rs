//! One entry of a report, whatever it is of: most formats write findings and what could not be judged alike.

use super::{Gate, Report};
use crate::rules::{Effect, Finding, Fingerprint, SettledBy, Severity, Subject, Unchecked, Waiver};

/// A finding, or what could not be judged.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'r> {
    /// Name of the rule.
    pub rule: &'static str,
    /// Which operator and state.
    pub subject: &'r Subject,
    /// What it is.
    pub weight: Weight,
    /// What was found, or could not be judged.
    pub message: &'r str,
    /// What settles it, where it could not be judged.
    pub settled_by: Option<SettledBy>,
    /// What to do about it.
    pub help: &'r str,
    /// Bytes of state that are lost, or at risk.
    pub bytes: u64,
    /// What stays the same of it from run to run.
    pub fingerprint: Fingerprint,
    /// Where the user wrote what it is about, when that is no operator: a file, and a line.
    pub written: Option<&'r (String, u64)>,
    /// The waiver that it has.
    pub waiver: Option<&'r Waiver>,
}

/// What an entry is, and how much it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// A finding.
    Found(Severity, Effect),
    /// Something that keeps a verdict from being given.
    Undetermined,
    /// Something that Flink's own checks pass, and that nobody looked at.
    Unchecked,
}

impl Weight {
    /// The word for it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Found(severity, _) => severity.name(),
            Self::Undetermined => "undetermined",
            Self::Unchecked => "unchecked",
        }
    }
}

impl Entry<'_> {
    /// The word for it in reports; for what is waived, that.
    pub fn word(&self) -> &'static str {
        if self.waiver.is_some() { "waived" } else { self.weight.name() }
    }
}

impl<'r> From<&'r Finding> for Entry<'r> {
    fn from(finding: &'r Finding) -> Self {
        Self {
            rule: finding.rule,
            subject: &finding.subject,
            weight: Weight::Found(finding.severity, finding.effect),
            message: &finding.message,
            settled_by: None,
            help: &finding.help,
            bytes: finding.bytes,
            fingerprint: finding.fingerprint(),
            written: finding.written.as_ref(),
            waiver: finding.waiver.as_ref(),
        }
    }
}

impl<'r> From<&'r Unchecked> for Entry<'r> {
    fn from(unchecked: &'r Unchecked) -> Self {
        Self {
            rule: unchecked.rule,
            subject: &unchecked.subject,
            weight: if unchecked.undetermined { Weight::Undetermined } else { Weight::Unchecked },
            message: &unchecked.why,
            settled_by: unchecked.settled_by,
            help: &unchecked.help,
            bytes: 0,
            fingerprint: unchecked.fingerprint(),
            written: None,
            waiver: unchecked.waiver.as_ref(),
        }
    }
}

impl Report {
    /// Every entry: first what counts, the worst first, then what is waived.
    pub fn entries(&self) -> Vec<Entry<'_>> {
        let found = self.findings.found.iter().map(Entry::from);
        let mut entries: Vec<_> = found.chain(self.findings.unchecked.iter().map(Entry::from)).collect();
        entries.sort_by_key(|entry| entry.waiver.is_some());
        entries
    }

    /// The entries that count, or those that are waived.
    pub fn entries_waived(&self, waived: bool) -> impl Iterator<Item = Entry<'_>> {
        self.entries().into_iter().filter(move |entry| entry.waiver.is_some() == waived)
    }

    /// Whether an entry alone keeps a check from passing: it reaches the gate, Flink refuses the restore that was asked
    /// about for it, or it keeps the verdict away. What is waived does not.
    pub fn fails(&self, entry: &Entry<'_>, gate: Gate) -> bool {
        let fails = match entry.weight {
            Weight::Found(severity, effect) => severity >= gate.fail_on || self.refuses(effect),
            Weight::Undetermined => !gate.accept_undetermined,
            Weight::Unchecked => false,
        };
        fails && entry.waiver.is_none()
    }

    fn refuses(&self, effect: Effect) -> bool {
        match effect {
            Effect::None => false,
            Effect::RejectsUnlessAllowed => !self.question.allow_non_restored_state,
            Effect::Rejects => true,
        }
    }
}
