//! What kind of checkpoint it is, as the `_metadata` file says from version 4 on.

use crate::wire::{DataInput, DecodeError, JavaObject, JavaValue};

/// Why the checkpoint was taken, and what was to become of it.
///
/// Mirrors `org.apache.flink.runtime.checkpoint.CheckpointProperties`. It is a Java object in the file, whose classes
/// say which fields it has; one that is missing is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointProperties {
    /// Savepoint or checkpoint, canonical or native.
    pub kind: SnapshotKind,
    /// Flink's name of the type, such as `Checkpoint` or `Suspend Savepoint`.
    pub checkpoint_type: Option<String>,
    /// What a checkpoint may share with those around it: `FORWARD_BACKWARD`, `FORWARD` or `NO_SHARING`.
    pub sharing_files_strategy: Option<String>,
    /// What was to happen to the job after the savepoint: `NONE`, `TERMINATE` or `SUSPEND`.
    pub post_checkpoint_action: Option<String>,
    /// `CANONICAL` or `NATIVE`, of a savepoint.
    pub savepoint_format: Option<String>,
    /// It was to be taken whatever else went on.
    pub forced: Option<bool>,
    /// Nobody owns it, so that Flink is not to delete it.
    pub unclaimed: Option<bool>,
    /// Flink was to delete it when a newer one was complete.
    pub discard_subsumed: Option<bool>,
    /// Flink was to delete it when the job finished.
    pub discard_finished: Option<bool>,
    /// Flink was to delete it when the job was cancelled.
    pub discard_cancelled: Option<bool>,
    /// Flink was to delete it when the job failed.
    pub discard_failed: Option<bool>,
    /// Flink was to delete it when the job was suspended.
    pub discard_suspended: Option<bool>,
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
    /// The file does not say: versions up to 3 have no properties, and writers other than Flink's coordinator leave
    /// them out of later versions too.
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
        let constant = |field| Some(snapshot_type?.field(field)?.enum_constant()?.into_owned());
        let flag = |field| properties.field(field)?.as_bool();
        let savepoint_format = constant("formatType");
        let is_checkpoint = snapshot_type.and_then(JavaValue::class_name).as_deref()
            == Some("org.apache.flink.runtime.checkpoint.CheckpointType");
        let kind = match savepoint_format.as_deref() {
            Some("CANONICAL") => SnapshotKind::CanonicalSavepoint,
            Some("NATIVE") => SnapshotKind::NativeSavepoint,
            None if is_checkpoint => SnapshotKind::Checkpoint,
            _ => SnapshotKind::Unknown,
        };
        // A savepoint has no field for it: `SavepointType.getSharingFilesStrategy` returns this one.
        let of_savepoint = savepoint_format.is_some().then(|| "NO_SHARING".to_owned());
        Ok(Some(Self {
            kind,
            checkpoint_type: snapshot_type.and_then(|it| Some(it.field("name")?.as_str()?.into_owned())),
            sharing_files_strategy: constant("sharingFilesStrategy").or(of_savepoint),
            post_checkpoint_action: constant("postCheckpointAction"),
            savepoint_format,
            forced: flag("forced"),
            unclaimed: flag("unclaimed"),
            discard_subsumed: flag("discardSubsumed"),
            discard_finished: flag("discardFinished"),
            discard_cancelled: flag("discardCancelled"),
            discard_failed: flag("discardFailed"),
            discard_suspended: flag("discardSuspended"),
        }))
    }
}
