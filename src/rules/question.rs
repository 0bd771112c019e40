//! What is asked of a restore, and the rules that answer it: they differ by the line of Flink and by what restores.

use crate::flink::FlinkLine;
use crate::plan::JobPlan;
use crate::source::Settings;
use clap::ValueEnum;

/// What is asked of the restore.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Will it be told `--allowNonRestoredState`?
    pub allow_non_restored_state: bool,
    /// What the job is restored from.
    pub restore: RestorePath,
    /// Whose the savepoint's files are after the restore.
    pub claim_mode: ClaimMode,
    /// The line of Flink that will restore, where the plan does not say or says another.
    pub target_flink: Option<FlinkLine>,
    /// Bytes of state from which on a subtask has much.
    pub large_state: u64,
}

/// What a job is restored from: Flink has two ways, with rules of their own.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum RestorePath {
    /// A path that the job is submitted with: `flink run -s`, `execution.state-recovery.path`
    /// (`CheckpointCoordinator.restoreSavepoint`).
    #[default]
    Savepoint,
    /// The newest checkpoint in high-availability storage: a JobManager that starts again, and the upgrade mode
    /// `last-state` of the Kubernetes operator (`CheckpointCoordinator.restoreInitialCheckpointIfPresent`).
    Ha,
}

/// Whose the files of a savepoint are that a job is started with: `RecoveryClaimMode`, and `RestoreMode` before 2.0.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimMode {
    /// The user's: the first checkpoint is a full one, which refers to none of them.
    #[default]
    #[value(alias = "no_claim")]
    NoClaim,
    /// Flink's, which deletes them when it needs them no more.
    Claim,
    /// The user's, and later checkpoints refer to them: what Flink did before 1.15.
    Legacy,
}

/// The rules that a question is answered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoreRules {
    /// The line of Flink that restores.
    pub flink: FlinkLine,
    /// Who says so.
    pub said_by: SaidBy,
    /// What the job is restored from.
    pub restore: RestorePath,
    /// Whose the savepoint's files are after the restore.
    pub claim_mode: ClaimMode,
    /// Whether the job keeps a state changelog. Where nobody tells it has none, as is Flink's default.
    pub changelog: Option<bool>,
}

/// Who says which line of Flink restores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaidBy {
    /// The question.
    Question,
    /// The plan.
    Plan,
    /// Nobody, so it is the newest.
    Nobody,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            allow_non_restored_state: false,
            restore: RestorePath::default(),
            claim_mode: ClaimMode::default(),
            target_flink: None,
            large_state: Self::LARGE_STATE,
        }
    }
}

impl RestorePath {
    /// Its name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Savepoint => "savepoint",
            Self::Ha => "ha",
        }
    }
}

impl ClaimMode {
    /// The keys of `StateRecoveryOptions.RESTORE_MODE`, the older one last.
    const OPTION: [&str; 2] = ["execution.state-recovery.claim-mode", "execution.savepoint-restore-mode"];

    /// Its name in JSON and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoClaim => "no-claim",
            Self::Claim => "claim",
            Self::Legacy => "legacy",
        }
    }

    /// The mode that a Flink configuration sets.
    pub fn configured(settings: &Settings) -> Option<Self> {
        Self::from_str(settings.flink(&Self::OPTION)?, true).ok()
    }
}

impl SaidBy {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Question => "option",
            Self::Plan => "plan",
            Self::Nobody => "default",
        }
    }
}

impl Question {
    /// What is much state, unless somebody says otherwise: 10 GiB.
    pub const LARGE_STATE: u64 = 10 << 30;

    /// The rules for a plan.
    pub fn rules(&self, plan: &JobPlan) -> RestoreRules {
        let (flink, said_by) = match (self.target_flink, plan.flink) {
            (Some(asked), _) => (asked, SaidBy::Question),
            (None, Some(planned)) => (planned, SaidBy::Plan),
            (None, None) => (FlinkLine::NEWEST, SaidBy::Nobody),
        };
        RestoreRules {
            flink,
            said_by,
            restore: self.restore,
            claim_mode: self.claim_mode,
            changelog: plan.changelog,
        }
    }
}

impl RestoreRules {
    /// Whether `--allowNonRestoredState` counts. Up to 2.3, Flink does not look at it when it restores from
    /// high-availability storage.
    pub fn can_allow_non_restored_state(&self) -> bool {
        self.restore == RestorePath::Savepoint || self.flink > FlinkLine::new(2, 3)
    }
}
