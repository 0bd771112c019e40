//! What the rules found, and what they could not judge.

use super::{Context, Fingerprint, Policy, Rule, Waiver};
use crate::catalog::CatalogOperator;
use crate::ids::OperatorId;
use crate::plan::{PlannedOperator, SourceKind, Uid};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How much a finding matters.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A careful colleague would stop for it.
    Warning,
    /// Flink rejects the restore.
    Error,
}

impl Severity {
    /// The severity's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a finding does to the restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Flink rejects it, unless it is told `--allowNonRestoredState`.
    RejectsUnlessAllowed,
    /// Flink rejects it in any case.
    Rejects,
}

/// One thing that a rule found.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Name of the rule.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it does to the restore.
    pub effect: Effect,
    /// Which operator.
    pub subject: Subject,
    /// What was found, in a sentence.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Bytes of state that are lost, or at risk.
    pub bytes: u64,
    /// What changed, for the fingerprint: empty where the rule, the operator and the state say it all.
    pub change: String,
    /// Where the user wrote what it is about, when that is no operator: a file, and a line.
    pub written: Option<(String, u64)>,
    /// The waiver that it has: it reaches no gate.
    pub waiver: Option<Waiver>,
}

impl Finding {
    fn new(severity: Severity, effect: Effect, subject: Subject, message: String, help: String) -> Self {
        Self {
            rule: "",
            severity,
            effect,
            subject,
            message,
            help,
            bytes: 0,
            change: String::new(),
            written: None,
            waiver: None,
        }
    }

    /// Flink rejects the restore in any case.
    pub(super) fn rejected(subject: Subject, message: String, help: impl Into<String>) -> Self {
        Self::new(Severity::Error, Effect::Rejects, subject, message, help.into())
    }

    /// Flink rejects the restore, or drops the state if it is told to, and listens. Who asks with
    /// `--allowNonRestoredState` has accepted the loss, and is warned of it.
    pub(super) fn dropped(
        context: &Context<'_>,
        subject: Subject,
        message: String,
        help: impl Into<String>,
    ) -> Self {
        if !context.rules.can_allow_non_restored_state() {
            return Self::rejected(subject, message, help);
        }
        let severity =
            if context.question.allow_non_restored_state { Severity::Warning } else { Severity::Error };
        Self::new(severity, Effect::RejectsUnlessAllowed, subject, message, help.into())
    }

    /// Flink accepts it, and a careful colleague would not.
    pub(super) fn warning(subject: Subject, message: String, help: impl Into<String>) -> Self {
        Self::new(Severity::Warning, Effect::None, subject, message, help.into())
    }

    /// Worth knowing.
    pub(super) fn info(subject: Subject, message: String, help: impl Into<String>) -> Self {
        Self::new(Severity::Info, Effect::None, subject, message, help.into())
    }

    /// With the bytes of state that are lost, or at risk.
    #[must_use]
    pub(super) fn bytes(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }

    /// With what changed: another change of the same state is another finding, with a fingerprint of its own.
    #[must_use]
    pub(super) fn change(self, change: impl fmt::Display) -> Self {
        Self { change: change.to_string(), ..self }
    }

    /// About what stands in a line of a policy.
    #[must_use]
    pub(super) fn written_in(self, waiver: &Waiver) -> Self {
        Self { written: Some((waiver.file.clone(), waiver.line)), ..self }
    }

    /// What stays the same of it from run to run.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("finding", self.rule, &self.subject, &self.change)
    }
}

/// Something that no rule could judge.
#[derive(Debug, Clone)]
pub struct Unchecked {
    /// Name of the rule.
    pub rule: &'static str,
    /// Which operator; without one, the whole job.
    pub subject: Subject,
    /// What could not be judged, and why.
    pub why: String,
    /// The cheapest thing that would settle it; `None` where nothing but a look at the job does.
    pub settled_by: Option<SettledBy>,
    /// What to do with it, to find out.
    pub help: String,
    /// Flink's own checks may reject for it, so no verdict can be given. Where it is false, Flink's checks pass, and
    /// what may go wrong comes after them.
    pub undetermined: bool,
    /// The waiver that it has: it keeps no check from passing.
    pub waiver: Option<Waiver>,
}

impl Unchecked {
    /// What stays the same of it from run to run.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of("unchecked", self.rule, &self.subject, &self.why)
    }
}

/// What settles a question that could not be answered, the cheapest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SettledBy {
    /// An option of `holdpoint check`.
    Option(&'static str),
    /// A plan of this kind, as another `--plan`.
    Plan(SourceKind),
    /// The restore itself, tried in a test.
    Trial,
}

