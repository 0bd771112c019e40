//! State of SQL, which does not say what the query computes.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity, quoted};
use crate::types::TypeConstructor;

pub(super) static RULE: Rule = Rule {
    id: "sql-query-unseen",
    severity: Severity::Info,
    summary: "The state of SQL says types and not what the query computes: another query of the same types takes it over.",
    explanation: "Flink compares the rows in the state of a SQL operator by their types, and the operator by its ID. The names of \
columns, the aggregate functions, the order of a top N that only gains rows, the size of a window, the bounds of an OVER and of an \
interval join, the conditions are in neither. SUM that became MAX goes on from the sums; GROUP BY another column of the same type \
adds to the counts of the old one; a window of another size takes over those of the old windows that end when one of its own does. \
Flink accepts all of these without a word. Their results are wrong until the old state has expired, if it does.",
    flink: "RowDataSerializer's snapshot holds logical types, which are equal without regard to the names of the columns; states \
have the same names in every query (`accState`, `window-aggs`, `left-records`).",
    repair: "Compare the query with the version that wrote the savepoint. If it computes another thing, start its operators \
without the old state: another uid, or a new plan, and --allowNonRestoredState.",
    example: "fixtures/upgrades/sql-aggregates/sum-to-max/flink-2.3-old --plan fixtures/upgrades/sql-aggregates/sum-to-max/flink-2.3-new",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    // SQL's operators are keyed by rows, and hardly any other is.
    let operators: Vec<_> = context
        .matched
        .iter()
        .filter(|it| !it.old.states.is_empty())
        .filter(|it| {
            it.old.keys.iter().any(|key| matches!(key.data_type().constructor, TypeConstructor::Sql { .. }))
        })
        .map(|it| Subject::operator(it.old, Some(it.new)).title())
        .collect();
    if operators.is_empty() {
        return;
    }
    let operators = quoted(operators.iter().map(String::as_str));
    findings.add(Finding::info(
        Subject::job(),
        format!("the state of SQL in {operators} says its types, and not what the query computes"),
        "nothing to do if the query computes the same; see which changes Flink does not see",
    ));
    findings.beyond_flink(
        Subject::job(),
        format!(
            "whether the query behind {operators} computes what it did: Flink takes over the state of any query of the same types"
        ),
        "compare the query with the version that wrote the savepoint",
    );
}
