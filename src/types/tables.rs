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
    &basic!("runtime.state": "JavaObject" "JavaSerializer", "VoidNamespace" "VoidNamespaceSerializer"),
    &basic!("queryablestate.client": "client.VoidNamespace" "VoidNamespaceSerializer"),
    &basic!("streaming.api.utils": "python.ByteArrayWrapper" "ByteArrayWrapperSerializer"),
    &basic!("table.dataview": "Null" "NullSerializer"),
    &basic!("table.runtime.operators.sink": "SortedLong" "SortedLongSerializer"),
    &basic!("table.runtime.typeutils": "StringData" "StringDataSerializer"),
    &basic!("table.runtime.typeutils.serializers.python":
        "python.BigDecimal" "BigDecSerializer",
        "python.Date" "DateSerializer",
        "python.String" "StringSerializer",
        "python.Time" "TimeSerializer",
    ),
    &basic!("api.scala.typeutils": "scala.Unit" "UnitSerializer"),
    &basic!("table.api.typeutils": "table.Unit" "UnitSerializer"),
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
        BasicType {
            name: "DeweyNumber",
            snapshot: "org.apache.flink.cep.nfa.DeweyNumber$DeweyNumberSerializer$DeweyNumberSerializerSnapshot",
        },
        BasicType {
            name: "EventId",
            snapshot: "org.apache.flink.cep.nfa.sharedbuffer.EventId$EventIdSerializer$EventIdSerializerSnapshot",
        },
        BasicType {
            name: "table.TimeWindow",
            snapshot: "org.apache.flink.table.runtime.operators.window.TimeWindow$Serializer$TimeWindowSerializerSnapshot",
        },
        BasicType {
            name: "table.GlobalWindow",
            snapshot: "org.apache.flink.table.runtime.operators.window.GlobalWindow$Serializer$GlobalWindowSerializerSnapshot",
        },
        BasicType {
            name: "table.CountWindow",
            snapshot: "org.apache.flink.table.runtime.operators.window.CountWindow$Serializer$CountWindowSerializerSnapshot",
        },
        BasicType {
            name: "scala.Nothing",
            snapshot: "org.apache.flink.api.scala.typeutils.NothingSerializerSnapshot",
        },
        BasicType {
            name: "table.Nothing",
            snapshot: "org.apache.flink.table.api.typeutils.NothingSerializerSnapshot",
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
    "v2.Ttl" "runtime.state.v2.ttl.TtlStateFactory$TtlSerializerSnapshot" [1],
    "SingleThreadAccessChecking" "api.common.typeutils.SingleThreadAccessCheckingTypeSerializer$SingleThreadAccessCheckingTypeSerializerSnapshot" [0],
    "Lockable" "cep.nfa.sharedbuffer.LockableTypeSerializerSnapshot" [0],
    "NodeId" "cep.nfa.sharedbuffer.NodeId$NodeIdSerializer$NodeIdSerializerSnapshot" [0],
    "SharedBufferEdge" "cep.nfa.sharedbuffer.SharedBufferEdge$SharedBufferEdgeSerializer$SharedBufferEdgeSerializerSnapshot" [0, 1],
    "SharedBufferNode" "cep.nfa.sharedbuffer.SharedBufferNodeSerializerSnapshotV2" [0],
    "OldSharedBufferNode" "cep.nfa.sharedbuffer.SharedBufferNode$SharedBufferNodeSerializer$SharedBufferNodeSerializerSnapshot" [0],
    "OldNFA" "cep.nfa.NFA$MigratedNFASerializerSnapshot" [0, 1],
    "OldSharedBuffer" "cep.nfa.SharedBuffer$SharedBufferSerializerSnapshot" [0, 1, 2],
    "ListView" "table.dataview.ListViewSerializerSnapshot" [0],
    "MapView" "table.dataview.MapViewSerializerSnapshot" [0],
    "NullAwareMap" "table.dataview.NullAwareMapSerializerSnapshot" [0, 1],
    "RawValueData" "table.runtime.typeutils.RawValueDataSerializer$RawValueDataSerializerSnapshot" [0],
    "WindowKey" "table.runtime.typeutils.WindowKeySerializer$WindowKeySerializerSnapshot" [0],
    "CRow" "table.runtime.types.CRowSerializerSnapshot" [0],
    "MetaSqnInfo" "table.runtime.sequencedmultisetstate.linked.MetaSqnInfoSerializer$MetaSqnInfoSerializerSnapshot" [0, 1],
    "RowSqnInfo" "table.runtime.sequencedmultisetstate.linked.RowSqnInfoSerializer$RowSqnInfoSerializerSnapshot" [0, 1],
    "scala.Option" "api.scala.typeutils.ScalaOptionSerializerSnapshot" [0],
    "scala.Either" "api.scala.typeutils.ScalaEitherSerializerSnapshot" [0, 1],
    "scala.Try" "api.scala.typeutils.ScalaTrySerializerSnapshot" [0, 1],
    "table.Option" "table.api.typeutils.ScalaOptionSerializerSnapshot" [0],
    "table.Either" "table.api.typeutils.ScalaEitherSerializerSnapshot" [0, 1],
    "table.Try" "table.api.typeutils.ScalaTrySerializerSnapshot" [0, 1],
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
