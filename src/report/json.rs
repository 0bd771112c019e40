//! The JSON that scripts rely on. Its shapes are additive: keys are added, and never change their meaning.

mod files;
mod handle;
mod id;
mod savepoint;

pub use savepoint::{SavepointDocument, render_savepoint, render_summary};

pub use files::render_files;
pub use id::render_identities;

use super::Report;
use crate::catalog::{CatalogState, UnreadState};
use crate::rules::{Finding, Unchecked};
use crate::state::SerializerSnapshot;
use serde_json::{Map, Value, json};

/// Version of the documents; it rises when a key goes, or means something else.
const SCHEMA_VERSION: u32 = 1;

/// The document of `holdpoint check`.
pub fn render_report(report: &Report) -> Value {
    json!({
        "schema_version": SCHEMA_VERSION,
        "verdict": report.verdict().name(),
        "rules": {
            "flink": report.rules.flink.to_string(),
            "flink_from": report.rules.said_by.name(),
            "restore": report.rules.restore.name(),
        },
        "restore": {
            "strict": report.restore.strict.name(),
            "allow_non_restored_state": report.restore.allow_non_restored_state.name(),
        },
        "findings": report.findings.found.iter().map(finding).collect::<Vec<_>>(),
        "unchecked": report.findings.unchecked.iter().map(unchecked).collect::<Vec<_>>(),
        "waived": [],
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "rule": finding.rule,
        "severity": finding.severity.name(),
        "operator_id": finding.subject.operator_id,
        "uid": finding.subject.uid,
        "operator_name": finding.subject.operator_name,
        "state": finding.subject.state,
        "message": finding.message,
        "help": finding.help,
        "bytes": finding.bytes,
    })
}

fn unchecked(unchecked: &Unchecked) -> Value {
    json!({
        "rule": unchecked.rule,
        "operator_id": unchecked.subject.operator_id,
        "uid": unchecked.subject.uid,
        "operator_name": unchecked.subject.operator_name,
        "state": unchecked.subject.state,
        "why": unchecked.why,
        "help": unchecked.help,
        "undetermined": unchecked.undetermined,
    })
}

fn state(state: &CatalogState) -> Value {
    let type_of = |part| state.data_type(part).map(|data_type| data_type.to_string());
    let serializers: Map<_, _> =
        state.serializers.iter().map(|(part, snapshot)| (part.clone(), serializer(snapshot))).collect();
    json!({
        "name": state.name,
        "kind": state.kind.name(),
        "key_type": type_of("KEY_SERIALIZER"),
        "namespace_type": type_of("NAMESPACE_SERIALIZER"),
        "value_type": type_of("VALUE_SERIALIZER"),
        "serializers": serializers,
    })
}

fn serializer(snapshot: &SerializerSnapshot) -> Value {
    json!({
        "snapshot": snapshot.class,
        "version": snapshot.version,
        "nested": snapshot.nested.iter().map(serializer).collect::<Vec<_>>(),
    })
}

fn unread(unread: &UnreadState) -> Value {
    match unread {
        UnreadState::BehindOpaqueSnapshot(unread) => json!({
            "states": unread.states,
            "names": unread.names,
            "why": format!("they stand behind the snapshot {} (version {}), which only its own class can read", unread.class, unread.version),
        }),
        UnreadState::KeyOfChangelog => json!({
            "states": 0,
            "why": "the type of the key is not stored: there is no snapshot yet, and the changelog does not say it",
        }),
        UnreadState::BehindTimers { services, key } => json!({
            "states": null,
            "why": format!("{services} timer services stand behind timers whose keys ({key}) only their serializer can read"),
        }),
        UnreadState::Unavailable { why } => json!({ "states": null, "why": why }),
    }
}
