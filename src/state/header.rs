//! What stands at the start of a stream of managed state.

use super::meta_info::MetaInfoFormat;
use super::snapshot::{SnapshotInput, decode_serializer, decode_serializers_and_configs};
use super::{SerializerSnapshot, StateMetaInfo};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, Within};

/// The states of one stream.
///
/// Mirrors `KeyedBackendSerializationProxy` and `OperatorBackendSerializationProxy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateHeader {
    /// Serializer of the key; `None` for operator state.
    pub key: Option<SerializerSnapshot>,
    /// The states, in the order in which the data refers to them by number.
    pub states: Vec<StateMetaInfo>,
    /// What could not be read of the header, if anything.
    pub unread: Option<Unread>,
    /// Length of the header in bytes, up to where reading ended.
    pub length: usize,
}

/// States that stand behind a serializer snapshot that only its own class can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// How many states could not be reached.
    pub states: usize,
    /// Their names, where they are known from elsewhere: the handle of operator state has them.
    pub names: Vec<String>,
    /// Class of the snapshot in the way.
    pub class: String,
    /// Its version.
    pub version: i32,
}

impl Unread {
    fn of(states: usize, class: &str, version: i32) -> Self {
        Self { states, names: Vec::new(), class: class.to_owned(), version }
    }
}

/// A version of a header.
#[derive(Debug, PartialEq, Eq)]
pub struct HeaderVersion {
    /// The number at the start.
    pub number: i32,
    /// The Flink lines that write it.
    pub flink: &'static str,
    /// How each state is written.
    states: MetaInfoFormat,
}

/// The versions of `KeyedBackendSerializationProxy`.
pub static KEYED_HEADER_VERSIONS: [HeaderVersion; 6] = [
    HeaderVersion { number: 1, flink: "1.2", states: MetaInfoFormat::KeyedV1 },
    HeaderVersion { number: 2, flink: "1.3", states: MetaInfoFormat::KeyedV1 },
    HeaderVersion { number: 3, flink: "1.4", states: MetaInfoFormat::KeyedV3 },
    HeaderVersion { number: 4, flink: "1.5", states: MetaInfoFormat::KeyedV3 },
    HeaderVersion { number: 5, flink: "1.6", states: MetaInfoFormat::V5 },
    HeaderVersion { number: 6, flink: "1.7 and later", states: MetaInfoFormat::V6 },
];

/// The versions of `OperatorBackendSerializationProxy`.
pub static OPERATOR_HEADER_VERSIONS: [HeaderVersion; 6] = [
    HeaderVersion { number: 1, flink: "1.2", states: MetaInfoFormat::OperatorV1 },
    HeaderVersion { number: 2, flink: "1.3 and 1.4", states: MetaInfoFormat::OperatorV2 },
    HeaderVersion { number: 3, flink: "1.5", states: MetaInfoFormat::OperatorV2 },
    HeaderVersion { number: 4, flink: "1.6", states: MetaInfoFormat::V5 },
    HeaderVersion { number: 5, flink: "1.7 to 1.17", states: MetaInfoFormat::V6 },
    HeaderVersion { number: 6, flink: "1.18 and later", states: MetaInfoFormat::V6 },
];

/// Decodes the header of managed keyed state.
pub fn decode_keyed_header(input: DataInput<'_>) -> Result<StateHeader, DecodeError> {
    decode_keyed(input).within("keyed state header")
}

/// Decodes the header of managed operator state.
pub fn decode_operator_header(input: DataInput<'_>) -> Result<StateHeader, DecodeError> {
    decode_operator(input).within("operator state header")
}

