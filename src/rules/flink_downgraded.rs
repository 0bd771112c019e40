//! The savepoint is newer than the Flink that is to restore it.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};

pub(super) static RULE: Rule = Rule {
    id: "flink-downgraded",
    severity: Severity::Error,
    summary: "The Flink that is to restore the savepoint is too old to read it.",
    explanation: "Every line of Flink reads the metadata versions that existed when it was released, and none that \
came later. A savepoint of Flink 2.x cannot go back to 1.x, for example. Keep a savepoint that the older Flink \
took until the upgrade has proven itself.",
    flink: "MetadataSerializers.getSerializer throws \"Unrecognized checkpoint version number\" before anything else \
is read.",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let row = context.savepoint.version.row();
    if let Some(target) = context.target()
        && target < row.since
    {
        findings.add(Finding::rejected(
            Subject::job(),
            format!(
                "the savepoint has _metadata version {}, which Flink reads from {} on; the plan is for Flink {target}",
                row.number, row.since
            ),
            format!("restore with Flink {} or later, or from a savepoint that Flink {target} or older took", row.since),
        ));
    }
}
