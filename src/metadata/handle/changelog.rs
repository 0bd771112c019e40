//! Handles of the changelog state backend: snapshots of the backend below it, and what changed since.

use super::keyed::Nesting;
use super::{KeyGroupRange, KeyedStateHandle, Record, Records, StreamStateHandle, read_size};
use crate::metadata::RecordLayout;
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaStr, Within};

/// Snapshots of the backend below the changelog, and the changes since.
///
/// Mirrors `org.apache.flink.runtime.state.changelog.ChangelogStateBackendHandle`.
#[derive(Debug, Clone, Copy)]
pub struct ChangelogStateBackendHandle<'a> {
    /// Which key groups.
    pub key_groups: KeyGroupRange,
    /// Bytes that this checkpoint added to those before it. Flink 1.14 did not write it.
    pub checkpointed_size: Option<u64>,
    /// The number of the snapshot. Flink 1.14 did not write it.
    pub materialization_id: Option<i64>,
    /// The checkpoint that took the snapshot. Flink 1.14 and 1.15 did not write it.
    pub checkpoint_id: Option<i64>,
    /// A random ID by which Flink tells handles apart, where it is stored.
    pub handle_id: Option<JavaStr<'a>>,
    materialized: Records<'a, Nested<'a>>,
    non_materialized: Records<'a, Nested<'a>>,
}

/// Changes that stand in the `_metadata` file itself.
///
/// Mirrors `org.apache.flink.runtime.state.changelog.inmemory.InMemoryChangelogStateHandle`.
#[derive(Debug, Clone, Copy)]
pub struct InMemoryChangelogHandle<'a> {
    /// Which key groups.
    pub key_groups: KeyGroupRange,
    /// Sequence number of the first change.
    pub from: i64,
    /// Sequence number behind the last change.
    pub to: i64,
    /// A random ID by which Flink tells handles apart, where it is stored.
    pub handle_id: Option<JavaStr<'a>>,
    changes: Records<'a, StateChange<'a>>,
}

/// One change; `org.apache.flink.runtime.state.changelog.StateChange`.
#[derive(Clone, Copy)]
pub struct StateChange<'a> {
    /// The key group, or -1 where the change tells of a state rather than of a value in it.
    pub key_group: i32,
    /// The change, with its offset in the `_metadata` file.
    pub change: DataInput<'a>,
}

/// Changes in files, of which several handles may use the same.
///
/// Mirrors `org.apache.flink.runtime.state.changelog.ChangelogStateHandleStreamImpl`.
#[derive(Debug, Clone, Copy)]
pub struct ChangelogFilesHandle<'a> {
    /// Which key groups.
    pub key_groups: KeyGroupRange,
    /// Bytes of the changes, which may be fewer than those of the files.
    pub size: u64,
    /// Bytes that this checkpoint added to those before it. Flink 1.14 did not write it.
    pub checkpointed_size: Option<u64>,
    /// A random ID by which Flink tells handles apart, where it is stored.
    pub handle_id: Option<JavaStr<'a>>,
    /// Which changelog storage wrote it; `filesystem` where it is not stored, as in Flink 1.14 and 1.15.
    pub storage: Option<JavaStr<'a>>,
    segments: Records<'a, ChangelogSegment<'a>>,
}

/// Changes that stand together in a file.
#[derive(Debug, Clone, Copy)]
pub struct ChangelogSegment<'a> {
    /// Where they start in the stream, in bytes.
    pub offset: u64,
    /// The stream.
    pub stream: StreamStateHandle<'a>,
}

/// A handle inside a changelog's; Flink passes over one that is missing.
#[derive(Debug, Clone, Copy)]
struct Nested<'a>(Option<KeyedStateHandle<'a>>);

impl<'a> ChangelogStateBackendHandle<'a> {
    pub(super) fn decode(
        input: &mut DataInput<'a>,
        is_v2: bool,
        nesting: Nesting,
    ) -> Result<Self, DecodeError> {
        let is_final = nesting.layout.changelog_is_final();
        let (key_groups, _) = KeyGroupRange::decode(input, 0)?;
        let checkpointed_size = read_checkpointed_size(input, is_final)?;
        let materialized = Records::decode(input, nesting).within("materialized state")?;
        let non_materialized = Records::decode(input, nesting).within("changelog")?;
        let materialization_id = is_final.then(|| input.read_long()).transpose()?;
        let checkpoint_id = is_v2.then(|| input.read_long()).transpose()?;
        let handle_id = is_final.then(|| input.read_utf()).transpose()?;
        Ok(Self {
            key_groups,
            checkpointed_size,
            materialization_id,
            checkpoint_id,
            handle_id,
            materialized,
            non_materialized,
        })
    }

