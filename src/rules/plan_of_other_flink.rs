//! A plan of one Flink, and a restore by another.

use super::context::Match;
use super::finding::{Findings, SettledBy, Subject};
use super::{Context, Rule, Severity};
use crate::plan::{SourceKind, Uid};

pub(super) static RULE: Rule = Rule {
    id: "plan-of-other-flink",
    severity: Severity::Info,
    summary: "The plan is of another major line of Flink than the one that is to restore.",
    explanation: "The same program is not the same job in Flink 1.x and 2.x: 2.x chains operators by default that 1.x does \
not, and the generated ID of an operator without a uid depends on what is chained to it. A plan that the old Flink made has \
the IDs of the old Flink.",
    flink: "AbstractStreamOperator's chaining strategy is ALWAYS from 2.0 on, and was HEAD before; StreamGraphHasherV2 counts \
what is chained. The operators of sinks differ, too (SinkTransformationTranslator).",
    repair: "Make the plan with the Flink that is to restore. Set a uid on every operator that holds state: such an ID is the \
same everywhere.",
    example: "fixtures/savepoints/flink-1.20-v1/savepoint --plan fixtures/savepoints/flink-1.20-v1/savepoint --target-flink 2.3",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let target = context.target();
    let Some(planned) = context.plan.flink.filter(|planned| planned.major != target.major) else { return };
    // Where the IDs are computed, they are computed by the rules of the plan's line as well.
    let open: Vec<_> =
        context.matched.iter().filter(|it| it.old.has_state && !has_uid(it)).map(title).collect();
    if !open.is_empty() {
        findings.undetermined(
            Subject::job(),
            format!(
                "whether Flink {target} gives {} the same IDs as {planned}, of which the plan is: uids do not show",
                open.join(", ")
            ),
            SettledBy::Plan(SourceKind::Savepoint),
            format!("let a test run on Flink {target} take one; or write the `uid` of each in a plan file"),
        );
    }
}

fn has_uid(operator: &Match<'_>) -> bool {
    matches!(operator.new.uid, Uid::Set(_)) || operator.old.uid.is_some()
}

fn title(operator: &Match<'_>) -> String {
    Subject::operator(operator.old, Some(operator.new)).title()
}
