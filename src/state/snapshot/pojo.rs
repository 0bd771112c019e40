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
    let (mut fields, mut inherited_from) = (Vec::new(), Vec::new());
    let mut nested = Vec::new();
    for (name, declaring, snapshot) in read_snapshots(input, "field")? {
        fields.push(name);
        inherited_from.push(declaring.filter(|declaring| *declaring != class));
        nested.push(snapshot);
    }
    let registered = read_snapshots(input, "registered subclass")?;
    let unregistered = read_snapshots(input, "subclass")?;
    let constructor = TypeConstructor::Pojo {
        class,
        fields,
        inherited_from,
        registered: registered.len(),
        unregistered: unregistered.len(),
    };
    nested.extend(registered.into_iter().chain(unregistered).map(|(_, _, snapshot)| snapshot));
    Ok((constructor, nested))
}

/// An optional map from names to snapshots, and of a field the class that declares it. Each snapshot has a length, so an
/// opaque one costs only itself.
fn read_snapshots(
    input: &mut SnapshotInput<'_>,
    what: &'static str,
) -> Result<Vec<(String, Option<String>, SerializerSnapshot)>, DecodeError> {
    let mut snapshots = Vec::new();
    let mut data = input.data;
    read_optional_map(&mut data, &mut |name, key, frame| {
        let snapshot = match frame {
            Some(frame) => SerializerSnapshot::decode(&mut input.enclosed(frame))
                .within_with(|| format!("{what} {name:?}"))?,
            // The class behind it was gone already when this savepoint was written.
            None => SerializerSnapshot::unread(),
        };
        // `PojoFieldUtils.writeField`; a subclass has nothing there.
        let declaring = match key.filter(|key| !key.rest().is_empty()) {
            Some(mut key) => Some(key.read_utf()?.decode().into_owned()),
            None => None,
        };
        snapshots.push((name.into_owned(), declaring, snapshot));
        Ok(())
    })?;
    input.data = data;
    Ok(snapshots)
}

/// What is done with an entry of an optional map: its name, and the bytes of its key and of its value.
pub(super) type OptionalMapEntry<'a, 'f> =
    dyn FnMut(Cow<'a, str>, Option<DataInput<'a>>, Option<DataInput<'a>>) -> Result<(), DecodeError> + 'f;

/// `LinkedOptionalMapSerializer`: gives each entry's name, and the bytes of its key and of its value, if there are any.
pub(super) fn read_optional_map<'a>(
    data: &mut DataInput<'a>,
    entry: &mut OptionalMapEntry<'a, '_>,
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
        let key = if data.read_boolean()? { Some(data.read_block("bytes of a key")?) } else { None };
        let value = if data.read_boolean()? { Some(data.read_block("bytes of a value")?) } else { None };
        entry(name, key, value)?;
    }
    Ok(())
}
