//! A state disappears inside an operator that stays.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, quoted};

pub(super) static RULE: Rule = Rule {
    id: "state-removed",
    severity: Severity::Warning,
    summary: "A state of an operator that stays is not in the new job.",
    explanation: "Flink says nothing: it keeps a state that the new job does not register, and writes it into every \
later savepoint, unused and never cleaned up. Operator state is read at the restore and then dropped. In both cases \
the classes of its types must still be in the job's jar, or the restore fails, and -n does not help. A plan that is a \
savepoint of a test run shows only the states that the run registered: a state that is registered late, when the first \
element of some kind comes by, may be missing from it.",
    flink: "HeapRestoreOperation and the RocksDB restore operations recreate every state of the savepoint; serializers \
are compared only for those that the job registers (StateSerializerProvider).",
    repair: "Keep the classes of a state that goes in the jar for as long as its savepoints are restored. Let the test \
run reach every state.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-state-removed/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let classes = context.planned_classes();
    for state in context.states() {
        if !state.is_removed() || state.renamed_to(context).is_some() {
            continue;
        }
        let subject = Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name);
        findings.add(Finding::warning(
            subject.clone(),
            format!(
                "its {} state is not in the new job: Flink keeps it, unused, and says nothing",
                state.old.kind
            ),
            "nothing to do if the state was meant to go and its classes stay in the jar",
        ));
        if state.operator.new.states.as_ref().is_some_and(|planned| !planned.complete) {
            findings.beyond_flink(
                subject.clone(),
                "whether the new job registers it: the plan's savepoint shows only what its run registered"
                    .to_owned(),
                "let the test run reach the state, or list the states in a plan file",
            );
        }
        let missing = state.classes_beyond(&classes);
        if !missing.is_empty() {
            findings.beyond_flink(
                subject,
                format!(
                    "whether the new job still has {}: without it, or with an enum's constant gone from it, the restore \
fails, though the state is not used; with a field of another type, HashMap fails at the first checkpoint",
                    quoted(missing.iter().map(String::as_str))
                ),
                "keep the class in the job's jar, as it is",
            );
        }
    }
}
