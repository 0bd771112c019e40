//! Types whose serializer says more than its class, and no more than a few plain values: the one table that
//! decoder, notation and compatibility share.

use super::{Compatibility, LogicalType};

/// A type with parameters, and the snapshot class of its serializer.
///
/// The notation writes them behind the name: `DecimalData(10, 2)`, `Nullable(8)<Long>`.
#[derive(Debug, PartialEq, Eq)]
pub struct ParameterizedType {
    /// Name in the type notation.
    pub name: &'static str,
    /// Class of the serializer's snapshot.
    pub snapshot: &'static str,
    /// Where the parameters stand.
    pub body: SnapshotBody,
    /// The parameters, in the order of the file.
    pub parameters: &'static [ParameterRow],
    /// How many serializers are nested; any number where it is not said.
    pub nested: Option<usize>,
}

/// How a snapshot is laid out.
#[derive(Debug, PartialEq, Eq)]
pub enum SnapshotBody {
    /// A `CompositeTypeSerializerSnapshot`, with the parameters as its own part.
    Composite,
    /// A snapshot of its own kind: which versions of it there are. Nested serializers follow the parameters.
    Own(&'static [i32]),
}

/// One parameter of a type.
#[derive(Debug, PartialEq, Eq)]
pub struct ParameterRow {
    /// What it is, in words.
    pub name: &'static str,
    /// What values it takes.
    pub kind: ParameterKind,
    /// What Flink makes of a difference.
    pub compared: Compared,
}

/// What values a parameter takes, and which of them the notation leaves out.
#[derive(Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// An `int`; zero is left out if so said.
    Int {
        /// Whether zero is left out.
        zero_is_plain: bool,
    },
    /// A name or a text. The empty one is left out if so said.
    Name {
        /// Whether the empty one is left out.
        empty_is_plain: bool,
    },
    /// A `boolean`, written as a word unless it has its plain value.
    Flag {
        /// The value that is left out.
        plain: bool,
        /// The word for the other one.
        word: &'static str,
        /// The version of the payload that first says it.
        written_since: i32,
        /// The version of the payload that first means `true` without saying so.
        implied_since: i32,
    },
    /// A logical type.
    Logical,
    /// Names with a number each.
    Constants,
}

/// What Flink makes of two different values of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compared {
    /// It does not look at them.
    Never,
    /// The two types then have this compatibility, and equal values have none of their own.
    As(Compatibility),
    /// It compares nothing else of the type, not even what is nested. The plain value is one that is not known.
    Alone,
    /// What was there has to stay where it was; more may follow.
    AsStart,
    /// A class that is loaded to read what was written: another one has to be there still, and what becomes of its
    /// objects is not known.
    AsLoaded,
    /// Avro schemas, by the rules of Avro.
    AsAvroSchema,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// An `int`.
    Int(i32),
    /// A name or a text.
    Name(String),
    /// A `boolean`.
    Flag(bool),
    /// A logical type.
    Logical(LogicalType),
    /// Names with a number each.
    Constants(Vec<(String, i32)>),
}

impl ParameterKind {
    /// Whether the notation leaves this value out.
    pub fn is_plain(&self, value: &Parameter) -> bool {
        self.plain().is_some_and(|plain| plain == *value)
    }

    /// The value that the notation leaves out.
    pub fn plain(&self) -> Option<Parameter> {
        match self {
            Self::Int { zero_is_plain: true } => Some(Parameter::Int(0)),
            Self::Name { empty_is_plain: true } => Some(Parameter::Name(String::new())),
            Self::Flag { plain, .. } => Some(Parameter::Flag(*plain)),
            _ => None,
        }
    }
}

const INT: ParameterKind = ParameterKind::Int { zero_is_plain: false };
const NAME: ParameterKind = ParameterKind::Name { empty_is_plain: false };
const REFUSED: Compared = Compared::As(Compatibility::Incompatible);
const MIGRATED: Compared = Compared::As(Compatibility::AfterMigration);

const CLASS: &[ParameterRow] = &[parameter("class", NAME, REFUSED)];
const FIELD_COUNT: &[ParameterRow] = &[parameter("number of fields", INT, REFUSED)];
const PRECISION: &[ParameterRow] = &[parameter("precision", INT, REFUSED)];
const PRECISION_AND_SCALE: &[ParameterRow] =
    &[parameter("precision", INT, REFUSED), parameter("scale", INT, REFUSED)];

