//! What is said of each thing that can be wrong with a file: the records around the place, what is wrong, where.

use super::{Original, put, read_everything};
use crate::support::data_output::{
    DataOutput, enum_snapshot, file, inline, keyed_handle, keyed_header, keyed_subtask, list_snapshot_of,
    metadata, metadata_with_header, operator, pojo_snapshot, snapshot, string_snapshot, value_state,
};
use holdpoint::Error;
use holdpoint::state::decode_operator_header;
use holdpoint::wire::{DataInput, JavaObject};

/// What is said of these bytes in the place of a `_metadata` file.
fn said_of(bytes: &[u8]) -> String {
    match read_everything(bytes, &Original::of("flink-1.15-v1").location) {
        Err(Error::Decode { error, .. }) => error.to_string(),
        Err(error) => error.to_string(),
        Ok(_) => "nothing is wrong".to_owned(),
    }
}

/// What is said of a header of keyed state, from its first state on.
fn said_of_header(header: DataOutput) -> String {
    let said = said_of(&metadata_with_header(header));
    let within = format!("operator {} › subtask 0 › keyed state header › ", "aa".repeat(16));
    said.strip_prefix(&within).map(str::to_owned).unwrap_or(said)
}

/// What is said of the snapshot of a state's value.
fn said_of_value(value: &DataOutput) -> String {
    let said = said_of_header(keyed_header(&string_snapshot(), &[value_state("s", value)]));
    said.strip_prefix("state \"s\" › VALUE_SERIALIZER › ").map(str::to_owned).unwrap_or(said)
}

/// What is said of a keyed state handle.
fn said_of_handle(handle: DataOutput) -> String {
    let said = said_of(&metadata(&[operator(0xaa, &[keyed_subtask(handle)])]));
    let within = format!("operator 1 of 1 › {} › subtask 0 › managed keyed state › ", "aa".repeat(16));
    said.strip_prefix(&within).map(str::to_owned).unwrap_or(said)
}

/// What is said of a Java object stream that goes on like this.
fn said_of_object(bytes: &[u8]) -> String {
    let stream = [b"\xac\xed\0\x05", bytes].concat();
    let said = JavaObject::read(&mut DataInput::new(&stream, 0)).map(drop);
    said.map_or_else(|error| error.to_string(), |()| "nothing is wrong".to_owned())
}

#[test]
fn the_end_of_a_file() {
    let v3 = Original::of("flink-1.15-v1");
    assert_eq!(
        said_of(&v3.bytes[..6]),
        "the file ends inside a value: 4 bytes are needed, 2 are left (at offset 4 = 0x4)"
    );
    let longer = v3.edited(|bytes| bytes.extend_from_slice(&[0; 3]));
    let length = v3.bytes.len();
    assert_eq!(
        said_of(&longer),
        format!("3 bytes are left where the file should end (at offset {length} = 0x{length:x})")
    );
}

#[test]
fn the_head_of_a_file() {
    let original = Original::of("flink-1.20-v1");
    let with = |at, value: i32| said_of(&original.edited(|bytes| put(bytes, at, value.to_be_bytes())));
    assert_eq!(
        with(4, 9),
        "_metadata version 9 is not supported: this holdpoint reads versions 1 to 7 (Flink 1.2 to 2.4); a newer holdpoint may read it (at offset 4 = 0x4)"
    );
    assert_eq!(
        with(8, i32::MIN),
        "a checkpoint ID cannot be negative: -9223372036854775807 (at offset 8 = 0x8)"
    );
    let left = original.bytes.len() - 20;
    assert_eq!(
        with(16, -1),
        format!(
            "impossible number of master states: -1, with {left} bytes left; the file is cut short, or damaged (at offset 16 = 0x10)"
        )
    );
}

