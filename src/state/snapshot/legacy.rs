//! The forms that Flink up to 1.6 wrote serializers in, and what Flink up to 1.16 kept of them.

use super::java_serializer::decode_java_serializer;
use super::{SerializerSnapshot, SnapshotInput};
use crate::types::TypeConstructor;
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaObject, Within};

/// `TypeSerializerConfigSnapshot.ADAPTER_VERSION`, in the place of a version: the snapshot's class is of the old kind,
/// which is not a snapshot but a supplement to the serializer itself.
pub(super) const ADAPTER_VERSION: i32 = 0x7A53_C4F0;

/// What a config snapshot of the old kind writes behind its version.
#[derive(Clone, Copy)]
enum Config {
    /// The name of a class.
    Class,
    /// The name of an enum's class, and its constants.
    Enum,
    /// The nested serializers, each with its own config.
    Nested,
    /// The same, and a class as a Java object.
    NestedAndClass,
    /// The name of a class, and the classes registered with Kryo.
    Kryo,
    /// The name of a class, and fields and subclasses with their serializers in one block.
    Pojo,
}

/// The config snapshots of the old kind in Flink's own jars.
const CONFIGS: &[(&str, Config)] = &[
    ("api.common.typeutils.CompositeSerializer$ConfigSnapshot", Config::Nested),
    ("api.common.typeutils.ParameterlessTypeSerializerConfig", Config::Class),
    ("api.common.typeutils.base.CollectionSerializerConfigSnapshot", Config::Nested),
    ("api.common.typeutils.base.EnumSerializer$EnumSerializerConfigSnapshot", Config::Enum),
    ("api.common.typeutils.base.MapSerializerConfigSnapshot", Config::Nested),
    (
        "api.java.typeutils.runtime.CopyableValueSerializer$CopyableValueSerializerConfigSnapshot",
        Config::Class,
    ),
    ("api.java.typeutils.runtime.EitherSerializerConfigSnapshot", Config::Nested),
    ("api.java.typeutils.runtime.NullableSerializer$NullableSerializerConfigSnapshot", Config::Nested),
    ("api.java.typeutils.runtime.PojoSerializer$PojoSerializerConfigSnapshot", Config::Pojo),
    ("api.java.typeutils.runtime.RowSerializer$RowSerializerConfigSnapshot", Config::Nested),
    ("api.java.typeutils.runtime.TupleSerializerConfigSnapshot", Config::NestedAndClass),
    ("api.java.typeutils.runtime.ValueSerializer$ValueSerializerConfigSnapshot", Config::Kryo),
    ("api.java.typeutils.runtime.kryo.KryoSerializer$KryoSerializerConfigSnapshot", Config::Kryo),
    ("api.scala.typeutils.OptionSerializer$OptionSerializerConfigSnapshot", Config::Nested),
    ("api.scala.typeutils.ScalaOptionSerializerConfigSnapshot", Config::Nested),
    ("api.scala.typeutils.ScalaTrySerializerConfigSnapshot", Config::Nested),
    ("api.scala.typeutils.TraversableSerializerConfigSnapshot", Config::Nested),
    ("api.scala.typeutils.TrySerializer$TrySerializerConfigSnapshot", Config::Nested),
    ("cep.nfa.NFA$NFASerializerConfigSnapshot", Config::Nested),
    ("cep.nfa.SharedBuffer$SharedBufferSerializerConfigSnapshot", Config::Nested),
    ("streaming.api.datastream.CoGroupedStreams$UnionSerializerConfigSnapshot", Config::Nested),
    ("streaming.api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializerConfigSnapshot", Config::Nested),
    ("streaming.api.operators.TimerSerializer$TimerSerializerConfigSnapshot", Config::Nested),
    ("streaming.api.operators.co.IntervalJoinOperator$BufferSerializerConfigSnapshot", Config::Nested),
    (
        "streaming.runtime.streamrecord.StreamElementSerializer$StreamElementSerializerConfigSnapshot",
        Config::Nested,
    ),
    ("table.runtime.types.CRowSerializer$CRowSerializerConfigSnapshot", Config::Nested),
];

/// The classes of all config snapshots that can be passed.
pub(super) fn config_classes() -> impl Iterator<Item = String> {
    CONFIGS.iter().map(|row| format!("org.apache.flink.{}", row.0))
}

/// A serializer that Java wrote, behind its version and its length
/// (`TypeSerializerSerializationUtil.TypeSerializerSerializationProxy`).
///
/// What stands between the lengths costs nothing outside, so a stream that cannot be read is an opaque type.
pub(in crate::state) fn decode_serializer(
    input: &mut DataInput<'_>,
) -> Result<SerializerSnapshot, DecodeError> {
    let start = *input;
    let version = input.read_int()?;
    if version != 1 {
        return Err(start.error(DecodeErrorKind::UnsupportedVersion {
            what: "serializer",
            found: version.into(),
            hint: "every Flink that writes serializers writes version 1",
        }));
    }
    let mut stream = input.read_block("bytes of a serializer")?;
    Ok(decode_java_serializer(&mut stream).unwrap_or_else(|_| opaque("a Java object that cannot be read", 0)))
}

