//! The namespace's type changed: another kind of window.

use super::finding::{Finding, Findings, SettledBy, Subject};
use super::uncompared::{Uncompared, registered_anew, reserialized};
use super::{Context, Rule, Severity, describe};
use crate::state::StateBackend;
use crate::types::Compatibility;

pub(super) static RULE: Rule = Rule {
    id: "namespace-type-changed",
    severity: Severity::Error,
    summary: "The type of a state's namespace changed: another kind of window.",
    explanation: "The windows of a window operator are the namespaces of its state. Time windows may become other time \
windows, but not count or global windows, or the reverse.",
    flink: "RocksDBKeyedStateBackend and StateTable, when the state is registered: \"The new namespace serializer … \
must be compatible with the old namespace serializer\" (StateMigrationException).",
    repair: "Keep the kind of window, or give the operator a new uid, and drop its state with --allowNonRestoredState.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-window-type-changed/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for state in context.states() {
        let Some(old) = state.old.data_type("NAMESPACE_SERIALIZER") else { continue };
        let subject = Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name);
        for new in state.new.iter().filter_map(|new| new.namespace.as_ref()) {
            let resolution = context.resolve(new, &old);
            match resolution.compatibility {
                Compatibility::AsIs | Compatibility::WithReconfiguredSerializer => {
                    // RocksDB finds a namespace by its bytes.
                    let open = reserialized(&resolution).or_else(|| registered_anew(&resolution));
                    if let Some(Uncompared { why, help }) =
                        open.filter(|_| context.state_backend() != Some(StateBackend::HashMap))
                    {
                        let why = format!("its namespace: {why}");
                        findings.undetermined(subject.clone(), why, SettledBy::Trial, help);
                    }
                }
                Compatibility::Unknown => findings.undetermined(
                    subject.clone(),
                    format!("its namespace: {}", describe(&resolution)),
                    SettledBy::Trial,
                        "try the restore in a test: only the serializer's own class can tell",
                ),
                Compatibility::AfterMigration | Compatibility::Incompatible => findings.add(Finding::rejected(
                    subject.clone(),
                    format!("the type of its namespace changed: {}", describe(&resolution)),
                    "keep the kind of window, or give the operator a new uid and drop its state with --allowNonRestoredState",
                )
                .change(describe(&resolution))),
            }
        }
    }
}
