//! Snapshots of Avro's serializer.

use super::{Body, SnapshotInput, unknown_version};
use crate::types::{Parameter, ParameterizedType, TypeConstructor};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, Within};

/// `AvroSerializerSnapshot`: the first version has no class, and the third, which is for schemas of any length, writes
/// strings in another way.
pub(super) fn read_avro(
    input: &mut SnapshotInput<'_>,
    row: &'static ParameterizedType,
    version: i32,
) -> Result<Body, DecodeError> {
    let data = &mut input.data;
    let (class, schema) = match version {
        1 => (String::new(), read_utf(data).within("schema")?),
        2 => (read_utf(data).within("class")?, read_utf(data).within("schema")?),
        3 => (read_string(data).within("class")?, read_string(data).within("schema")?),
        _ => return Err(unknown_version(input, version)),
    };
    let parameters = vec![Parameter::Name(class), Parameter::Name(schema)];
    Ok((TypeConstructor::Parameterized { row, parameters }, Vec::new()))
}

fn read_utf(data: &mut DataInput<'_>) -> Result<String, DecodeError> {
    Ok(data.read_utf()?.decode().into_owned())
}

/// `StringValue.readString`: the number of UTF-16 units and one, and the units, each in as many groups of seven bits as
/// it takes, lowest first.
fn read_string(data: &mut DataInput<'_>) -> Result<String, DecodeError> {
    let start = *data;
    let length = read_groups(data)?;
    // A string that is null has length 0, and none is written here. No unit is shorter than a byte.
    let left = data.rest().len();
    let Some(length) = length.checked_sub(1).filter(|length| *length as usize <= left) else {
        let found = length.into();
        return Err(start.error(DecodeErrorKind::ImpossibleCount {
            what: "units of text",
            found,
            left: left as u64,
        }));
    };
    let mut units = Vec::new();
    for _ in 0..length {
        // Java keeps the low bits.
        let unit = read_groups(data)? & u32::from(u16::MAX);
        units.push(u16::try_from(unit).unwrap_or_default());
    }
    Ok(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}

/// Bits that do not fit are lost, as they are in Java.
fn read_groups(data: &mut DataInput<'_>) -> Result<u32, DecodeError> {
    let mut value = 0_u32;
    let mut shift = 0_u32;
    loop {
        let byte = data.read_unsigned_byte()?;
        value |= u32::from(byte & 0x7f).wrapping_shl(shift);
        if byte < 0x80 {
            return Ok(value);
        }
        shift = shift.wrapping_add(7);
    }
}
