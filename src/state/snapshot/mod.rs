//! Serializer snapshots: what a serializer wrote about itself beside the state.
//!
//! A snapshot is the name of its class, a version, and a payload whose layout only that class knows; **no length
//! is written down**. So the [`READERS`] below are all there is: a class that is not among them is opaque, and what
//! follows it in the same header cannot be reached, unless a length happens to enclose it (the fields of a POJO).
//!
//! To add a snapshot: its row in one of the tables of [`crate::types`] when its class says everything
//! ([`BASIC_TYPES`](crate::types::BASIC_TYPES), [`COLLECTION_TYPES`]) or when it has plain values besides
//! ([`PARAMETERIZED_TYPES`]), else its function in the file of its family and its line in [`READERS`].

mod avro;
mod composite;
mod java_serializer;
mod kryo;
mod legacy;
mod logical;
mod parameterized;
mod pojo;
mod table;

use crate::types::{
    BasicType, COLLECTION_TYPES, DataType, PARAMETERIZED_TYPES, ParameterizedType, SQL_DATA_TYPES,
    TypeConstructor,
};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, Within};

pub(super) use java_serializer::decode_java_serializer;
pub(crate) use java_serializer::snapshot_of_serializer;
pub(super) use legacy::{decode_serializer, decode_serializers_and_configs};

/// What one serializer wrote about itself, with the snapshots nested in it.
///
/// Mirrors `org.apache.flink.api.common.typeutils.TypeSerializerSnapshot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerializerSnapshot {
    /// Class of the snapshot.
    pub class: String,
    /// Version of its layout.
    pub version: i32,
    /// The type that it describes, without its arguments.
    pub constructor: TypeConstructor,
    /// The nested snapshots, in the order of the file.
    pub nested: Vec<SerializerSnapshot>,
}

/// A cursor over snapshots, which remembers how deep it is and whether it lost its way.
pub(super) struct SnapshotInput<'a> {
    pub(super) data: DataInput<'a>,
    /// Class and version of the opaque snapshot that was met: nothing behind it can be read.
    pub(super) lost: Option<(String, i32)>,
    depth: u32,
}

/// What a reader makes of a payload.
type Body = (TypeConstructor, Vec<SerializerSnapshot>);

