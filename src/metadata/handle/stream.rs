//! Handles to one stream of bytes: inline in the `_metadata` file, a file of its own, or a part of a file.

use super::keyed::KeyGroupOffsets;
use super::{read_size, tag, unknown_tag};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaStr};

/// A stream of bytes.
///
/// Mirrors `org.apache.flink.runtime.state.StreamStateHandle` and its implementations.
#[derive(Clone, Copy)]
pub enum StreamStateHandle<'a> {
    /// `ByteStreamStateHandle`: the bytes themselves stand in the `_metadata` file.
    Inline {
        /// What Flink calls the handle; two handles of one name hold the same bytes.
        name: JavaStr<'a>,
        /// The bytes, with their offset in the `_metadata` file.
        data: DataInput<'a>,
    },
    /// `FileStateHandle`: a file by its full path.
    File {
        /// Path or URI as Flink wrote it.
        path: JavaStr<'a>,
        /// Length in bytes, as recorded.
        size: u64,
    },
    /// `RelativeFileStateHandle`: a file beside the `_metadata` file.
    RelativeFile {
        /// Path relative to the directory of the `_metadata` file.
        path: JavaStr<'a>,
        /// Length in bytes, as recorded.
        size: u64,
    },
    /// `SegmentFileStateHandle`: a part of a file that several states share.
    Segment(FileSegment<'a>),
    /// `EmptySegmentFileStateHandle`: no bytes, and no file.
    EmptySegment,
}

/// A part of a file, as file merging makes it.
#[derive(Debug, Clone, Copy)]
pub struct FileSegment<'a> {
    /// Path or URI of the physical file, as Flink wrote it.
    pub path: JavaStr<'a>,
    /// ID of the part, unique in its file.
    pub logical_file_id: JavaStr<'a>,
    /// Where the part starts in the file, in bytes.
    pub start: u64,
    /// Length of the part in bytes.
    pub size: u64,
    /// Whether other checkpoints may refer to it.
    pub scope: CheckpointedStateScope,
}

/// Mirrors `org.apache.flink.runtime.state.CheckpointedStateScope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointedStateScope {
    /// Of one checkpoint alone.
    Exclusive,
    /// Other checkpoints may refer to it.
    Shared,
}

impl CheckpointedStateScope {
    /// The constant's name in Flink.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exclusive => "EXCLUSIVE",
            Self::Shared => "SHARED",
        }
    }

    fn decode(input: &mut DataInput<'_>) -> Result<Self, DecodeError> {
        let start = *input;
        match input.read_int()? {
            0 => Ok(Self::Exclusive),
            1 => Ok(Self::Shared),
            found => {
                Err(start.error(DecodeErrorKind::UnknownTag { what: "state scope", found: found.into() }))
            }
        }
    }
}

impl<'a> StreamStateHandle<'a> {
    pub(in crate::metadata) fn decode(input: &mut DataInput<'a>) -> Result<Option<Self>, DecodeError> {
        loop {
            let start = *input;
            return Ok(Some(match input.read_byte()? {
                tag::NULL => return Ok(None),
                tag::BYTE_STREAM => {
                    let name = input.read_utf()?;
                    Self::Inline { name, data: input.read_block("bytes of inline state")? }
                }
                tag::FILE => {
                    let size = read_size(input)?;
                    Self::File { size, path: input.read_utf()? }
                }
                tag::RELATIVE_FILE => {
                    let path = input.read_utf()?;
                    Self::RelativeFile { path, size: read_size(input)? }
                }
                tag::FILE_SEGMENT => Self::Segment(FileSegment::decode(input)?),
                tag::EMPTY_FILE_SEGMENT => Self::EmptySegment,
                // A stream that is named by its key groups: the stream itself follows.
                tag::KEY_GROUPS => {
                    KeyGroupOffsets::decode(input)?;
                    continue;
                }
                found => return Err(unknown_tag(start, "stream state handle", found)),
            }));
        }
    }

    /// As [`StreamStateHandle::decode`], where Flink does not allow a missing handle.
    pub(super) fn decode_present(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let start = *input;
        Self::decode(input)?.ok_or_else(|| unknown_tag(start, "stream state handle", tag::NULL))
    }

    /// Bytes of the stream, as `StateObject.getStateSize` gives them.
    pub fn state_size(&self) -> u64 {
        match self {
            Self::Inline { data, .. } => data.rest().len() as u64,
            Self::File { size, .. } | Self::RelativeFile { size, .. } => *size,
            Self::Segment(segment) => segment.size,
            Self::EmptySegment => 0,
        }
    }
}

impl<'a> FileSegment<'a> {
    fn decode(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let start = *input;
        let (from, size) = (input.read_long()?, input.read_long()?);
        let (Ok(from), Ok(size)) = (u64::try_from(from), u64::try_from(size)) else {
            return Err(start.error(DecodeErrorKind::Invalid {
                what: "a segment of a file cannot start at a negative place or have a negative length",
                found: from.min(size),
            }));
        };
        let scope = CheckpointedStateScope::decode(input)?;
        let path = input.read_utf()?;
        Ok(Self { path, logical_file_id: input.read_utf()?, start: from, size, scope })
    }
}

impl std::fmt::Debug for StreamStateHandle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Inline { data, .. } => write!(f, "Inline({} bytes)", data.rest().len()),
            Self::File { path, size } => write!(f, "File({path:?}, {size} bytes)"),
            Self::RelativeFile { path, size } => write!(f, "RelativeFile({path:?}, {size} bytes)"),
            Self::Segment(segment) => segment.fmt(f),
            Self::EmptySegment => f.write_str("EmptySegment"),
        }
    }
}
