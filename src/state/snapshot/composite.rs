//! Snapshots that are made of others, and those that say nothing beyond their class.

use super::{Body, SerializerSnapshot, SnapshotInput, unknown_version};
use crate::types::TypeConstructor;
use crate::wire::{DecodeError, DecodeErrorKind};

/// `CompositeTypeSerializerSnapshot.MAGIC_NUMBER`.
const COMPOSITE_MAGIC: i32 = 911_108;
/// `NestedSerializersSnapshotDelegate.MAGIC_NUMBER`.
const NESTED_MAGIC: i32 = 1_333_245;

/// `SimpleTypeSerializerSnapshot`.
pub(super) fn read_simple(input: &mut SnapshotInput<'_>, version: i32) -> Result<(), DecodeError> {
    match version {
        3 => Ok(()),
        2 => input.data.read_utf().map(drop), // class of the serializer
        _ => Err(unknown_version(input, version)),
    }
}

/// A `CompositeTypeSerializerSnapshot` without a payload of its own.
pub(super) fn read_collection(
    input: &mut SnapshotInput<'_>,
    version: i32,
) -> Result<Vec<SerializerSnapshot>, DecodeError> {
    read_outer_version(input, version)?;
    read_nested(input)
}

/// `TupleSerializerSnapshot`.
pub(super) fn read_tuple(input: &mut SnapshotInput<'_>, version: i32) -> Result<Body, DecodeError> {
    read_outer_version(input, version)?;
    let class = input.data.read_utf()?.decode().into_owned();
    Ok((TypeConstructor::Tuple { class }, read_nested(input)?))
}

/// `TtlAwareSerializerSnapshot`: whether there is a time to live, which the nested snapshot says again.
pub(super) fn read_ttl_aware(input: &mut SnapshotInput<'_>, version: i32) -> Result<Body, DecodeError> {
    if version != 1 {
        return Err(unknown_version(input, version));
    }
    input.data.read_boolean()?;
    let inner = SerializerSnapshot::decode(input)?;
    // The nested snapshot has the type: see `SerializerSnapshot::data_type`.
    Ok((TypeConstructor::Unread, vec![inner]))
}

/// What every composite starts with; gives the version of the class's own payload.
pub(super) fn read_outer_version(input: &mut SnapshotInput<'_>, version: i32) -> Result<i32, DecodeError> {
    match version {
        3 => {
            read_magic(input, COMPOSITE_MAGIC, "a composite serializer snapshot")?;
            input.data.read_int()
        }
        // The class was no composite yet, and wrote its own version in the place of the composite's.
        1 | 2 => Ok(version),
        _ => Err(unknown_version(input, version)),
    }
}

/// `NestedSerializersSnapshotDelegate`.
pub(super) fn read_nested(input: &mut SnapshotInput<'_>) -> Result<Vec<SerializerSnapshot>, DecodeError> {
    read_magic(input, NESTED_MAGIC, "a list of nested serializer snapshots")?;
    let start = input.data;
    let version = input.data.read_int()?;
    if version != 1 {
        return Err(start.error(DecodeErrorKind::UnsupportedVersion {
            what: "list of nested serializer snapshots",
            found: version.into(),
            hint: "every Flink writes version 1",
        }));
    }
    // class name length, version
    let count = input.data.read_count("nested serializer snapshots", 2 + 4)?;
    let mut nested = Vec::new();
    for _ in 0..count {
        if input.lost.is_some() {
            // One stands for all that follow: their number is only a claim.
            nested.push(SerializerSnapshot::unread());
            break;
        }
        nested.push(SerializerSnapshot::decode(input)?);
    }
    Ok(nested)
}

fn read_magic(input: &mut SnapshotInput<'_>, expected: i32, what: &'static str) -> Result<(), DecodeError> {
    let start = input.data;
    let found = input.data.read_int()?;
    if found == expected {
        return Ok(());
    }
    Err(start.error(DecodeErrorKind::WrongMagic {
        what,
        expected: u64::from(expected.cast_unsigned()),
        found: u64::from(found.cast_unsigned()),
        hint: "",
    }))
}
