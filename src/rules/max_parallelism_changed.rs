//! The number of key groups changed.

use super::context::Match;
use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, RestorePath, Rule, Severity};
use crate::plan::{MaxParallelism, SourceKind};
use std::collections::BTreeMap;

pub(super) static RULE: Rule = Rule {
    id: "max-parallelism-changed",
    severity: Severity::Error,
    summary: "The job sets another max parallelism than the savepoint has.",
    explanation: "Keyed state is divided into as many key groups as the max parallelism, for the life of the state. A \
job that sets another one cannot take it over; a job that sets none takes over the savepoint's. Operators without \
state are compared, too (not when high-availability storage is restored). In a chain the value of its head counts. A \
savepoint of a test run shows the value but not who set it: where it is the one that Flink derives from the \
parallelism, nothing is certain.",
    flink: "Checkpoints.loadAndValidateCheckpoint: \"Max parallelism mismatch between checkpoint/savepoint state and \
new program\". The derived value is KeyGroupRangeAssignment.computeDefaultMaxParallelism.",
    repair: "Set it back with setMaxParallelism, or set none.",
    example: "fixtures/savepoints/flink-1.20-v1/savepoint --plan fixtures/savepoints/flink-1.20-max-parallelism-256/savepoint",
    check,
};

/// What can be said of an operator whose max parallelism is another one in the plan.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// The job sets it.
    Set { stored: i32, planned: i32 },
    /// The job set it, or Flink derived it.
    SetOrDerived { stored: i32, planned: i32 },
    /// The plan does not tell.
    Unknown,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    // A job mostly sets one value for all its operators: that is one finding, not one for each.
    let mut changes: BTreeMap<Change, Vec<&Match<'_>>> = BTreeMap::new();
    for operator in context.matched.iter().filter(|it| is_compared(context, it)) {
        if let Some(change) = change(context, operator) {
            changes.entry(change).or_default().push(operator);
        }
    }
    for (change, operators) in changes {
        report(change, &operators, findings);
    }
}

/// From high-availability storage, only tasks are compared that get something.
fn is_compared(context: &Context<'_>, operator: &Match<'_>) -> bool {
    context.rules.restore == RestorePath::Savepoint || context.is_assigned(operator)
}

fn change(context: &Context<'_>, operator: &Match<'_>) -> Option<Change> {
    let stored = operator.old.max_parallelism;
    match context.chain_head(operator.new).max_parallelism {
        MaxParallelism::Derived => None,
        MaxParallelism::Unknown => Some(Change::Unknown),
        MaxParallelism::Set(planned) | MaxParallelism::SetOrDerived(planned) if planned == stored => None,
        MaxParallelism::Set(planned) => Some(Change::Set { stored, planned }),
        MaxParallelism::SetOrDerived(planned) => match operator.new.parallelism {
            // Flink would not have derived it, so the job sets it.
            Some(parallelism) if planned != derived(parallelism) => Some(Change::Set { stored, planned }),
            _ => Some(Change::SetOrDerived { stored, planned }),
        },
    }
}

fn report(change: Change, operators: &[&Match<'_>], findings: &mut Findings) {
    let (subject, whose) = match operators {
        [only] => (Subject::operator(only.old, Some(only.new)), String::new()),
        many => {
            let titles: Vec<_> =
                many.iter().map(|it| Subject::operator(it.old, Some(it.new)).title()).collect();
            (Subject::job(), format!(" ({} operators: {})", many.len(), titles.join(", ")))
        }
    };
    match change {
        Change::Set { stored, planned } => findings.add(
            Finding::rejected(
                subject,
                format!("the job sets a max parallelism of {planned}, and the savepoint has {stored}{whose}"),
                format!(
                    "set it back with setMaxParallelism({stored}), or set none: Flink then takes over the savepoint's"
                ),
            )
            .bytes(operators.iter().map(|it| it.old.bytes).fold(0, u64::saturating_add))
            .change(format_args!("{stored} → {planned}")),
        ),
        Change::SetOrDerived { stored, planned } => findings.undetermined(
            subject,
            format!(
                "the max parallelism is {stored} in the savepoint and {planned} in the plan, which does not say whether the job sets it (refused) or Flink derived it (accepted){whose}"
            ),
            SettledBy::Plan(SourceKind::PlanFile),
"lay a plan file over it with one line: `max_parallelism: derived` if the job sets none, else the number",
        ),
        Change::Unknown => findings.undetermined(
            subject,
            format!("the plan does not say whether the job sets a max parallelism{whose}"),
            SettledBy::Plan(SourceKind::PlanFile),
"lay a plan file over it with one line: `max_parallelism: derived` if the job sets none, else the number",
        ),
    }
}

/// What Flink takes when the job sets none (`KeyGroupRangeAssignment.computeDefaultMaxParallelism`).
pub(super) fn derived(parallelism: i32) -> i32 {
    let parallelism = u32::try_from(parallelism).unwrap_or(1);
    let wanted = parallelism.saturating_add(parallelism / 2).checked_next_power_of_two().unwrap_or(1 << 15);
    i32::try_from(wanted.clamp(128, 1 << 15)).unwrap_or(1 << 15)
}

#[cfg(test)]
mod tests {
    use super::derived;

    #[test]
    fn the_derived_value_is_flinks() {
        for (parallelism, expected) in
            [(1, 128), (85, 128), (86, 256), (170, 256), (171, 256), (172, 512), (32_768, 32_768), (-1, 128)]
        {
            assert_eq!(derived(parallelism), expected, "{parallelism}");
        }
    }
}
