//! The document of `holdpoint id`.

use super::SCHEMA_VERSION;
use crate::catalog::Origin;
use crate::ids::{Generated, OperatorId};
use crate::plan::PlannedOperator;
use crate::report::identity::{Identities, Identity};
use serde_json::{Value, json};

/// What the IDs that are asked about are; without any, all that there are.
pub fn render_identities(identities: &Identities<'_>, asked: &[OperatorId]) -> Value {
    let ids: Vec<_> = identities.of(asked).iter().map(identity).collect();
    json!({ "schema_version": SCHEMA_VERSION, "ids": ids })
}

fn identity(identity: &Identity<'_>) -> Value {
    let changes = identity.changes.iter().flat_map(|change| {
        change
            .changing
            .iter()
            .map(|(place, id)| json!({ "edit": change.edit, "place": place, "operator_id": id }))
    });
    json!({
        "operator_id": identity.id,
        "id_origin": origin(&identity.origin),
        "in_savepoint": identity.saved.map(|saved| json!({ "operator_name": saved.name, "bytes": saved.bytes, "has_state": saved.has_state })),
        "in_plan": identity.planned.map(PlannedOperator::title),
        "seems_to_be": identity.moved.map(|moved| json!({ "title": moved.title(), "operator_id": moved.id })),
        "changes": changes.collect::<Vec<_>>(),
    })
}

/// Where an ID comes from.
pub(super) fn origin(origin: &Origin) -> Value {
    let kind = origin.name();
    match origin {
        Origin::Stored(uid) => json!({ "kind": kind, "uid": uid }),
        Origin::Known(known) => json!({
            "kind": kind,
            "uid": known.uid,
            "derived_for": known.part.map(|part| part.operator),
            "place": known.place,
        }),
        Origin::Generated(generated) | Origin::OneOfTwo(generated) => {
            let Generated { position, chained_outputs, inputs } = generated;
            json!({ "kind": kind, "position": position, "chained_outputs": chained_outputs, "inputs": inputs })
        }
        Origin::OfUid | Origin::Unset | Origin::Unknown => json!({ "kind": kind }),
    }
}
