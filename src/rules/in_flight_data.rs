//! In-flight data of an unaligned checkpoint, and a job that changed.

use super::context::Match;
use super::finding::{Finding, Findings, SettledBy, Subject};
use super::{Context, Rule, Severity, size};
use crate::catalog::CatalogOperator;
use crate::ids::{Partitioner, PlacedEdge, operator_ids};
use crate::metadata::StateRole;
use crate::plan::{PlannedGraph, PlannedOperator, SourceKind};
use std::collections::{BTreeMap, BTreeSet};

pub(super) static RULE: Rule = Rule {
    id: "in-flight-data",
    severity: Severity::Warning,
    summary: "An unaligned checkpoint holds records that were in flight, and the job changed.",
    explanation: "An unaligned checkpoint keeps the records that were between two tasks: those that waited at the sender with the \
last operator of its chain, by the number of the output, and those that had reached the receiver with the first of its chain, by the \
number of the input. A restore hands them to these same operators. Of one that is now inside a chain Flink drops them without a word, \
and refuses the restore only where the chain has other records in flight at that side. An output, an input or a channel whose \
number is no more fails the task. The checkpoint does not tell who was connected to whom, and a record may be cut in two between \
sender and receiver: where one of them is gone, or another operator is between them, the other half is read as something else, \
which fails, or does not, as the bytes are. With another parallelism Flink redistributes them. Savepoints never hold such data.",
    flink: "TaskStateAssignment finds the operators at both ends of a chain. StateAssignmentOperation looks at the others only of a chain \
that has such data at its ends, or gets some from its neighbours, and then refuses with \"Cannot recover from unaligned checkpoint \
when topology changes, such that data exchanges with persisted data are now chained\". A task puts buffers back by number \
(SequentialChannelStateReaderImpl: ArrayIndexOutOfBoundsException); torn records end as \"Corrupt stream, found tag\" or \
EOFException. Flink's documentation promises nothing for another version of Flink or of the job.",
    repair: "Restore from a savepoint, which is always aligned, when the job or the Flink changes. To give the records up, \
set execution.checkpointing.recover-without-channel-state.checkpoint-id.",
    example: "fixtures/upgrades/in-flight/chained/flink-2.3-old --plan fixtures/upgrades/in-flight/chained/flink-2.3-new/job.graph",
    check,
};

const TAKE_A_SAVEPOINT: &str = "take a savepoint instead, which holds none";
const TRY_IT: &str = "try it in a test, or take a savepoint instead, which holds none";
const KEEP_UNCHAINED: &str =
    "keep the operators apart (startNewChain(), disableChaining()), or take a savepoint instead";

fn check(context: &Context<'_>, findings: &mut Findings) {
    let operators: Vec<_> = context.matched.iter().filter(|it| !it.old.in_flight.is_empty()).collect();
    if operators.is_empty() {
        return;
    }
    let written_by = context.savepoint.version.row();
    let is_same_flink = (written_by.since..=written_by.until).contains(&context.target());
    for operator in &operators {
        if let Some(change) = rescaled(operator) {
            findings.add(Finding::info(subject(operator), change, "nothing to do"));
        }
        if !is_same_flink {
            findings.add(Finding::warning(
                subject(operator),
                format!(
                    "it has in-flight data, which Flink {} promises nothing for: another line wrote it",
                    context.target()
                ),
                TAKE_A_SAVEPOINT,
            ));
        }
    }
    if let Some(tasks) = tasks(context) {
        for task in &tasks {
            for side in [Side::Input, Side::Output] {
                task.compare(side, findings);
            }
        }
    } else if context.added.is_empty() && context.removed.is_empty() {
        findings.beyond_flink(
            Subject::job(),
            "whether operators with records in flight are connected as they were: Flink drops those of an operator that is \
             inside a chain now, or refuses the restore"
                .to_owned(),
            "if chains or connections changed, lay the job graph over the plan",
        );
    } else {
        for operator in operators {
            findings.undetermined(
                subject(operator),
                "it has in-flight data, and operators were added or removed: it depends on what is connected and chained now"
                    .to_owned(),
                SettledBy::Plan(SourceKind::JobGraph),
                "lay the job graph over the plan, or take a savepoint instead, which holds none",
            );
        }
    }
}

