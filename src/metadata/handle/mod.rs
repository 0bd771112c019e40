//! State handles: where the bytes of a state are, and which part of the state they are.
//!
//! All handles share one space of tags, but each position accepts only some of them. The tag table is not the
//! version table: Flink added handles without a new `_metadata` version, so every version accepts every tag.
//! Nothing says how long a handle is, so an unknown tag ends the reading of the file.
//!
//! To add a handle: its line in `tag`, and its arm in the file of its position.

mod changelog;
mod channel;
mod keyed;
mod operator;
mod records;
mod state_place;
mod stream;

pub use changelog::{
    ChangelogFilesHandle, ChangelogSegment, ChangelogStateBackendHandle, InMemoryChangelogHandle, StateChange,
};
pub use channel::{ChannelDirection, ChannelState, ChannelStateHandle};
pub use keyed::{
    IncrementalKeyedStateHandle, KeyGroupRange, KeyGroupsStateHandle, KeyedStateHandle, StateFile,
};
pub use operator::{DistributionMode, MergedDirectories, OperatorStateHandle, Partition};
pub use state_place::{PlaceKind, StatePlace};
pub use stream::{CheckpointedStateScope, FileSegment, StreamStateHandle};

pub(super) use records::{Record, Records};

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
    pub(super) const CHANGELOG: i8 = 8;
    pub(super) const CHANGELOG_BYTE_INCREMENT: i8 = 9;
    pub(super) const CHANGELOG_FILE_INCREMENT: i8 = 10;
    pub(super) const INCREMENTAL_KEY_GROUPS_V2: i8 = 11;
    pub(super) const KEY_GROUPS_V2: i8 = 12;
    pub(super) const CHANGELOG_FILE_INCREMENT_V2: i8 = 13;
    pub(super) const CHANGELOG_V2: i8 = 14;
    pub(super) const FILE_SEGMENT: i8 = 15;
    pub(super) const EMPTY_FILE_SEGMENT: i8 = 16;
    pub(super) const SEGMENT_PARTITIONABLE_OPERATOR_STATE: i8 = 17;
}

/// The error for a tag that its position does not accept.
fn unknown_tag(at: DataInput<'_>, what: &'static str, found: i8) -> DecodeError {
    at.error(DecodeErrorKind::UnknownTag { what, found: found.into() })
}

/// Flink writes -1 for a number of bytes that it did not learn.
fn read_size(input: &mut DataInput<'_>) -> Result<u64, DecodeError> {
    Ok(u64::try_from(input.read_long()?).unwrap_or(0))
}