#[test]
fn a_master_state() {
    let head = DataOutput::new().write_int(0x4960_672D).write_int(3).write_long(1).write_int(1);
    let behind = [0; 32];
    assert_eq!(
        said_of(&head.clone().write_int(0x1234).write(&behind).into_bytes()),
        "master state 0 › this is not a master state: it starts with 0x00001234 instead of 0xc96b1696 (at offset 20 = 0x14)"
    );
    let block = DataOutput::new().write_int(0).write_utf("hook").write_int(0).write(&[1, 2, 3]);
    let block = block.into_bytes();
    let longer = head.write_int(0xC96B_1696_u32.cast_signed()).write_int(block.len().try_into().unwrap());
    assert_eq!(
        said_of(&longer.write(&block).write(&behind).into_bytes()),
        "master state 0 › 3 bytes are left where the file should end (at offset 42 = 0x2a)"
    );
}

/// Changelogs, each the snapshot of the one around it.
fn nested_changelogs(count: usize) -> DataOutput {
    (0..count).fold(DataOutput::new(), |output, _| {
        output.write_byte(14).write_int(0).write_int(1).write_long(0).write_int(1)
    })
}

/// A changelog in files, up to the number of its files.
fn changelog_files() -> DataOutput {
    DataOutput::new().write_byte(13).write_int(0).write_int(1)
}

#[test]
fn a_handle() {
    for (handle, message) in [
        (DataOutput::new().write_byte(99), "unknown keyed state handle tag 99 (at offset 65 = 0x41)"),
        (
            DataOutput::new()
                .write_byte(14)
                .write_int(0)
                .write_int(1)
                .write_long(0)
                .write_int(1)
                .write_byte(4),
            "materialized state › unknown keyed state handle tag 4 (at offset 86 = 0x56)",
        ),
        (
            nested_changelogs(9),
            &format!(
                "{}records nest more than 8 deep (at offset 233 = 0xe9)",
                "materialized state › ".repeat(8)
            ),
        ),
        (
            changelog_files().write_int(1).write_long(-1).write_byte(16),
            "changelog files › changes cannot start at a negative place: -1 (at offset 78 = 0x4e)",
        ),
        (
            changelog_files().write_int(-2),
            "changelog files › impossible number of changelog files: -2, with 9 bytes left; the file is cut short, or damaged (at offset 74 = 0x4a)",
        ),
        (
            DataOutput::new().write_byte(9).write(&[0; 24]).write_int(1).write_int(-1).write_int(1000),
            "impossible number of bytes of a change: 1000, with 9 bytes left; the file is cut short, or damaged (at offset 98 = 0x62)",
        ),
        (
            keyed_handle(DataOutput::new().write_byte(15).write_long(-1).write_long(5)),
            "a segment of a file cannot start at a negative place or have a negative length: -1 (at offset 83 = 0x53)",
        ),
        (
            keyed_handle(DataOutput::new().write_byte(15).write_long(1).write_long(5).write_int(2)),
            "unknown state scope tag 2 (at offset 99 = 0x63)",
        ),
        (
            keyed_handle(DataOutput::new().write_byte(0)),
            "unknown stream state handle tag 0 (at offset 82 = 0x52)",
        ),
        (
            DataOutput::new().write_byte(7).write_int(0).write_int(i32::MAX),
            "impossible number of key groups: 2147483647, with 9 bytes left; the file is cut short, or damaged (at offset 70 = 0x46)",
        ),
        (
            DataOutput::new().write_byte(7).write_int(i32::MAX).write_int(1).write_long(0),
            "key groups beyond what an int can number, from: 2147483647 (at offset 70 = 0x46)",
        ),
        (
            keyed_handle(DataOutput::new().write_byte(1).write_utf("name").write_int(-1)),
            "impossible number of bytes of inline state: -1, with 9 bytes left; the file is cut short, or damaged (at offset 89 = 0x59)",
        ),
    ] {
        assert_eq!(said_of_handle(handle), message);
    }
}

