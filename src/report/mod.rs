//! The report: what the rules found, and the verdict that follows from it.
//!
//! A [`Report`] is complete before anything is rendered, and the exit status is a function of it: a closed pipe cannot
//! turn red into green. To add a renderer of checks: its file here, and its row in [`RENDERERS`].

mod entry;
mod github;
mod gitlab;
pub mod html;
mod identity;
pub mod json;
mod junit;
pub mod markdown;
mod place;
mod renderer;
mod sarif;
pub mod text;

pub use entry::{Entry, Weight};
pub use identity::{Change, Identities, Identity};
pub use place::Place;
pub use renderer::{Checked, RENDERERS, Renderer};

use crate::catalog::StateCatalog;
use crate::plan::JobPlan;
use crate::rules::{self, Context, Effect, Findings, Policy, Question, RestoreRules, Severity};
use schemars::JsonSchema;
use serde::Serialize;

/// The answer to one question about one savepoint and one plan.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was asked.
    pub question: Question,
    /// The rules that answer it.
    pub rules: RestoreRules,
    /// What the rules said.
    pub findings: Findings,
    /// What becomes of a restore without and with `--allowNonRestoredState`.
    pub restore: Restore,
}

/// What becomes of the two restores that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restore {
    /// Without `--allowNonRestoredState`.
    pub strict: Outcome,
    /// With it.
    pub allow_non_restored_state: Outcome,
}

/// What Flink does with a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It accepts it.
    Accepted,
    /// It rejects it.
    Rejected,
    /// This cannot be told from the savepoint and the plan.
    Undetermined,
}

/// The verdict in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Flink accepts the restore.
    Compatible,
    /// Flink accepts it only with `--allowNonRestoredState`.
    NeedsAllowNonRestoredState,
    /// Flink rejects it.
    Incompatible,
    /// This cannot be told.
    Undetermined,
}

/// When a check fails.
#[derive(Debug, Clone, Copy)]
pub struct Gate {
    /// The least severity that fails it.
    pub fail_on: Severity,
    /// Whether what could not be judged passes.
    pub accept_undetermined: bool,
}

/// The exit status of a check, as scripts rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Flink accepts the restore that was asked about, but for what is waived, and no finding reaches the gate.
    Passed = 0,
    /// Findings reach the gate.
    Failed = 1,
    /// The tool could not do its work.
    Unusable = 2,
    /// Nothing reaches the gate, but something could not be judged.
    Undetermined = 3,
}

impl Outcome {
    /// The outcome's name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Undetermined => "undetermined",
        }
    }

    fn of(rejected: bool, undetermined: bool) -> Self {
        match (rejected, undetermined) {
            (true, _) => Self::Rejected,
            (false, true) => Self::Undetermined,
            (false, false) => Self::Accepted,
        }
    }
}

impl Verdict {
    /// The verdict's name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::NeedsAllowNonRestoredState => "needs-allow-non-restored-state",
            Self::Incompatible => "incompatible",
            Self::Undetermined => "undetermined",
        }
    }
}

impl Report {
    /// Asks every rule about the savepoint and the plan.
    pub fn of(savepoint: &StateCatalog, plan: &JobPlan, question: Question) -> Self {
        Self::under(savepoint, plan, question, Policy::none())
    }

    /// As [`Report::of`], where a team has decided on a policy. It changes how much findings count, and no verdict.
    pub fn under(savepoint: &StateCatalog, plan: &JobPlan, question: Question, policy: &Policy) -> Self {
        Self::of_context(&Context::new(savepoint, plan, question).under(policy))
    }

    /// Asks every rule about a savepoint and a plan that were matched already.
    pub fn of_context(context: &Context<'_>) -> Self {
        let findings = rules::check(context);
        let has = |effect| findings.found.iter().any(|finding| finding.effect == effect);
        let rejects = has(Effect::Rejects);
        let undetermined = findings.unchecked.iter().any(|unchecked| unchecked.undetermined);
        let restore = Restore {
            strict: Outcome::of(rejects || has(Effect::RejectsUnlessAllowed), undetermined),
            allow_non_restored_state: Outcome::of(rejects, undetermined),
        };
        Self { question: context.question, rules: context.rules, findings, restore }
    }

    /// What becomes of the restore that was asked about.
    pub fn asked(&self) -> Outcome {
        if self.question.allow_non_restored_state {
            self.restore.allow_non_restored_state
        } else {
            self.restore.strict
        }
    }

    /// The verdict in one word.
    pub fn verdict(&self) -> Verdict {
        match (self.restore.strict, self.restore.allow_non_restored_state) {
            (_, Outcome::Rejected) => Verdict::Incompatible,
            (Outcome::Accepted, _) => Verdict::Compatible,
            (Outcome::Rejected, Outcome::Accepted) => Verdict::NeedsAllowNonRestoredState,
            (Outcome::Undetermined, _) | (_, Outcome::Undetermined) => Verdict::Undetermined,
        }
    }

    /// Bytes of state that a restore with `--allowNonRestoredState` drops.
    pub fn dropped_bytes(&self) -> u64 {
        let dropped = self.findings.found.iter().filter(|it| it.effect == Effect::RejectsUnlessAllowed);
        dropped.map(|finding| finding.bytes).fold(0, u64::saturating_add)
    }

    /// The verdict, and what it means.
    pub fn headline(&self) -> String {
        format!("{}: {}", self.verdict().name().to_uppercase(), self.sentence())
    }

    /// What the verdict means.
    pub fn sentence(&self) -> String {
        match (self.verdict(), self.restore.strict) {
            (Verdict::Compatible, _) => "Flink will accept the restore.".to_owned(),
            (Verdict::NeedsAllowNonRestoredState, _) => format!(
                "Flink will accept the restore only with --allowNonRestoredState, which drops {}.",
                text::size(self.dropped_bytes())
            ),
            (Verdict::Incompatible, _) => {
                "Flink will reject the restore, with and without --allowNonRestoredState.".to_owned()
            }
            (Verdict::Undetermined, Outcome::Rejected) => "Flink will reject the restore without --allowNonRestoredState; whether it accepts it with, this plan does not tell.".to_owned(),
            (Verdict::Undetermined, _) => {
                "This plan does not tell whether Flink will accept the restore.".to_owned()
            }
        }
    }

    /// How the check ends.
    pub fn exit_status(&self, gate: Gate) -> ExitStatus {
        let failing: Vec<_> = self.entries().into_iter().filter(|entry| self.fails(entry, gate)).collect();
        if failing.is_empty() {
            ExitStatus::Passed
        } else if failing.iter().all(|entry| entry.weight == Weight::Undetermined) {
            ExitStatus::Undetermined
        } else {
            ExitStatus::Failed
        }
    }
}
