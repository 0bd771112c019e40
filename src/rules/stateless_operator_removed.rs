//! An operator that held nothing is gone, and high-availability storage is restored.

use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, RestorePath, Rule, Severity};
use crate::plan::SourceKind;

pub(super) static RULE: Rule = Rule {
    id: "stateless-operator-removed",
    severity: Severity::Error,
    summary: "An operator without state is not in the new job, which restores from high-availability storage.",
    explanation: "A savepoint or checkpoint lists every operator, those without state too. A job that is started from \
a path may drop the empty ones; a JobManager that finds a checkpoint in high-availability storage takes the job for \
the very same, and refuses each operator that is missing. Up to Flink 2.3 --allowNonRestoredState does not help there.",
    flink: "StateAssignmentOperation.checkStateMappingCompleteness, which Checkpoints.loadAndValidateCheckpoint comes \
before only when the job is started from a path: \"There is no operator for the state …\". \
CheckpointCoordinator.restoreInitialCheckpointIfPresent passes false for allowNonRestoredState, until FLINK-39513 \
(after 2.3) passes what the configuration says.",
    repair: "Restore from the path of the checkpoint instead: `flink run -s`, or the upgrade mode `savepoint` of the \
Kubernetes operator.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-sink-renamed/savepoint --restore ha",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    if context.rules.restore != RestorePath::Ha {
        return;
    }
    for old in context.removed.iter().filter(|old| !old.has_state) {
        let subject = Subject::operator(old, None);
        if let Some(new) = context.added.iter().find(|new| new.certain_id().is_none()) {
            findings.undetermined(
                subject,
                format!(
                    "no operator of the plan has its ID, but the plan does not tell the ID of {}",
                    new.title()
                ),
                SettledBy::Plan(SourceKind::PlanFile),
                "write the operator's uid in a file (--uids), or its generated_id in the plan file",
            );
            continue;
        }
        findings.add(Finding::dropped(
            context,
            subject,
            "it holds no state, but a restore from high-availability storage wants every operator back"
                .to_owned(),
            "restore from the path of the checkpoint (`flink run -s`), or put the operator back",
        ));
    }
}
