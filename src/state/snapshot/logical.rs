//! Logical types out of the Java objects that Flink's table serializers keep them as.

use crate::types::{
    ATOMIC_TYPES, AtomicType, LogicalKind, LogicalType, NumberField, SQL_COLLECTIONS, SqlField,
};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaObject, JavaValue, Within};
use std::borrow::Cow;

const PACKAGE: &str = "org.apache.flink.table.types.logical.";

/// Deeper than any type people write, and shallow enough for any stack.
const DEPTH_LIMIT: u32 = 64;

/// How often a byte of the stream may turn up in the type: objects may be shared, and shared again inside.
const MOST_UNFOLDING: usize = 8;

/// A logical type that stands in the stream as a Java object.
pub(super) fn read_logical_type(data: &mut DataInput<'_>) -> Result<LogicalType, DecodeError> {
    let read = |data| {
        let (object, mut reader) = open(data)?;
        reader.logical_type(object.root())
    };
    read(data).within("logical type")
}

/// A `DataType` that stands in the stream as a Java object: the logical type, and the class it is converted to.
pub(super) fn read_data_type(data: &mut DataInput<'_>) -> Result<(LogicalType, String), DecodeError> {
    let (object, mut reader) = open(data)?;
    let class = object.root().field("conversionClass").and_then(JavaValue::as_class);
    let logical_type = reader.logical_type(reader.part(object.root(), "logicalType")?)?;
    Ok((logical_type, class.map(Cow::into_owned).unwrap_or_default()))
}

/// A logical type that is a part of a larger object, of at most `left` bytes; those that it takes are taken off. `None` for
/// anything else.
pub(super) fn logical_type_of(value: JavaValue<'_, '_>, left: &mut usize) -> Option<LogicalType> {
    let mut reader = Reader { start: DataInput::new(&[], 0), left: *left, depth: 0 };
    let logical_type = reader.logical_type(value);
    *left = reader.left;
    logical_type.ok()
}

fn open<'a>(data: &mut DataInput<'a>) -> Result<(JavaObject<'a>, Reader<'a>), DecodeError> {
    let start = *data;
    let object = JavaObject::read(data)?;
    let length = start.rest().len().saturating_sub(data.rest().len());
    Ok((object, Reader { start, left: length.saturating_mul(MOST_UNFOLDING), depth: 0 }))
}

/// Walks the objects. `start` is where their stream starts, for errors.
struct Reader<'a> {
    start: DataInput<'a>,
    /// How much may still be taken from the stream.
    left: usize,
    depth: u32,
}

