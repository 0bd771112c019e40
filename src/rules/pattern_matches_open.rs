//! Matches of a pattern that have begun.

use super::finding::{Finding, Findings, Subject};
use super::{Context, Rule, Severity};
use crate::catalog::CatalogState;
use crate::types::{DataType, TypeConstructor};

pub(super) static RULE: Rule = Rule {
    id: "pattern-matches-open",
    severity: Severity::Warning,
    summary: "An operator keeps open matches of a pattern, each with the name of the stage that it waits for.",
    explanation: "CEP and MATCH_RECOGNIZE keep for every key the matches that have begun, and the first stage always waits. Flink \
looks the names of these stages up in the new pattern only when an element of the key comes by. A stage that was renamed or \
removed, a variable of MATCH_RECOGNIZE included, then fails the job, again and again, with -n as without; so does one that may \
come fewer times, which has a name for each time. A stage that no match waits for may go, and others may be added, before it \
and behind it; conditions, contiguity and the time of within may \
change: matches that are open go on by the new pattern. The names stand in the state itself, which no plan shows.",
    flink: "CepOperator restores NFAState by its serializer, which knows no pattern; NFA.getState throws \"State … does not exist in \
the NFA\" (FlinkRuntimeException).",
    repair: "Keep the names of the stages. To change them, give the operator another uid and drop the open matches with \
--allowNonRestoredState.",
    example: "fixtures/upgrades/patterns/stage-renamed/flink-2.3-old --plan fixtures/upgrades/patterns/stage-renamed/flink-2.3-new",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for state in context.states().filter(|state| !state.new.is_empty() && has_matches(state.old)) {
        let subject = Subject::operator(state.operator.old, Some(state.operator.new)).state(&state.old.name);
        findings.add(Finding::warning(
            subject.clone(),
            "it holds open matches of a pattern, which name the stages that they wait for".to_owned(),
            "look whether a stage of the pattern was renamed or removed, or may come fewer times, since the savepoint",
        ));
        findings.beyond_flink(
            subject,
            "whether the new pattern has every stage that a match waits for: Flink looks it up by its name, and fails \
with the first element of such a key"
                .to_owned(),
            "compare the names of the stages, and how often each may come, with the version that wrote the savepoint; keep them",
        );
    }
}

fn has_matches(state: &CatalogState) -> bool {
    let is_nfa = |part: &DataType| matches!(&part.constructor, TypeConstructor::Parameterized { row, .. } if row.name == "NFAState");
    state.data_type("VALUE_SERIALIZER").is_some_and(|value| value.walk().any(is_nfa))
}
