//! What kind of checkpoint it is, as the `_metadata` file says from version 4 on.

use crate::wire::{DataInput, DecodeError, JavaObject, JavaValue};

/// The part of `org.apache.flink.runtime.checkpoint.CheckpointProperties` that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckpointProperties {
    /// Savepoint or checkpoint, canonical or native.
    pub kind: SnapshotKind,
}

/// Savepoint or checkpoint, and a savepoint's format.
///
/// Mirrors `SnapshotType` and `SavepointFormatType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SnapshotKind {
    /// A savepoint in the format that every state backend reads.
    CanonicalSavepoint,
    /// A savepoint in the format of the state backend that wrote it.
    NativeSavepoint,
    /// A checkpoint, always in the format of the state backend that wrote it.
    Checkpoint,
    /// The file does not say: version 3 has no properties, and writers other than Flink's coordinator leave them
    /// out of later versions too.
    Unknown,
}

impl SnapshotKind {
    /// The kind's name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::CanonicalSavepoint => "canonical-savepoint",
            Self::NativeSavepoint => "native-savepoint",
            Self::Checkpoint => "checkpoint",
            Self::Unknown => "unknown",
        }
    }
}

impl CheckpointProperties {
    /// Reads the Java object; `None` when the writer wrote a null.
    pub(super) fn decode(input: &mut DataInput<'_>) -> Result<Option<Self>, DecodeError> {
        let object = JavaObject::read(input)?;
        let properties = object.root();
        if properties.is_null() {
            return Ok(None);
        }
        let snapshot_type = properties.field("checkpointType");
        let format = snapshot_type.and_then(|it| it.field("formatType")?.enum_constant());
        let kind = match (snapshot_type.and_then(JavaValue::class_name).as_deref(), format.as_deref()) {
            (_, Some("CANONICAL")) => SnapshotKind::CanonicalSavepoint,
            (_, Some("NATIVE")) => SnapshotKind::NativeSavepoint,
            (Some("org.apache.flink.runtime.checkpoint.CheckpointType"), _) => SnapshotKind::Checkpoint,
            _ => SnapshotKind::Unknown,
        };
        Ok(Some(Self { kind }))
    }
}
