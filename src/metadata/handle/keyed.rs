//! Handles to keyed state: key groups in one stream, the files of an embedded store, or a changelog.

use super::{
    ChangelogFilesHandle, ChangelogStateBackendHandle, InMemoryChangelogHandle, PlaceKind, Record, Records,
    StatePlace, StreamStateHandle, tag, unknown_tag,
};
use crate::metadata::RecordLayout;
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaStr, Within};
use byteorder::{BE, ByteOrder};

/// Keyed state of one subtask.
///
/// Mirrors `org.apache.flink.runtime.state.KeyedStateHandle` and its implementations.
#[derive(Debug, Clone, Copy)]
pub enum KeyedStateHandle<'a> {
    /// `KeyGroupsStateHandle`: a backend's own full snapshot.
    KeyGroups(KeyGroupsStateHandle<'a>),
    /// `KeyGroupsSavepointStateHandle`: the canonical format, which every backend reads.
    SavepointKeyGroups(KeyGroupsStateHandle<'a>),
    /// `IncrementalRemoteKeyedStateHandle`: the files of RocksDB or ForSt.
    Incremental(IncrementalKeyedStateHandle<'a>),
    /// `ChangelogStateBackendHandle`: a snapshot, and what changed since.
    Changelog(ChangelogStateBackendHandle<'a>),
    /// `InMemoryChangelogStateHandle`: changes that stand in the `_metadata` file.
    ChangelogInMemory(InMemoryChangelogHandle<'a>),
    /// `ChangelogStateHandleStreamImpl`: changes in files.
    ChangelogFiles(ChangelogFilesHandle<'a>),
}

/// Consecutive key groups in one stream.
#[derive(Debug, Clone, Copy)]
pub struct KeyGroupsStateHandle<'a> {
    /// Which key groups.
    pub key_groups: KeyGroupRange,
    /// The stream. Managed state starts with a header that names the states; raw state does not.
    pub stream: StreamStateHandle<'a>,
    /// A random ID by which Flink tells handles apart, where it is stored.
    pub handle_id: Option<JavaStr<'a>>,
    offsets: KeyGroupOffsets<'a>,
}

/// The files of RocksDB or ForSt, of which some may be shared with other checkpoints.
#[derive(Debug, Clone, Copy)]
pub struct IncrementalKeyedStateHandle<'a> {
    /// Which key groups.
    pub key_groups: KeyGroupRange,
    /// The checkpoint that wrote it.
    pub checkpoint_id: i64,
    /// ID of the backend that wrote it.
    pub backend_id: JavaStr<'a>,
    /// Bytes that this checkpoint added to those before it; `None` where Flink did not write it.
    pub checkpointed_size: Option<u64>,
    /// The stream that holds the header that names the states, and nothing else.
    pub meta: StreamStateHandle<'a>,
    /// A random ID by which Flink tells handles apart, where it is stored.
    pub handle_id: Option<JavaStr<'a>>,
    shared: Records<'a, StateFile<'a>>,
    private: Records<'a, StateFile<'a>>,
}

/// One file of an incremental handle.
#[derive(Debug, Clone, Copy)]
pub struct StateFile<'a> {
    /// The file's name in the store's own directory, such as `000012.sst`.
    pub local_path: JavaStr<'a>,
    /// Where its bytes are.
    pub stream: StreamStateHandle<'a>,
}

/// Consecutive key groups, both ends included; empty when `end < start`.
///
/// Mirrors `org.apache.flink.runtime.state.KeyGroupRange`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyGroupRange {
    /// The first key group.
    pub start: i32,
    /// The last one.
    pub end: i32,
}

/// Key groups, and where each starts in a stream; `KeyGroupRangeOffsets`.
#[derive(Clone, Copy)]
pub(super) struct KeyGroupOffsets<'a> {
    range: KeyGroupRange,
    offsets: &'a [u8],
}

/// Changelogs nest their snapshots, and nothing else nests. Flink's go one deep.
const MAX_NESTING: u32 = 8;

impl<'a> KeyedStateHandle<'a> {
    pub(in crate::metadata) fn decode(
        input: &mut DataInput<'a>,
        layout: RecordLayout,
    ) -> Result<Option<Self>, DecodeError> {
        Self::decode_nested(input, Nesting { layout, depth: 0 })
    }