const CONSTANTS: &[ParameterRow] =
    &[parameter("class", NAME, REFUSED), parameter("constants", ParameterKind::Constants, Compared::AsStart)];

const fn parameter(name: &'static str, kind: ParameterKind, compared: Compared) -> ParameterRow {
    ParameterRow { name, kind, compared }
}

/// Flink added the value to serializers that it had already: those from before are written `legacy`.
const fn legacy_flag(name: &'static str, written_since: i32, implied_since: i32) -> ParameterRow {
    let kind = ParameterKind::Flag { plain: true, word: "legacy", written_since, implied_since };
    parameter(name, kind, MIGRATED)
}

use SnapshotBody::{Composite, Own};

macro_rules! types {
    ($($name:literal $snapshot:literal $body:expr, $parameters:expr, $nested:expr;)+) => {
        &[$(ParameterizedType {
            name: $name,
            snapshot: concat!("org.apache.flink.", $snapshot),
            body: $body,
            parameters: $parameters,
            nested: $nested,
        }),+]
    };
}

/// Every parameterized type.
pub static PARAMETERIZED_TYPES: &[ParameterizedType] = types![
    "Array" "api.common.typeutils.base.GenericArraySerializerSnapshot"
        Composite, &[parameter("class of the elements", ParameterKind::Name { empty_is_plain: true }, REFUSED)], Some(1);
    "Nullable" "api.java.typeutils.runtime.NullableSerializer$NullableSerializerSnapshot"
        Composite, &[parameter("padding of null", ParameterKind::Int { zero_is_plain: true }, REFUSED)], Some(1);
    "Row" "api.java.typeutils.runtime.RowSerializer$RowSerializerSnapshot"
        Composite, &[legacy_flag("support of row kinds", 4, 3)], None;
    "old.Array" "api.common.typeutils.base.GenericArraySerializerConfigSnapshot" Own(&[1, 2]), CLASS, Some(1);
    "old.Either" "api.java.typeutils.runtime.EitherSerializerSnapshot" Own(&[1, 2]), &[], Some(2);
    "Value" "api.java.typeutils.runtime.ValueSerializer$ValueSerializerSnapshot" Own(&[2]), CLASS, Some(0);
    "CopyableValue" "api.java.typeutils.runtime.CopyableValueSerializer$CopyableValueSerializerSnapshot"
        Own(&[2]), CLASS, Some(0);
    "Writable" "api.java.typeutils.runtime.WritableSerializer$WritableSerializerSnapshot" Own(&[2]), CLASS, Some(0);
    "Avro" "formats.avro.typeutils.AvroSerializerSnapshot"
        Own(&[1, 2, 3]), &[
            parameter("class", NAME, Compared::AsLoaded),
            parameter("schema", NAME, Compared::AsAvroSchema),
        ], Some(0);
    "TwoPhaseCommitState" "streaming.api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializerSnapshot"
        Composite, &[legacy_flag("support of null transactions", 4, 3)], Some(2);
    "legacy.TwoPhaseCommitState"
        "streaming.api.functions.sink.legacy.TwoPhaseCommitSinkFunction$StateSerializerSnapshot"
        Composite, &[legacy_flag("support of null transactions", 4, 3)], Some(2);
    "NFAState" "cep.nfa.NFAStateSerializerSnapshot"
        Composite, &[legacy_flag("support of the previous timestamp", 2, 2)], Some(3);
    "LinkedList" "table.runtime.typeutils.LinkedListSerializer$LinkedListSerializerSnapshot"
        Composite, &[legacy_flag("mask of nulls", 3, 2)], Some(1);
    "BinaryRowData" "table.runtime.typeutils.BinaryRowDataSerializer$BinaryRowDataSerializerSnapshot"
        Own(&[3]), FIELD_COUNT, Some(0);
    "DecimalData" "table.runtime.typeutils.DecimalDataSerializer$DecimalSerializerSnapshot"
        Own(&[3]), PRECISION_AND_SCALE, Some(0);
    "TimestampData" "table.runtime.typeutils.TimestampDataSerializer$TimestampDataSerializerSnapshot"
        Own(&[1]), PRECISION, Some(0);
    "python.DecimalData"
        "table.runtime.typeutils.serializers.python.DecimalDataSerializer$DecimalSerializerSnapshot"
        Own(&[1]), PRECISION_AND_SCALE, Some(0);
    "python.Timestamp"
        "table.runtime.typeutils.serializers.python.TimestampSerializer$TimestampSerializerSnapshot"
        Own(&[1]), PRECISION, Some(0);
    "External" "table.runtime.typeutils.ExternalSerializer$ExternalSerializerSnapshot"
        Composite, &[
            parameter("logical type", ParameterKind::Logical, Compared::Never),
            parameter("class", NAME, Compared::Never),
            parameter("internal input", ParameterKind::Flag {
                plain: false, word: "internal", written_since: 0, implied_since: 0,
            }, Compared::Never),
        ], Some(1);
    "SortedMap" "table.runtime.typeutils.SortedMapSerializerSnapshot"
        Own(&[3]), &[
            parameter("comparator", NAME, Compared::Never),
            parameter("order", ParameterKind::Name { empty_is_plain: true }, Compared::Alone),
        ], Some(2);
    "RowDataKey" "table.runtime.sequencedmultisetstate.linked.RowDataKeySerializerSnapshot" Own(&[0]), &[], Some(1);
    "SequencedNode" "table.runtime.sequencedmultisetstate.linked.NodeSerializer$NodeSerializerSnapshot"
        Composite, &[], None;
    "scala.CaseClass" "api.scala.typeutils.ScalaCaseClassSerializerSnapshot" Composite, CLASS, None;
    "scala.Tuple2CaseClass" "api.scala.typeutils.Tuple2CaseClassSerializerSnapshot" Composite, CLASS, None;
    "scala.Enumeration" "api.scala.typeutils.ScalaEnumSerializerSnapshot" Own(&[2, 3]), CONSTANTS, Some(0);
    "scala.Traversable" "api.scala.typeutils.TraversableSerializerSnapshot"
        Composite, &[parameter("code of CanBuildFrom", NAME, REFUSED)], Some(1);
    "table.CaseClass" "table.api.typeutils.ScalaCaseClassSerializerSnapshot" Composite, CLASS, None;
    "table.Tuple2CaseClass" "table.api.typeutils.Tuple2CaseClassSerializerSnapshot" Composite, CLASS, None;
    "table.Enumeration" "table.api.typeutils.ScalaEnumSerializerSnapshot" Own(&[2, 3]), CONSTANTS, Some(0);
    "table.Traversable" "table.api.typeutils.TraversableSerializerSnapshot"
        Composite, &[parameter("code of CanBuildFrom", NAME, REFUSED)], Some(1);
];

