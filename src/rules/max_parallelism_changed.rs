//! The number of key groups changed.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::plan::MaxParallelism;

pub(super) static RULE: Rule = Rule {
    id: "max-parallelism-changed",
    severity: Severity::Error,
    summary: "The job sets another max parallelism than the savepoint has.",
    explanation: "Keyed state is divided into as many key groups as the max parallelism, for the life of the state. A \
job that sets another one cannot take it over; a job that sets none takes over the savepoint's. Operators without \
state are compared, too. In a chain the value of its head counts. A savepoint of a test run shows the value but not \
who set it: where it is the one that Flink derives from the parallelism, nothing is certain.",
    flink: "Checkpoints.loadAndValidateCheckpoint: \"Max parallelism mismatch between checkpoint/savepoint state and \
new program\". The derived value is KeyGroupRangeAssignment.computeDefaultMaxParallelism.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut unknown = 0_usize;
    for operator in &context.matched {
        let stored = operator.old.max_parallelism;
        let subject = Subject::operator(operator.old, Some(operator.new));
        let changed = |value: i32| {
            Finding::rejected(
                subject.clone(),
                format!("the job sets a max parallelism of {value}, and the savepoint has {stored}"),
                format!("set it back with setMaxParallelism({stored}), or set none: Flink then takes over the savepoint's"),
            )
            .bytes(operator.old.bytes)
        };
        match operator.new.max_parallelism {
            MaxParallelism::Derived => {}
            MaxParallelism::Set(value) | MaxParallelism::SetOrDerived(value) if value == stored => {}
            MaxParallelism::Set(value) => findings.add(changed(value)),
            MaxParallelism::SetOrDerived(value) => match operator.new.parallelism {
                // Flink would not have derived it, so the job sets it.
                Some(parallelism) if value != derived(parallelism) => findings.add(changed(value)),
                _ => findings.undetermined(
                    subject.clone(),
                    format!(
                        "its max parallelism is {stored} in the savepoint and {value} in the plan, and the plan does not say whether the job sets it (refused) or Flink derived it (accepted)"
                    ),
                    "make a plan file (`holdpoint plan`) and write `max_parallelism: derived`, or the number without the question mark",
                ),
            },
            MaxParallelism::Unknown => unknown = unknown.saturating_add(1),
        }
    }
    if unknown > 0 {
        findings.undetermined(
            Subject::job(),
            format!("the plan does not say whether the job sets a max parallelism ({unknown} operators)"),
            "write `max_parallelism: derived` at the top of the plan file if the job sets none, else the number",
        );
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
