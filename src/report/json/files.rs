//! The document of `holdpoint files`.

use super::SCHEMA_VERSION;
use crate::files::{FileUse, Presence, ReferredFile, SavepointFiles};
use crate::source::Owner;
use serde_json::{Value, json};

/// Which files a savepoint refers to.
pub fn render_files(files: &SavepointFiles) -> Value {
    let total = |owner: Owner| {
        let (count, bytes) = files.total(owner);
        json!({ "files": count, "bytes": bytes })
    };
    let unreferred = files.unreferred.as_ref().ok().map(|unreferred| {
        let one = |file: &crate::files::UnreferredFile| {
            json!({ "location": file.location.to_string(), "bytes": file.bytes })
        };
        unreferred.iter().map(one).collect::<Vec<_>>()
    });
    json!({
        "schema_version": SCHEMA_VERSION,
        "directory": files.directory.to_string(),
        "metadata": { "location": files.metadata.to_string(), "bytes": files.metadata_bytes },
        "inline": { "handles": files.inline.0, "bytes": files.inline.1 },
        "exclusive": total(Owner::Exclusive),
        "shared": total(Owner::Shared),
        "task_owned": total(Owner::TaskOwned),
        "elsewhere": total(Owner::Elsewhere),
        "self_contained": files.is_self_contained(),
        "relocatable": files.is_relocatable(),
        "dispose": {
            "files": files.disposed().count().saturating_add(1),
            "outside_directory": files.disposed().filter(|file| file.owner != Owner::Exclusive).count(),
            "left": files.files.iter().filter(|file| !file.is_disposed).count(),
            "directory": files.disposes_directory(),
        },
        "files": files.files.iter().map(file).collect::<Vec<_>>(),
        "unreferred": unreferred,
        "unreferred_unknown": files.unreferred.as_ref().err().map(ToString::to_string),
    })
}

fn file(file: &ReferredFile) -> Value {
    let found_bytes = match file.presence {
        Some(Presence::There) | None => file.bytes.filter(|_| file.presence.is_some()),
        Some(Presence::OtherSize(bytes)) => Some(bytes),
        Some(Presence::Missing) => None,
    };
    json!({
        "path": file.path,
        "location": file.location.to_string(),
        "relative": file.is_relative,
        "bytes": file.bytes,
        "in_parts": file.in_parts,
        "owner": file.owner.name(),
        "disposed": file.is_disposed,
        "present": file.presence.map(|presence| presence != Presence::Missing),
        "size_differs": file.presence.map(|presence| matches!(presence, Presence::OtherSize(_))),
        "found_bytes": found_bytes,
        "referred_by": file.uses.iter().map(file_use).collect::<Vec<_>>(),
    })
}

fn file_use(file_use: &FileUse) -> Value {
    json!({
        "operator_id": file_use.operator,
        "subtask": file_use.subtask,
        "role": file_use.role.map_or("coordinator", crate::metadata::StateRole::name),
    })
}
