//! Handles to keyed state: key groups in one stream, or the files of an embedded store.

use super::{StreamStateHandle, tag, unknown_tag};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaStr, Within};
use std::fmt;

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
}

/// Consecutive key groups in one stream.
#[derive(Debug, Clone, Copy)]
pub struct KeyGroupsStateHandle<'a> {
    /// Which key groups.
    pub key_groups: KeyGroupRange,
    /// The stream, which starts with a header that names the states.
    pub stream: StreamStateHandle<'a>,
}

/// The files of RocksDB or ForSt, of which some may be shared with other checkpoints.
#[derive(Clone, Copy)]
pub struct IncrementalKeyedStateHandle<'a> {
    /// Which key groups.
    pub key_groups: KeyGroupRange,
    /// The stream that holds the header that names the states, and nothing else.
    pub meta: StreamStateHandle<'a>,
    shared: StateFiles<'a>,
    private: StateFiles<'a>,
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

/// A list of files, decoded once for validity and again whenever it is walked.
#[derive(Clone, Copy)]
struct StateFiles<'a> {
    count: usize,
    input: DataInput<'a>,
}

impl<'a> KeyedStateHandle<'a> {
    pub(in crate::metadata) fn decode(input: &mut DataInput<'a>) -> Result<Option<Self>, DecodeError> {
        let start = *input;
        Ok(Some(match input.read_byte()? {
            tag::NULL => return Ok(None),
            tag::KEY_GROUPS => Self::KeyGroups(KeyGroupsStateHandle::decode(input)?),
            tag::SAVEPOINT_KEY_GROUPS => Self::SavepointKeyGroups(KeyGroupsStateHandle::decode(input)?),
            tag::KEY_GROUPS_V2 => {
                let handle = KeyGroupsStateHandle::decode(input)?;
                skip_handle_id(input)?;
                Self::KeyGroups(handle)
            }
            tag::INCREMENTAL_KEY_GROUPS => {
                Self::Incremental(IncrementalKeyedStateHandle::decode(input, false)?)
            }
            tag::INCREMENTAL_KEY_GROUPS_V2 => {
                let handle = IncrementalKeyedStateHandle::decode(input, true)?;
                skip_handle_id(input)?;
                Self::Incremental(handle)
            }
            found => return Err(unknown_tag(start, "keyed state handle", found)),
        }))
    }

    /// Which key groups the state belongs to.
    pub fn key_groups(&self) -> KeyGroupRange {
        match self {
            Self::KeyGroups(handle) | Self::SavepointKeyGroups(handle) => handle.key_groups,
            Self::Incremental(handle) => handle.key_groups,
        }
    }

    /// The stream that starts with the header that names the states.
    pub fn header(&self) -> StreamStateHandle<'a> {
        match self {
            Self::KeyGroups(handle) | Self::SavepointKeyGroups(handle) => handle.stream,
            Self::Incremental(handle) => handle.meta,
        }
    }

    /// Bytes of state, as `StateObject.getStateSize` gives them.
    pub fn state_size(&self) -> u64 {
        match self {
            Self::KeyGroups(handle) | Self::SavepointKeyGroups(handle) => handle.stream.state_size(),
            Self::Incremental(handle) => {
                let files = handle.shared().chain(handle.private());
                files.map(|file| file.stream.state_size()).fold(handle.meta.state_size(), u64::saturating_add)
            }
        }
    }
}

impl<'a> KeyGroupsStateHandle<'a> {
    fn decode(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let (key_groups, count) = KeyGroupRange::decode(input, 8)?;
        input.read_slice(count.saturating_mul(8))?; // where each key group starts in the stream
        Ok(Self { key_groups, stream: StreamStateHandle::decode_present(input)? })
    }
}

impl<'a> IncrementalKeyedStateHandle<'a> {
    fn decode(input: &mut DataInput<'a>, has_checkpointed_size: bool) -> Result<Self, DecodeError> {
        input.read_long()?; // ID of the checkpoint that wrote it
        input.read_utf()?; // ID of the backend that wrote it
        let (key_groups, _) = KeyGroupRange::decode(input, 0)?;
        if has_checkpointed_size {
            input.read_long()?; // bytes that this checkpoint added
        }
        Ok(Self {
            key_groups,
            meta: StreamStateHandle::decode_present(input).within("meta file")?,
            shared: StateFiles::decode(input).within("shared files")?,
            private: StateFiles::decode(input).within("private files")?,
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

impl fmt::Debug for IncrementalKeyedStateHandle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key_groups, meta, shared, private } = self;
        write!(f, "Incremental({key_groups:?}, {meta:?}, {} + {} files)", shared.count, private.count)
    }
}

impl<'a> StateFiles<'a> {
    /// name, tag
    const LEAST_BYTES: usize = 2 + 1;

    fn decode(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let count = input.read_count("state files", Self::LEAST_BYTES)?;
        let files = Self { count, input: *input };
        for _ in 0..count {
            StateFile::decode(input)?;
        }
        Ok(files)
    }

    fn iter(&self) -> impl Iterator<Item = StateFile<'a>> + use<'a> {
        let mut input = self.input;
        (0..self.count).map_while(move |_| StateFile::decode(&mut input).ok())
    }
}

impl<'a> StateFile<'a> {
    fn decode(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let local_path = input.read_utf()?;
        let stream =
            StreamStateHandle::decode_present(input).within_with(|| format!("file {local_path:?}"))?;
        Ok(Self { local_path, stream })
    }
}

impl KeyGroupRange {
    /// Reads the first key group and their number, of which each takes `least_bytes` behind.
    fn decode(input: &mut DataInput<'_>, least_bytes: usize) -> Result<(Self, usize), DecodeError> {
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

/// A random ID by which Flink tells handles apart at run time.
fn skip_handle_id(input: &mut DataInput<'_>) -> Result<(), DecodeError> {
    input.read_utf().map(drop)
}