/// Serializers with their config snapshots, in one block that says where each of them starts
/// (`TypeSerializerSerializationUtil.readSerializersAndConfigsWithResilience`).
///
/// The type is what the serializer says; class and version are those of its config snapshot. `least` is how many
/// pairs the reader needs.
pub(in crate::state) fn decode_serializers_and_configs(
    input: &mut SnapshotInput<'_>,
    least: usize,
) -> Result<Vec<SerializerSnapshot>, DecodeError> {
    let start = input.data;
    let count = input.data.read_count("serializers and configs", 8)?;
    if count < least {
        return Err(start.error(DecodeErrorKind::Invalid {
            what: "a state has fewer serializers than it needs",
            found: i64::try_from(count).unwrap_or(i64::MAX),
        }));
    }
    let mut index =
        DataInput::new(input.data.read_slice(count.saturating_mul(8))?, start.offset().saturating_add(4));
    let block = input.data.read_block("bytes of serializers and configs")?;
    let mut snapshots = Vec::new();
    let mut place = 0;
    for number in 0..count {
        let parts = [read_place(&mut index, block, &mut place)?, read_place(&mut index, block, &mut place)?];
        let [mut serializer, config] = parts;
        let snapshot = decode_pair(input, &mut serializer, config);
        snapshots.push(snapshot.within_with(|| format!("serializer {number}"))?);
    }
    Ok(snapshots)
}

/// The block from the next place of its index on. Flink writes them in order, so none is ever read twice.
fn read_place<'a>(
    index: &mut DataInput<'_>,
    block: DataInput<'a>,
    last: &mut usize,
) -> Result<DataInput<'a>, DecodeError> {
    let start = *index;
    let found = index.read_int()?;
    let place = usize::try_from(found).ok().filter(|place| place >= last);
    let Some((place, rest)) = place.and_then(|place| Some((place, block.rest().get(place..)?))) else {
        return Err(start.error(DecodeErrorKind::Invalid {
            what: "a serializer starts before the one in front of it ends, or outside of its block",
            found: found.into(),
        }));
    };
    *last = place;
    Ok(DataInput::new(rest, block.offset().saturating_add(place as u64)))
}

fn decode_pair(
    input: &SnapshotInput<'_>,
    serializer: &mut DataInput<'_>,
    config: DataInput<'_>,
) -> Result<SerializerSnapshot, DecodeError> {
    let prior = decode_serializer(serializer)?;
    let mut config = input.enclosed(config);
    let at_version = config.data;
    match config.data.read_int()? {
        1 => {
            let class = config.data.read_utf()?.decode().into_owned();
            let version = config.data.read_int()?;
            Ok(SerializerSnapshot { class, version, ..prior })
        }
        // Flink 1.7 and later, which wrote this block only where it restored from an older Flink.
        2 => SerializerSnapshot::decode(&mut config),
        found => Err(super::unknown_outer_version(at_version, found)),
    }
}

/// The payload of a snapshot whose version is [`ADAPTER_VERSION`]: the serializer, then its config snapshot.
///
/// Only the config has no length. One that is not Flink's own hides what follows it, though not the type.
pub(super) fn read_adapter(
    input: &mut SnapshotInput<'_>,
    class: &str,
) -> Result<SerializerSnapshot, DecodeError> {
    let prior = decode_serializer(&mut input.data)?;
    let version = read_config(input, class)?;
    Ok(SerializerSnapshot { class: class.to_owned(), version, ..prior })
}

/// Passes a config snapshot from its version on, and gives the version.
pub(super) fn read_config(input: &mut SnapshotInput<'_>, class: &str) -> Result<i32, DecodeError> {
    let version = input.data.read_int()?;
    let config =
        class.strip_prefix("org.apache.flink.").and_then(|name| CONFIGS.iter().find(|row| row.0 == name));
    match config.map(|row| row.1) {
        None => input.lost = Some((class.to_owned(), version)),
        Some(Config::Class) => drop(input.data.read_utf()?),
        Some(Config::Enum) => {
            input.data.read_utf()?;
            for _ in 0..input.data.read_count("enum constants", 2)? {
                input.data.read_utf()?;
            }
        }
        Some(Config::Nested) => drop(pass_block(&mut input.data)?),
        Some(Config::NestedAndClass) => {
            pass_block(&mut input.data)?;
            JavaObject::read(&mut input.data)?;
        }
        Some(Config::Kryo) => {
            input.data.read_utf()?; // the class
            for _ in 0..input.data.read_count("Kryo registrations", 2 + 2 + 4)? {
                input.data.read_utf()?; // tag
                input.data.read_utf()?; // registered class
                let at_kind = input.data;
                match input.data.read_int()? {
                    0 => {}
                    1 => drop(input.data.read_utf()?), // class of its serializer
                    2 => drop(JavaObject::read(&mut input.data)?),
                    found => {
                        let what = "Kryo registration";
                        return Err(at_kind.error(DecodeErrorKind::UnknownTag { what, found: found.into() }));
                    }
                }
            }
        }
        Some(Config::Pojo) => {
            input.data.read_utf()?; // the POJO's class
            for what in ["fields", "registered subclasses", "subclasses"] {
                // Of each, where its serializer and its config start in the block; its name stands in front of them.
                let count = input.data.read_count(what, 4 + 4)?;
                input.data.read_slice(count.saturating_mul(8))?;
            }
            input.data.read_block("bytes of serializers and configs")?;
        }
    }
    Ok(version)
}

/// Passes what [`decode_serializers_and_configs`] reads.
fn pass_block(data: &mut DataInput<'_>) -> Result<(), DecodeError> {
    let count = data.read_count("serializers and configs", 8)?;
    data.read_slice(count.saturating_mul(8))?;
    data.read_block("bytes of serializers and configs").map(drop)
}

pub(super) fn opaque(class: &str, version: i32) -> SerializerSnapshot {
    let constructor = TypeConstructor::Opaque { class: class.to_owned(), version };
    SerializerSnapshot { class: class.to_owned(), version, constructor, nested: Vec::new() }
}