    pub(super) fn decode_nested(
        input: &mut DataInput<'a>,
        nesting: Nesting,
    ) -> Result<Option<Self>, DecodeError> {
        let start = *input;
        let found = input.read_byte()?;
        Ok(Some(match found {
            tag::NULL => return Ok(None),
            tag::KEY_GROUPS => Self::KeyGroups(KeyGroupsStateHandle::decode(input, false)?),
            tag::KEY_GROUPS_V2 => Self::KeyGroups(KeyGroupsStateHandle::decode(input, true)?),
            tag::SAVEPOINT_KEY_GROUPS => {
                Self::SavepointKeyGroups(KeyGroupsStateHandle::decode(input, false)?)
            }
            tag::INCREMENTAL_KEY_GROUPS => {
                Self::Incremental(IncrementalKeyedStateHandle::decode(input, false)?)
            }
            tag::INCREMENTAL_KEY_GROUPS_V2 => {
                Self::Incremental(IncrementalKeyedStateHandle::decode(input, true)?)
            }
            tag::CHANGELOG | tag::CHANGELOG_V2 => {
                let inner = nesting.deeper(start)?;
                let is_v2 = found == tag::CHANGELOG_V2;
                Self::Changelog(ChangelogStateBackendHandle::decode(input, is_v2, inner)?)
            }
            tag::CHANGELOG_BYTE_INCREMENT => {
                Self::ChangelogInMemory(InMemoryChangelogHandle::decode(input, nesting.layout)?)
            }
            tag::CHANGELOG_FILE_INCREMENT | tag::CHANGELOG_FILE_INCREMENT_V2 => {
                let is_v2 = found == tag::CHANGELOG_FILE_INCREMENT_V2;
                Self::ChangelogFiles(ChangelogFilesHandle::decode(input, is_v2, nesting.layout)?)
            }
            found => return Err(unknown_tag(start, "keyed state handle", found)),
        }))
    }

    /// The kind's name in reports.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::KeyGroups(_) => "key-groups",
            Self::SavepointKeyGroups(_) => "savepoint-key-groups",
            Self::Incremental(_) => "incremental-key-groups",
            Self::Changelog(_) => "changelog",
            Self::ChangelogInMemory(_) => "changelog-in-memory",
            Self::ChangelogFiles(_) => "changelog-files",
        }
    }

    /// Which key groups the state belongs to.
    pub fn key_groups(&self) -> KeyGroupRange {
        match self {
            Self::KeyGroups(handle) | Self::SavepointKeyGroups(handle) => handle.key_groups,
            Self::Incremental(handle) => handle.key_groups,
            Self::Changelog(handle) => handle.key_groups,
            Self::ChangelogInMemory(handle) => handle.key_groups,
            Self::ChangelogFiles(handle) => handle.key_groups,
        }
    }

    /// The places that say which states there are, if this handle is of managed state. Those of a changelog come in
    /// the order in which its states came up: its snapshots, and then what changed since.
    pub fn state_places(&self) -> Box<dyn Iterator<Item = StatePlace<'a>> + 'a> {
        let header = |stream| StatePlace { stream, offset: 0, kind: PlaceKind::KeyedHeader };
        match self {
            Self::KeyGroups(handle) | Self::SavepointKeyGroups(handle) => {
                Box::new(std::iter::once(header(handle.stream)))
            }
            Self::Incremental(handle) => Box::new(std::iter::once(header(handle.meta))),
            Self::Changelog(handle) => {
                let handles = handle.materialized().chain(handle.non_materialized());
                Box::new(handles.flat_map(|handle| handle.state_places()))
            }
            Self::ChangelogInMemory(handle) => Box::new(handle.changes().map(|change| StatePlace {
                stream: StreamStateHandle::Inline { name: JavaStr::new(&[]), data: change.change },
                offset: 0,
                kind: PlaceKind::ChangelogChange { key_group: change.key_group },
            })),
            Self::ChangelogFiles(handle) => Box::new(handle.segments().map(|segment| StatePlace {
                stream: segment.stream,
                offset: segment.offset,
                kind: PlaceKind::ChangelogSegment,
            })),
        }
    }

    /// All streams of the handle, in the order of the file.
    pub fn streams(&self) -> Box<dyn Iterator<Item = StreamStateHandle<'a>> + 'a> {
        match *self {
            Self::KeyGroups(handle) | Self::SavepointKeyGroups(handle) => {
                Box::new(std::iter::once(handle.stream))
            }
            Self::Incremental(handle) => {
                let files = handle.shared().chain(handle.private()).map(|file| file.stream);
                Box::new(std::iter::once(handle.meta).chain(files))
            }
            Self::Changelog(handle) => {
                let handles = handle.materialized().chain(handle.non_materialized());
                Box::new(handles.flat_map(|handle| handle.streams()))
            }
            Self::ChangelogInMemory(handle) => Box::new(
                handle
                    .changes()
                    .map(|change| StreamStateHandle::Inline { name: JavaStr::new(&[]), data: change.change }),
            ),
            Self::ChangelogFiles(handle) => Box::new(handle.segments().map(|segment| segment.stream)),
        }
    }

    /// Whether it is of the changelog state backend.
    pub fn is_changelog(&self) -> bool {
        matches!(self, Self::Changelog(_) | Self::ChangelogInMemory(_) | Self::ChangelogFiles(_))
    }

    /// Bytes of state, as `StateObject.getStateSize` gives them.
    pub fn state_size(&self) -> u64 {
        match self {
            Self::KeyGroups(handle) | Self::SavepointKeyGroups(handle) => handle.stream.state_size(),
            Self::Incremental(handle) => {
                let files = handle.shared.state_size().saturating_add(handle.private.state_size());
                handle.meta.state_size().saturating_add(files)
            }
            Self::Changelog(handle) => handle.state_size(),
            Self::ChangelogInMemory(handle) => handle.state_size(),
            Self::ChangelogFiles(handle) => handle.size,
        }
    }
}

