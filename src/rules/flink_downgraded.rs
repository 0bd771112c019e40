//! The savepoint is newer than the Flink that is to restore it.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "flink-downgraded",
    severity: Severity::Error,
    summary: "The Flink that is to restore the savepoint is too old to read it.",
    explanation: "Every line of Flink reads the metadata versions that existed when it was released, and none that \
came later. A savepoint of Flink 2.x cannot go back to 1.x, for example.",
    flink: "MetadataSerializers.getSerializer throws \"Unrecognized checkpoint version number\" before anything else \
is read.",
    repair: "Restore with a Flink that is new enough. Keep a savepoint that the older Flink took until the upgrade has \
proven itself.",
    example: "fixtures/savepoints/flink-2.3-v1/savepoint --plan fixtures/savepoints/flink-1.20-v1/savepoint",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let row = context.savepoint.version.row();
    let target = context.target();
    if target < row.since {
        findings.add(Finding::rejected(
            Subject::job(),
            format!(
                "the savepoint has _metadata version {}, which Flink reads from {} on; Flink {target} is to restore it",
                row.number, row.since
            ),
            format!("restore with Flink {} or later, or from a savepoint that Flink {target} or older took", row.since),
        )
        .change(target));
    }
}
