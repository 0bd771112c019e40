//! The log of the changelog state backend, as far as it names states.
//!
//! Before the first materialization no header names the states of such a job: each is named in the log, in a change
//! of metadata in front of its first change of data. A log is made of change sets, in files that many subtasks share,
//! or inline in the `_metadata` file.

use super::StateMetaInfo;
use super::meta_info::MetaInfoFormat;
use super::snapshot::SnapshotInput;
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, SnappyStream, Within};

/// `StateChangeOperation.METADATA`.
const METADATA: i8 = 8;

/// The key group of changes of metadata (`StateChangeLoggerImpl.COMMON_KEY_GROUP`).
const NO_KEY_GROUP: i32 = -1;

/// The first byte of a log file whose changes are compressed.
const COMPRESSED: u8 = 1;

/// Most bytes of changes of metadata in one compressed change set: those of real jobs take some kilobytes.
const MOST_METADATA_BYTES: usize = 16 << 20;

/// Where in a log file a change set starts that starts `offset` bytes into the file's changes, if the file is not
/// compressed: whoever would read from there need not read what stands in front of it.
pub fn change_set_start(file: DataInput<'_>, offset: u64) -> Option<u64> {
    let is_compressed = file.rest().first()? == &COMPRESSED;
    (!is_compressed).then(|| file.offset().saturating_add(1).saturating_add(offset))
}

/// Decodes the states that one uncompressed change set names.
pub fn decode_change_set(input: DataInput<'_>) -> Result<Vec<StateMetaInfo>, DecodeError> {
    read_change_set(input).within("change set")
}

/// Decodes the states that one change set of a log file names, which starts `offset` bytes into the file's changes.
///
/// `file` is the file from its first byte on, which tells whether the changes are compressed; offsets count
/// uncompressed bytes. Changes of metadata stand first in a set, and nothing behind them is read.
///
/// Mirrors `StateChangeFormat` and `ChangelogStreamWrapper`.
pub fn decode_logged_states(file: DataInput<'_>, offset: u64) -> Result<Vec<StateMetaInfo>, DecodeError> {
    decode_log_file(file, offset).within("change set")
}

fn decode_log_file(mut file: DataInput<'_>, offset: u64) -> Result<Vec<StateMetaInfo>, DecodeError> {
    let is_compressed = file.read_unsigned_byte()? == COMPRESSED;
    if !is_compressed {
        file.read_slice(usize::try_from(offset).unwrap_or(usize::MAX))?;
        return read_change_set(file);
    }
    let start = file.offset();
    let mut stream = SnappyStream::open(file)?;
    let mut data = stream.skip(offset)?;
    loop {
        let result = read_change_set(DataInput::new(&data, 0));
        let is_cut = |error: &DecodeError| error.is_for_want_of_input(data.len() as u64);
        if data.len() >= MOST_METADATA_BYTES || !result.as_ref().is_err_and(is_cut) {
            // An offset into what is uncompressed is none into the file.
            return result.map_err(|error| error.moved_to(start));
        }
        stream.append_chunk(&mut data)?;
    }
}

/// Decodes the state that one change of an in-memory increment names, if it is one of metadata.
///
/// Mirrors `InMemoryChangelogStateHandle`.
pub fn decode_logged_state(
    key_group: i32,
    change: DataInput<'_>,
) -> Result<Option<StateMetaInfo>, DecodeError> {
    if key_group != NO_KEY_GROUP {
        return Ok(None);
    }
    decode_change(change).within("change")
}

fn read_change_set(mut input: DataInput<'_>) -> Result<Vec<StateMetaInfo>, DecodeError> {
    let mut states = Vec::new();
    // number of changes, key group
    if input.read_count("key groups", 4 + 4)? == 0 {
        return Ok(states);
    }
    let at_count = input;
    let count = input.read_int()?;
    if input.read_int()? != NO_KEY_GROUP {
        return Ok(states);
    }
    let mut at_count = at_count;
    at_count.read_count("changes", 4)?;
    for number in 0..count {
        let change = input.read_block("bytes of a change");
        let change = change.and_then(decode_change).within_with(|| format!("change {number}"))?;
        states.extend(change);
    }
    Ok(states)
}

/// Decodes a change of metadata up to the state's description. What follows it (the time to live, the default value,
/// the number that stands for the state) says nothing more of its type.
fn decode_change(mut input: DataInput<'_>) -> Result<Option<StateMetaInfo>, DecodeError> {
    if input.read_byte()? != METADATA {
        return Ok(None);
    }
    let start = input;
    let version = input.read_int()?;
    let format = MetaInfoFormat::of_keyed(version).ok_or_else(|| {
        start.error(DecodeErrorKind::UnsupportedVersion {
            what: "state description in a changelog",
            found: version.into(),
            hint: "Flink 1.15 to 2.3 write versions 6 and 7",
        })
    })?;
    StateMetaInfo::decode(&mut SnapshotInput::new(input), format).map(Some)
}