/// How deep a handle stands in others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nesting {
    pub(super) layout: RecordLayout,
    depth: u32,
}

impl Nesting {
    fn deeper(self, at: DataInput<'_>) -> Result<Self, DecodeError> {
        if self.depth == MAX_NESTING {
            return Err(at.error(DecodeErrorKind::TooDeep { limit: MAX_NESTING }));
        }
        Ok(Self { depth: self.depth.saturating_add(1), ..self })
    }
}

impl<'a> KeyGroupsStateHandle<'a> {
    fn decode(input: &mut DataInput<'a>, has_id: bool) -> Result<Self, DecodeError> {
        let offsets = KeyGroupOffsets::decode(input)?;
        let stream = StreamStateHandle::decode_present(input)?;
        let handle_id = has_id.then(|| input.read_utf()).transpose()?;
        Ok(Self { key_groups: offsets.range, stream, handle_id, offsets })
    }

    /// Where each key group starts in the stream, in their order. RocksDB writes 0, and raw state -1, for a key group
    /// without data.
    pub fn offsets(&self) -> impl ExactSizeIterator<Item = i64> + use<'a> {
        self.offsets.offsets.chunks_exact(8).map(BE::read_i64)
    }
}

impl<'a> KeyGroupOffsets<'a> {
    pub(super) fn decode(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let (range, count) = KeyGroupRange::decode(input, 8)?;
        Ok(Self { range, offsets: input.pass_slice(count.saturating_mul(8))? })
    }
}

impl std::fmt::Debug for KeyGroupOffsets<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.range.fmt(f)
    }
}

impl<'a> IncrementalKeyedStateHandle<'a> {
    fn decode(input: &mut DataInput<'a>, is_v2: bool) -> Result<Self, DecodeError> {
        let checkpoint_id = input.read_long()?;
        let backend_id = input.read_utf()?;
        let (key_groups, _) = KeyGroupRange::decode(input, 0)?;
        let checkpointed_size = if is_v2 { u64::try_from(input.read_long()?).ok() } else { None };
        Ok(Self {
            key_groups,
            checkpoint_id,
            backend_id,
            checkpointed_size,
            meta: StreamStateHandle::decode_present(input).within("meta file")?,
            shared: Records::decode(input, ()).within("shared files")?,
            private: Records::decode(input, ()).within("private files")?,
            handle_id: is_v2.then(|| input.read_utf()).transpose()?,
        })
    }

    /// Files that other checkpoints may refer to as well.
    pub fn shared(&self) -> impl Iterator<Item = StateFile<'a>> + use<'a> {
        self.shared.iter()
    }

    /// Files of this checkpoint alone.
    pub fn private(&self) -> impl Iterator<Item = StateFile<'a>> + use<'a> {
        self.private.iter()
    }
}

impl<'a> Record<'a> for StateFile<'a> {
    type Context = ();
    const WHAT: &'static str = "state files";
    /// name, tag
    const LEAST_BYTES: usize = 2 + 1;

    fn decode(input: &mut DataInput<'a>, (): ()) -> Result<Self, DecodeError> {
        let local_path = input.read_utf()?;
        let stream =
            StreamStateHandle::decode_present(input).within_with(|| format!("file {local_path:?}"))?;
        Ok(Self { local_path, stream })
    }

    fn state_size(&self) -> u64 {
        self.stream.state_size()
    }
}

impl KeyGroupRange {
    /// Reads the first key group and their number, of which each takes `least_bytes` behind.
    pub(super) fn decode(
        input: &mut DataInput<'_>,
        least_bytes: usize,
    ) -> Result<(Self, usize), DecodeError> {
        let start = input.read_int()?;
        let at_count = *input;
        let count = input.read_count("key groups", least_bytes)?;
        let end = i32::try_from(count)
            .ok()
            .and_then(|count| start.checked_add(count)?.checked_sub(1))
            .ok_or_else(|| {
                at_count.error(DecodeErrorKind::Invalid {
                    what: "key groups beyond what an int can number, from",
                    found: start.into(),
                })
            })?;
        Ok((Self { start, end }, count))
    }
}
