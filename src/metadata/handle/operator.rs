//! Handles to operator state: list, union and broadcast states in one stream.

use super::{StreamStateHandle, tag, unknown_tag};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaStr, Within};
use byteorder::{BE, ByteOrder};

/// Operator state of one subtask: which element of which state starts where in a stream.
///
/// Mirrors `org.apache.flink.runtime.state.OperatorStreamStateHandle`.
#[derive(Clone, Copy)]
pub struct OperatorStateHandle<'a> {
    partition_count: usize,
    partitions: DataInput<'a>,
    /// The stream that holds the states.
    pub stream: StreamStateHandle<'a>,
}

/// Where the elements of one state start, and how they are dealt out on restore.
///
/// Mirrors `OperatorStateHandle.StateMetaInfo`.
#[derive(Clone, Copy)]
pub struct Partition<'a> {
    /// Name of the state.
    pub state: JavaStr<'a>,
    /// How its elements are dealt out.
    pub mode: DistributionMode,
    offsets: &'a [u8],
}

/// How the elements of an operator state are dealt out on restore.
///
/// Mirrors `OperatorStateHandle.Mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DistributionMode {
    /// Each element to one subtask.
    SplitDistribute,
    /// All elements to every subtask.
    Union,
    /// The same elements in every subtask.
    Broadcast,
}

impl DistributionMode {
    const ALL: [Self; 3] = [Self::SplitDistribute, Self::Union, Self::Broadcast];

    /// The constant's name in Flink.
    pub fn name(self) -> &'static str {
        match self {
            Self::SplitDistribute => "SPLIT_DISTRIBUTE",
            Self::Union => "UNION",
            Self::Broadcast => "BROADCAST",
        }
    }

    fn decode(input: &mut DataInput<'_>) -> Result<Self, DecodeError> {
        let start = *input;
        let ordinal = input.read_byte()?;
        usize::try_from(ordinal).ok().and_then(|ordinal| Self::ALL.get(ordinal)).copied().ok_or_else(|| {
            start.error(DecodeErrorKind::UnknownTag { what: "distribution mode", found: ordinal.into() })
        })
    }
}

impl<'a> OperatorStateHandle<'a> {
    pub(in crate::metadata) fn decode(input: &mut DataInput<'a>) -> Result<Option<Self>, DecodeError> {
        let start = *input;
        match input.read_byte()? {
            tag::NULL => return Ok(None),
            tag::PARTITIONABLE_OPERATOR_STATE => {}
            found => return Err(unknown_tag(start, "operator state handle", found)),
        }
        // name length, mode, offset count
        let partition_count = input.read_count("operator states", 2 + 1 + 4)?;
        let partitions = *input;
        for _ in 0..partition_count {
            Partition::decode(input)?;
        }
        let stream = StreamStateHandle::decode_present(input)?;
        Ok(Some(Self { partition_count, partitions, stream }))
    }

    /// The states, in the order of the file. They were decoded once before, so none is lost here.
    pub fn partitions(&self) -> impl Iterator<Item = Partition<'a>> + use<'a> {
        let mut input = self.partitions;
        (0..self.partition_count).map_while(move |_| Partition::decode(&mut input).ok())
    }

    /// Bytes of the stream.
    pub fn state_size(&self) -> u64 {
        self.stream.state_size()
    }
}

impl<'a> Partition<'a> {
    fn decode(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let state = input.read_utf()?;
        let decode_offsets = |input: &mut DataInput<'a>| {
            let mode = DistributionMode::decode(input)?;
            let bytes = input.read_count("offsets", 8)?.saturating_mul(8);
            Ok(Self { state, mode, offsets: input.read_slice(bytes)? })
        };
        decode_offsets(input).within_with(|| format!("operator state {state:?}"))
    }

    /// Positions in the stream, one an element of a list state, one for a whole broadcast state.
    pub fn offsets(&self) -> impl Iterator<Item = i64> + use<'a> {
        self.offsets.chunks_exact(8).map(BE::read_i64)
    }
}

impl std::fmt::Debug for OperatorStateHandle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OperatorStateHandle({} states in {:?})", self.partition_count, self.stream)
    }
}
