//! Snapshots of types that the user wrote: POJOs and enums.

use super::{Body, SerializerSnapshot, SnapshotInput, unknown_version};
use crate::types::TypeConstructor;
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, Within};
use std::borrow::Cow;

/// `EnumSerializer.EnumSerializerSnapshot`.
pub(super) fn read_enum(input: &mut SnapshotInput<'_>, _version: i32) -> Result<Body, DecodeError> {
    let class = input.data.read_utf()?.decode().into_owned();
    let count = input.data.read_count("enum constants", 2)?;
    let mut constants = Vec::new();
    for _ in 0..count {
        constants.push(input.data.read_utf()?.decode().into_owned());
    }
    Ok((TypeConstructor::Enum { class, constants }, Vec::new()))
}

/// `PojoSerializerSnapshot`.
pub(super) fn read_pojo(input: &mut SnapshotInput<'_>, version: i32) -> Result<Body, DecodeError> {
    if version != 2 {
        return Err(unknown_version(input, version));
    }
    let class = input.data.read_utf()?.decode().into_owned();
    let mut fields = Vec::new();
    let mut nested = Vec::new();
    for (name, snapshot) in read_snapshots(input, "field")? {
        fields.push(name);
        nested.push(snapshot);
    }
    let registered = read_snapshots(input, "registered subclass")?;
    let unregistered = read_snapshots(input, "subclass")?;
    let constructor = TypeConstructor::Pojo {
        class,
        fields,
        registered: registered.len(),
        unregistered: unregistered.len(),
    };
    nested.extend(registered.into_iter().chain(unregistered).map(|(_, snapshot)| snapshot));
    Ok((constructor, nested))
}

/// An optional map from names to snapshots. Each snapshot has a length, so an opaque one costs only itself.
fn read_snapshots(
    input: &mut SnapshotInput<'_>,
    what: &'static str,
) -> Result<Vec<(String, SerializerSnapshot)>, DecodeError> {
    let mut snapshots = Vec::new();
    let mut data = input.data;
    read_optional_map(&mut data, &mut |name, frame| {
        let snapshot = match frame {
            Some(frame) => SerializerSnapshot::decode(&mut input.enclosed(frame))
                .within_with(|| format!("{what} {name:?}"))?,
            // The class behind it was gone already when this savepoint was written.
            None => SerializerSnapshot::unread(),
        };
        snapshots.push((name.into_owned(), snapshot));
        Ok(())
    })?;
    input.data = data;
    Ok(snapshots)
}

/// `LinkedOptionalMapSerializer`: gives each entry's name and the bytes of its value, if there is one.
pub(super) fn read_optional_map<'a>(
    data: &mut DataInput<'a>,
    entry: &mut dyn FnMut(Cow<'a, str>, Option<DataInput<'a>>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    const MAGIC: i64 = 0x0000_04F2_C69A_3D70;
    let start = *data;
    let magic = data.read_long()?;
    if magic != MAGIC {
        return Err(start.error(DecodeErrorKind::WrongMagic {
            what: "an optional map",
            expected: MAGIC.cast_unsigned(),
            found: magic.cast_unsigned(),
            hint: "",
        }));
    }
    // name length, whether there is a key, whether there is a value
    let count = data.read_count("map entries", 2 + 1 + 1)?;
    for _ in 0..count {
        let name = data.read_utf()?.decode();
        if data.read_boolean()? {
            data.read_block("bytes of a key")?; // says the name again
        }
        let value = if data.read_boolean()? { Some(data.read_block("bytes of a value")?) } else { None };
        entry(name, value)?;
    }
    Ok(())
}
