//! Snapshots that hold a few plain values besides the snapshots nested in them.

use super::composite::{read_nested, read_outer_version};
use super::{Body, SerializerSnapshot, SnapshotInput, unknown_version};
use crate::types::{Parameter, ParameterKind, ParameterizedType, SnapshotBody, TypeConstructor};
use crate::wire::{DataInput, DecodeError, JavaObject, JavaValue, Within};

/// A snapshot whose parameters stand in the order of its row.
pub(super) fn read_parameterized(
    input: &mut SnapshotInput<'_>,
    row: &'static ParameterizedType,
    version: i32,
) -> Result<Body, DecodeError> {
    let version = read_body_version(input, row, version)?;
    let mut parameters = Vec::new();
    for parameter in row.parameters {
        let value = read_parameter(&mut input.data, &parameter.kind, version).within(parameter.name)?;
        parameters.push(value);
    }
    finish(input, row, parameters)
}

/// The version that the class's own part of the payload has.
fn read_body_version(
    input: &mut SnapshotInput<'_>,
    row: &ParameterizedType,
    version: i32,
) -> Result<i32, DecodeError> {
    match row.body {
        SnapshotBody::Composite => read_outer_version(input, version),
        SnapshotBody::Own(versions) if versions.contains(&version) => Ok(version),
        SnapshotBody::Own(_) => Err(unknown_version(input, version)),
    }
}

fn finish(
    input: &mut SnapshotInput<'_>,
    row: &'static ParameterizedType,
    parameters: Vec<Parameter>,
) -> Result<Body, DecodeError> {
    let nested = if row.nested == Some(0) { Vec::new() } else { read_nested(input)? };
    Ok((TypeConstructor::Parameterized { row, parameters }, nested))
}

fn read_parameter(
    data: &mut DataInput<'_>,
    kind: &ParameterKind,
    version: i32,
) -> Result<Parameter, DecodeError> {
    Ok(match kind {
        ParameterKind::Int { .. } => Parameter::Int(data.read_int()?),
        ParameterKind::Name { .. } => Parameter::Name(data.read_utf()?.decode().into_owned()),
        ParameterKind::Flag { written_since, .. } if version >= *written_since => {
            Parameter::Flag(data.read_boolean()?)
        }
        ParameterKind::Flag { implied_since, .. } => Parameter::Flag(version >= *implied_since),
        ParameterKind::Logical => Parameter::Logical(super::logical::read_logical_type(data)?),
        ParameterKind::Constants => {
            let mut constants = Vec::new();
            // name length, number
            for _ in 0..data.read_count("constants", 2 + 4)? {
                let name = data.read_utf()?.decode().into_owned();
                constants.push((name, data.read_int()?));
            }
            Parameter::Constants(constants)
        }
    })
}

/// `GenericArraySerializerSnapshot`.
pub(super) fn read_array(
    input: &mut SnapshotInput<'_>,
    row: &'static ParameterizedType,
    version: i32,
) -> Result<Body, DecodeError> {
    read_body_version(input, row, version)?;
    let class = input.data.read_utf()?.decode().into_owned();
    let nested = read_nested(input)?;
    let parameters = vec![class_of_elements(class, &nested)];
    Ok((TypeConstructor::Parameterized { row, parameters }, nested))
}

/// The class of an array's elements, left out where their type says it.
pub(super) fn class_of_elements(class: String, nested: &[SerializerSnapshot]) -> Parameter {
    let said = nested.first().is_some_and(|element| match &element.constructor {
        TypeConstructor::Basic(row) => super::simple_name(&class) == row.name,
        TypeConstructor::Tuple { class: tuple } => *tuple == class,
        _ => element.data_type().class() == Some(class.as_str()),
    });
    Parameter::Name(if said { String::new() } else { class })
}

/// `ExternalSerializer.ExternalSerializerSnapshot`.
pub(super) fn read_external(
    input: &mut SnapshotInput<'_>,
    row: &'static ParameterizedType,
    version: i32,
) -> Result<Body, DecodeError> {
    read_body_version(input, row, version)?;
    let (logical_type, class) = super::logical::read_data_type(&mut input.data).within("data type")?;
    let internal = input.data.read_boolean()?;
    let parameters =
        vec![Parameter::Logical(logical_type), Parameter::Name(class), Parameter::Flag(internal)];
    finish(input, row, parameters)
}

/// `SortedMapSerializerSnapshot`: of the comparator, which is a Java object, the class is kept, and the order of the one
/// that Flink's own operators have (`ComparableRecordComparator`).
pub(super) fn read_sorted_map(
    input: &mut SnapshotInput<'_>,
    row: &'static ParameterizedType,
    version: i32,
) -> Result<Body, DecodeError> {
    read_body_version(input, row, version)?;
    let length = input.data.rest().len();
    let comparator = JavaObject::read(&mut input.data).within("comparator")?;
    let length = length.saturating_sub(input.data.rest().len());
    let class = comparator.root().class_name().unwrap_or_default().into_owned();
    let order = order_of_rows(comparator.root(), length).unwrap_or_default();
    finish(input, row, vec![Parameter::Name(class), Parameter::Name(order)])
}

/// What `ComparableRecordComparator.equals` compares, as SQL writes it: `0 INT, 1 BIGINT DESC NULLS LAST`. `None` for
/// another comparator, and for types that are not told by what is kept of them. `left` bounds what they unfold to.
fn order_of_rows(comparator: JavaValue<'_, '_>, mut left: usize) -> Option<String> {
    let columns = comparator.field("compareKeyPositions")?.elements();
    let mut types = comparator.field("compareKeyTypes")?.elements();
    let mut ascending = comparator.field("compareOrders")?.elements();
    let mut nulls_last = comparator.field("nullsIsLast")?.elements();
    let mut order = Vec::new();
    for column in columns {
        let (logical_type, ascending, nulls_last) = (types.next()?, ascending.next()?, nulls_last.next()?);
        let logical_type = super::logical::logical_type_of(logical_type, &mut left)?;
        let column = column.as_int().filter(|_| logical_type.is_certain())?;
        let ascending = if ascending.as_bool()? { "" } else { " DESC" };
        let nulls_last = if nulls_last.as_bool()? { " NULLS LAST" } else { "" };
        order.push(format!("{column} {logical_type}{ascending}{nulls_last}"));
    }
    Some(order.join(", "))
}

/// `RowDataKeySerializerSnapshot`: the generated code that compares rows, and what serializes them.
pub(super) fn read_row_data_key(
    input: &mut SnapshotInput<'_>,
    row: &'static ParameterizedType,
    version: i32,
) -> Result<Body, DecodeError> {
    read_body_version(input, row, version)?;
    for what in ["bytes of an equaliser", "bytes of a hash function"] {
        input.data.read_block(what)?;
    }
    let rows = SerializerSnapshot::decode(input)?;
    Ok((TypeConstructor::Parameterized { row, parameters: Vec::new() }, vec![rows]))
}
