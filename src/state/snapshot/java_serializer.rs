//! Serializers that Java serialization wrote: all that Flink up to 1.3 kept of a type, and what Flink up to 1.16 kept
//! beside the snapshots of old classes.
//!
//! The stream names every class and holds every field, so a type comes out whole as long as its serializer is listed
//! here; of any other, the class is what is known.

use super::logical::logical_type_of;
use super::{SerializerSnapshot, parameterized};
use crate::types::{BasicType, CollectionType, KryoSettings, Parameter, SqlDataType, TypeConstructor};
use crate::wire::{DataInput, DecodeError, JavaObject, JavaValue};

/// What the classes of Flink's serializers start with.
const FLINK: &str = "org.apache.flink.";

/// The serializers of collection types: class, the type's name, and the fields that hold the nested serializers.
const COLLECTIONS: &[(&str, &str, &[&str])] = &[
    ("api.common.typeutils.base.ListSerializer", "List", &["elementSerializer"]),
    ("api.common.typeutils.base.MapSerializer", "Map", &["keySerializer", "valueSerializer"]),
    ("api.java.typeutils.runtime.EitherSerializer", "Either", &["leftSerializer", "rightSerializer"]),
    ("runtime.state.ArrayListSerializer", "ArrayList", &["elementSerializer"]),
    ("runtime.state.ttl.TtlStateFactory$TtlSerializer", "Ttl", &["fieldSerializers"]),
    (
        "streaming.api.datastream.CoGroupedStreams$UnionSerializer",
        "TaggedUnion",
        &["oneSerializer", "twoSerializer"],
    ),
    ("streaming.api.operators.TimerSerializer", "Timer", &["keySerializer", "namespaceSerializer"]),
    (
        "streaming.api.operators.co.IntervalJoinOperator$BufferEntrySerializer",
        "BufferEntry",
        &["elementSerializer"],
    ),
    ("streaming.runtime.streamrecord.StreamElementSerializer", "StreamElement", &["typeSerializer"]),
];

/// Deeper than serializers nest: an object graph may also come back to where it was.
const DEPTH_LIMIT: u32 = 64;

/// Reads one Java object stream, whose object is a `TypeSerializer`.
///
/// The snapshot is named for the serializer's own class, and has version 0: such a serializer wrote no snapshot.
pub(in crate::state) fn decode_java_serializer(
    input: &mut DataInput<'_>,
) -> Result<SerializerSnapshot, DecodeError> {
    let length = input.rest().len();
    let object = JavaObject::read(input)?;
    let read = length.saturating_sub(input.rest().len());
    // A part takes at least a reference to it, of five bytes. A part that is referred to from many places unfolds in
    // each of them, which real serializers do a little and hostile ones without end.
    let mut unfolding = Unfolding { left: read.div_euclid(5), depth: 0 };
    Ok(unfolding.snapshot(object.root()))
}

/// Reads a `TypeSerializer` that is a part of a larger object, of at most `left` parts; those that it has are
/// taken off.
pub(crate) fn snapshot_of_serializer(serializer: JavaValue<'_, '_>, left: &mut usize) -> SerializerSnapshot {
    let mut unfolding = Unfolding { left: *left, depth: 0 };
    let snapshot = unfolding.snapshot(serializer);
    *left = unfolding.left;
    snapshot
}

/// How much more of a graph of serializers may be made a tree.
struct Unfolding {
    left: usize,
    depth: u32,
}

impl Unfolding {
    fn snapshot(&mut self, serializer: JavaValue<'_, '_>) -> SerializerSnapshot {
        let Some(class) = serializer.class_name() else { return SerializerSnapshot::unread() };
        let class = class.into_owned();
        if self.left == 0 || self.depth == DEPTH_LIMIT {
            return SerializerSnapshot::unread();
        }
        self.left = self.left.saturating_sub(1);
        self.depth = self.depth.saturating_add(1);
        let (constructor, nested) = self
            .body(&class, serializer)
            .unwrap_or_else(|| (TypeConstructor::Opaque { class: class.clone(), version: 0 }, Vec::new()));
        self.depth = self.depth.saturating_sub(1);
        SerializerSnapshot { class, version: 0, constructor, nested }
    }