#[test]
fn operator_state_and_channel_state() {
    let within = format!("operator 1 of 1 › {} › subtask 0 › ", "aa".repeat(16));
    let said = |subtask: DataOutput| {
        let said = said_of(&metadata(&[operator(
            0xaa,
            &[DataOutput::new().write_int(0).write(&subtask.into_bytes())],
        )]));
        said.strip_prefix(&within).map(str::to_owned).unwrap_or(said)
    };
    let present = DataOutput::new().write_int(1);
    assert_eq!(
        said(present.clone().write_byte(17).write_int(0).write_utf("a").write_utf("b").write(&[1, 0])),
        "managed operator state › unknown stream state handle tag 0 (at offset 73 = 0x49)"
    );
    assert_eq!(
        said(present.clone().write_byte(42)),
        "managed operator state › unknown operator state handle tag 42 (at offset 61 = 0x3d)"
    );
    let one_state = present.write_byte(4).write_int(1).write_utf("buffer");
    assert_eq!(
        said(one_state.write_byte(3).write_int(0)),
        "managed operator state › operator state \"buffer\" › unknown distribution mode tag 3 (at offset 74 = 0x4a)"
    );
    let without_state = DataOutput::new().write_int(0).write_int(0).write(&[0, 0]);
    assert_eq!(
        said(without_state.clone().write_int(1).write_byte(1)),
        "input channel state › impossible number of channel state handles: 1, with 1 bytes left; the file is cut short, or damaged (at offset 67 = 0x43)"
    );
}

#[test]
fn a_header() {
    let after_version = keyed_header(&string_snapshot(), &[]).into_bytes();
    let header = |version| DataOutput::new().write_int(version).write(&after_version[4..]);
    assert_eq!(
        said_of_header(header(7)),
        "keyed state header version 7 is not supported: Flink 1.2 to 2.3 write versions 1 to 6 (at offset 93 = 0x5d)"
    );
    let operator_header = 9_i32.to_be_bytes();
    assert_eq!(
        decode_operator_header(DataInput::new(&operator_header, 0)).unwrap_err().to_string(),
        "operator state header › operator state header version 9 is not supported: Flink 1.2 to 2.3 write versions 1 to 6 (at offset 0 = 0x0)"
    );
    let state = DataOutput::new().write_utf("s").write_int(5).write_int(0).write_int(0);
    assert_eq!(
        said_of_header(keyed_header(&string_snapshot(), &[state])),
        "state \"s\" › unknown kind of state tag 5 (at offset 197 = 0xc5)"
    );
    let key = DataOutput::new().write_int(6).write_boolean(false).write_int(3).write(&[0; 8]);
    assert_eq!(
        said_of_header(key),
        "key serializer › serializer snapshot version 3 is not supported: Flink 1.7 and later write version 2 (at offset 98 = 0x62)"
    );
}

#[test]
fn a_serializer_snapshot() {
    let list = "org.apache.flink.api.common.typeutils.base.ListSerializerSnapshot";
    let pojo = "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot";
    let string = "org.apache.flink.api.common.typeutils.base.StringSerializer$StringSerializerSnapshot";
    for (value, message) in [
        (
            snapshot(string, 9),
            "StringSerializer$StringSerializerSnapshot › serializer snapshot version 9 is not supported: no Flink from 1.7 to 2.3 writes it (at offset 342 = 0x156)",
        ),
        (
            snapshot(list, 3).write_int(911_109).write_int(1),
            "ListSerializerSnapshot › this is not a composite serializer snapshot: it starts with 0x000de705 instead of 0x000de704 (at offset 327 = 0x147)",
        ),
        (
            snapshot(list, 3).write_int(911_108).write_int(1).write_int(0).write_int(1),
            "ListSerializerSnapshot › this is not a list of nested serializer snapshots: it starts with 0x00000000 instead of 0x001457fd (at offset 335 = 0x14f)",
        ),
        (
            snapshot(list, 3).write_int(911_108).write_int(1).write_int(1_333_245).write_int(2).write_int(0),
            "ListSerializerSnapshot › list of nested serializer snapshots version 2 is not supported: every Flink writes version 1 (at offset 339 = 0x153)",
        ),
        (
            list_snapshot_of(i32::MAX).write(&[0; 10]),
            "ListSerializerSnapshot › impossible number of nested serializer snapshots: 2147483647, with 10 bytes left; the file is cut short, or damaged (at offset 343 = 0x157)",
        ),
        (
            snapshot(pojo, 2).write_utf("com.example.P").write_long(1).write_int(0),
            "PojoSerializerSnapshot › this is not an optional map: it starts with 0x00000001 instead of 0x4f2c69a3d70 (at offset 343 = 0x157)",
        ),
        (
            pojo_snapshot("com.example.P", &[("inner", Some(enum_snapshot(0).write_int(0)))]),
            "nothing is wrong",
        ),
        (
            pojo_snapshot("com.example.P", &[("inner", Some(list_snapshot_of(1)))]),
            "PojoSerializerSnapshot › field \"inner\" › ListSerializerSnapshot › impossible number of nested serializer snapshots: 1, with 0 bytes left; the file is cut short, or damaged (at offset 455 = 0x1c7)",
        ),
    ] {
        assert_eq!(said_of_value(&value), message);
    }
}

