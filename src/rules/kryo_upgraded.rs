//! State of Kryo 2, for Kryo 5 to read.

use super::finding::{Findings, SettledBy, Subject};
use super::kryo_serialized::kryo_places;
use super::{Context, Rule, Severity};
use crate::state::StateBackend;

pub(super) static RULE: Rule = Rule {
    id: "kryo-upgraded",
    severity: Severity::Warning,
    summary: "Kryo 2 of Flink 1.x wrote a state that Kryo 5 of Flink 2.x is to read.",
    explanation: "Flink's checks pass, for they compare the class and nothing that Kryo writes. Kryo 5 does not read all that \
Kryo 2 wrote. `short`, `char`, `float` and `double` have another byte order, boxed or not: other numbers come out, without a \
word. Collections and maps lose their last element, or come out as null, and what stands behind them is read from the wrong \
place, which mostly fails. `UUID`, `Locale`, `URL` and most of `java.time` fail or come out wrong. Numbers of other types, \
booleans, strings, enums, `Date`, `BigDecimal`, nested classes and null are read. What is in a class, the savepoint does not \
say. HashMap reads a state even if the job asks for it no more.",
    flink: "KryoSerializerSnapshot.resolveSchemaCompatibility compares the class and the registrations; FLIP-317 replaced \
Kryo 2.24 with 5.6 in Flink 2.0 without a migration.",
    repair: "Move the state to a POJO or a TypeInfo of its own while the job still runs on 1.x: register a state of another name \
and fill it from the old one. If the class has nothing of the above, try the restore in a test, and look at the values.",
    example: "fixtures/savepoints/flink-1.20-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint",
    check,
};

/// What of Java's own Kryo 5 was seen to read as Kryo 2 wrote it.
const READ_ALIKE: &[&str] = &[
    "java.lang.Boolean",
    "java.lang.Byte",
    "java.lang.Integer",
    "java.lang.Long",
    "java.lang.String",
    "java.lang.StringBuilder",
    "java.math.BigDecimal",
    "java.math.BigInteger",
    "java.net.InetSocketAddress",
    "java.net.URI",
    "java.sql.Date",
    "java.sql.Timestamp",
    "java.util.Currency",
    "java.util.Date",
    "java.util.concurrent.atomic.AtomicInteger",
    "java.util.concurrent.atomic.AtomicLong",
];

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (written_by, target) = (context.savepoint.version.row().until, context.target());
    if written_by.major == target.major {
        return;
    }
    let mut note = |subject: Subject, places: Vec<String>| {
        if !places.is_empty() {
            findings.undetermined(
                subject,
                format!(
                    "whether Kryo of Flink {target} reads what that of Flink {written_by} wrote of {}: collections, maps, \
                     short, char, float, double, UUID and java.time it reads wrongly, and need not fail on",
                    places.join(", ")
                ),
                SettledBy::Trial,
                "move the state to a POJO before the upgrade; or restore in a test, and look at the values",
            );
        }
    };
    let is_doubtful = |class: &str| !READ_ALIKE.contains(&class);
    for operator in &context.matched {
        let keys: Vec<_> = operator.old.keys.iter().map(|key| key.data_type()).collect();
        note(Subject::operator(operator.old, Some(operator.new)), kryo_places(&keys, is_doubtful));
    }
    // RocksDB leaves the bytes alone of what nobody asks for.
    let is_read = |is_asked_for: bool, is_keyed: bool| {
        is_asked_for || !is_keyed || context.state_backend() != Some(StateBackend::RocksDb)
    };
    for state in context.states().filter(|it| is_read(!it.new.is_empty(), it.old.kind.is_keyed())) {
        note(
            Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name),
            kryo_places(&state.old.data_types(), is_doubtful),
        );
    }
}
