//! The logical types that need no more than a row: the one table that decoder and notation share.

/// A logical type that is a word and numbers.
#[derive(Debug, PartialEq, Eq)]
pub struct AtomicType {
    /// Its class, without the package.
    pub class: &'static str,
    /// The constant of its `resolution` that selects this row, of intervals.
    pub resolution: Option<&'static str>,
    /// How SQL writes it, `#` in the place of each number.
    pub format: &'static str,
    /// The fields that hold the numbers.
    pub fields: &'static [NumberField],
    /// What Flink serializes it with.
    pub serializer: SqlSerializer,
}

/// A field of a logical type's class that holds a number.
#[derive(Debug, PartialEq, Eq)]
pub enum NumberField {
    /// Any value, which is written.
    Any(&'static str),
    /// This value alone, which is not written.
    Only(&'static str, i32),
}

/// What serializes a logical type (`InternalSerializers`).
#[derive(Debug, PartialEq, Eq)]
pub enum SqlSerializer {
    /// The basic type of this name.
    Basic(&'static str),
    /// The parameterized type of this name, whose parameters are the logical type's numbers.
    Parameterized(&'static str),
    /// None: no state has the type.
    None,
}

/// A logical type that is made of others.
#[derive(Debug, PartialEq, Eq)]
pub struct SqlCollection {
    /// Its class, without the package.
    pub class: &'static str,
    /// Its name in SQL.
    pub name: &'static str,
    /// The fields that hold its parts.
    pub fields: &'static [&'static str],
    /// Name of the type that serializes it.
    pub serializer: &'static str,
}

use NumberField::{Any, Only};
use SqlSerializer::{Basic, None as Nothing, Parameterized};

const fn atomic(
    class: &'static str,
    format: &'static str,
    fields: &'static [NumberField],
    serializer: SqlSerializer,
) -> AtomicType {
    AtomicType { class, resolution: None, format, fields, serializer }
}

const fn interval(
    class: &'static str,
    resolution: &'static str,
    format: &'static str,
    fields: &'static [NumberField],
    serializer: SqlSerializer,
) -> AtomicType {
    AtomicType { resolution: Some(resolution), ..atomic(class, format, fields, serializer) }
}

/// Every atomic type. Of two rows for one class, the first that fits counts.
pub static ATOMIC_TYPES: &[AtomicType] = &[
    atomic("BigIntType", "BIGINT", &[], Basic("Long")),
    atomic("BinaryType", "BINARY(#)", &[Any("length")], Basic("byte[]")),
    atomic("BitmapType", "BITMAP", &[], Basic("Bitmap")),
    atomic("BooleanType", "BOOLEAN", &[], Basic("Boolean")),
    atomic("CharType", "CHAR(#)", &[Any("length")], Basic("StringData")),
    atomic("DateType", "DATE", &[], Basic("Integer")),
    atomic("DecimalType", "DECIMAL(#, #)", &[Any("precision"), Any("scale")], Parameterized("DecimalData")),
    atomic("DescriptorType", "DESCRIPTOR", &[], Nothing),
    atomic("DoubleType", "DOUBLE", &[], Basic("Double")),
    atomic("FloatType", "FLOAT", &[], Basic("Float")),
    atomic("IntType", "INT", &[], Basic("Integer")),
    atomic(
        "LocalZonedTimestampType",
        "TIMESTAMP(#) WITH LOCAL TIME ZONE",
        &[Any("precision")],
        Parameterized("TimestampData"),
    ),
    atomic("NullType", "NULL", &[], Nothing),
    atomic("SmallIntType", "SMALLINT", &[], Basic("Short")),
    atomic("SymbolType", "SYMBOL", &[], Nothing),
    atomic("TimeType", "TIME(#)", &[Any("precision")], Basic("Integer")),
    atomic("TimestampType", "TIMESTAMP(#)", &[Any("precision")], Parameterized("TimestampData")),
    atomic("TinyIntType", "TINYINT", &[], Basic("Byte")),
    atomic("VarBinaryType", "BYTES", &[Only("length", i32::MAX)], Basic("byte[]")),
    atomic("VarBinaryType", "VARBINARY(#)", &[Any("length")], Basic("byte[]")),
    atomic("VarCharType", "STRING", &[Only("length", i32::MAX)], Basic("StringData")),
    atomic("VarCharType", "VARCHAR(#)", &[Any("length")], Basic("StringData")),
    atomic("VariantType", "VARIANT", &[], Basic("Variant")),
    atomic("ZonedTimestampType", "TIMESTAMP(#) WITH TIME ZONE", &[Any("precision")], Nothing),
    interval("YearMonthIntervalType", "YEAR", "INTERVAL YEAR(#)", &[Any("yearPrecision")], Basic("Integer")),
    interval(
        "YearMonthIntervalType",
        "YEAR_TO_MONTH",
        "INTERVAL YEAR(#) TO MONTH",
        &[Any("yearPrecision")],
        Basic("Integer"),
    ),
    interval("YearMonthIntervalType", "MONTH", "INTERVAL MONTH", &[], Basic("Integer")),
    interval("DayTimeIntervalType", "DAY", "INTERVAL DAY(#)", &[Any("dayPrecision")], Basic("Long")),
    interval(
        "DayTimeIntervalType",
        "DAY_TO_HOUR",
        "INTERVAL DAY(#) TO HOUR",
        &[Any("dayPrecision")],
        Basic("Long"),
    ),
    interval(
        "DayTimeIntervalType",
        "DAY_TO_MINUTE",
        "INTERVAL DAY(#) TO MINUTE",
        &[Any("dayPrecision")],
        Basic("Long"),
    ),
    interval(
        "DayTimeIntervalType",
        "DAY_TO_SECOND",
        "INTERVAL DAY(#) TO SECOND(#)",
        &[Any("dayPrecision"), Any("fractionalPrecision")],
        Basic("Long"),
    ),
    interval("DayTimeIntervalType", "HOUR", "INTERVAL HOUR", &[], Basic("Long")),
    interval("DayTimeIntervalType", "HOUR_TO_MINUTE", "INTERVAL HOUR TO MINUTE", &[], Basic("Long")),
    interval(
        "DayTimeIntervalType",
        "HOUR_TO_SECOND",
        "INTERVAL HOUR TO SECOND(#)",
        &[Any("fractionalPrecision")],
        Basic("Long"),
    ),
    interval("DayTimeIntervalType", "MINUTE", "INTERVAL MINUTE", &[], Basic("Long")),
    interval(
        "DayTimeIntervalType",
        "MINUTE_TO_SECOND",
        "INTERVAL MINUTE TO SECOND(#)",
        &[Any("fractionalPrecision")],
        Basic("Long"),
    ),
    interval(
        "DayTimeIntervalType",
        "SECOND",
        "INTERVAL SECOND(#)",
        &[Any("fractionalPrecision")],
        Basic("Long"),
    ),
];

/// Every logical type that is made of others by place.
pub static SQL_COLLECTIONS: &[SqlCollection] = &[
    SqlCollection { class: "ArrayType", name: "ARRAY", fields: &["elementType"], serializer: "ArrayData" },
    SqlCollection {
        class: "MultisetType",
        name: "MULTISET",
        fields: &["elementType"],
        serializer: "MapData",
    },
    SqlCollection { class: "MapType", name: "MAP", fields: &["keyType", "valueType"], serializer: "MapData" },
];

impl AtomicType {
    /// The type that SQL writes so, if it has no numbers.
    pub fn named(format: &str) -> Option<&'static Self> {
        ATOMIC_TYPES.iter().find(|row| row.format == format)
    }
}