#[test]
fn snapshots_that_nest_without_end() {
    let bomb = (0..1000).fold(string_snapshot(), |inner, _| list_snapshot_of(1).write(&inner.into_bytes()));
    let said = said_of_value(&bomb);
    let path = "ListSerializerSnapshot › ".repeat(64);
    assert_eq!(said, format!("{path}records nest more than 64 deep (at offset 6080 = 0x17c0)"));
}

#[test]
fn the_properties_of_a_checkpoint() {
    let v4 = Original::of("flink-1.20-v1");
    let stream = v4.bytes.windows(4).rposition(|window| window == b"\xac\xed\0\x05").unwrap();
    let said = said_of(&v4.edited(|bytes| put(bytes, stream, [0xac, 0xed, 0, 6])));
    assert_eq!(
        said,
        format!(
            "checkpoint properties › Java object › this is not a Java object stream: it starts with 0xaced0006 instead of 0xaced0005 (at offset {stream} = 0x{stream:x})"
        )
    );
}

#[test]
fn a_java_object() {
    for (bytes, message) in [
        (&b"\x42"[..], "unknown Java object stream tag 66 (at offset 4 = 0x4)"),
        (
            b"\x77\x01\x00",
            "not a Java object stream: there is primitive data in place of an object (at offset 4 = 0x4)",
        ),
        (b"\x78", "not a Java object stream: an object is missing (at offset 4 = 0x4)"),
        (
            b"\x7b",
            "not a Java object stream: its writer failed and wrote an exception in place of the object (at offset 4 = 0x4)",
        ),
        (
            b"\x71\0\x7e\0\x09",
            "not a Java object stream: a reference leads to an object that was not written yet (at offset 5 = 0x5)",
        ),
        (b"\x73\x70", "not a Java object stream: an object has no class (at offset 5 = 0x5)"),
        (
            b"\x7c\xff\xff\xff\xff\xff\xff\xff\xff",
            "impossible number of bytes of a string: -1, with 0 bytes left; the file is cut short, or damaged (at offset 5 = 0x5)",
        ),
        (
            b"\x74\x00\x09ab",
            "the file ends inside a value: 11 bytes are needed, 4 are left (at offset 5 = 0x5)",
        ),
    ] {
        assert_eq!(said_of_object(bytes), format!("Java object › {message}"));
    }
    // An array of arrays of arrays …, each of one element.
    let array = b"\x75\x72\x00\x02[[\0\0\0\0\0\0\0\0\x02\0\0\x78\x70\0\0\0\x01";
    let said = said_of_object(&array.repeat(100_002));
    assert!(said.starts_with("Java object › records nest more than 100000 deep (at offset "), "{said}");
}

#[test]
fn a_state_file_that_is_no_regular_file_is_not_waited_for() {
    let handle = keyed_handle(file("/dev/zero"));
    assert_eq!(said_of(&metadata(&[operator(0xaa, &[keyed_subtask(handle)])])), "nothing is wrong");
    let handle = keyed_handle(inline(keyed_header(&string_snapshot(), &[])));
    assert_eq!(said_of(&metadata(&[operator(0xaa, &[keyed_subtask(handle)])])), "nothing is wrong");
}
