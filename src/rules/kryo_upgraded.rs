//! State of Kryo 2, for Kryo 5 to read.

use super::finding::{Finding, Findings, Subject};
use super::kryo_serialized::kryo_places;
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "kryo-upgraded",
    severity: Severity::Warning,
    summary: "Kryo 2 of Flink 1.x wrote a state that Kryo 5 of Flink 2.x is to read.",
    explanation: "Flink's checks pass, for they compare the class and nothing that Kryo writes. The bytes of plain classes \
are read; those of serializers that the job gave to Kryo, of classes that Kryo 2 and 5 serialize by default in other ways, \
and of graphs of objects that refer to one another are not promised to be.",
    flink: "KryoSerializerSnapshot.resolveSchemaCompatibility compares the class and the registrations; FLIP-317 replaced \
Kryo 2.24 with 5.6 in Flink 2.0 without a migration.",
    repair: "Read the state in a test with the new Flink, or move it to a POJO or a TypeInfo of its own while the job still runs \
on 1.x: register a state of another name and fill it from the old one.",
    example: "fixtures/savepoints/flink-1.20-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (written_by, target) = (context.savepoint.version.row().until, context.target());
    if written_by.major == target.major {
        return;
    }
    for state in context.states().filter(|state| !state.new.is_empty()) {
        let places = kryo_places(state.old);
        if !places.is_empty() {
            findings.add(Finding::warning(
                Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name),
                format!(
                    "Kryo of Flink {} serialized {}, and Flink {target} has another Kryo",
                    written_by,
                    places.join(", ")
                ),
                "read the state in a test with the new Flink before you stop the old job",
            ));
        }
    }
}
