//! A savepoint in a layout that no later Flink reads.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::flink::FlinkLine;
use crate::metadata::Version3Layout;

pub(super) static RULE: Rule = Rule {
    id: "savepoint-too-old",
    severity: Severity::Error,
    summary: "A checkpoint has records in a layout that only the Flink that wrote it reads.",
    explanation: "Version 3 of the _metadata file was written by Flink 1.11 to 1.15, and two of its records changed without a \
new number: in-flight data of unaligned checkpoints after 1.11, and changelogs after 1.14. Later lines take such a file for \
one of their own and fail on it. Savepoints have neither record.",
    flink: "MetadataV2V3SerializerBase reads the records as the newest of these lines wrote them, and fails with an \
EOFException or an unknown handle type. No Flink from 1.3 on reads version 1.",
    repair: "Take a savepoint with the Flink that wrote the checkpoint.",
    example: "fixtures/savepoints/flink-1.11-checkout/savepoint --plan fixtures/savepoints/flink-2.3-checkout/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let (written_by, what) = match context.savepoint.version_3 {
        Version3Layout::Flink1_11 => (FlinkLine::new(1, 11), "in-flight data"),
        Version3Layout::Flink1_14 => (FlinkLine::new(1, 14), "changelogs"),
        Version3Layout::Final => return,
    };
    if context.target() != written_by {
        findings.add(Finding::rejected(
            Subject::job(),
            format!("it has {what} as Flink {written_by} writes them, and no other reads"),
            format!("take a savepoint with Flink {written_by}"),
        ));
    }
}
