//! What of the savepoint could not be read.

use super::finding::{Findings, SettledBy, Subject};
use super::{Context, Rule, Severity};
use crate::catalog::UnreadState;

pub(super) static RULE: Rule = Rule {
    id: "state-unread",
    severity: Severity::Info,
    summary: "Some state of the savepoint could not be read.",
    explanation: "A serializer of the user's own writes its snapshot as it likes, and does not say how long it is. \
What stands behind it in the same header cannot be reached, so those states are not judged. State that an operator \
writes to its raw streams has no description at all; Flink compares nothing of it.",
    flink: "Flink reads such a snapshot with its own class, which must be in the job's jar.",
    repair: "Try the restore in a test.",
    example: "fixtures/savepoints/flink-2.3-custom-serializer/savepoint --plan fixtures/savepoints/flink-2.3-custom-serializer/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for operator in &context.matched {
        let subject = || Subject::operator(operator.old, Some(operator.new));
        for unread in &operator.old.unread {
            let (why, help) = match unread {
                UnreadState::BehindOpaqueSnapshot(unread) if unread.states > 0 => (
                    format!(
                        "{} states stand behind the snapshot of {}, which only its own class can read",
                        unread.states, unread.class
                    ),
                    "try the restore in a test",
                ),
                UnreadState::KeyOfChangelog => (
                    "the type of its key is not stored: there is no snapshot yet, and the changelog does not say it"
                        .to_owned(),
                    "take a canonical savepoint, which has no changelog",
                ),
                UnreadState::BehindTimers { services, key } => (
                    format!(
                        "{services} timer services stand behind timers whose keys ({key}) only their serializer can read"
                    ),
                    "try the restore in a test",
                ),
                UnreadState::BehindOpaqueSnapshot(_) | UnreadState::Unavailable { .. } => continue,
            };
            findings.undetermined(subject(), why, SettledBy::Trial, help);
        }
        if operator.old.has_raw_state {
            findings.beyond_flink(
                subject(),
                "it has raw state, which only the operator itself can read".to_owned(),
                "try the restore in a test if the operator's own code changed",
            );
        }
    }
}
