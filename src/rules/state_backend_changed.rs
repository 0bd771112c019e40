//! The savepoint is in the format of one state backend, and another is to restore it.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "state-backend-changed",
    severity: Severity::Error,
    summary: "Keyed state in a backend's own format is to be restored by another backend.",
    explanation: "Checkpoints and native savepoints hold keyed state in the format of the state backend that wrote \
it, and only that backend reads it. Canonical savepoints move between backends: take one with \
`flink savepoint --type canonical` before changing the backend.",
    flink: "The backend's restore operation meets a state handle of another kind and fails in every task with keyed \
state, after the job was accepted.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(written_by) = context.savepoint.state_backend() else { return };
    let written = written_by.name();
    let keyed = context.matched.iter().filter(|it| it.old.state_backend.is_some());
    for operator in keyed {
        let subject = Subject::operator(operator.old, Some(operator.new));
        match context.state_backend() {
            Some(backend) if backend == written_by => {}
            Some(backend) => findings.add(
                Finding::rejected(
                    subject,
                    format!("its keyed state is in the format of {written}, and {} is to restore it", backend.name()),
                    "take a canonical savepoint (`flink savepoint --type canonical`), or keep the state backend",
                )
                .bytes(operator.old.bytes),
            ),
            None => findings.undetermined(
                subject,
                format!("its keyed state is in the format of {written}, and the plan does not name the state backend"),
                "pass --state-backend, or write `state_backend` in the plan file",
            ),
        }
    }
}
