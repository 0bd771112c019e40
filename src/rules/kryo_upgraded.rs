//! State of Kryo 2, for Kryo 5 to read.

use super::finding::{Findings, SettledBy, Subject};
use super::kryo_serialized::kryo_places;
use super::{Context, Rule, Severity};
use crate::state::StateBackend;

pub(super) static RULE: Rule = Rule {
    id: "kryo-upgraded",
    severity: Severity::Info,
    summary: "Kryo 2 of Flink 1.x wrote a state that Kryo 5 of Flink 2.x is to read.",
    explanation: "Flink's checks pass, for they compare the class and nothing that Kryo writes. Kryo 5 does not read all that \
Kryo 2 wrote. `short`, `char`, `float` and `double` have another byte order, boxed or not: other numbers come out, without a \
word. Collections and maps, all but `EnumSet`, lose their last element, or come out as null, and what stands behind them is \
read from the wrong place, or fails. An enum is read in a field of its own type alone, and not if a constant of it has a body: \
elsewhere another constant comes out, and what stands behind it is misread. `UUID`, `Locale`, `URL` and most of `java.time` fail \
or come out wrong. Numbers of other types, booleans, strings, `Date`, `BigDecimal`, nested classes and null are read. What is in a class, the savepoint does not \
say. HashMap reads a state even if the job asks for it no more.",
    flink: "KryoSerializerSnapshot.resolveSchemaCompatibility compares the class and the registrations; FLIP-317 replaced \
Kryo 2.24 with 5.6 in Flink 2.0 without a migration.",
    repair: "Move the state to a POJO or a TypeInfo of its own while the job still runs on 1.x: register a state of another name \
and fill it from the old one. If the class has nothing of the above, try the restore in a test, and look at the values.",
    example: "fixtures/savepoints/flink-1.20-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint",
    check,
};

