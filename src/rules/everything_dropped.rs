//! A restore that drops all state.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "everything-dropped",
    severity: Severity::Warning,
    summary: "With --allowNonRestoredState, no state of the savepoint is restored at all.",
    explanation: "--allowNonRestoredState hides a total loss as well as a small one: the job starts, runs, and is empty. \
It is what happens with the savepoint of another job, or when every ID changed at once, as they do in a job without uids.",
    flink: "Checkpoints.loadAndValidateCheckpoint skips each operator that it does not find, with a line in the log of the \
JobManager.",
    repair: "Look whether the savepoint is of this job. If it is, give the operators their IDs back with setUidHash.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint -n --plan examples/rules/everything-dropped.yaml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    if !context.question.allow_non_restored_state || !context.rules.can_allow_non_restored_state() {
        return;
    }
    let kept = context.matched.iter().any(|it| it.old.has_state);
    let lost: Vec<_> = context.removed.iter().filter(|old| old.has_state).collect();
    if !kept && context.contested.is_empty() && !lost.is_empty() {
        findings.add(
            Finding::warning(
                Subject::job(),
                format!("none of the {} operators with state is in the new job: it starts empty", lost.len()),
                "look whether the savepoint is of this job",
            )
            .bytes(lost.iter().map(|old| old.bytes).fold(0, u64::saturating_add)),
        );
    }
}
