//! What a team decided about the rules: how much each matters to it, and which findings it accepts.

use super::{Fingerprint, Rule, Severity, Subject, Waiver};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// A team's decisions. They change what reaches a gate, and never what Flink does.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The severities that findings of these rules have at most.
    pub severities: BTreeMap<&'static str, Severity>,
    /// What is waived.
    pub waivers: Vec<Waiver>,
    /// The day on which that is asked.
    pub today: NaiveDate,
}

impl Policy {
    /// Nothing is decided.
    pub fn none() -> &'static Self {
        static NONE: Policy =
            Policy { severities: BTreeMap::new(), waivers: Vec::new(), today: NaiveDate::MIN };
        &NONE
    }

    /// How much a finding matters. What the rule itself thinks less of than its worst is not raised.
    pub(super) fn severity(&self, rule: &Rule, found: Severity) -> Severity {
        match self.severities.get(rule.id) {
            None => found,
            Some(decided) if found == rule.severity => *decided,
            Some(decided) => found.min(*decided),
        }
    }

    /// The waiver that a finding has.
    pub(super) fn waiver(&self, rule: &str, subject: &Subject, fingerprint: Fingerprint) -> Option<&Waiver> {
        self.waivers.iter().find(|it| !it.is_expired(self.today) && it.covers(rule, subject, fingerprint))
    }
}