impl ParameterizedType {
    /// The type of this name in the notation.
    pub fn named(name: &str) -> Option<&'static Self> {
        PARAMETERIZED_TYPES.iter().find(|row| row.name == name)
    }
}

/// A type of Flink's table runtime that is described by logical types.
///
/// The notation writes those: `RowData<INT, VARCHAR(10) NOT NULL>`.
#[derive(Debug, PartialEq, Eq)]
pub struct SqlDataType {
    /// Name in the type notation.
    pub name: &'static str,
    /// Class of the serializer's snapshot.
    pub snapshot: &'static str,
    /// The version that it has.
    pub version: i32,
    /// How many logical types it has; any number where it is not said.
    pub types: Option<usize>,
}

macro_rules! sql_data {
    ($($name:literal $snapshot:literal $version:literal $types:expr;)+) => {
        &[$(SqlDataType {
            name: $name,
            snapshot: concat!("org.apache.flink.table.runtime.typeutils.", $snapshot),
            version: $version,
            types: $types,
        }),+]
    };
}

/// Every type that is described by logical types. Those for rows keep snapshots of their fields' serializers, the
/// others the serializers themselves as Java objects.
pub static SQL_DATA_TYPES: &[SqlDataType] = sql_data![
    "RowData" "RowDataSerializer$RowDataSerializerSnapshot" 3 None;
    "ArrayData" "ArrayDataSerializer$ArrayDataSerializerSnapshot" 3 Some(1);
    "MapData" "MapDataSerializer$MapDataSerializerSnapshot" 3 Some(2);
    "python.RowData" "serializers.python.RowDataSerializer$RowDataSerializerSnapshot" 3 None;
    "python.ArrayData" "serializers.python.ArrayDataSerializer$ArrayDataSerializerSnapshot" 1 Some(1);
    "python.MapData" "serializers.python.MapDataSerializer$BaseMapSerializerSnapshot" 1 Some(2);
];

impl SqlDataType {
    /// The type of this name in the notation.
    pub fn named(name: &str) -> Option<&'static Self> {
        SQL_DATA_TYPES.iter().find(|row| row.name == name)
    }
}