fn subject(operator: &Match<'_>) -> Subject {
    Subject::operator(operator.old, Some(operator.new))
}

fn rescaled(operator: &Match<'_>) -> Option<String> {
    let (was, is) = (operator.old.parallelism, operator.new.parallelism?);
    (was != is).then(|| format!("its in-flight data is redistributed from {was} subtasks to {is}"))
}

/// Where records in flight wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Input,
    Output,
}

/// A task of the new job, which is a chain of operators.
#[derive(Default)]
struct Task<'c> {
    /// From the head on.
    chain: Vec<Node<'c>>,
    inputs: Vec<Exchange<'c>>,
    outputs: Vec<Exchange<'c>>,
    /// Whether the outputs stand in the order of their numbers.
    outputs_are_ordered: bool,
}

/// An operator of the new job, and what the savepoint has of it.
#[derive(Clone, Copy, Default)]
struct Node<'c> {
    new: Option<&'c PlannedOperator>,
    old: Option<&'c CatalogOperator>,
}

/// Where a task hands records to another one.
struct Exchange<'c> {
    /// The operator at the end of the other task that would have records in flight.
    other: Node<'c>,
    /// Each subtask is connected to one of the other task.
    is_forward: bool,
}

impl Side {
    fn of(self, operator: &CatalogOperator) -> &BTreeMap<i32, i32> {
        match self {
            Self::Input => &operator.in_flight.inputs,
            Self::Output => &operator.in_flight.outputs,
        }
    }

    fn bytes(self, operator: &CatalogOperator) -> u64 {
        let role = match self {
            Self::Input => StateRole::InputChannel,
            Self::Output => StateRole::ResultSubpartition,
        };
        operator.role_bytes.get(&role).copied().unwrap_or_default()
    }

    fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
        }
    }

    fn opposite(self) -> Self {
        match self {
            Self::Input => Self::Output,
            Self::Output => Self::Input,
        }
    }
}

impl Node<'_> {
    fn has(self, side: Side) -> bool {
        self.old.is_some_and(|old| !side.of(old).is_empty())
    }

    fn title(self) -> String {
        self.new.map_or_else(|| "an operator".to_owned(), PlannedOperator::title)
    }
}

/// The tasks of the new job; `None` where the plan has no graph.
fn tasks<'c>(context: &Context<'c>) -> Option<Vec<Task<'c>>> {
    let PlannedGraph { graph, chaining } = context.plan.graph.as_ref()?;
    let node = |id| {
        let new = context.plan.operators.iter().find(|it| it.id.is_some() && it.id == id);
        let is_it = |it: &&Match<'c>| new.is_some_and(|new| std::ptr::eq(it.new, new));
        Node { new, old: context.matched.iter().find(is_it).map(|it| it.old) }
    };
    let ids = operator_ids(graph, chaining).ok()?;
    let nodes: Vec<_> = ids.iter().map(|it| node(it.as_ref().map(|node| node.id))).collect();
    let at = |place: Option<&usize>| place.and_then(|it| nodes.get(*it)).copied().unwrap_or_default();
    let chains = context.plan.graph.as_ref()?.chains();
    let chain_of = |place: usize| chains.iter().find(|chain| chain.contains(&place));
    let is_exchange = |edge: &PlacedEdge<'_>| !chaining.is_chained(edge.place);
    let is_forward = |edge: &PlacedEdge<'_>| edge.edge.partitioner == Partitioner::Forward;
    let task = |chain: &Vec<usize>| {
        let inputs = chain.first().into_iter().flat_map(|head| graph.in_edges(*head)).filter(is_exchange);
        let outputs = chain.iter().flat_map(|place| graph.out_edges(*place)).filter(is_exchange);
        let outputs: Vec<_> = outputs.collect();
        let from: BTreeSet<_> = outputs.iter().map(|edge| edge.source).collect();
        Task {
            chain: chain.iter().map(|place| at(Some(place))).collect(),
            inputs: inputs
                .map(|edge| Exchange {
                    other: at(chain_of(edge.source).and_then(|chain| chain.last())),
                    is_forward: is_forward(&edge),
                })
                .collect(),
            outputs: outputs
                .iter()
                .map(|edge| Exchange { other: at(Some(&edge.target)), is_forward: is_forward(edge) })
                .collect(),
            // Those of several operators of one chain are numbered otherwise.
            outputs_are_ordered: from.len() == 1,
        }
    };
    Some(chains.iter().map(task).collect())
}

