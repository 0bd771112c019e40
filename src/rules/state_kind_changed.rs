//! A state of the same name is of another kind.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::state::StateKind;

pub(super) static RULE: Rule = Rule {
    id: "state-kind-changed",
    severity: Severity::Error,
    summary: "A state of the same name is of another kind: a value became a list, a list a union list.",
    explanation: "A state cannot be turned into one of another kind. Keyed state, operator lists and broadcast state \
are looked up apart, so between those a changed kind is a removed state and a new one.",
    flink: "RegisteredKeyValueStateBackendMetaInfo.checkStateMetaInfo: \"Incompatible key/value state types\"; \
DefaultOperatorStateBackend.checkStateNameAndMode: \"Incompatible state assignment modes\".",
    repair: "Register the new state under a new name; then the old one is kept in every savepoint, unused.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-list-to-union/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for state in context.states() {
        let changed = |kind: StateKind| {
            kind != state.old.kind && kind != StateKind::Unknown && state.old.kind != StateKind::Unknown
        };
        if let Some(new) = state.new.iter().find(|new| changed(new.kind)) {
            findings.add(
                Finding::rejected(
                    Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name),
                    format!("it was {} state and is {} state in the new job", state.old.kind, new.kind),
                    format!(
                        "keep the kind, or register the new state under another name than \"{}\"",
                        new.name
                    ),
                )
                .change(new.kind),
            );
        }
    }
}
