//! Real files with something wrong in them.

use super::memory::{ALWAYS, PER_BYTE};
use super::{Original, assert_answered, decode_metadata, put, read_everything};
use crate::support::allocations::peak_of;
use crate::support::fixtures;
use holdpoint::catalog::{StateCatalog, UnreadState};
use holdpoint::metadata::handle::{KeyedStateHandle, PlaceKind, StatePlace, StreamStateHandle};
use holdpoint::metadata::{CheckpointMetadata, OperatorState, OperatorSubtaskState};
use holdpoint::source::{Bytes, Source};
use holdpoint::state::{decode_keyed_header, decode_operator_header};
use holdpoint::wire::DataInput;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use std::sync::LazyLock;

static ORIGINALS: LazyLock<Vec<Original>> =
    LazyLock::new(|| fixtures().iter().map(|fixture| Original::of(fixture)).collect());

/// The state files of all fixtures that lie beside their `_metadata`, as far as a header may go.
static STATE_FILES: LazyLock<Vec<(Bytes, bool)>> = LazyLock::new(|| {
    let files = ORIGINALS.iter().flat_map(state_files);
    files.map(|(file, keyed)| (file.slice(..file.len().min(MOST_OF_STATE_FILE)), keyed)).collect()
});

const MOST_OF_STATE_FILE: usize = 32 << 10;

/// The integers that length and count fields are most likely to be believed in.
const EXTREMES: [u32; 3] = [0xffff_ffff, 0x7fff_ffff, 0x8000_0000];

pub(super) fn any_original() -> impl Strategy<Value = &'static Original> {
    any::<Index>().prop_map(|index| index.get(&ORIGINALS))
}

/// The same cases in every run.
pub(super) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(20_260_101),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn check(original: &Original, bytes: &[u8]) {
    assert_answered(read_everything(bytes, &original.location), bytes, &original.location);
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_file_cut_anywhere_is_an_error(original in any_original(), at: Index) {
        let bytes = &original.bytes[..at.index(original.bytes.len())];
        let result = read_everything(bytes, &original.location);
        prop_assert!(result.is_err(), "{} of {} bytes are taken for a file", bytes.len(), original.bytes.len());
        assert_answered(result, bytes, &original.location);
    }

    #[test]
    fn a_flipped_byte_gives_a_value_or_an_error_with_its_place(
        original in any_original(),
        at: Index,
        flip in 1_u8..,
    ) {
        let at = at.index(original.bytes.len());
        check(original, &original.edited(|bytes| bytes[at] ^= flip));
    }

    #[test]
    fn an_extreme_integer_anywhere_gives_a_value_or_an_error_with_its_place(
        original in any_original(),
        at: Index,
        integer in select(EXTREMES.as_slice()),
    ) {
        let at = at.index(original.bytes.len() - 3);
        check(original, &original.edited(|bytes| put(bytes, at, integer.to_be_bytes())));
    }

    #[test]
    fn several_faults_at_once_give_a_value_or_an_error_with_its_place(
        original in any_original(),
        faults in proptest::collection::vec((any::<Index>(), any::<u8>()), 2..8),
    ) {
        let bytes = original.edited(|bytes| {
            for (at, value) in faults {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        });
        check(original, &bytes);
    }

    #[test]
    fn a_part_left_out_or_doubled_gives_a_value_or_an_error_with_its_place(
        original in any_original(),
        from: Index,
        length in 1_usize..64,
        doubled: bool,
    ) {
        let from = from.index(original.bytes.len());
        let to = (from + length).min(original.bytes.len());
        let bytes = original.edited(|bytes| {
            if doubled {
                let part = bytes[from..to].to_vec();
                bytes.splice(from..from, part);
            } else {
                bytes.drain(from..to);
            }
        });
        check(original, &bytes);
    }
}

proptest! {
    #![proptest_config(cases(2000))]

    /// The header's reader, too, holds no more than its measure for each byte.
    #[test]
    fn a_state_file_with_a_fault_gives_a_header_or_an_error_with_its_place(
        file: Index,
        at: Index,
        flip: Option<u8>,
    ) {
        let (file, keyed) = file.get(&STATE_FILES);
        let at = at.index(file.len());
        let mut bytes = file.to_vec();
        match flip {
            Some(flip) => bytes[at] ^= flip,
            None => bytes.truncate(at),
        }
        let mut answer = Ok(0);
        let peak = peak_of(|| answer = decode_header(&bytes, *keyed));
        let (Ok(end) | Err(end)) = answer.map(|length| length as u64);
        prop_assert!(end <= bytes.len() as u64);
        prop_assert!(peak <= PER_BYTE * bytes.len() + ALWAYS, "{} bytes held {peak}", bytes.len());
    }
}

#[test]
fn every_prefix_of_a_small_file_of_each_version_is_an_error() {
    for fixture in
        ["flink-1.15-v1-rocksdb", "flink-1.20-v1-rocksdb", "flink-2.0-v1-rocksdb", "flink-2.3-v1-rocksdb"]
    {
        let original = Original::of(fixture);
        for length in 0..original.bytes.len() {
            let error = decode_metadata(&original.bytes[..length]).expect_err("a cut file is no file");
            assert!(error.offset() <= length as u64, "{fixture} cut at {length}: {error}");
        }
        decode_metadata(&original.bytes).unwrap();
    }
}

#[test]
fn every_byte_of_a_small_file_may_hold_any_extreme() {
    let original = Original::of("flink-1.15-v1-rocksdb");
    for at in 0..original.bytes.len() {
        for value in [0x00, 0x7f, 0x80, 0xff] {
            let bytes = original.edited(|bytes| bytes[at] = value);
            if let Err(error) = decode_metadata(&bytes) {
                assert!(error.offset() <= bytes.len() as u64, "{value:#x} at {at}: {error}");
            }
        }
    }
}

/// Files of managed state, and whether they are keyed.
fn state_files(original: &Original) -> Vec<(Bytes, bool)> {
    let metadata = CheckpointMetadata::decode(&original.bytes).unwrap();
    let operators: Vec<_> = metadata.operators().map(Result::unwrap).collect();
    let places = operators.iter().flat_map(OperatorState::subtasks).flat_map(|it| places(&it));
    places.filter_map(|place| Some((open(original, &place)?, place.kind == PlaceKind::KeyedHeader))).collect()
}

fn places<'a>(subtask: &OperatorSubtaskState<'a>) -> Vec<StatePlace<'a>> {
    let keyed = subtask.managed_keyed.iter().flat_map(KeyedStateHandle::state_places);
    let operator = subtask.managed_operator().flat_map(|(_, handle)| handle.state_places());
    keyed.chain(operator).collect()
}

