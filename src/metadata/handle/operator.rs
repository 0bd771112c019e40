//! Handles to operator state: list, union and broadcast states in one stream.

use super::{PlaceKind, Record, Records, StatePlace, StreamStateHandle, tag, unknown_tag};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaStr, Within};
use byteorder::{BE, ByteOrder};

/// Operator state of one subtask: which element of which state starts where in a stream.
///
/// Mirrors `org.apache.flink.runtime.state.OperatorStreamStateHandle` and, with `merged`,
/// `org.apache.flink.runtime.state.filemerging.FileMergingOperatorStreamStateHandle`.
#[derive(Debug, Clone, Copy)]
pub struct OperatorStateHandle<'a> {
    partitions: Records<'a, Partition<'a>>,
    /// The directories of the merged files that it stands in, if it does.
    pub merged: Option<MergedDirectories<'a>>,
    /// The stream that holds the states.
    pub stream: StreamStateHandle<'a>,
}

/// The directories that operator state in a merged file keeps from being deleted.
#[derive(Debug, Clone, Copy)]
pub struct MergedDirectories<'a> {
    /// The directory of files that no other checkpoint refers to.
    pub task_owned: JavaStr<'a>,
    /// The directory of files that other checkpoints may refer to.
    pub shared: JavaStr<'a>,
    /// There is no state; the handle is there for the directories alone
    /// (`EmptyFileMergingOperatorStreamStateHandle`).
    pub is_empty: bool,
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
        let found = input.read_byte()?;
        if found == tag::NULL {
            return Ok(None);
        }
        let is_merged = found == tag::SEGMENT_PARTITIONABLE_OPERATOR_STATE;
        if !is_merged && found != tag::PARTITIONABLE_OPERATOR_STATE {
            return Err(unknown_tag(start, "operator state handle", found));
        }
        let partitions = Records::decode(input, ())?;
        let merged = is_merged.then(|| MergedDirectories::decode(input)).transpose()?;
        let stream = StreamStateHandle::decode_present(input)?;
        Ok(Some(Self { partitions, merged, stream }))
    }

    /// The states, in the order of the file.
    pub fn partitions(&self) -> impl Iterator<Item = Partition<'a>> + use<'a> {
        self.partitions.iter()
    }

    /// The place that says which states there are, if this handle is of managed state and holds any.
    pub fn state_places(&self) -> impl Iterator<Item = StatePlace<'a>> + use<'a> {
        let is_empty = matches!(self.stream, StreamStateHandle::EmptySegment);
        let place = StatePlace { stream: self.stream, offset: 0, kind: PlaceKind::OperatorHeader };
        (!is_empty).then_some(place).into_iter()
    }

    /// Bytes of each state: the elements of a state stand together, one state behind the other
    /// (`DefaultOperatorStateBackendSnapshotStrategy`), so a state ends where the next one begins. What is before the
    /// first is the header. `None` where the offsets are not of such a stream.
    pub fn partition_sizes(&self) -> Option<Vec<(JavaStr<'a>, u64)>> {
        let mut sizes = Vec::new();
        let mut places = Vec::new();
        for partition in self.partitions() {
            let offsets = partition.offsets().map(|offset| u64::try_from(offset).ok());
            let range = offsets.map(|offset| offset.map(|it| (it, it))).reduce(|one, other| {
                let ((first, last), (offset, _)) = (one?, other?);
                Some((first.min(offset), last.max(offset)))
            });
            match range {
                // It has no element, at least in this subtask.
                None => sizes.push((partition.state, 0)),
                Some(range) => places.push((range?, partition.state)),
            }
        }
        places.sort_unstable_by_key(|(range, _)| *range);
        let starts = places.iter().skip(1).map(|((first, _), _)| *first);
        for (((first, last), state), end) in places.iter().zip(starts.chain([self.state_size()])) {
            // An element may have no bytes.
            let bytes = end.checked_sub(*first).filter(|_| *last <= end)?;
            sizes.push((*state, bytes));
        }
        Some(sizes)
    }

    /// Bytes of the stream.
    pub fn state_size(&self) -> u64 {
        self.stream.state_size()
    }
}

impl<'a> MergedDirectories<'a> {
    fn decode(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let task_owned = input.read_utf()?;
        let shared = input.read_utf()?;
        Ok(Self { task_owned, shared, is_empty: input.read_boolean()? })
    }
}

impl<'a> Record<'a> for Partition<'a> {
    type Context = ();
    const WHAT: &'static str = "operator states";
    /// name length, mode, offset count
    const LEAST_BYTES: usize = 2 + 1 + 4;

    fn decode(input: &mut DataInput<'a>, (): ()) -> Result<Self, DecodeError> {
        let state = input.read_utf()?;
        let decode_offsets = |input: &mut DataInput<'a>| {
            let mode = DistributionMode::decode(input)?;
            let bytes = input.read_count("offsets", 8)?.saturating_mul(8);
            Ok(Self { state, mode, offsets: input.pass_slice(bytes)? })
        };
        decode_offsets(input).within_with(|| format!("operator state {state:?}"))
    }

    fn state_size(&self) -> u64 {
        0 // known to whoever knows the length of the stream
    }
}

impl<'a> Partition<'a> {
    /// Positions in the stream, one an element of a list state, one for a whole broadcast state.
    pub fn offsets(&self) -> impl ExactSizeIterator<Item = i64> + use<'a> {
        self.offsets.chunks_exact(8).map(BE::read_i64)
    }
}

impl std::fmt::Debug for Partition<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Partition({:?}, {:?})", self.state, self.mode)
    }
}
