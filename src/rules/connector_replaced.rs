//! State in the format of a connector, which another connector cannot read.

use super::context::Match;
use super::finding::{Findings, Subject};
use super::{Context, Rule, Severity, quoted};
use crate::catalog::CatalogState;

/// What Flink's own operators keep for a connector: `SourceOperator`, `StatefulSinkWriterStateHandler`, `CommitterOperator`
/// and, before Flink 2.0, `GlobalCommitterOperator`.
const OF_CONNECTORS: &[&str] = &[
    "SourceReaderState",
    "writer_raw_states",
    "streaming_committer_raw_states",
    "global_committer_raw_states",
];

pub(super) static RULE: Rule = Rule {
    id: "connector-replaced",
    severity: Severity::Info,
    summary: "A source or sink may be another connector than the one that wrote its state, under the same ID.",
    explanation: "The splits of a source and of its enumerator, what a sink's writer keeps and what it has yet to commit, are \
bytes to Flink: the connector writes them in a format of its own, and no class or type of them is in a savepoint. Another \
connector under the same uid gets the bytes of the old one, and fails on them, or takes them for something else; so does an \
older version of the same connector.",
    flink: "SourceCoordinator.resetToCheckpoint and SourceReaderBase take what SimpleVersionedSerializer.deserialize makes of \
the bytes, which the connector implements. A source that became a SourceFunction drops them without a word.",
    repair: "Give another connector another uid, and restore with --allowNonRestoredState: it starts from its own beginning.",
    example: "fixtures/upgrades/connectors/source-replaced/flink-2.3-old --plan \
fixtures/upgrades/connectors/source-replaced/flink-2.3-new",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let titles: Vec<_> = context
        .matched
        .iter()
        .filter(|it| is_kept(it))
        .map(|it| Subject::operator(it.old, Some(it.new)).title())
        .collect();
    if titles.is_empty() {
        return;
    }
    findings.beyond_flink(
        Subject::job(),
        format!(
            "whether the connector of {} is the one that wrote its state, and no older: the format is its own",
            quoted(titles.iter().map(String::as_str))
        ),
        "nothing to do if it is; another one fails on that state: give it another uid",
    );
}

/// Whether the operator gets what it kept for a connector. Of what is gone, state-removed speaks.
fn is_kept(operator: &Match<'_>) -> bool {
    let is_connectors =
        |state: &CatalogState| !state.kind.is_keyed() && OF_CONNECTORS.contains(&state.name.as_str());
    let mut kept = operator.states().filter(|state| is_connectors(state.old));
    let has_any = operator.old.coordinator_state_bytes > 0 || operator.old.states.iter().any(is_connectors);
    has_any && !kept.any(|state| state.is_removed())
}