    /// Snapshots of the backend below.
    pub fn materialized(&self) -> impl Iterator<Item = KeyedStateHandle<'a>> + use<'a> {
        self.materialized.iter().filter_map(|nested| nested.0)
    }

    /// What changed since.
    pub fn non_materialized(&self) -> impl Iterator<Item = KeyedStateHandle<'a>> + use<'a> {
        self.non_materialized.iter().filter_map(|nested| nested.0)
    }

    pub(super) fn state_size(&self) -> u64 {
        self.materialized.state_size().saturating_add(self.non_materialized.state_size())
    }
}

impl<'a> InMemoryChangelogHandle<'a> {
    pub(super) fn decode(input: &mut DataInput<'a>, layout: RecordLayout) -> Result<Self, DecodeError> {
        let (key_groups, _) = KeyGroupRange::decode(input, 0)?;
        let (from, to) = (input.read_long()?, input.read_long()?);
        let changes = Records::decode(input, ())?;
        let handle_id = layout.changelog_is_final().then(|| input.read_utf()).transpose()?;
        Ok(Self { key_groups, from, to, handle_id, changes })
    }

    /// The changes, in their order.
    pub fn changes(&self) -> impl Iterator<Item = StateChange<'a>> + use<'a> {
        self.changes.iter()
    }

    /// How many changes there are.
    pub fn change_count(&self) -> usize {
        self.changes.len()
    }

    pub(super) fn state_size(&self) -> u64 {
        self.changes.state_size()
    }
}

impl<'a> ChangelogFilesHandle<'a> {
    pub(super) fn decode(
        input: &mut DataInput<'a>,
        is_v2: bool,
        layout: RecordLayout,
    ) -> Result<Self, DecodeError> {
        let is_final = layout.changelog_is_final();
        let (key_groups, _) = KeyGroupRange::decode(input, 0)?;
        let segments = Records::decode(input, ()).within("changelog files")?;
        let size = read_size(input)?;
        let checkpointed_size = read_checkpointed_size(input, is_final)?;
        let handle_id = is_final.then(|| input.read_utf()).transpose()?;
        let storage = is_v2.then(|| input.read_utf()).transpose()?;
        Ok(Self { key_groups, size, checkpointed_size, handle_id, storage, segments })
    }

    /// Where the changes are, in their order.
    pub fn segments(&self) -> impl Iterator<Item = ChangelogSegment<'a>> + use<'a> {
        self.segments.iter()
    }
}

fn read_checkpointed_size(input: &mut DataInput<'_>, is_there: bool) -> Result<Option<u64>, DecodeError> {
    Ok(if is_there { u64::try_from(input.read_long()?).ok() } else { None })
}

impl<'a> Record<'a> for Nested<'a> {
    type Context = Nesting;
    const WHAT: &'static str = "keyed state handles";
    /// tag
    const LEAST_BYTES: usize = 1;

    fn decode(input: &mut DataInput<'a>, nesting: Nesting) -> Result<Self, DecodeError> {
        KeyedStateHandle::decode_nested(input, nesting).map(Self)
    }

    fn state_size(&self) -> u64 {
        self.0.as_ref().map_or(0, KeyedStateHandle::state_size)
    }
}

impl<'a> Record<'a> for StateChange<'a> {
    type Context = ();
    const WHAT: &'static str = "changes";
    /// key group, length
    const LEAST_BYTES: usize = 4 + 4;

    fn decode(input: &mut DataInput<'a>, (): ()) -> Result<Self, DecodeError> {
        let key_group = input.read_int()?;
        Ok(Self { key_group, change: input.read_block("bytes of a change")? })
    }

    fn state_size(&self) -> u64 {
        self.change.rest().len() as u64
    }
}

impl<'a> Record<'a> for ChangelogSegment<'a> {
    type Context = ();
    const WHAT: &'static str = "changelog files";
    /// offset, tag
    const LEAST_BYTES: usize = 8 + 1;

    fn decode(input: &mut DataInput<'a>, (): ()) -> Result<Self, DecodeError> {
        let start = *input;
        let found = input.read_long()?;
        let offset = u64::try_from(found).map_err(|_| {
            start.error(DecodeErrorKind::Invalid { what: "changes cannot start at a negative place", found })
        })?;
        Ok(Self { offset, stream: StreamStateHandle::decode_present(input)? })
    }

    fn state_size(&self) -> u64 {
        self.stream.state_size()
    }
}

impl std::fmt::Debug for StateChange<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StateChange(key group {}, {} bytes)", self.key_group, self.change.rest().len())
    }
}