fn decode_keyed(start: DataInput<'_>) -> Result<StateHeader, DecodeError> {
    let mut input = SnapshotInput::new(start);
    let version = read_version(&mut input.data, &KEYED_HEADER_VERSIONS, "keyed state header")?;
    if version.number >= 4 {
        input.data.read_boolean()?; // whether the data, not the header, is compressed
    }
    let before_key = input.data;
    let key = match version.number {
        ..=2 => decode_serializer(&mut input.data),
        3..=5 => decode_serializers_and_configs(&mut input, 1).map(first),
        _ => SerializerSnapshot::decode_outer(&mut input),
    };
    let key = key.within("key serializer")?;
    refuse_large_key(before_key, input.data)?;
    let mut states = Vec::new();
    let mut unread = read_states(&mut input, version.states, &mut states)?;
    // A key serializer that cannot be read hides even how many states there are.
    if let (None, Some((class, version))) = (&unread, &input.lost) {
        unread = Some(Unread::of(0, class, *version));
    }
    Ok(StateHeader { key: Some(key), states, unread, length: consumed(start, input.data) })
}

fn decode_operator(start: DataInput<'_>) -> Result<StateHeader, DecodeError> {
    let mut input = SnapshotInput::new(start);
    let version = read_version(&mut input.data, &OPERATOR_HEADER_VERSIONS, "operator state header")?;
    if version.number >= 6 {
        input.data.read_boolean()?; // whether the data is compressed
    }
    let mut states = Vec::new();
    let mut unread = read_states(&mut input, version.states, &mut states)?;
    if unread.is_none() && version.number >= 3 {
        unread = read_states(&mut input, version.states, &mut states)?; // broadcast states follow the list states
    }
    Ok(StateHeader { key: None, states, unread, length: consumed(start, input.data) })
}

fn read_version(
    data: &mut DataInput<'_>,
    versions: &'static [HeaderVersion],
    what: &'static str,
) -> Result<&'static HeaderVersion, DecodeError> {
    let start = *data;
    let found = data.read_int()?;
    versions.iter().find(|version| version.number == found).ok_or_else(|| {
        start.error(DecodeErrorKind::UnsupportedVersion {
            what,
            found: found.into(),
            hint: "Flink 1.2 to 2.3 write versions 1 to 6",
        })
    })
}

/// The serializer that the reader asked for.
pub(super) fn first(snapshots: Vec<SerializerSnapshot>) -> SerializerSnapshot {
    snapshots.into_iter().next().unwrap_or_else(SerializerSnapshot::unread)
}

/// Every state of the header is shown with its key: a large key of many states would unfold to more than the file
/// has, so both together are refused. Those of real jobs take some kilobytes.
fn refuse_large_key(before: DataInput<'_>, behind: DataInput<'_>) -> Result<(), DecodeError> {
    const MOST_BYTES: usize = 4 << 20;
    let length = consumed(before, behind);
    let mut count = behind;
    let states = count.read_short_count("states", 0).unwrap_or(0);
    if length.saturating_mul(states) <= MOST_BYTES {
        return Ok(());
    }
    Err(behind.error(DecodeErrorKind::ImpossibleCount {
        what: "states for a key serializer as long as theirs",
        found: i64::try_from(states).unwrap_or(i64::MAX),
        left: behind.rest().len() as u64,
    }))
}

/// Reads a counted list of states, up to the first that cannot be passed.
fn read_states(
    input: &mut SnapshotInput<'_>,
    format: MetaInfoFormat,
    states: &mut Vec<StateMetaInfo>,
) -> Result<Option<Unread>, DecodeError> {
    if input.lost.is_some() {
        return Ok(None);
    }
    let count = input.data.read_short_count("states", format.least_bytes())?;
    for index in 0..count {
        states.push(StateMetaInfo::decode(input, format)?);
        if let Some((class, version)) = &input.lost {
            let behind = count.saturating_sub(index).saturating_sub(1);
            return Ok(Some(Unread::of(behind, class, *version)));
        }
    }
    Ok(None)
}

fn consumed(start: DataInput<'_>, end: DataInput<'_>) -> usize {
    start.rest().len().saturating_sub(end.rest().len())
}
