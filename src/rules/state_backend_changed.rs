//! The savepoint is in the format of one state backend, and another is to restore it.

use super::context::Match;
use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, Rule, Severity};
use crate::catalog::KeyedFormat;
use crate::state::StateBackend;

pub(super) static RULE: Rule = Rule {
    id: "state-backend-changed",
    severity: Severity::Error,
    summary: "Keyed state in a backend's own format is to be restored by another backend.",
    explanation: "Checkpoints and native savepoints hold keyed state in the format of the state backend that wrote it, \
and only that backend reads it; RocksDB and ForSt of Flink 2.x read each other's. Canonical savepoints move between HashMap and RocksDB, and \
ForSt does not restore them. A changelog may be switched on and off.",
    flink: "The backend's restore operation meets a state handle of another kind and fails in every task with keyed \
state, after the job was accepted.",
    repair: "Take a canonical savepoint with the old job (`flink savepoint --type canonical`), and change the backend \
with that one.",
    example: "fixtures/savepoints/flink-2.3-v1-rocksdb-native/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint --state-backend hashmap",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    // Where the plan tells states and none that are keyed, the operator has no keyed state backend, or plan-incomplete asks.
    let may_be_keyed = |it: &&Match<'_>| it.new.states.is_none() || it.planned_half(true).is_some();
    for operator in context.matched.iter().filter(may_be_keyed) {
        let subject = Subject::operator(operator.old, Some(operator.new));
        match (operator.old.keyed_format, context.state_backend()) {
            (Some(KeyedFormat::Canonical), Some(StateBackend::ForSt)) => findings.add(
                Finding::rejected(
                    subject,
                    "its keyed state is in the canonical format, which ForSt does not restore".to_owned(),
                    "take a native savepoint with RocksDB (`flink savepoint --type native`), which ForSt restores",
                )
                .bytes(operator.old.bytes),
            ),
            (None | Some(KeyedFormat::Canonical | KeyedFormat::Changelog), _) => {}
            (Some(KeyedFormat::Of(written_by)), Some(backend)) if reads(backend, written_by) => {}
            (Some(KeyedFormat::Of(written_by)), Some(backend)) => findings.add(
                Finding::rejected(
                    subject,
                    format!(
                        "its keyed state is in the format of {}, and {} is to restore it",
                        written_by.name(),
                        backend.name()
                    ),
                    "take a canonical savepoint (`flink savepoint --type canonical`), or keep the state backend",
                )
                .bytes(operator.old.bytes)
                .change(backend.name()),
            ),
            (Some(KeyedFormat::Of(written_by)), None) => findings.undetermined(
                subject,
                format!(
                    "its keyed state is in the format of {}, and the plan does not name the state backend",
                    written_by.name()
                ),
                SettledBy::Option("--state-backend"),
"pass --state-backend, or write `state_backend` in the plan file",
            ),
            (Some(KeyedFormat::Unknown), _) => findings.undetermined(
                subject,
                "its keyed state may be in a format that only the backend that wrote it reads; a file of Flink 1.15 or older does not tell, and neither does a changelog without a snapshot".to_owned(),
                SettledBy::Option("--accept-undetermined"),
"pass --accept-undetermined if the state backend stays the same",
            ),
        }
    }
}

/// Whether a backend restores what is in another's own format. ForSt is made of RocksDB, and both read both.
fn reads(backend: StateBackend, written_by: StateBackend) -> bool {
    let is_rocks_db = |it| matches!(it, StateBackend::RocksDb | StateBackend::ForSt);
    backend == written_by || is_rocks_db(backend) && is_rocks_db(written_by)
}
