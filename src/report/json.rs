//! The JSON that scripts rely on. Its shapes are additive: keys are added, and never change their meaning.

mod check;
mod diff;
mod files;
mod handle;
mod id;
mod savepoint;

pub use check::{CheckDocument, render_report};
pub use savepoint::{SavepointDocument, render_savepoint, render_summary};

pub use diff::render_diff;
pub use files::render_files;
pub use id::render_identities;

use crate::catalog::{CatalogOperator, CatalogState, UnreadState};
use crate::state::SerializerSnapshot;
use serde_json::{Map, Value, json};

/// Version of the documents; it rises when a key goes, or means something else.
const SCHEMA_VERSION: u32 = 1;

fn state(operator: &CatalogOperator, state: &CatalogState) -> Value {
    let type_of = |part| state.data_type(part).map(|data_type| data_type.to_string());
    let serializers: Map<_, _> =
        state.serializers.iter().map(|(part, snapshot)| (part.clone(), serializer(snapshot))).collect();
    json!({
        "name": state.name,
        "kind": state.kind.name(),
        "key_type": type_of("KEY_SERIALIZER"),
        "namespace_type": type_of("NAMESPACE_SERIALIZER"),
        "value_type": type_of("VALUE_SERIALIZER"),
        "state_bytes": operator.state_bytes(state),
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
