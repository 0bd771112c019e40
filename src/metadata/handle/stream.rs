//! Handles to one stream of bytes: inline in the `_metadata` file, or a file of its own.

use super::{tag, unknown_tag};
use crate::wire::{DataInput, DecodeError, JavaStr};

/// A stream of bytes.
///
/// Mirrors `org.apache.flink.runtime.state.StreamStateHandle` and its implementations.
#[derive(Clone, Copy)]
pub enum StreamStateHandle<'a> {
    /// `ByteStreamStateHandle`: the bytes themselves stand in the `_metadata` file.
    Inline {
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
}

impl<'a> StreamStateHandle<'a> {
    pub(in crate::metadata) fn decode(input: &mut DataInput<'a>) -> Result<Option<Self>, DecodeError> {
        let start = *input;
        Ok(Some(match input.read_byte()? {
            tag::NULL => return Ok(None),
            tag::BYTE_STREAM => {
                input.read_utf()?; // a name that is unique, and means nothing
                Self::Inline { data: input.read_block("bytes of inline state")? }
            }
            tag::FILE => {
                let size = read_size(input)?;
                Self::File { size, path: input.read_utf()? }
            }
            tag::RELATIVE_FILE => {
                let path = input.read_utf()?;
                Self::RelativeFile { path, size: read_size(input)? }
            }
            found => return Err(unknown_tag(start, "stream state handle", found)),
        }))
    }

    /// As [`StreamStateHandle::decode`], where Flink does not allow a missing handle.
    pub(super) fn decode_present(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let start = *input;
        Self::decode(input)?.ok_or_else(|| unknown_tag(start, "stream state handle", tag::NULL))
    }

    /// Bytes of the stream, as `StateObject.getStateSize` gives them.
    pub fn state_size(&self) -> u64 {
        match self {
            Self::Inline { data } => data.rest().len() as u64,
            Self::File { size, .. } | Self::RelativeFile { size, .. } => *size,
        }
    }
}

/// Flink writes -1 for a length that it did not learn.
fn read_size(input: &mut DataInput<'_>) -> Result<u64, DecodeError> {
    Ok(u64::try_from(input.read_long()?).unwrap_or(0))
}

impl std::fmt::Debug for StreamStateHandle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Inline { data } => write!(f, "Inline({} bytes)", data.rest().len()),
            Self::File { path, size } => write!(f, "File({path:?}, {size} bytes)"),
            Self::RelativeFile { path, size } => write!(f, "RelativeFile({path:?}, {size} bytes)"),
        }
    }
}
