//! The graph changed around operators that had finished.

use super::context::Match;
use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, Rule, Severity};
use crate::catalog::Finished;
use crate::ids::{Partitioner, operator_ids};
use crate::plan::{PlannedGraph, PlannedOperator, SourceKind};

pub(super) static RULE: Rule = Rule {
    id: "operator-finished",
    severity: Severity::Error,
    summary: "Some operators had finished when the savepoint was taken, and the graph changed around them.",
    explanation: "A finished operator must not get a running one before it, and a chain must be finished as a whole; a new \
operator counts as running. So a source that had finished may be removed, renamed, rescaled, or get a new operator behind it \
that is not chained to it, and nothing else. Which operators are before it only a graph tells.",
    flink: "VertexFinishedStateChecker, when the job is submitted: \"Can not restore vertex … which contain mixed operator \
finished state\", or \"Illegal JobGraph modification\" for a finished vertex behind one that is not. Behind a pointwise edge a partly \
finished vertex may follow another one.",
    repair: "Take the savepoint while every operator runs; start a new operator behind a finished one with disableChaining(); put no \
source before what has finished.",
    example: "fixtures/savepoints/flink-2.3-finished/savepoint --plan fixtures/savepoints/flink-2.3-v1/savepoint --plan \
examples/rules/operator-finished.yaml",
    check,
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let running_came_or_went =
        !context.added.is_empty() || context.removed.iter().any(|old| old.finished != Finished::Fully);
    for operator in context.matched.iter().filter(|it| it.old.finished != Finished::No) {
        let subject = || Subject::operator(operator.old, Some(operator.new));
        let how = if operator.old.finished == Finished::Fully { "fully" } else { "partly" };
        if let Some(other) = other_in_chain(context, operator) {
            findings.add(Finding::rejected(
                subject(),
                format!("it had {how} finished, and {} in the same chain had not", other.title()),
                "keep it in a chain of its own with disableChaining()",
            ));
        } else if let Some(graph) = &context.plan.graph {
            match running_before(context, graph, operator) {
                None => {}
                Some(Before::Runs(before)) => findings.add(Finding::rejected(
                    subject(),
                    format!("it had {how} finished, and {before} before it had not"),
                    "put no running operator before it, or take a savepoint while every operator runs",
                )),
                Some(Before::Open(before)) => findings.undetermined(
                    subject(),
                    format!("it and {before} before it had partly finished, which Flink accepts where each subtask has one before it"),
                    SettledBy::Trial,
                    "try the restore in a test, or take a savepoint while every operator runs",
                ),
            }
        } else if running_came_or_went {
            findings.undetermined(
                subject(),
                format!("it had {how} finished, and operators were added or removed; Flink compares the graphs"),
                SettledBy::Plan(SourceKind::JobGraph),
                "lay the stream graph of the new job over the plan, or take a savepoint while every operator runs",
            );
        } else {
            findings.beyond_flink(
                subject(),
                format!("it had {how} finished, and whether another operator is before it, or chained to it, now: a savepoint does not tell"),
                "if the operators are connected otherwise, lay the job graph over the plan: Flink compares the graphs",
            );
        }
    }
}

/// How far an operator of the plan had finished: a new one runs.
fn finished(context: &Context<'_>, new: &PlannedOperator) -> Finished {
    let old = context.matched.iter().find(|it| std::ptr::eq(it.new, new));
    old.map_or(Finished::No, |it| it.old.finished)
}

/// An operator of the same chain that had finished otherwise.
fn other_in_chain<'c>(context: &Context<'c>, operator: &Match<'_>) -> Option<&'c PlannedOperator> {
    let chain = operator.new.chain.as_ref()?;
    let mut in_chain = context.plan.operators.iter().filter(|it| it.chain.as_ref() == Some(chain));
    in_chain.find(|new| finished(context, new) != operator.old.finished)
}

/// What is wrong with the tasks before an operator that had finished, by the graph of the plan.
enum Before {
    /// This one had not finished as far as it has to.
    Runs(String),
    /// It depends on how records are handed on, which the graph does not keep.
    Open(String),
}

fn running_before(context: &Context<'_>, graph: &PlannedGraph, operator: &Match<'_>) -> Option<Before> {
    let ids = operator_ids(&graph.graph, &graph.chaining).ok()?;
    let id = |place: usize| ids.get(place).and_then(Option::as_ref).map(|node| node.id);
    let place = (0..ids.len()).find(|place| id(*place).is_some() && id(*place) == operator.new.id)?;
    let mut edges = graph.graph.in_edges(place).filter(|edge| !graph.chaining.is_chained(edge.place));
    edges.find_map(|edge| {
        let before = context.plan.operators.iter().find(|it| it.id.is_some() && it.id == id(edge.source))?;
        let is_forward = edge.edge.partitioner == Partitioner::Forward;
        match (operator.old.finished, finished(context, before)) {
            (_, Finished::Fully) => None,
            (Finished::Partly, Finished::Partly) if is_forward => None,
            (Finished::Partly, Finished::Partly) => Some(Before::Open(before.title())),
            (_, Finished::No | Finished::Partly) => Some(Before::Runs(before.title())),
        }
    })
}
