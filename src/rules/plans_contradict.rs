//! Plans that tell a fact differently.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "plans-contradict",
    severity: Severity::Warning,
    summary: "Two plans of the same job tell a fact differently.",
    explanation: "Of several plans the later wins, fact by fact, so that an operator's uid may come from the job's \
graph and the types of its states from a savepoint of a test run. Where they tell the same fact differently, one of \
them is of another version of the job, or the test run differs from production.",
    flink: "Flink has one job; nothing of it is compared.",
    repair: "Look which plan is of the job that will be deployed, and leave the other out.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-key-type-changed/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for contradiction in &context.plan.contradictions {
        let [(earlier, was), (later, is)] = &contradiction.told;
        let subject = match contradiction.operator {
            Some(id) => Subject {
                operator_id: Some(id),
                operator_name: Some(contradiction.title.clone()),
                ..Subject::job()
            },
            None => Subject::job(),
        };
        let message =
            format!("{}: {was} in {earlier}, and {is} in {later}, which counts", contradiction.fact);
        // A test run often has a parallelism of its own.
        let make = if contradiction.fact == "parallelism" { Finding::info } else { Finding::warning };
        let change = format!("{}: {was} → {is}", contradiction.fact);
        let finding = make(subject, message, "look which plan is right, and leave the other out");
        findings.add(finding.change(change));
    }
}
