//! The restoring job keeps a changelog of its state, and does not claim what it restores from.

use super::finding::{Finding, Findings, SettledBy, Subject};
use super::question::{ClaimMode, RestorePath};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "changelog-not-claimed",
    severity: Severity::Error,
    summary: "A job with a state changelog is restored without claiming the savepoint.",
    explanation: "A job that is started with a savepoint leaves its files to the user (`NO_CLAIM`), unless it is told \
otherwise: its first checkpoint has to be a full one, which refers to none of them. The changelog state backend \
(`state.changelog.enabled`, in older releases `state.backend.changelog.enabled`) cannot take such a checkpoint. Whatever the savepoint \
holds, the job runs until its first checkpoint, fails, restores, and fails again. In the claim modes CLAIM and LEGACY, and from \
high-availability storage, no full checkpoint is asked for. A savepoint does not tell whether the job that took it had a \
changelog; a checkpoint with keyed state does.",
    flink: "`StreamTask.checkForcedFullSnapshotSupport` asks `StateBackend.supportsNoClaimRestoreMode`, which the changelog \
does not, and throws: \"Configured state backend … does not support enforcing a full snapshot. If you are restoring in NO_CLAIM \
mode, please consider choosing CLAIM mode.\".",
    repair: "Restore with `--claimMode CLAIM` (`execution.state-recovery.claim-mode: CLAIM`): from then on Flink deletes the savepoint \
when it needs it no more, so keep a copy if it is to stay. Or switch the changelog off for this restore, and on again \
with the next one.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1-changelog/savepoint \
--relocate /srv/flink/pool=fixtures/savepoints",
    check,
};

const REPAIR: &str = "restore with --claimMode CLAIM, which gives the savepoint to Flink (keep a copy), or switch the changelog \
off for this restore; then check with --claim-mode claim";

fn check(context: &Context<'_>, findings: &mut Findings) {
    let rules = context.rules;
    if rules.restore != RestorePath::Savepoint || rules.claim_mode != ClaimMode::NoClaim {
        return;
    }
    match (rules.changelog, context.savepoint.changelog) {
        (Some(true), _) => findings.add(Finding::rejected(
            Subject::job(),
            "it keeps a changelog of its state, and does not claim the savepoint: its first checkpoint has to be a full one, \
which a changelog cannot take, and the job fails there again and again"
                .to_owned(),
            REPAIR,
        )),
        // Whoever had one, mostly has one in the next version, too.
        (None, Some(true)) => findings.undetermined(
            Subject::job(),
            "the old job kept a changelog of its state; if the new one does, too, it has to claim the savepoint, or fails at \
its first checkpoint"
                .to_owned(),
            SettledBy::Option("--claim-mode"),
            "pass --claim-mode claim and restore with --claimMode CLAIM; or say in a plan file whether the new job has one \
(`changelog: false`), or pass Flink's configuration as --flink-conf",
        ),
        (Some(false), _) | (None, Some(false) | None) => {}
    }
}
