//! In which lines of Flink the class of a serializer's snapshot is: a restore loads it by its name.

use crate::flink::FlinkLine;
use std::fmt;

/// The lines that have a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotLines {
    /// The first; `None` for 1.13 or one before.
    pub since: Option<FlinkLine>,
    /// The last; `None` while there is no end.
    pub until: Option<FlinkLine>,
}

const fn since(major: u16, minor: u16) -> SnapshotLines {
    SnapshotLines { since: Some(FlinkLine::new(major, minor)), until: None }
}

const fn until(major: u16, minor: u16) -> SnapshotLines {
    SnapshotLines { since: None, until: Some(FlinkLine::new(major, minor)) }
}

/// Classes below `org.apache.flink.` that not every line from 1.13 on has, of all jars that Flink comes with
/// (`fixtures/serializers/classes.txt` says so).
static SNAPSHOT_LINES: &[(&str, SnapshotLines)] = &[
    ("api.common.typeutils.BackwardsCompatibleSerializerSnapshot", until(1, 16)),
    ("api.common.typeutils.CompositeSerializer$ConfigSnapshot", until(1, 16)),
    ("api.common.typeutils.ParameterlessTypeSerializerConfig", until(1, 16)),
    ("api.common.typeutils.base.BitmapSerializer$BitmapSerializerSnapshot", since(2, 3)),
    ("api.common.typeutils.base.CollectionSerializerConfigSnapshot", until(1, 16)),
    ("api.common.typeutils.base.EnumSerializer$EnumSerializerConfigSnapshot", until(1, 16)),
    ("api.common.typeutils.base.GenericArraySerializerConfigSnapshot", until(1, 20)),
    ("api.common.typeutils.base.MapSerializerConfigSnapshot", until(1, 16)),
    ("api.common.typeutils.base.SetSerializerSnapshot", since(2, 0)),
    ("api.common.typeutils.base.VariantSerializer$VariantSerializerSnapshot", since(2, 1)),
    (
        "api.java.typeutils.runtime.CopyableValueSerializer$CopyableValueSerializerConfigSnapshot",
        until(1, 16),
    ),
    ("api.java.typeutils.runtime.EitherSerializerConfigSnapshot", until(1, 16)),
    ("api.java.typeutils.runtime.EitherSerializerSnapshot", until(1, 20)),
    ("api.java.typeutils.runtime.NullableSerializer$NullableSerializerConfigSnapshot", until(1, 16)),
    ("api.java.typeutils.runtime.PojoSerializer$PojoSerializerConfigSnapshot", until(1, 16)),
    ("api.java.typeutils.runtime.RowSerializer$RowSerializerConfigSnapshot", until(1, 16)),
    ("api.java.typeutils.runtime.TupleSerializerConfigSnapshot", until(1, 16)),
    ("api.java.typeutils.runtime.ValueSerializer$ValueSerializerConfigSnapshot", until(1, 16)),
    ("api.java.typeutils.runtime.kryo.KryoSerializer$KryoSerializerConfigSnapshot", until(1, 16)),
    ("api.scala.typeutils.EnumValueSerializer$ScalaEnumSerializerConfigSnapshot", until(1, 16)),
    ("api.scala.typeutils.NothingSerializerSnapshot", until(1, 20)),
    ("api.scala.typeutils.OptionSerializer$OptionSerializerConfigSnapshot", until(1, 16)),
    ("api.scala.typeutils.ScalaCaseClassSerializerSnapshot", until(1, 20)),
    ("api.scala.typeutils.ScalaEitherSerializerSnapshot", until(1, 20)),
    ("api.scala.typeutils.ScalaEnumSerializerSnapshot", until(1, 20)),
    ("api.scala.typeutils.ScalaOptionSerializerConfigSnapshot", until(1, 16)),
    ("api.scala.typeutils.ScalaOptionSerializerSnapshot", until(1, 20)),
    ("api.scala.typeutils.ScalaTrySerializerConfigSnapshot", until(1, 16)),
    ("api.scala.typeutils.ScalaTrySerializerSnapshot", until(1, 20)),
    ("api.scala.typeutils.TraversableSerializerConfigSnapshot", until(1, 16)),
    ("api.scala.typeutils.TraversableSerializerSnapshot", until(1, 20)),
    ("api.scala.typeutils.TrySerializer$TrySerializerConfigSnapshot", until(1, 16)),
    ("api.scala.typeutils.Tuple2CaseClassSerializerSnapshot", until(1, 20)),
    ("api.scala.typeutils.UnitSerializer$UnitSerializerSnapshot", until(1, 20)),
    ("cep.nfa.NFA$MigratedNFASerializerSnapshot", until(1, 20)),
    ("cep.nfa.NFA$NFASerializerConfigSnapshot", until(1, 16)),
    ("cep.nfa.SharedBuffer$SharedBufferSerializerConfigSnapshot", until(1, 16)),
    ("cep.nfa.SharedBuffer$SharedBufferSerializerSnapshot", until(1, 20)),
    (
        "cep.nfa.sharedbuffer.SharedBufferNode$SharedBufferNodeSerializer$SharedBufferNodeSerializerSnapshot",
        until(1, 20),
    ),
    ("runtime.state.ttl.TtlAwareSerializerSnapshot", since(2, 0)),
    ("runtime.state.v2.ttl.TtlStateFactory$TtlSerializerSnapshot", since(2, 0)),
    ("streaming.api.datastream.CoGroupedStreams$UnionSerializerConfigSnapshot", until(1, 16)),
    ("streaming.api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializerConfigSnapshot", until(1, 16)),
    ("streaming.api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializerSnapshot", until(1, 20)),
    ("streaming.api.functions.sink.legacy.TwoPhaseCommitSinkFunction$StateSerializerSnapshot", since(2, 0)),
    ("streaming.api.operators.TimerSerializer$TimerSerializerConfigSnapshot", until(1, 16)),
    ("streaming.api.operators.co.IntervalJoinOperator$BufferSerializerConfigSnapshot", until(1, 16)),
    (
        "streaming.runtime.streamrecord.StreamElementSerializer$StreamElementSerializerConfigSnapshot",
        until(1, 16),
    ),
    ("table.api.typeutils.NothingSerializerSnapshot", since(2, 0)),
    ("table.api.typeutils.ScalaCaseClassSerializerSnapshot", since(2, 0)),
    ("table.api.typeutils.ScalaEitherSerializerSnapshot", since(2, 0)),
    ("table.api.typeutils.ScalaEnumSerializerSnapshot", since(2, 0)),
    ("table.api.typeutils.ScalaOptionSerializerSnapshot", since(2, 0)),
    ("table.api.typeutils.ScalaTrySerializerSnapshot", since(2, 0)),
    ("table.api.typeutils.TraversableSerializerSnapshot", since(2, 0)),
    ("table.api.typeutils.Tuple2CaseClassSerializerSnapshot", since(2, 0)),
    ("table.api.typeutils.UnitSerializer$UnitSerializerSnapshot", since(2, 0)),
    ("table.runtime.operators.sink.SortedLongSerializer$SortedLongSerializerSnapshot", since(2, 3)),
    ("table.runtime.operators.window.GlobalWindow$Serializer$GlobalWindowSerializerSnapshot", since(2, 0)),
    (
        "table.runtime.sequencedmultisetstate.linked.MetaSqnInfoSerializer$MetaSqnInfoSerializerSnapshot",
        since(2, 2),
    ),
    ("table.runtime.sequencedmultisetstate.linked.NodeSerializer$NodeSerializerSnapshot", since(2, 2)),
    ("table.runtime.sequencedmultisetstate.linked.RowDataKeySerializerSnapshot", since(2, 2)),
    (
        "table.runtime.sequencedmultisetstate.linked.RowSqnInfoSerializer$RowSqnInfoSerializerSnapshot",
        since(2, 2),
    ),
    ("table.runtime.types.CRowSerializer$CRowSerializerConfigSnapshot", until(1, 13)),
    ("table.runtime.types.CRowSerializerSnapshot", until(1, 13)),
];

/// The lines that have the class; `None` where all have it, or nothing is known.
pub fn snapshot_lines(class: &str) -> Option<SnapshotLines> {
    let name = class.strip_prefix("org.apache.flink.")?;
    SNAPSHOT_LINES.iter().find(|(row, _)| *row == name).map(|(_, lines)| *lines)
}

impl SnapshotLines {
    /// Whether this line has the class.
    pub fn contains(&self, line: FlinkLine) -> bool {
        self.since.is_none_or(|since| since <= line) && self.until.is_none_or(|until| line <= until)
    }
}

impl fmt::Display for SnapshotLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.since, self.until) {
            (Some(since), Some(until)) => write!(f, "Flink {since} to {until}"),
            (Some(since), None) => write!(f, "Flink {since} and later"),
            (None, Some(until)) => write!(f, "Flink up to {until}"),
            (None, None) => f.write_str("every Flink"),
        }
    }
}
