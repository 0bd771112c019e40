//! In-flight data of an unaligned checkpoint, and a job that changed.

use super::context::Match;
use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "in-flight-data",
    severity: Severity::Warning,
    summary: "An unaligned checkpoint holds records that were in flight, and the job changed.",
    explanation: "An unaligned checkpoint keeps the records that were between two tasks, by the number of the channel, with \
the first and the last operator of each chain. They fit the job that wrote them. With another parallelism Flink \
redistributes them; with other operators it depends on which tasks are connected now. Savepoints never hold such data.",
    flink: "TaskStateAssignment finds the operators at both ends of a chain, and refuses with \"Cannot recover from \
unaligned checkpoint when topology changes, such that data exchanges with persisted data are now chained\"; \
StateAssignmentOperation.reDistributeInputChannelStates hands the rest out by the mapper of the edge. Flink's \
documentation promises nothing for another version of Flink or of the job.",
    repair: "Restore from a savepoint, which is always aligned, when the job or the Flink changes. To give the records up, \
set execution.checkpointing.recover-without-channel-state.checkpoint-id.",
    example: "fixtures/savepoints/flink-2.3-checkout/savepoint --plan fixtures/savepoints/flink-2.3-checkout/savepoint \
--plan examples/rules/in-flight-data.yaml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let written_by = context.savepoint.version.row();
    let is_same_flink = (written_by.since..=written_by.until).contains(&context.target());
    let graph_changed = !context.added.is_empty() || !context.removed.is_empty();
    for operator in context.matched.iter().filter(|it| it.old.has_in_flight_data) {
        let subject = || Subject::operator(operator.old, Some(operator.new));
        if graph_changed {
            findings.undetermined(
                subject(),
                "it has in-flight data, and operators were added or removed: Flink refuses it where an exchange with \
                 such data is now inside a chain"
                    .to_owned(),
                SettledBy::Trial,
                "try it in a test, or take a savepoint instead, which holds none",
            );
        }
        if let Some(change) = rescaled(operator) {
            findings.add(Finding::info(subject(), change, "nothing to do"));
        }
        if !is_same_flink {
            findings.add(Finding::warning(
                subject(),
                format!(
                    "it has in-flight data, which Flink {} promises nothing for: another line wrote it",
                    context.target()
                ),
                "take a savepoint instead, which holds none",
            ));
        }
    }
}

fn rescaled(operator: &Match<'_>) -> Option<String> {
    let (was, is) = (operator.old.parallelism, operator.new.parallelism?);
    (was != is).then(|| format!("its in-flight data is redistributed from {was} subtasks to {is}"))
}
