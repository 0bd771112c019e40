//! Handles to the in-flight data of an unaligned checkpoint.

use super::{Record, Records, StreamStateHandle, read_size};
use crate::metadata::RecordLayout;
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, Within};
use byteorder::{BE, ByteOrder};

/// In-flight data of one channel, or of several in one stream.
///
/// Mirrors `AbstractChannelStateHandle` and `AbstractMergedChannelStateHandle` in
/// `org.apache.flink.runtime.state`, whose subclasses the [`ChannelDirection`] tells apart.
#[derive(Debug, Clone, Copy)]
pub struct ChannelStateHandle<'a> {
    /// Whether the data waited in the subtask's input or in its output.
    pub direction: ChannelDirection,
    /// The subtask that wrote it. Flink 1.11 did not say.
    pub subtask_index: Option<i32>,
    /// Bytes of the data, which may be fewer than those of the stream.
    pub size: u64,
    /// The stream, which other handles may use as well.
    pub stream: StreamStateHandle<'a>,
    channels: Channels<'a>,
}

/// In-flight data of one channel.
#[derive(Clone, Copy)]
pub struct ChannelState<'a> {
    /// Number of the input gate, or of the result partition.
    pub outer: i32,
    /// Number of the channel in its gate, or of the subpartition in its partition.
    pub inner: i32,
    /// Bytes of the data.
    pub size: u64,
    offsets: &'a [u8],
}

/// Which side of a subtask the data waited at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelDirection {
    /// `InputChannelStateHandle`.
    Input,
    /// `ResultSubpartitionStateHandle`.
    Output,
}

#[derive(Debug, Clone, Copy)]
enum Channels<'a> {
    One(ChannelState<'a>),
    /// `MergedInputChannelStateHandle` and `MergedResultSubpartitionStateHandle`.
    Merged(Records<'a, ChannelState<'a>>),
}

impl<'a> ChannelStateHandle<'a> {
    /// Whether it is of the kind that holds several channels.
    pub fn is_merged(&self) -> bool {
        matches!(self.channels, Channels::Merged(_))
    }

    /// The channels, in the order of the file.
    pub fn channels(&self) -> impl Iterator<Item = ChannelState<'a>> + use<'a> {
        let (one, merged) = match self.channels {
            Channels::One(channel) => (Some(channel), None),
            Channels::Merged(channels) => (None, Some(channels)),
        };
        one.into_iter().chain(merged.into_iter().flat_map(|channels| channels.iter()))
    }

    /// Data of one channel: its place, the offsets in the stream, the size, the stream.
    fn decode_one(
        input: &mut DataInput<'a>,
        direction: ChannelDirection,
        layout: RecordLayout,
    ) -> Result<Self, DecodeError> {
        let subtask_index = layout.channel_state_has_subtask().then(|| input.read_int()).transpose()?;
        let (outer, inner) = (input.read_int()?, input.read_int()?);
        let offsets = read_offsets(input)?;
        let size = read_size(input)?;
        let stream = StreamStateHandle::decode_present(input)?;
        let channels = Channels::One(ChannelState { outer, inner, size, offsets });
        Ok(Self { direction, subtask_index, size, stream, channels })
    }

    fn decode_merged(input: &mut DataInput<'a>, direction: ChannelDirection) -> Result<Self, DecodeError> {
        let subtask_index = Some(input.read_int()?);
        let size = read_size(input)?;
        let stream = StreamStateHandle::decode_present(input)?;
        let mut block = input.read_block("bytes of channel offsets")?;
        let channels = Channels::Merged(Records::decode(&mut block, ())?);
        match block.rest().len() {
            0 => Ok(Self { direction, subtask_index, size, stream, channels }),
            left => Err(block.error(DecodeErrorKind::TrailingBytes { left: left as u64 })),
        }
    }
}

impl ChannelDirection {
    /// The tags that `ChannelStateHandleSerializerV2` writes: one channel, and several.
    fn tags(self) -> (i8, i8) {
        match self {
            Self::Input => (1, 3),
            Self::Output => (2, 4),
        }
    }
}

impl<'a> Record<'a> for ChannelStateHandle<'a> {
    type Context = (ChannelDirection, RecordLayout);
    const WHAT: &'static str = "channel state handles";
    /// gate, channel, offset count, size, stream's tag; a merged one is as long
    const LEAST_BYTES: usize = 4 + 4 + 4 + 8 + 1;

    fn decode(
        input: &mut DataInput<'a>,
        (direction, layout): (ChannelDirection, RecordLayout),
    ) -> Result<Self, DecodeError> {
        if !layout.version.has_merged_channel_state() {
            return Self::decode_one(input, direction, layout);
        }
        let start = *input;
        let found = input.read_byte()?;
        let (one, merged) = direction.tags();
        if found == one {
            Self::decode_one(input, direction, layout)
        } else if found == merged {
            Self::decode_merged(input, direction)
        } else {
            let what = "channel state handle";
            Err(start.error(DecodeErrorKind::UnknownTag { what, found: found.into() }))
        }
    }

    fn state_size(&self) -> u64 {
        self.size
    }
}

impl<'a> ChannelState<'a> {
    /// Positions in the stream, one for each buffer.
    pub fn offsets(&self) -> impl ExactSizeIterator<Item = i64> + use<'a> {
        self.offsets.chunks_exact(8).map(BE::read_i64)
    }
}

impl<'a> Record<'a> for ChannelState<'a> {
    type Context = ();
    const WHAT: &'static str = "channels";
    /// gate, channel, size, offset count
    const LEAST_BYTES: usize = 4 + 4 + 8 + 4;

    fn decode(input: &mut DataInput<'a>, (): ()) -> Result<Self, DecodeError> {
        let (outer, inner) = (input.read_int()?, input.read_int()?);
        let size = read_size(input)?;
        let offsets = read_offsets(input).within_with(|| format!("channel {outer}/{inner}"))?;
        Ok(Self { outer, inner, size, offsets })
    }

    fn state_size(&self) -> u64 {
        self.size
    }
}

fn read_offsets<'a>(input: &mut DataInput<'a>) -> Result<&'a [u8], DecodeError> {
    let bytes = input.read_count("offsets", 8)?.saturating_mul(8);
    input.read_slice(bytes)
}

impl std::fmt::Debug for ChannelState<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChannelState({}, {}, {} bytes)", self.outer, self.inner, self.size)
    }
}
