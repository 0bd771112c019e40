//! What of a serialized `StreamOperatorFactory` decides about chaining.

use crate::ids::{ChainingStrategy, OperatorFactory, OperatorKind};
use crate::wire::JavaValue;

/// Kinds of factories that chaining treats apart, by their class.
const KINDS: &[(&str, OperatorKind)] = &[
    ("org.apache.flink.streaming.api.operators.SourceOperatorFactory", OperatorKind::Source),
    ("org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory", OperatorKind::Yielding),
    ("org.apache.flink.streaming.runtime.operators.sink.SinkWriterOperatorFactory", OperatorKind::Yielding),
    (
        "org.apache.flink.streaming.api.functions.source.ContinuousFileReaderOperatorFactory",
        OperatorKind::Yielding,
    ),
];
const LEGACY_SOURCE: &str = "org.apache.flink.streaming.api.operators.StreamSource";

/// The factory.
pub(super) fn operator_factory(factory: JavaValue<'_, '_>) -> OperatorFactory {
    let strategy = factory.field("chainingStrategy").and_then(JavaValue::enum_constant);
    let chaining = match strategy.as_deref() {
        Some("NEVER") => ChainingStrategy::Never,
        Some("HEAD") => ChainingStrategy::Head,
        Some("HEAD_WITH_SOURCES") => ChainingStrategy::HeadWithSources,
        _ => ChainingStrategy::Always,
    };
    let kind = KINDS.iter().find(|(class, _)| factory.is_a(class)).map(|(_, kind)| *kind);
    let is_legacy = factory.field("operator").is_some_and(|operator| operator.is_a(LEGACY_SOURCE));
    let ordinary = if is_legacy { OperatorKind::LegacySource } else { OperatorKind::Ordinary };
    OperatorFactory { chaining, kind: kind.unwrap_or(ordinary) }
}
