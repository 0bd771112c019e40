//! What stands at the start of a stream of managed state.

use super::snapshot::SnapshotInput;
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
    /// Class of the snapshot in the way.
    pub class: String,
    /// Its version.
    pub version: i32,
}

/// A state takes at least: name length, kind, two counts.
const LEAST_STATE_BYTES: usize = 2 + 4 + 4 + 4;

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
    let version = input.data.read_int()?;
    if version != 6 {
        return Err(start.error(DecodeErrorKind::UnsupportedVersion {
            what: "keyed state header",
            found: version.into(),
            hint: "Flink 1.7 and later write version 6",
        }));
    }
    input.data.read_boolean()?; // whether the data, not the header, is compressed
    let before_key = input.data;
    let key = SerializerSnapshot::decode_outer(&mut input).within("key serializer")?;
    refuse_large_key(before_key, input.data)?;
    let mut states = Vec::new();
    let mut unread = read_states(&mut input, &mut states)?;
    // A key serializer that cannot be read hides even how many states there are.
    if let (None, Some((class, version))) = (&unread, &input.lost) {
        unread = Some(Unread { states: 0, class: class.clone(), version: *version });
    }
    Ok(StateHeader { key: Some(key), states, unread, length: consumed(start, input.data) })
}

fn decode_operator(start: DataInput<'_>) -> Result<StateHeader, DecodeError> {
    let mut input = SnapshotInput::new(start);
    let version = input.data.read_int()?;
    match version {
        // Flink 1.18 put in whether the data is compressed.
        6 => drop(input.data.read_boolean()?),
        5 => {}
        _ => {
            return Err(start.error(DecodeErrorKind::UnsupportedVersion {
                what: "operator state header",
                found: version.into(),
                hint: "Flink 1.7 and later write versions 5 and 6",
            }));
        }
    }
    let mut states = Vec::new();
    let mut unread = read_states(&mut input, &mut states)?;
    if unread.is_none() {
        unread = read_states(&mut input, &mut states)?; // broadcast states follow the list states
    }
    Ok(StateHeader { key: None, states, unread, length: consumed(start, input.data) })
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
    states: &mut Vec<StateMetaInfo>,
) -> Result<Option<Unread>, DecodeError> {
    if input.lost.is_some() {
        return Ok(None);
    }
    let count = input.data.read_short_count("states", LEAST_STATE_BYTES)?;
    for index in 0..count {
        states.push(StateMetaInfo::decode(input)?);
        if let Some((class, version)) = &input.lost {
            let behind = count.saturating_sub(index).saturating_sub(1);
            return Ok(Some(Unread { states: behind, class: class.clone(), version: *version }));
        }
    }
    Ok(None)
}

fn consumed(start: DataInput<'_>, end: DataInput<'_>) -> usize {
    start.rest().len().saturating_sub(end.rest().len())
}