/// Reads the payload of a snapshot of this version.
type Reader = fn(&mut SnapshotInput<'_>, i32) -> Result<Body, DecodeError>;

/// As a [`Reader`], for a row of the table of parameterized types.
type ParameterizedReader =
    fn(&mut SnapshotInput<'_>, &'static ParameterizedType, i32) -> Result<Body, DecodeError>;

/// The snapshots that are in no table: class name, reader.
const READERS: &[(&str, Reader)] = &[
    ("org.apache.flink.api.common.typeutils.base.EnumSerializer$EnumSerializerSnapshot", pojo::read_enum),
    ("org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot", pojo::read_pojo),
    ("org.apache.flink.api.java.typeutils.runtime.TupleSerializerSnapshot", composite::read_tuple),
    ("org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializerSnapshot", kryo::read_kryo),
    (TTL_AWARE, composite::read_ttl_aware),
];

/// The parameterized types whose snapshots are not laid out as their rows say: name in the notation, reader.
const PARAMETERIZED_READERS: &[(&str, ParameterizedReader)] = &[
    ("Array", parameterized::read_array),
    ("Avro", avro::read_avro),
    ("External", parameterized::read_external),
    ("RowDataKey", parameterized::read_row_data_key),
    ("SortedMap", parameterized::read_sorted_map),
];

/// A serializer around another one that changes nothing in what is written. From 2.0 on it lets a job switch the
/// time to live.
const TTL_AWARE: &str = "org.apache.flink.runtime.state.ttl.TtlAwareSerializerSnapshot";

/// Deeper than any type people write, and shallow enough for any stack.
const DEPTH_LIMIT: u32 = 64;

impl<'a> SnapshotInput<'a> {
    pub(super) fn new(data: DataInput<'a>) -> Self {
        Self { data, lost: None, depth: 0 }
    }

    /// A cursor over a part with a length of its own: getting lost inside does no harm outside.
    fn enclosed(&self, data: DataInput<'a>) -> Self {
        Self { data, lost: None, depth: self.depth }
    }
}

impl SerializerSnapshot {
    /// As the serializer of this type would be written, where a table has its snapshot.
    fn of_data_type(data_type: DataType) -> Self {
        let class = data_type.constructor.snapshot().unwrap_or_default().to_owned();
        let nested = data_type.arguments.into_iter().map(Self::of_data_type).collect();
        Self { class, version: 0, constructor: data_type.constructor, nested }
    }

    /// Reads the form that stands directly in a header (`TypeSerializerSnapshotSerializationUtil`).
    pub(super) fn decode_outer(input: &mut SnapshotInput<'_>) -> Result<Self, DecodeError> {
        let start = input.data;
        match input.data.read_int()? {
            2 => Self::decode(input),
            // Flink 1.3 to 1.6, which never wrote it without the serializer beside it.
            1 => {
                let class = input.data.read_utf()?.decode().into_owned();
                let version = legacy::read_config(input, &class)?;
                Ok(legacy::opaque(&class, version))
            }
            found => Err(unknown_outer_version(start, found)),
        }
    }

    /// Reads the form that nests (`TypeSerializerSnapshot.writeVersionedSnapshot`).
    pub(super) fn decode(input: &mut SnapshotInput<'_>) -> Result<Self, DecodeError> {
        let start = input.data;
        let class = input.data.read_utf()?.decode().into_owned();
        let version = input.data.read_int()?;
        if input.depth >= DEPTH_LIMIT {
            return Err(start.error(DecodeErrorKind::TooDeep { limit: DEPTH_LIMIT }));
        }
        if version == legacy::ADAPTER_VERSION {
            return legacy::read_adapter(input, &class);
        }
        input.depth = input.depth.saturating_add(1);
        let body =
            read_body(input, &class, version).within_with(|| simple_name(&class).escape_debug().to_string());
        input.depth = input.depth.saturating_sub(1);
        let (constructor, nested) = body?;
        Ok(Self { class, version, constructor, nested })
    }

    /// A snapshot that cannot be reached.
    pub(super) fn unread() -> Self {
        Self { class: String::new(), version: 0, constructor: TypeConstructor::Unread, nested: Vec::new() }
    }

    /// The type that the serializer handles.
    pub fn data_type(&self) -> DataType {
        if let (TTL_AWARE, Some(inner)) = (self.class.as_str(), self.nested.first()) {
            return inner.data_type();
        }
        let all = || self.nested.iter().map(Self::data_type).collect();
        let arguments = match &self.constructor {
            TypeConstructor::Collection(row) => {
                row.nested.iter().filter_map(|index| self.nested.get(*index)).map(Self::data_type).collect()
            }
            _ => all(),
        };
        DataType { constructor: self.constructor.clone(), arguments }
    }
}

/// Reads one snapshot in the form that stands directly in a header.
///
/// A snapshot that only its own class can read leaves `input` behind its name and version.
pub fn decode_snapshot(input: &mut DataInput<'_>) -> Result<SerializerSnapshot, DecodeError> {
    let mut reader = SnapshotInput::new(*input);
    let snapshot = SerializerSnapshot::decode_outer(&mut reader)?;
    *input = reader.data;
    Ok(snapshot)
}

/// The classes of all snapshots that can be read.
pub fn snapshot_classes() -> impl Iterator<Item = String> {
    let tables = BasicType::all().map(|row| row.snapshot);
    let tables = tables.chain(COLLECTION_TYPES.iter().map(|row| row.snapshot));
    let tables = tables.chain(PARAMETERIZED_TYPES.iter().map(|row| row.snapshot));
    let tables = tables.chain(SQL_DATA_TYPES.iter().map(|row| row.snapshot));
    let all = tables.chain(READERS.iter().map(|row| row.0)).map(str::to_owned);
    all.chain(legacy::config_classes())
}

/// Finds who reads the payload, in the order: the tables, the readers, nobody.
fn read_body(input: &mut SnapshotInput<'_>, class: &str, version: i32) -> Result<Body, DecodeError> {
    if let Some(row) = BasicType::all().find(|row| row.snapshot == class) {
        composite::read_simple(input, version)?;
        return Ok((TypeConstructor::Basic(row), Vec::new()));
    }
    if let Some(row) = COLLECTION_TYPES.iter().find(|row| row.snapshot == class) {
        let nested = composite::read_collection(input, version)?;
        return Ok((TypeConstructor::Collection(row), nested));
    }
    if let Some(row) = PARAMETERIZED_TYPES.iter().find(|row| row.snapshot == class) {
        let own = PARAMETERIZED_READERS.iter().find(|(name, _)| *name == row.name);
        return own.map_or(parameterized::read_parameterized as ParameterizedReader, |it| it.1)(
            input, row, version,
        );
    }
    if let Some(row) = SQL_DATA_TYPES.iter().find(|row| row.snapshot == class) {
        return table::read_sql(input, row, version);
    }
    if let Some((_, read)) = READERS.iter().find(|(name, _)| *name == class) {
        return read(input, version);
    }
    input.lost = Some((class.to_owned(), version));
    Ok((TypeConstructor::Opaque { class: class.to_owned(), version }, Vec::new()))
}

/// The error for a form of snapshots that no Flink writes.
fn unknown_outer_version(at: DataInput<'_>, found: i32) -> DecodeError {
    at.error(DecodeErrorKind::UnsupportedVersion {
        what: "serializer snapshot",
        found: found.into(),
        hint: "Flink 1.7 and later write version 2",
    })
}

/// A class without its package.
fn simple_name(class: &str) -> &str {
    class.rsplit_once('.').map_or(class, |(_, name)| name)
}

/// The error for a snapshot whose class is known and whose version is not.
fn unknown_version(input: &SnapshotInput<'_>, version: i32) -> DecodeError {
    let kind = DecodeErrorKind::UnsupportedVersion {
        what: "serializer snapshot",
        found: version.into(),
        hint: "no Flink from 1.7 to 2.3 writes it",
    };
    // The version is the int that was read last.
    DecodeError::new(kind, input.data.offset().saturating_sub(4))
}
