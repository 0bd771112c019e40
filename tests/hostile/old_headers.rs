//! Headers of old Flinks, logs and timers with something wrong in them.

use super::mutations::cases;
use super::put;
use crate::headers::header;
use crate::support::allocations::peak_of;
use crate::support::data_output::{DataOutput, keyed_header, string_snapshot, value_state};
use holdpoint::state::{
    decode_keyed_header, decode_logged_state, decode_logged_states, decode_operator_header,
    decode_timer_services,
};
use holdpoint::wire::DataInput;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::io::Write;

const NAMES: [&str; 12] = [
    "keyed-1",
    "keyed-3",
    "keyed-5",
    "keyed-6-config-snapshots",
    "operator-1",
    "operator-2",
    "operator-4",
    "timers-unversioned",
    "timers-1",
    "timers-2",
    "log",
    "compressed-log",
];

/// Bytes held at once for each byte of a header: a type of Java's takes five bytes and is held with its class's name.
const PER_BYTE: usize = 192;
const ALWAYS: usize = 1 << 20;

fn bytes(name: &str) -> Vec<u8> {
    match name {
        "log" => log(false),
        "compressed-log" => log(true),
        _ => header(name),
    }
}

/// A log file of one change set that names a state.
fn log(compressed: bool) -> Vec<u8> {
    let state = value_state("s", &string_snapshot()).into_bytes();
    let change = DataOutput::new().write_byte(8).write_int(7).write(&state).write(&[0; 5]).into_bytes();
    let set = DataOutput::new().write_int(1).write_int(1).write_int(-1);
    let set = set.write_int(change.len().try_into().unwrap()).write(&change).into_bytes();
    log_file(compressed, &set)
}

fn log_file(compressed: bool, sets: &[u8]) -> Vec<u8> {
    if !compressed {
        return [&[0], sets].concat();
    }
    let mut encoder = snap::write::FrameEncoder::new(vec![1]);
    encoder.write_all(sets).unwrap();
    encoder.into_inner().unwrap()
}

/// How many states or services there are, or what is wrong and where.
fn decode(name: &str, bytes: &[u8]) -> Result<usize, (u64, String)> {
    let input = DataInput::new(bytes, 0);
    let result = if name.starts_with("timers") {
        decode_timer_services(input, &[0]).map(|timers| timers.map_or(0, |timers| timers.services.len()))
    } else if name.starts_with("keyed") {
        decode_keyed_header(input).map(|header| header.states.len())
    } else if name.starts_with("operator") {
        decode_operator_header(input).map(|header| header.states.len())
    } else {
        decode_logged_states(input, 0).map(|states| states.len())
    };
    result.map_err(|error| (error.offset(), error.to_string()))
}

