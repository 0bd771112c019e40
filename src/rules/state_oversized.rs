//! A subtask with a great deal of state.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, size};

pub(super) static RULE: Rule = Rule {
    id: "state-oversized",
    severity: Severity::Info,
    summary: "A subtask has so much state that restoring it takes long.",
    explanation: "A restore is as fast as its largest subtask, which reads its state from the store, and in the HashMap backend \
has it all on the heap. From which size on it is said is an option: --large-state, 10 GiB unless it is given.",
    flink: "Nothing is compared. Canonical savepoints are read entry by entry; native ones and checkpoints of RocksDB are files \
that are copied, or ingested where the parallelism is the same.",
    repair: "Give the job the time (restart strategy, checkpoint timeout), or a higher parallelism; drop what nobody needs with a \
time to live; restore from a native savepoint rather than a canonical one.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint --large-state 8KiB",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let large = context.question.large_state;
    for operator in &context.matched {
        let Some((subtask, bytes)) = operator.old.largest_subtask().filter(|(_, bytes)| *bytes >= large)
        else {
            continue;
        };
        findings.add(
            Finding::info(
                Subject::operator(operator.old, Some(operator.new)),
                format!("subtask {subtask} has {} of state (said from {} on)", size(bytes), size(large)),
                "expect the restore to take long",
            )
            .bytes(operator.old.bytes),
        );
    }
}