    /// The type that a serializer handles; `None` for one that is not known, or that lacks what it should have.
    fn body(
        &mut self,
        class: &str,
        serializer: JavaValue<'_, '_>,
    ) -> Option<(TypeConstructor, Vec<SerializerSnapshot>)> {
        if let Some(row) = BasicType::all().find(|row| row.serializer() == class) {
            return Some((TypeConstructor::Basic(row), Vec::new()));
        }
        let name = class.strip_prefix(FLINK)?;
        if let Some((_, row, fields)) = COLLECTIONS.iter().find(|row| row.0 == name) {
            let row = CollectionType::named(row)?;
            return Some((TypeConstructor::Collection(row), self.nested(serializer, fields)?));
        }
        Some(match name {
            "api.java.typeutils.runtime.TupleSerializer" => {
                let class = class_field(serializer, "tupleClass")?;
                (TypeConstructor::Tuple { class }, self.nested(serializer, &["fieldSerializers"])?)
            }
            "api.java.typeutils.runtime.RowSerializer" => {
                // The kind of a row came with 1.11, and the field changed its name later.
                let flag = |name| serializer.field(name).and_then(JavaValue::as_bool);
                let supports_row_kind =
                    flag("supportsRowKind").or(flag("legacyModeEnabled").map(|legacy| !legacy));
                let parameter = Parameter::Flag(supports_row_kind.unwrap_or(false));
                let constructor = TypeConstructor::parameterized("Row", vec![parameter])?;
                (constructor, self.nested(serializer, &["fieldSerializers"])?)
            }
            "api.java.typeutils.runtime.NullableSerializer" => {
                let padding = i32::try_from(serializer.field("padding")?.as_bytes()?.len()).ok()?;
                let nested = self.nested(serializer, &["originalSerializer"])?;
                (TypeConstructor::parameterized("Nullable", vec![Parameter::Int(padding)])?, nested)
            }
            "api.common.typeutils.base.GenericArraySerializer" => {
                let nested = self.nested(serializer, &["componentSerializer"])?;
                let class =
                    parameterized::class_of_elements(class_field(serializer, "componentClass")?, &nested);
                (TypeConstructor::parameterized("Array", vec![class])?, nested)
            }
            "api.common.typeutils.base.EnumSerializer" => {
                let class = class_field(serializer, "enumClass")?;
                let constants = serializer.field("values").filter(|it| !it.is_null())?.elements();
                let constants = constants.map(|it| Some(it.enum_constant()?.into_owned()));
                let constants = constants.collect::<Option<_>>()?;
                (TypeConstructor::Enum { class, constants }, Vec::new())
            }
            "api.java.typeutils.runtime.kryo.KryoSerializer" => {
                let class = class_field(serializer, "type")?;
                (TypeConstructor::Kryo { class, settings: KryoSettings::default() }, Vec::new())
            }
            "table.runtime.typeutils.RowDataSerializer" => return self.row_data(serializer),
            "api.java.typeutils.runtime.PojoSerializer" => return self.pojo(class, serializer),
            _ => return None,
        })
    }

    /// `PojoSerializer`: its `writeObject` method adds how many fields there are, and of each the class that declares
    /// it and its name.
    fn pojo(
        &mut self,
        serializer_class: &str,
        serializer: JavaValue<'_, '_>,
    ) -> Option<(TypeConstructor, Vec<SerializerSnapshot>)> {
        let class = class_field(serializer, "clazz")?;
        let mut nested = self.nested(serializer, &["fieldSerializers"])?;
        let blocks = serializer.annotation(serializer_class).filter_map(JavaValue::as_bytes);
        let fields: Vec<_> = blocks
            .skip(1) // how many
            .map(|block| Some(DataInput::new(block, 0).read_utf().ok()?.decode().into_owned()))
            .collect::<Option<_>>()?;
        if fields.len() != nested.len() {
            return None;
        }
        let registered = self.nested(serializer, &["registeredSerializers"])?;
        let constructor = TypeConstructor::Pojo {
            class,
            inherited_from: vec![None; fields.len()],
            fields,
            registered: registered.len(),
            unregistered: 0,
        };
        nested.extend(registered);
        Some((constructor, nested))
    }

    /// `RowDataSerializer`, where it serializes each column as Flink does if nobody says otherwise.
    fn row_data(
        &mut self,
        serializer: JavaValue<'_, '_>,
    ) -> Option<(TypeConstructor, Vec<SerializerSnapshot>)> {
        let columns = serializer.field("types")?.elements();
        let types = columns.map(|it| logical_type_of(it, &mut self.left)).collect::<Option<Vec<_>>>()?;
        let mut nested = Vec::new();
        for (logical_type, by) in types.iter().zip(serializer.field("fieldSerializers")?.elements()) {
            let usual = SerializerSnapshot::of_data_type(logical_type.serializer()?);
            // The class of a snapshot is in the serializer's, or has its name.
            let class = usual.class.split('$').next()?;
            if by.class_name()? != class.strip_suffix("Snapshot").unwrap_or(class) {
                return None;
            }
            nested.push(usual);
        }
        if nested.len() != types.len() {
            return None;
        }
        let row = SqlDataType::named("RowData")?;
        Some((TypeConstructor::Sql { row, types, serializers: Vec::new() }, nested))
    }

    /// The serializers in these fields, each one or an array of them.
    fn nested(&mut self, serializer: JavaValue<'_, '_>, fields: &[&str]) -> Option<Vec<SerializerSnapshot>> {
        let mut nested = Vec::new();
        for field in fields {
            let value = serializer.field(field)?;
            if value.class_name()?.starts_with('[') {
                for element in value.elements() {
                    if self.left == 0 {
                        // One stands for all that follow.
                        nested.push(SerializerSnapshot::unread());
                        break;
                    }
                    nested.push(self.snapshot(element));
                }
            } else {
                nested.push(self.snapshot(value));
            }
        }
        Some(nested)
    }
}

/// The name of the class that a field of type `java.lang.Class` holds.
fn class_field(serializer: JavaValue<'_, '_>, field: &str) -> Option<String> {
    Some(serializer.field(field)?.as_class()?.into_owned())
}