impl SettledBy {
    /// What to call it in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Option(name) => name,
            Self::Plan(kind) => kind.name(),
            Self::Trial => "trial restore",
        }
    }
}

/// The operator and state that a finding is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// The operator's ID in the savepoint, or in the plan when the savepoint does not have it.
    pub operator_id: Option<OperatorId>,
    /// Its uid.
    pub uid: Option<String>,
    /// Its name.
    pub operator_name: Option<String>,
    /// The state.
    pub state: Option<String>,
}

impl Subject {
    /// The whole job.
    pub fn job() -> Self {
        Self::default()
    }

    /// An operator of the savepoint, with what the plan knows beyond it.
    pub fn operator(old: &CatalogOperator, new: Option<&PlannedOperator>) -> Self {
        let planned_uid = new.and_then(|new| match &new.uid {
            Uid::Set(uid) => Some(uid.clone()),
            Uid::Unset | Uid::Unknown => None,
        });
        Self {
            operator_id: Some(old.id),
            uid: old.uid.clone().or(planned_uid),
            operator_name: old.name.clone().or_else(|| new.and_then(|new| new.name.clone())),
            state: None,
        }
    }

    /// An operator of the plan alone.
    pub fn planned(new: &PlannedOperator) -> Self {
        Self {
            operator_id: new.id,
            uid: match &new.uid {
                Uid::Set(uid) => Some(uid.clone()),
                Uid::Unset | Uid::Unknown => None,
            },
            operator_name: new.name.clone(),
            state: None,
        }
    }

    /// The same operator's state of this name.
    #[must_use]
    pub fn state(mut self, name: &str) -> Self {
        self.state = Some(name.to_owned());
        self
    }

    /// What to call the operator in a message.
    pub fn title(&self) -> String {
        match (&self.uid, &self.operator_name, self.operator_id) {
            (Some(title), _, _) | (None, Some(title), _) => title.clone(),
            (None, None, Some(id)) => id.to_string(),
            (None, None, None) => "the job".to_owned(),
        }
    }
}

/// `operator › state`, as messages name it.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title())?;
        self.state.iter().try_for_each(|state| write!(f, " › {state}"))
    }
}

/// Everything that the rules said.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// What they found.
    pub found: Vec<Finding>,
    /// What they could not judge.
    pub unchecked: Vec<Unchecked>,
}

impl Findings {
    /// Adds a finding.
    pub(super) fn add(&mut self, finding: Finding) {
        self.found.push(finding);
    }

    /// Adds something that could not be judged, and without which no verdict can be given.
    pub(super) fn undetermined(
        &mut self,
        subject: Subject,
        why: String,
        settled_by: SettledBy,
        help: impl Into<String>,
    ) {
        self.add_unchecked(subject, why, Some(settled_by), help.into());
    }

    /// Adds something that Flink's own checks pass, and that may go wrong after them.
    pub(super) fn beyond_flink(&mut self, subject: Subject, why: String, help: impl Into<String>) {
        self.add_unchecked(subject, why, None, help.into());
    }

    /// What keeps a verdict from being given is settled by something.
    fn add_unchecked(&mut self, subject: Subject, why: String, settled_by: Option<SettledBy>, help: String) {
        let undetermined = settled_by.is_some();
        self.unchecked.push(Unchecked {
            rule: "",
            subject,
            why,
            settled_by,
            help,
            undetermined,
            waiver: None,
        });
    }

    /// Names the rule of what it has just said, and lets the policy decide about it.
    pub(super) fn settle(&mut self, rule: &Rule, policy: &Policy) {
        for finding in self.found.iter_mut().filter(|it| it.rule.is_empty()) {
            finding.rule = rule.id;
            finding.severity = policy.severity(rule, finding.severity);
            finding.waiver = policy.waiver(rule.id, &finding.subject, finding.fingerprint()).cloned();
        }
        for unchecked in self.unchecked.iter_mut().filter(|it| it.rule.is_empty()) {
            unchecked.rule = rule.id;
            unchecked.waiver = policy.waiver(rule.id, &unchecked.subject, unchecked.fingerprint()).cloned();
        }
    }

    /// Puts the worst first, and within it orders by operator, rule and state, so that the same input gives the same
    /// output.
    pub(super) fn sort(&mut self) {
        self.found.sort_by(|a, b| {
            let key = |it: &Finding| {
                (std::cmp::Reverse(it.severity), it.subject.operator_id, it.rule, it.subject.state.clone())
            };
            key(a).cmp(&key(b))
        });
        self.unchecked.sort_by(|a, b| {
            (!a.undetermined, &a.subject, &a.why).cmp(&(!b.undetermined, &b.subject, &b.why))
        });
    }
}