/// The classes of Java's own that Kryo 5 reads as Kryo 2 wrote them, whatever a state of them holds. An array is named as
/// Java names its class. `fixtures/generator/kryo` measures them.
const READ_ALIKE: &[&str] = &[
    "[B",
    "[I",
    "[J",
    "[Ljava.lang.Integer;",
    "[Ljava.lang.Long;",
    "[Ljava.lang.String;",
    "[Ljava.math.BigDecimal;",
    "[Ljava.util.Date;",
    "[Z",
    "[[B",
    "[[I",
    "[[Ljava.lang.String;",
    "java.io.File",
    "java.lang.Boolean",
    "java.lang.Byte",
    "java.lang.Integer",
    "java.lang.Long",
    "java.lang.StackTraceElement",
    "java.lang.String",
    "java.lang.StringBuffer",
    "java.lang.StringBuilder",
    "java.math.BigDecimal",
    "java.math.BigInteger",
    "java.net.Inet4Address",
    "java.net.Inet6Address",
    "java.net.InetSocketAddress",
    "java.net.URI",
    "java.sql.Date",
    "java.sql.Time",
    "java.sql.Timestamp",
    "java.time.chrono.IsoChronology",
    "java.util.Calendar",
    "java.util.Collections$EmptyList",
    "java.util.Collections$EmptyMap",
    "java.util.Collections$EmptySet",
    "java.util.Currency",
    "java.util.Date",
    "java.util.EnumSet",
    "java.util.GregorianCalendar",
    "java.util.IntSummaryStatistics",
    "java.util.LongSummaryStatistics",
    "java.util.SimpleTimeZone",
    "java.util.StringJoiner",
    "java.util.StringTokenizer",
    "java.util.TimeZone",
    "java.util.concurrent.atomic.AtomicBoolean",
    "java.util.concurrent.atomic.AtomicInteger",
    "java.util.concurrent.atomic.AtomicIntegerArray",
    "java.util.concurrent.atomic.AtomicLong",
    "java.util.concurrent.atomic.AtomicLongArray",
    "java.util.concurrent.atomic.DoubleAdder",
    "java.util.concurrent.atomic.LongAdder",
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value};

    /// Where a value stood: it was the state, in a field of its type, in a field of any class.
    const PLACES: [&str; 3] = ["state", "field", "object"];

    /// What Flink was seen to read, by the class.
    struct Record(Map<String, Value>);

    impl Record {
        fn read() -> Self {
            let text = std::fs::read_to_string("fixtures/kryo.json").expect("the record");
            Self(serde_json::from_str(&text).expect("a record"))
        }

        /// What became of the values of a class in a place, each outcome once.
        fn outcomes(&self, class: &str, place: &str) -> Vec<&str> {
            let outcomes = self.0[class][place].as_array().into_iter().flatten();
            outcomes.map(|it| it.as_str().expect("a word")).collect()
        }

        fn is_alike(&self, class: &str, place: &str) -> bool {
            self.outcomes(class, place) == ["alike"]
        }

        fn classes(&self) -> impl Iterator<Item = &str> {
            self.0.keys().map(String::as_str)
        }

        fn collections(&self) -> impl Iterator<Item = &str> {
            // Those with a `$` are what `Collections` and `List.of` return, most of which Kryo 2 did not read either.
            self.classes().filter(|it| self.0[*it].get("collection").is_some() && !it.contains('$'))
        }
    }

    #[test]
    fn read_alike_is_what_flink_was_seen_to_read_alike() {
        let record = Record::read();
        let alike: Vec<_> = record
            .classes()
            .filter(|it| record.is_alike(it, "state"))
            // Of another class that a state may hold, and in the bytes of another Java, nothing is known.
            .filter(|it| record.0[*it].get("unmeasured").is_none() && record.0[*it].get("java_11").is_none())
            .filter(|it| !it.contains("com.example."))
            .collect();
        assert_eq!(READ_ALIKE, alike);
    }

    #[test]
    fn the_explanation_says_what_flink_was_seen_to_do() {
        let record = &Record::read();
        let never = |class: &str| PLACES.iter().all(|it| !record.is_alike(class, it));
        let other_numbers = |class: &str, place: &str| {
            let outcomes = record.outcomes(class, place);
            outcomes.contains(&"another value")
                && outcomes.iter().all(|it| ["alike", "another value"].contains(it))
        };
        let is_shortened = |class: &str| {
            let outcomes = record.outcomes(class, "state");
            !outcomes.contains(&"alike")
                && outcomes.iter().any(|it| it.starts_with("null") || it.starts_with("without the last"))
        };
        let is_misread_behind = |class: &str| {
            let outcomes = record.outcomes(class, "state");
            outcomes.iter().any(|it| it.ends_with("misread behind") || it.ends_with("Exception"))
        };
        let others = |class: &str| {
            ["state", "object"]
                .iter()
                .all(|it| record.outcomes(class, it).contains(&"another value, misread behind"))
        };
        let alike_everywhere = |class: &str| PLACES.iter().all(|it| record.is_alike(class, it));
        let is_written =
            |class: &str| !record.outcomes(class, "state").iter().any(|it| it.starts_with("not written"));
        let time: Vec<_> =
            record.classes().filter(|it| it.starts_with("java.time.") && is_written(it)).collect();
        let boxes = ["java.lang.Short", "java.lang.Character", "java.lang.Float", "java.lang.Double"];
        let good = [
            "java.lang.Byte",
            "java.lang.Integer",
            "java.lang.Long",
            "java.lang.Boolean",
            "java.lang.String",
            "java.math.BigDecimal",
            "java.math.BigInteger",
            "java.util.Date",
        ];
        let claims = [
            (
                "`short`, `char`, `float` and `double` have another byte order, boxed or not: other numbers come out",
                ["short", "char", "float", "double"].iter().all(|it| other_numbers(it, "field"))
                    && boxes.iter().all(|it| PLACES.iter().all(|place| other_numbers(it, place))),
            ),
            (
                "Collections and maps, all but `EnumSet`, lose their last element, or come out as null",
                record.collections().count() > 30
                    && record.collections().all(|it| is_shortened(it) != (it == "java.util.EnumSet"))
                    && alike_everywhere("java.util.EnumSet"),
            ),
            (
                "what stands behind them is read from the wrong place, or fails",
                record.collections().all(|it| is_misread_behind(it) || it == "java.util.EnumSet"),
            ),
            (
                "An enum is read in a field of its own type alone",
                ["com.example.kryo.Customer$Tier", "java.util.concurrent.TimeUnit"].iter().all(|it| {
                    record.is_alike(it, "field")
                        && !record.is_alike(it, "state")
                        && !record.is_alike(it, "object")
                }),
            ),
            ("and not if a constant of it has a body", never("com.example.kryo.Mood")),
            (
                "elsewhere another constant comes out, and what stands behind it is misread",
                others("com.example.kryo.Customer$Tier") && others("com.example.kryo.Mood"),
            ),
            (
                "`UUID`, `Locale`, `URL` and most of `java.time` fail or come out wrong",
                ["java.util.UUID", "java.util.Locale", "java.net.URL"].iter().all(|it| never(it))
                    && time.iter().filter(|it| never(it)).count() * 2 > time.len(),
            ),
            (
                "Numbers of other types, booleans, strings, `Date`, `BigDecimal`",
                ["byte", "int", "long", "boolean"].iter().all(|it| record.is_alike(it, "field"))
                    && good.iter().all(|it| alike_everywhere(it)),
            ),
            (
                "nested classes and null are read",
                ["Customer", "Twice", "TwiceAroundEnum"]
                    .iter()
                    .all(|it| alike_everywhere(&format!("com.example.kryo.{it}")))
                    && ["com.example.kryo.Customer", "com.example.kryo.Mood"]
                        .iter()
                        .chain(&good)
                        .all(|it| record.is_alike(it, "null")),
            ),
        ];
        for (words, is_so) in claims {
            assert!(RULE.explanation.contains(words), "the explanation no longer says: {words}");
            assert!(is_so, "Flink does otherwise: {words}");
        }
    }
}