fn open(original: &Original, place: &StatePlace<'_>) -> Option<Bytes> {
    match &place.stream {
        StreamStateHandle::File { path, .. } | StreamStateHandle::RelativeFile { path, .. } => {
            let file = original.location.resolve_state_file(&path.decode());
            // A checkpoint's other files were left where it was made.
            Source::default().open(&file).ok()
        }
        _ => None,
    }
}

/// The length of the header at the start of a state file.
fn decode_header(bytes: &[u8], keyed: bool) -> Result<usize, u64> {
    let input = DataInput::new(bytes, 0);
    let header = if keyed { decode_keyed_header(input) } else { decode_operator_header(input) };
    header.map(|header| header.length).map_err(|error| error.offset())
}

#[test]
fn every_prefix_of_a_state_files_header_is_an_error() {
    let files = state_files(&Original::of("flink-2.3-v1-rocksdb"));
    assert!(files.iter().any(|(_, keyed)| *keyed) && files.iter().any(|(_, keyed)| !keyed));
    for (file, keyed) in files {
        let bytes = &*file;
        let header = decode_header(bytes, keyed).unwrap();
        assert!(header > 0 && header <= bytes.len());
        // Each prefix is read up to its end, so all of them take the square of the length.
        for length in (0..header).step_by(if header > 1000 { 7 } else { 1 }) {
            let offset = decode_header(&bytes[..length], keyed).expect_err("a cut header is no header");
            assert!(offset <= length as u64, "cut at {length}");
        }
    }
}

#[test]
fn every_byte_of_a_state_files_header_may_be_flipped() {
    for (file, keyed) in state_files(&Original::of("flink-1.20-v1-rocksdb-native")) {
        let header = decode_header(&file, keyed).unwrap();
        let mut bytes = file.to_vec();
        for at in 0..header {
            bytes[at] ^= 0x81;
            if let Err(offset) = decode_header(&bytes, keyed) {
                assert!(offset <= bytes.len() as u64, "flipped at {at}");
            }
            bytes[at] ^= 0x81;
        }
    }
}

/// The files that several states share are where they were written: a place behind the end of one is said with its length.
#[test]
fn a_part_that_starts_behind_the_end_of_its_file_is_said_to() {
    let original = Original::of("flink-1.20-v1-file-merging");
    let metadata = CheckpointMetadata::decode(&original.bytes).unwrap();
    let subtasks: Vec<_> = metadata.operators().map(Result::unwrap).collect();
    let places = subtasks.iter().flat_map(OperatorState::subtasks).flat_map(|subtask| places(&subtask));
    let segment = places.filter_map(|place| match place.stream {
        StreamStateHandle::Segment(segment) if segment.start > 0 => Some(segment),
        _ => None,
    });
    let segment = segment.last().unwrap();
    let file = original.location.resolve_state_file(&segment.path.decode());
    let length = Source::default().open(&file).unwrap().len();
    let place = [segment.start.to_be_bytes(), segment.size.to_be_bytes()].concat();
    let at = original.bytes.windows(place.len()).rposition(|bytes| bytes == place).unwrap();
    let bytes = original.edited(|bytes| bytes[at..at + 8].copy_from_slice(&(1_u64 << 40).to_be_bytes()));
    let catalog =
        StateCatalog::read(&CheckpointMetadata::decode(&bytes).unwrap(), &original.location).unwrap();
    let unread = catalog.operators.iter().flat_map(|operator| &operator.unread);
    let said: Vec<_> = unread.filter(|unread| matches!(unread, UnreadState::Unavailable { .. })).collect();
    let expected = format!(
        "{file} ends after {length} bytes, and state should start at byte 1099511627776 of it: the file was cut, or is not the one that was written"
    );
    assert_eq!(said, [&UnreadState::Unavailable { why: expected }]);
}