fn check(name: &str, bytes: &[u8]) {
    let mut result = Ok(0);
    let peak = peak_of(|| result = decode(name, bytes));
    if let Err((offset, said)) = result {
        assert!(offset <= bytes.len() as u64, "{name}: {said}");
    }
    let bound = PER_BYTE * bytes.len() + ALWAYS;
    assert!(peak <= bound, "{name}: {} bytes held {peak}, which is more than {bound}", bytes.len());
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_fault_anywhere_gives_a_value_or_an_error_with_its_place(
        name in select(NAMES.as_slice()),
        faults in proptest::collection::vec((any::<Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = bytes(name);
        for (at, value) in faults {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        check(name, &bytes);
    }

    #[test]
    fn an_extreme_integer_anywhere_gives_a_value_or_an_error_with_its_place(
        name in select(NAMES.as_slice()),
        at: Index,
        integer in select([0_u32, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff].as_slice()),
    ) {
        let mut bytes = bytes(name);
        let at = at.index(bytes.len() - 3);
        put(&mut bytes, at, integer.to_be_bytes());
        check(name, &bytes);
    }

    #[test]
    fn a_cut_gives_a_value_or_an_error_with_its_place(name in select(NAMES.as_slice()), at: Index) {
        let bytes = bytes(name);
        check(name, &bytes[..at.index(bytes.len())]);
    }
}

fn said_of(name: &str, bytes: DataOutput) -> String {
    decode(name, &bytes.into_bytes()).expect_err("something is wrong").1
}

#[test]
fn what_is_wrong_with_old_serializers() {
    let keyed = |version| DataOutput::new().write_int(version);
    assert_eq!(
        said_of("keyed", keyed(2).write_int(2).write(&[0; 8])),
        "keyed state header › key serializer › serializer version 2 is not supported: every Flink that writes serializers writes version 1 (at offset 4 = 0x4)"
    );
    assert_eq!(
        said_of("keyed", keyed(3).write_int(0).write(&[0; 8])),
        "keyed state header › key serializer › a state has fewer serializers than it needs: 0 (at offset 4 = 0x4)"
    );
    // The config of the first serializer, at 40 of a block of eight bytes.
    let outside = keyed(3).write_int(1).write_int(0).write_int(40).write_int(8).write(&[0; 8]);
    assert_eq!(
        said_of("keyed", outside),
        "keyed state header › key serializer › a serializer starts before the one in front of it ends, or outside of its block: 40 (at offset 12 = 0xc)"
    );
    let backwards = keyed(3).write_int(1).write_int(4).write_int(0).write_int(8).write(&[0; 8]);
    assert_eq!(
        said_of("keyed", backwards),
        "keyed state header › key serializer › a serializer starts before the one in front of it ends, or outside of its block: 0 (at offset 12 = 0xc)"
    );
    let operator = DataOutput::new().write_int(2).write_short(1).write_utf("s").write_byte(7).write(&[0; 12]);
    assert_eq!(
        said_of("operator", operator),
        "operator state header › state \"s\" › unknown distribution mode tag 7 (at offset 9 = 0x9)"
    );
    let kind = keyed_header(&string_snapshot(), &[]).into_bytes();
    assert_eq!(decode("keyed", &kind), Ok(0));
}

/// Between its lengths, a serializer that cannot be read costs nothing but its type.
#[test]
fn a_java_object_that_is_none_is_an_opaque_type() {
    let header = DataOutput::new().write_int(1).write_int(1).write_int(4).write(b"what").write_short(0);
    let header = decode_keyed_header(DataInput::new(&header.into_bytes(), 0)).unwrap();
    assert_eq!(header.key.unwrap().data_type().to_string(), "Opaque<a Java object that cannot be read v0>");
}

#[test]
fn what_is_wrong_with_a_log() {
    let file = |bytes: DataOutput| DataOutput::new().write_byte(0).write(&bytes.into_bytes());
    assert_eq!(
        said_of("log", file(DataOutput::new().write_int(i32::MAX).write(&[0; 8]))),
        "change set › impossible number of key groups: 2147483647, with 8 bytes left; the file is cut short, or damaged (at offset 1 = 0x1)"
    );
    assert_eq!(
        said_of("log", file(DataOutput::new().write_int(1).write_int(100).write_int(-1).write(&[0; 8]))),
        "change set › impossible number of changes: 100, with 12 bytes left; the file is cut short, or damaged (at offset 5 = 0x5)"
    );
    let version = DataOutput::new().write_int(1).write_int(1).write_int(-1).write_int(5).write_byte(8);
    assert_eq!(
        said_of("log", file(version.write_int(9))),
        "change set › change 0 › state description in a changelog version 9 is not supported: Flink 1.15 to 2.3 write versions 6 and 7 (at offset 18 = 0x12)"
    );
    let behind = decode_logged_states(DataInput::new(&[0, 1, 2], 0), 5).unwrap_err();
    assert_eq!(
        behind.to_string(),
        "change set › the file ends inside a value: 5 bytes are needed, 2 are left (at offset 1 = 0x1)"
    );
    // A change of data says nothing of the states.
    let data = DataOutput::new().write_int(1).write_int(1).write_int(17).write(b"anything");
    assert_eq!(decode("log", &file(data).into_bytes()), Ok(0));
    assert!(decode_logged_state(17, DataInput::new(b"anything", 0)).unwrap().is_none());
}

/// Both forms give the same states, from any offset.
#[test]
fn a_compressed_log_is_read_like_a_plain_one() {
    let set = log(false).split_off(1);
    let sets = [set.as_slice(), &vec![7; 200_000], &set].concat();
    let second = (set.len() + 200_000) as u64;
    for compressed in [false, true] {
        let file = log_file(compressed, &sets);
        for offset in [0, second] {
            let states = decode_logged_states(DataInput::new(&file, 0), offset).unwrap();
            assert_eq!(states.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["s"]);
        }
    }
    assert!(log_file(true, &sets).len() < sets.len() / 10);
}

/// A few bytes that unfold to much: no more of them is held than a change of metadata may take.
#[test]
fn a_compressed_log_unfolds_within_bounds() {
    let zeros = vec![0; 60 << 20];
    let set = DataOutput::new().write_int(1).write_int(1).write_int(-1).write_int(50 << 20).write(&zeros);
    let file = log_file(true, &set.into_bytes());
    let mut result = Ok(Vec::new());
    let peak = peak_of(|| result = decode_logged_states(DataInput::new(&file, 0), 0));
    assert!(result.is_err());
    assert!(peak <= 48 << 20, "{} bytes held {peak}", file.len());
}

#[test]
fn what_is_wrong_with_timers() {
    let versioned = |version| DataOutput::new().write(b"\xf1\xcd\x85\x9f").write_int(version);
    assert_eq!(
        said_of("timers", versioned(3)),
        "timers › timer services version 3 is not supported: Flink 1.4 to 2.3 write versions 1 and 2 (at offset 4 = 0x4)"
    );
    assert_eq!(
        said_of("timers", versioned(2).write_int(9)),
        "timers › impossible number of timer services: 9, with 0 bytes left; the file is cut short, or damaged (at offset 8 = 0x8)"
    );
    // Nothing marks the oldest form, so anything else is the operator's own.
    let own = DataInput::new(b"\0\0\0\x01any bytes of a user's own", 0);
    assert!(decode_timer_services(own, &[0]).unwrap().is_none());
}

/// A service behind timers of keys that only their serializer can read is counted.
#[test]
fn a_timer_service_behind_opaque_keys_is_unread() {
    let own = crate::support::data_output::snapshot("com.example.KeySnapshot", 1);
    let first =
        DataOutput::new().write(b"\xf1\xcd\x85\x9f").write_int(2).write_int(3).write_utf("user-timers");
    let bytes = first.write(&own.into_bytes()).write(&[0; 100]).into_bytes();
    let services = decode_timer_services(DataInput::new(&bytes, 0), &[0]).unwrap().unwrap();
    assert_eq!((services.services.len(), services.unread()), (1, 2));
}