impl Task<'_> {
    fn exchanges(&self, side: Side) -> &[Exchange<'_>] {
        match side {
            Side::Input => &self.inputs,
            Side::Output => &self.outputs,
        }
    }

    /// What becomes of the records that its operators had in flight at this side.
    fn compare(&self, side: Side, findings: &mut Findings) {
        let end = match side {
            Side::Input => self.chain.first(),
            Side::Output => self.chain.last(),
        };
        let Some(end) = end else { return };
        let gets_some = end.has(side) || self.exchanges(side).iter().any(|it| it.other.has(side.opposite()));
        for node in self.chain.iter().filter(|it| it.has(side)) {
            let (Some(old), Some(new)) = (node.old, node.new) else { continue };
            let subject = Subject::operator(old, Some(new));
            if end.new.is_some_and(|end| std::ptr::eq(end, new)) {
                self.reconnect(side, old, new, &subject, findings);
                continue;
            }
            let (name, bytes) = (side.name(), side.bytes(old));
            let what = format!(
                "it had records in flight at its {name} ({}), which is inside a chain now",
                size(bytes)
            );
            findings.add(if gets_some {
                let why = format!("{what}; {} has some, too, and Flink refuses that", end.title());
                Finding::rejected(subject, why, KEEP_UNCHAINED).bytes(bytes)
            } else {
                Finding::warning(subject, format!("{what}: Flink drops them without a word"), KEEP_UNCHAINED)
                    .bytes(bytes)
            });
        }
    }

    /// What becomes of the records of an operator that is still at the end of its chain.
    fn reconnect(
        &self,
        side: Side,
        old: &CatalogOperator,
        new: &PlannedOperator,
        subject: &Subject,
        findings: &mut Findings,
    ) {
        let (name, exchanges, ends) = (side.name(), self.exchanges(side), side.of(old));
        let is_rescaled = new.parallelism.is_some_and(|is| is != old.parallelism);
        let is_ordered = exchanges.len() == 1 || (side == Side::Output && self.outputs_are_ordered);
        let exchange = |number: i32| usize::try_from(number).ok().and_then(|number| exchanges.get(number));
        if let Some(number) = ends.keys().find(|it| exchange(**it).is_none()) {
            let why =
                format!("it had records in flight at its {name} {number}, and has {} now", exchanges.len());
            if is_rescaled {
                findings.undetermined(subject.clone(), why, SettledBy::Trial, TRY_IT);
            } else {
                findings.add(Finding::rejected(subject.clone(), why, TAKE_A_SAVEPOINT));
            }
            return;
        }
        let is_narrowed = |(number, last): (&i32, &i32)| {
            exchange(*number).is_some_and(|it| it.is_forward) && (is_rescaled || *last > 0)
        };
        if is_ordered && ends.iter().any(is_narrowed) {
            findings.add(Finding::rejected(
                subject.clone(),
                format!("it had records in flight at its {name} for several subtasks, and each is connected to one now"),
                "distribute the records as before, or take a savepoint instead",
            ));
            return;
        }
        let reached: Vec<_> = if is_ordered {
            ends.keys().filter_map(|number| exchange(*number)).collect()
        } else {
            exchanges.iter().collect()
        };
        if let Some(stranger) = reached.iter().find(|it| it.other.old.is_none()) {
            findings.undetermined(
                subject.clone(),
                format!(
                    "it had records in flight at its {name}, where {} is new: records that are cut in two fail, or are read as \
                     something else",
                    stranger.other.title()
                ),
                SettledBy::Trial,
                TRY_IT,
            );
        } else if ends.len() > 1 {
            findings.beyond_flink(
                subject.clone(),
                format!("whether its {} {name}s come in the order that they had: its records in flight go by their number", ends.len()),
                "if it is another one, take a savepoint instead",
            );
        }
    }
}
