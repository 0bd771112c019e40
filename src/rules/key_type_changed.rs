//! The key's type changed.

use super::finding::{Finding, Findings, SettledBy, Subject};
use super::uncompared::{Uncompared, moved, registered_anew, reserialized};
use super::{Context, Rule, Severity, describe};
use crate::plan::SourceKind;
use crate::state::StateBackend;
use crate::types::Compatibility;

pub(super) static RULE: Rule = Rule {
    id: "key-type-changed",
    severity: Severity::Error,
    summary: "The type of the key changed.",
    explanation: "The key decides where state is, so it can never be migrated: not even a field may be added to a POJO \
that is a key. Only the order of its fields, and the order of enum constants, may change. A field may move to a superclass and not \
to a subclass: Flink looks for it in the class that declared it, and takes it for removed where it is no more. RocksDB finds a key \
by its bytes: where a subclass of the key's POJO, or a class inside of a key that Kryo serializes, gets registered, Flink accepts \
the key, writes it otherwise, and finds no old state under it.",
    flink: "StateSerializerProvider and the backend's restore operation, when a task starts: \"The new key serializer \
… must be compatible with the previous key serializer\" (StateMigrationException).",
    repair: "Keep the old key, or start the operator anew under another uid (and drop its state with \
--allowNonRestoredState).",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-key-type-changed/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for operator in &context.matched {
        let Some(planned) = operator.planned_half(true) else { continue };
        let subject = Subject::operator(operator.old, Some(operator.new));
        let has_keyed = planned.states.iter().any(|state| state.kind.is_keyed());
        if planned.keys.is_empty() && has_keyed && !operator.old.keys.is_empty() {
            findings.undetermined(
                subject,
                "the plan does not tell the type of its key".to_owned(),
                SettledBy::Plan(SourceKind::PlanFile),
                "write `key` for the operator in the plan file",
            );
            continue;
        }
        for old in operator.old.keys.iter().map(|key| key.data_type()) {
            for new in &planned.keys {
                let resolution = context.resolve(new, &old);
                match resolution.compatibility {
                    Compatibility::AsIs | Compatibility::WithReconfiguredSerializer => {
                        let is_found_by_bytes = context.state_backend() != Some(StateBackend::HashMap);
                        let open = reserialized(&resolution)
                            .or_else(|| registered_anew(&resolution).filter(|_| is_found_by_bytes))
                            .or_else(|| moved(&resolution));
                        if let Some(Uncompared { why, help }) = open {
                            findings.undetermined(
                                subject.clone(),
                                format!("its key: {why}"),
                                SettledBy::Trial,
                                help,
                            );
                        }
                    }
                    Compatibility::Unknown => findings.undetermined(
                        subject.clone(),
                        format!("its key: {}", describe(&resolution)),
                        SettledBy::Trial,
                        "try the restore in a test: only the serializer's own class can tell",
                    ),
                    Compatibility::AfterMigration | Compatibility::Incompatible => findings.add(
                        Finding::rejected(
                            subject.clone(),
                            format!("the type of its key changed: {}", describe(&resolution)),
                            "keep the type of the key, or give the operator a new uid and drop its state with --allowNonRestoredState",
                        )
                        .bytes(operator.old.bytes)
                        .change(describe(&resolution)),
                    ),
                }
            }
        }
    }
}
