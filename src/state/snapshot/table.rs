//! Snapshots of Flink's table runtime, which hold logical types.

use super::composite::read_nested;
use super::logical::read_logical_type;
use super::{Body, SnapshotInput, unknown_version};
use crate::types::{LogicalType, SqlDataType, TypeConstructor};
use crate::wire::{DecodeError, JavaObject, Within};

/// A snapshot with logical types.
pub(super) fn read_sql(
    input: &mut SnapshotInput<'_>,
    row: &'static SqlDataType,
    version: i32,
) -> Result<Body, DecodeError> {
    if version != row.version {
        return Err(unknown_version(input, version));
    }
    // magic word of a Java object
    let count = row.types.map_or_else(|| input.data.read_count("logical types", 4), Ok)?;
    let mut types = Vec::new();
    for index in 0..count {
        let logical_type = read_logical_type(&mut input.data);
        types.push(logical_type.within_with(|| format!("type {index}"))?);
    }
    let mut serializers = Vec::new();
    let mut nested = Vec::new();
    if row.types.is_none() {
        nested = read_nested(input)?;
    } else {
        for logical_type in &types {
            serializers.push(read_serializer(input, logical_type).within("serializer")?);
        }
    }
    Ok((TypeConstructor::Sql { row, types, serializers }, nested))
}

/// The serializer of elements, keys or values, which stands there as a Java object: its class, unless Flink always
/// makes it for that type.
fn read_serializer(
    input: &mut SnapshotInput<'_>,
    logical_type: &LogicalType,
) -> Result<Option<String>, DecodeError> {
    let object = JavaObject::read(&mut input.data)?;
    let class = object.root().class_name().unwrap_or_default();
    let usual = logical_type.serializer();
    let usual = usual.and_then(|data_type| data_type.constructor.snapshot()?.split('$').next());
    Ok((usual != Some(class.as_ref())).then(|| class.into_owned()))
}
