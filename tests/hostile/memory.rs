//! A file costs memory in proportion to its length, whatever its counts claim.

use super::mutations::{any_original, cases};
use super::{Original, put, read_everything};
use crate::support::allocations::peak_of;
use crate::support::data_output::{
    DataOutput, enum_snapshot, keyed_header, list_snapshot_of, metadata, metadata_with_header, operator,
    pojo_snapshot, snapshot, string_snapshot, value_state,
};
use holdpoint::Error;
use holdpoint::catalog::{Origins, StateCatalog};
use holdpoint::metadata::CheckpointMetadata;
use holdpoint::report::json;
use holdpoint::source::SavepointLocation;
use proptest::prelude::*;
use proptest::sample::Index;

/// Bytes held at once for each byte of a file: a finished subtask has four, and its record has half a thousand.
pub(super) const PER_BYTE: usize = 192;
/// Bytes held at once for any file.
pub(super) const ALWAYS: usize = 1 << 20;

fn catalog_of(bytes: &[u8], location: &SavepointLocation) -> Result<(), Error> {
    let decode = |error| Error::Decode { location: location.metadata().clone(), error };
    let metadata = CheckpointMetadata::decode(bytes).map_err(decode)?;
    StateCatalog::read(&metadata, location).map(drop)
}

/// Fails when reading a file takes more than it may.
fn assert_bounded(what: &str, bytes: &[u8]) {
    let location = Original::of("flink-1.15-v1").location;
    let peak = peak_of(|| drop(catalog_of(bytes, &location)));
    let bound = PER_BYTE * bytes.len() + ALWAYS;
    println!("{what}: {} bytes held {peak}, {} a byte", bytes.len(), peak / bytes.len().max(1));
    assert!(peak <= bound, "{what}: {} bytes held {peak}, which is more than {bound}", bytes.len());
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_faulty_file_takes_memory_in_proportion_to_its_length(
        original in any_original(),
        at: Index,
        fault: u32,
    ) {
        let at = at.index(original.bytes.len() - 3);
        let bytes = original.edited(|bytes| put(bytes, at, fault.to_be_bytes()));
        let peak = peak_of(|| drop(read_everything(&bytes, &original.location)));
        prop_assert!(peak <= PER_BYTE * bytes.len() + ALWAYS, "{} bytes held {peak}", bytes.len());
    }
}

#[test]
fn a_count_is_not_believed_before_its_records_are_read() {
    for count in [i32::MAX, 1_000_000, 100_000, -1, i32::MIN] {
        let head = DataOutput::new().write_int(0x4960_672D).write_int(3).write_long(1);
        assert_bounded("master states", &head.clone().write_int(count).write(&[0xff; 2000]).into_bytes());
        assert_bounded("operators", &head.write_int(0).write_int(count).write(&[0xff; 2000]).into_bytes());
    }
}

#[test]
fn finished_subtasks_are_the_dearest_of_records() {
    let subtasks = vec![DataOutput::new().write_int(-1); 100_000];
    assert_bounded("finished subtasks", &metadata(&[operator(0xaa, &subtasks)]));
}

#[test]
fn operators_without_anything_take_memory_in_proportion() {
    let operators: Vec<_> = (0..30_000).map(|id: u32| operator(id.to_be_bytes()[3], &[])).collect();
    assert_bounded("operators", &metadata(&operators));
}

/// The document of `inspect` is many times as long as a file of records that say little.
#[test]
fn a_document_is_written_and_never_held() {
    let subtasks = vec![DataOutput::new().write_int(-1); 100];
    let operators: Vec<_> = (0..2000).map(|id: u32| operator(id.to_be_bytes()[3], &subtasks)).collect();
    let (bytes, location) = (metadata(&operators), Original::of("flink-1.15-v1").location);
    let decoded = CheckpointMetadata::decode(&bytes).unwrap();
    let catalog = StateCatalog::read(&decoded, &location).unwrap();
    let mut length = 0;
    let peak = peak_of(|| {
        let origins = Origins::default();
        let document = json::render_savepoint(&decoded, &catalog, &origins, &location).unwrap();
        serde_json::to_writer_pretty(Counted(&mut length), &document).unwrap();
    });
    println!("{} bytes make a document of {length}, and held {peak}", bytes.len());
    assert!(length > 20 * bytes.len() && peak < 2 * bytes.len(), "{length} bytes, held {peak}");
}

/// Counts what is written.
struct Counted<'a>(&'a mut usize);

impl std::io::Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        *self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn constants_and_fields_without_a_name_take_memory_in_proportion() {
    let state = value_state("state", &enum_snapshot(200_000));
    assert_bounded("constants", &metadata_with_header(keyed_header(&string_snapshot(), &[state])));
    let pojo = pojo_snapshot("P", &vec![("", None); 100_000]);
    let state = value_state("state", &pojo);
    assert_bounded("fields", &metadata_with_header(keyed_header(&string_snapshot(), &[state])));
}

#[test]
fn many_states_take_memory_in_proportion() {
    let states: Vec<_> = (0..5000).map(|it| value_state(&format!("s{it}"), &string_snapshot())).collect();
    assert_bounded("states", &metadata_with_header(keyed_header(&string_snapshot(), &states)));
}

#[test]
fn a_wide_key_is_not_copied_for_each_state() {
    // A state without options and serializers has 14 bytes and a name.
    let bare =
        |it: usize| DataOutput::new().write_utf(&format!("s{it}")).write_int(1).write_int(0).write_int(0);
    let states: Vec<_> = (0..1000).map(bare).collect();
    assert_bounded("wide key", &metadata_with_header(keyed_header(&enum_snapshot(10_000), &states)));
}

#[test]
fn siblings_that_are_lost_do_not_multiply_with_depth() {
    let unknown = snapshot("com.example.UnknownSnapshot", 1).write(&vec![0; 100_000]);
    let nested = (0..60).fold(unknown, |inner, _| {
        let count = i32::try_from(inner.len() / 6).unwrap();
        list_snapshot_of(count).write(&inner.into_bytes())
    });
    assert_bounded("lost siblings", &metadata_with_header(keyed_header(&nested, &[])));
}
