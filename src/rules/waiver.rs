//! What a team accepts for a while, and why.

use super::{Fingerprint, Subject};
use crate::ids::OperatorId;
use chrono::NaiveDate;
use std::fmt;

/// Findings that do not count: they are listed, and reach no gate. A verdict is Flink's, so no waiver changes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The one finding of this fingerprint.
    pub fingerprint: Option<Fingerprint>,
    /// The findings of this rule.
    pub rule: Option<&'static str>,
    /// The findings about the operator of this uid, name or ID.
    pub operator: Option<String>,
    /// The findings about the state of this name.
    pub state: Option<String>,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub expires: Option<NaiveDate>,
    /// The file that it is written in.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
}

impl Waiver {
    /// Whether its last day is over.
    pub fn is_expired(&self, today: NaiveDate) -> bool {
        self.expires.is_some_and(|last| last < today)
    }

    /// Whether it is of a finding: all that it names is that finding's.
    pub(super) fn covers(&self, rule: &str, subject: &Subject, fingerprint: Fingerprint) -> bool {
        self.fingerprint.is_none_or(|it| it == fingerprint)
            && self.rule.is_none_or(|it| it == rule)
            && self.operator.as_ref().is_none_or(|it| is_operator(it, subject))
            && self.state.as_ref().is_none_or(|it| subject.state.as_ref() == Some(it))
    }
}

/// Before Flink 2.0 a savepoint does not hold uids, but the ID is that of the uid.
fn is_operator(named: &str, subject: &Subject) -> bool {
    let id = subject.operator_id;
    [&subject.uid, &subject.operator_name].into_iter().flatten().any(|it| it == named)
        || id.is_some_and(|id| id == OperatorId::of_uid(named) || id.to_string() == named)
}

/// What it is of, for messages.
impl fmt::Display for Waiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = [
            ("fingerprint", self.fingerprint.map(|it| it.to_string())),
            ("rule", self.rule.map(str::to_owned)),
            ("operator", self.operator.clone()),
            ("state", self.state.clone()),
        ];
        let named: Vec<_> =
            named.into_iter().filter_map(|(what, which)| Some(format!("{what} \"{}\"", which?))).collect();
        f.write_str(&named.join(", "))
    }
}
