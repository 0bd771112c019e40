//! Types that need no more than a name: the one table that decoder, notation and compatibility share.

/// A type without parameters, and the snapshot class of the one serializer it has in Flink.
///
/// All their snapshots are `SimpleTypeSerializerSnapshot`s, or behave like one: the serializer's class is
/// everything there is to say.
#[derive(Debug, PartialEq, Eq)]
pub struct BasicType {
    /// Name in the type notation.
    pub name: &'static str,
    /// Class of the serializer's snapshot.
    pub snapshot: &'static str,
}

/// A type that is nothing but its arguments.
///
/// Their snapshots are `CompositeTypeSerializerSnapshot`s without a payload of their own.
#[derive(Debug, PartialEq, Eq)]
pub struct CollectionType {
    /// Name in the type notation.
    pub name: &'static str,
    /// Class of the serializer's snapshot.
    pub snapshot: &'static str,
    /// Which of the nested serializers are arguments, by their place: `TtlSerializer` nests a timestamp first.
    pub nested: &'static [usize],
}

macro_rules! basic {
    ($package:literal: $($name:literal $serializer:literal),+ $(,)?) => {
        [$(BasicType {
            name: $name,
            snapshot: concat!("org.apache.flink.", $package, ".", $serializer, "$", $serializer, "Snapshot"),
        }),+]
    };
}

macro_rules! collection {
    ($($name:literal $snapshot:literal $nested:expr),+ $(,)?) => {
        &[$(CollectionType {
            name: $name,
            snapshot: concat!("org.apache.flink.", $snapshot),
            nested: &$nested,
        }),+]
    };
}

/// Every basic type, in groups by the package of its serializer.
pub static BASIC_TYPES: &[&[BasicType]] = &[
    &basic!("api.common.typeutils.base":
        "BigDecimal" "BigDecSerializer",
        "BigInteger" "BigIntSerializer",
        "Bitmap" "BitmapSerializer",
        "Boolean" "BooleanSerializer",
        "BooleanValue" "BooleanValueSerializer",
        "Byte" "ByteSerializer",
        "ByteValue" "ByteValueSerializer",
        "Character" "CharSerializer",
        "CharValue" "CharValueSerializer",
        "Date" "DateSerializer",
        "Double" "DoubleSerializer",
        "DoubleValue" "DoubleValueSerializer",
        "Float" "FloatSerializer",
        "FloatValue" "FloatValueSerializer",
        "Instant" "InstantSerializer",
        "Integer" "IntSerializer",
        "IntValue" "IntValueSerializer",
        "LocalDate" "LocalDateSerializer",
        "LocalDateTime" "LocalDateTimeSerializer",
        "LocalTime" "LocalTimeSerializer",
        "Long" "LongSerializer",
        "LongValue" "LongValueSerializer",
        "NullValue" "NullValueSerializer",
        "Short" "ShortSerializer",
        "ShortValue" "ShortValueSerializer",
        "SqlDate" "SqlDateSerializer",
        "SqlTime" "SqlTimeSerializer",
        "SqlTimestamp" "SqlTimestampSerializer",
        "String" "StringSerializer",
        "StringValue" "StringValueSerializer",
        "Variant" "VariantSerializer",
        "Void" "VoidSerializer",
    ),
    &basic!("api.common.typeutils.base.array":
        "boolean[]" "BooleanPrimitiveArraySerializer",
        "byte[]" "BytePrimitiveArraySerializer",
        "char[]" "CharPrimitiveArraySerializer",
        "double[]" "DoublePrimitiveArraySerializer",
        "float[]" "FloatPrimitiveArraySerializer",
        "int[]" "IntPrimitiveArraySerializer",
        "long[]" "LongPrimitiveArraySerializer",
        "short[]" "ShortPrimitiveArraySerializer",
        "String[]" "StringArraySerializer",
    ),
    &basic!("runtime.state": "VoidNamespace" "VoidNamespaceSerializer"),
    &[
        BasicType {
            name: "TimeWindow",
            snapshot: "org.apache.flink.streaming.api.windowing.windows.TimeWindow$Serializer$TimeWindowSerializerSnapshot",
        },
        BasicType {
            name: "GlobalWindow",
            snapshot: "org.apache.flink.streaming.api.windowing.windows.GlobalWindow$Serializer$GlobalWindowSerializerSnapshot",
        },
        BasicType {
            name: "Tuple0",
            snapshot: "org.apache.flink.api.java.typeutils.runtime.Tuple0SerializerSnapshot",
        },
    ],
];

/// Every collection type.
pub static COLLECTION_TYPES: &[CollectionType] = collection![
    "List" "api.common.typeutils.base.ListSerializerSnapshot" [0],
    "ArrayList" "runtime.state.ArrayListSerializerSnapshot" [0],
    "Set" "api.common.typeutils.base.SetSerializerSnapshot" [0],
    "Map" "api.common.typeutils.base.MapSerializerSnapshot" [0, 1],
    "Either" "api.java.typeutils.runtime.JavaEitherSerializerSnapshot" [0, 1],
    "Timer" "streaming.api.operators.TimerSerializerSnapshot" [0, 1],
    "Ttl" "runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot" [1],
    "StreamElement" "streaming.runtime.streamrecord.StreamElementSerializer$StreamElementSerializerSnapshot" [0],
    "TaggedUnion" "streaming.api.datastream.CoGroupedStreams$UnionSerializerSnapshot" [0, 1],
    "BufferEntry" "streaming.api.operators.co.IntervalJoinOperator$BufferEntrySerializerSnapshot" [0],
];

impl BasicType {
    /// Every basic type.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        BASIC_TYPES.iter().copied().flatten()
    }

    /// Class of the serializer itself, which old Flinks wrote in the place of a snapshot.
    pub fn serializer(&self) -> &'static str {
        // `XSerializer$XSerializerSnapshot` inside of `XSerializer`, or `XSerializerSnapshot` beside it.
        let (outer, inner) = self.snapshot.rsplit_once('$').unwrap_or((self.snapshot, ""));
        if inner.is_empty() { outer.strip_suffix("Snapshot").unwrap_or(outer) } else { outer }
    }

    /// The type of this name in the notation.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().find(|row| row.name == name)
    }
}

impl CollectionType {
    /// The type of this name in the notation.
    pub fn named(name: &str) -> Option<&'static Self> {
        COLLECTION_TYPES.iter().find(|row| row.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_name_and_no_snapshot_class_stands_twice() {
        let basic = BasicType::all().map(|row| (row.name, row.snapshot));
        let all: Vec<_> = basic.chain(COLLECTION_TYPES.iter().map(|row| (row.name, row.snapshot))).collect();
        assert_eq!(all.iter().map(|row| row.0).collect::<HashSet<_>>().len(), all.len());
        assert_eq!(all.iter().map(|row| row.1).collect::<HashSet<_>>().len(), all.len());
    }
}
