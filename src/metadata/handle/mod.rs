//! State handles: where the bytes of a state are, and which part of the state they are.
//!
//! All handles share one space of tags, but each position accepts only some of them. The tag table is not the
//! version table: Flink added handles without a new `_metadata` version, so every version accepts every tag.
//! Nothing says how long a handle is, so an unknown tag ends the reading of the file.
//!
//! To add a handle: its line in `tag`, and its arm in the file of its position.

mod keyed;
mod operator;
mod stream;

pub use keyed::{
    IncrementalKeyedStateHandle, KeyGroupRange, KeyGroupsStateHandle, KeyedStateHandle, StateFile,
};
pub use operator::{DistributionMode, OperatorStateHandle, Partition};
pub use stream::StreamStateHandle;

use crate::wire::{DataInput, DecodeError, DecodeErrorKind};

/// The tags of `MetadataV2V3SerializerBase`.
mod tag {
    pub(super) const NULL: i8 = 0;
    pub(super) const BYTE_STREAM: i8 = 1;
    pub(super) const FILE: i8 = 2;
    pub(super) const KEY_GROUPS: i8 = 3;
    pub(super) const PARTITIONABLE_OPERATOR_STATE: i8 = 4;
    pub(super) const INCREMENTAL_KEY_GROUPS: i8 = 5;
    pub(super) const RELATIVE_FILE: i8 = 6;
    pub(super) const SAVEPOINT_KEY_GROUPS: i8 = 7;
    pub(super) const INCREMENTAL_KEY_GROUPS_V2: i8 = 11;
    pub(super) const KEY_GROUPS_V2: i8 = 12;

    /// Tags that Flink writes and this version does not read, with their names.
    pub(super) const NOT_READ: &[(i8, &str)] = &[
        (8, "a changelog state backend handle"),
        (9, "a changelog increment in memory"),
        (10, "a changelog increment in a file"),
        (13, "a changelog increment in a file"),
        (14, "a changelog state backend handle"),
        (15, "a segment of a merged checkpoint file"),
        (16, "an empty segment of a merged checkpoint file"),
        (17, "operator state in a merged checkpoint file"),
    ];
}

/// The error for a tag that its position does not accept.
fn unknown_tag(at: DataInput<'_>, what: &'static str, found: i8) -> DecodeError {
    let known = tag::NOT_READ.iter().find(|(tag, _)| *tag == found);
    at.error(match known {
        Some((_, name)) => DecodeErrorKind::NotRead { what: name, found: found.into() },
        None => DecodeErrorKind::UnknownTag { what, found: found.into() },
    })
}

/// Reads a list of channel state handles, which must be empty: savepoints never hold in-flight data, only
/// unaligned checkpoints do, and those are not read yet.
pub(super) fn refuse_channel_state(input: &mut DataInput<'_>) -> Result<(), DecodeError> {
    let start = *input;
    match input.read_count("channel state handles", 1)? {
        0 => Ok(()),
        found => Err(start.error(DecodeErrorKind::NotRead {
            what: "in-flight data of an unaligned checkpoint",
            found: i64::try_from(found).unwrap_or(i64::MAX),
        })),
    }
}