impl Reader<'_> {
    fn logical_type(&mut self, value: JavaValue<'_, '_>) -> Result<LogicalType, DecodeError> {
        if self.depth >= DEPTH_LIMIT {
            return Err(self.start.error(DecodeErrorKind::TooDeep { limit: DEPTH_LIMIT }));
        }
        self.depth = self.depth.saturating_add(1);
        let class = value.class_name().unwrap_or_default().into_owned();
        self.take(class.len())?;
        let nullable = value.field("isNullable").and_then(JavaValue::as_bool);
        let Some(nullable) = nullable else {
            return Err(self.broken("a logical type is missing"));
        };
        let kind = self.kind(value, class)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(LogicalType { kind, nullable })
    }

    fn kind(&mut self, value: JavaValue<'_, '_>, class: String) -> Result<LogicalKind, DecodeError> {
        let Some(name) = class.strip_prefix(PACKAGE) else {
            return Ok(LogicalKind::Unknown { class });
        };
        if let Some(row) = SQL_COLLECTIONS.iter().find(|row| row.class == name) {
            let mut parts = Vec::new();
            for field in row.fields {
                parts.push(self.logical_type(self.part(value, field)?)?);
            }
            return Ok(LogicalKind::Collection(row, parts));
        }
        let kind = match name {
            "RowType" => Some(LogicalKind::Row(self.fields(self.part(value, "fields")?)?)),
            "RawType" => {
                let class = value.field("clazz").and_then(JavaValue::as_class);
                class.map(|class| LogicalKind::Raw { class: class.into_owned() })
            }
            "DistinctType" => {
                let source = Box::new(self.logical_type(self.part(value, "sourceType")?)?);
                identifier(value).map(|identifier| LogicalKind::Distinct { identifier, source })
            }
            "StructuredType" if is_plain_structured(value) => {
                let attributes = self.fields(self.part(value, "attributes")?)?;
                let class = value.field("className").and_then(JavaValue::as_str);
                let class = class.or_else(|| value.field("implementationClass")?.as_class());
                let class = class.map(Cow::into_owned);
                // Flink spelled it otherwise until 1.13.
                let comparison = value.field("comparison").or_else(|| value.field("comparision"));
                let comparison = comparison.and_then(JavaValue::enum_constant);
                comparison.map(|comparison| LogicalKind::Structured {
                    identifier: identifier(value),
                    class,
                    comparison: comparison.into_owned(),
                    attributes,
                })
            }
            _ => atomic(value, name),
        };
        Ok(kind.unwrap_or(LogicalKind::Unknown { class }))
    }

    /// A list of `RowField` or `StructuredAttribute`.
    fn fields(&mut self, list: JavaValue<'_, '_>) -> Result<Vec<SqlField>, DecodeError> {
        let mut fields = Vec::new();
        for field in elements(list) {
            let text = |name| field.field(name).and_then(JavaValue::as_str).map(Cow::into_owned);
            let (name, description) = (text("name").unwrap_or_default(), text("description"));
            self.take(name.len().saturating_add(description.as_ref().map_or(0, String::len)))?;
            let logical_type = self.logical_type(self.part(field, "type")?)?;
            fields.push(SqlField { name, logical_type, description });
        }
        Ok(fields)
    }

    fn part<'o, 'a>(&self, value: JavaValue<'o, 'a>, field: &str) -> Result<JavaValue<'o, 'a>, DecodeError> {
        value.field(field).ok_or_else(|| self.broken("a logical type lacks a part"))
    }

    fn take(&mut self, more: usize) -> Result<(), DecodeError> {
        let left = self.left.checked_sub(more);
        self.left = left.ok_or_else(|| self.broken("a logical type repeats itself beyond measure"))?;
        Ok(())
    }

    fn broken(&self, what: &'static str) -> DecodeError {
        self.start.error(DecodeErrorKind::JavaStream { what })
    }
}

/// The first row of the table that fits.
fn atomic(value: JavaValue<'_, '_>, name: &str) -> Option<LogicalKind> {
    let resolution = value.field("resolution").and_then(JavaValue::enum_constant);
    let fits = |row: &&AtomicType| row.class == name && row.resolution == resolution.as_deref();
    ATOMIC_TYPES.iter().filter(fits).find_map(|row| {
        let mut numbers = Vec::new();
        for field in row.fields {
            match field {
                NumberField::Any(name) => numbers.push(value.field(name)?.as_int()?),
                NumberField::Only(name, number) => {
                    (value.field(name)?.as_int()? == *number).then_some(())?;
                }
            }
        }
        Some(LogicalKind::Atomic(row, numbers))
    })
}

/// The elements of a list of the JDK, as `Collections.unmodifiableList` wraps it or not.
fn elements<'o, 'a>(list: JavaValue<'o, 'a>) -> Vec<JavaValue<'o, 'a>> {
    let mut list = list;
    // A hostile wrapper may wrap itself.
    for _ in 0..4 {
        list = list.field("list").or_else(|| list.field("c")).unwrap_or(list);
    }
    let array = list.field("a").or_else(|| list.field("array"));
    let class = list.class_name().unwrap_or_default().into_owned();
    match array {
        Some(array) => array.elements().collect(),
        // `ArrayList` and `ImmutableCollections`' stand-in write their elements behind a block with the capacity.
        None => list.annotation(&class).filter(|part| part.as_bytes().is_none()).collect(),
    }
}

/// `ObjectIdentifier` of a user-defined type, in SQL's quotes.
fn identifier(value: JavaValue<'_, '_>) -> Option<String> {
    let identifier = value.field("objectIdentifier")?;
    let parts = ["catalogName", "databaseName", "objectName"].map(|name| {
        let text = identifier.field(name).and_then(JavaValue::as_str)?;
        Some(format!("`{}`", text.replace('`', "``")))
    });
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// Whether all that Flink compares of the type is kept.
fn is_plain_structured(value: JavaValue<'_, '_>) -> bool {
    let holds = |name| value.field(name).and_then(JavaValue::as_bool).unwrap_or(false);
    let is_null = |name| value.field(name).is_none_or(JavaValue::is_null);
    holds("isFinal") && holds("isInstantiable") && is_null("superType") && is_null("description")
}
