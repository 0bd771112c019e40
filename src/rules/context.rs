//! What the rules look at: a savepoint and a plan, matched operator by operator.

use super::policy::Policy;
use super::question::{Question, RestoreRules};
use crate::catalog::{CatalogOperator, CatalogState, StateCatalog};
use crate::files::SavepointFiles;
use crate::flink::FlinkLine;
use crate::ids::{OperatorId, same_stem, uids_like};
use crate::plan::{JobPlan, PlannedOperator, PlannedState, PlannedStates, SourceKind, Uid};
use crate::state::StateBackend;
use crate::types::{Compatibility, DataType, Resolution, TypeConstructor, compatibility};
use std::collections::{BTreeMap, BTreeSet};

/// A savepoint, a plan, and which operator of one is which of the other.
pub struct Context<'c> {
    /// What the savepoint holds.
    pub savepoint: &'c StateCatalog,
    /// What the next version of the job asks for.
    pub plan: &'c JobPlan,
    /// What is asked of the restore.
    pub question: Question,
    /// The rules that answer it.
    pub rules: RestoreRules,
    /// What the team decided.
    pub policy: &'c Policy,
    /// The files of the savepoint, where the stores were asked for them.
    pub files: Option<&'c SavepointFiles>,
    /// Operators that are in both.
    pub matched: Vec<Match<'c>>,
    /// State that several operators of the plan ask for: Flink gives it to the one that it comes to first, in no order
    /// that is fixed.
    pub contested: Vec<Contest<'c>>,
    /// Operators that only the savepoint has.
    pub removed: Vec<&'c CatalogOperator>,
    /// Operators that only the plan has.
    pub added: Vec<&'c PlannedOperator>,
    /// Of the operators in `removed` that hold state, those that seem to live on in `added` under another ID.
    pub moved: Vec<Match<'c>>,
}

/// The same operator in the savepoint and in the plan.
#[derive(Clone, Copy)]
pub struct Match<'c> {
    /// In the savepoint.
    pub old: &'c CatalogOperator,
    /// In the plan.
    pub new: &'c PlannedOperator,
}

/// An operator of the savepoint, and those of the plan that ask for its state: one by its ID, others by `setUidHash`.
pub struct Contest<'c> {
    /// In the savepoint.
    pub old: &'c CatalogOperator,
    /// In the plan.
    pub new: Vec<&'c PlannedOperator>,
}

/// A state of an operator that is in both, with what the plan has in the same place.
pub struct StateMatch<'c> {
    /// The operator.
    pub operator: Match<'c>,
    /// The state in the savepoint.
    pub old: &'c CatalogState,
    /// The states of the same name in the plan that Flink would look up for it.
    pub new: Vec<&'c PlannedState>,
}

impl<'c> Context<'c> {
    /// Matches operators as `Checkpoints.loadAndValidateCheckpoint` and `StateAssignmentOperation` do: by the user's
    /// hash where the savepoint has it, else by the ID.
    pub fn new(savepoint: &'c StateCatalog, plan: &'c JobPlan, question: Question) -> Self {
        let mut matched = Vec::new();
        let mut added = Vec::new();
        for new in &plan.operators {
            let find = |id: Option<OperatorId>| id.and_then(|id| savepoint.operator(id));
            match find(new.uid_hash).or_else(|| find(new.id)) {
                Some(old) => matched.push(Match { old, new }),
                None => added.push(new),
            }
        }
        let contested = take_contested(&mut matched);
        let known: BTreeSet<OperatorId> =
            plan.operators.iter().flat_map(|new| [new.id, new.uid_hash]).flatten().collect();
        let removed: Vec<_> = savepoint.operators.iter().filter(|old| !known.contains(&old.id)).collect();
        let moved = find_moved(&removed, &added);
        Self {
            savepoint,
            plan,
            question,
            rules: question.rules(plan),
            policy: Policy::none(),
            files: None,
            matched,
            contested,
            removed,
            added,
            moved,
        }
    }

    /// The same under a policy.
    #[must_use]
    pub fn under(self, policy: &'c Policy) -> Self {
        Self { policy, ..self }
    }

    /// With the files of the savepoint, if the stores were asked for them.
    #[must_use]
    pub fn with_files(self, files: impl Into<Option<&'c SavepointFiles>>) -> Self {
        Self { files: files.into(), ..self }
    }

    /// The line of Flink that will restore.
    pub fn target(&self) -> FlinkLine {
        self.rules.flink
    }

    /// What Flink makes of state that was written as `old` and is asked for as `new`.
    pub fn resolve(&self, new: &DataType, old: &DataType) -> Resolution {
        let resolve =
            if self.tells_inherited() { compatibility::resolve } else { compatibility::resolve_written };
        resolve(new, old, Some(self.target()))
    }

    /// Whether the plan says which fields are inherited: somebody who writes one need not.
    pub fn tells_inherited(&self) -> bool {
        self.plan.layers.iter().any(|(_, kind)| *kind == SourceKind::Savepoint)
    }

    /// The state backend that will restore, if the plan says.
    pub fn state_backend(&self) -> Option<StateBackend> {
        self.plan.state_backend
    }

    /// The head of the operator's chain. One that is not chained, and one of which the plan does not tell it, is its
    /// own.
    pub fn chain_head(&self, new: &'c PlannedOperator) -> &'c PlannedOperator {
        let in_chain = |it: &&PlannedOperator| new.chain.is_some() && it.chain == new.chain;
        self.plan.operators.iter().find(in_chain).unwrap_or(new)
    }

    /// Whether Flink assigns anything of the savepoint to the operator's task (`TaskStateAssignment.hasNonFinishedState`).
    pub fn is_assigned(&self, operator: &Match<'_>) -> bool {
        let is_chained = |it: &Match<'_>| it.new.chain.is_some() && it.new.chain == operator.new.chain;
        operator.old.is_assigned || self.matched.iter().any(|it| it.old.is_assigned && is_chained(it))
    }

    /// The user's classes that the plan names somewhere, and that therefore exist.
    pub fn planned_classes(&self) -> BTreeSet<&'c str> {
        let planned = self.plan.operators.iter().filter_map(|operator| operator.states.as_ref());
        let types =
            |state: &'c PlannedState| [&state.key, &state.namespace, &state.value].into_iter().flatten();
        planned
            .flat_map(|planned| planned.keys.iter().chain(planned.states.iter().flat_map(types)))
            .flat_map(classes)
            .collect()
    }

    /// Every state of the savepoint whose operator the plan has and tells the states of.
    pub fn states(&self) -> impl Iterator<Item = StateMatch<'c>> {
        self.matched.iter().copied().flat_map(Match::states)
    }
}

impl<'c> Match<'c> {
    /// Every state of the operator in the savepoint, if the plan tells its states.
    pub fn states(self) -> impl Iterator<Item = StateMatch<'c>> {
        self.new.states.iter().flat_map(move |planned| {
            let matched = move |old| StateMatch { operator: self, old, new: same_place(old, planned) };
            self.old.states.iter().map(matched)
        })
    }

    /// The states that the plan tells of the operator, when it tells any of the same half: keyed states show only
    /// where a key came by, so a run that shows none says nothing about them.
    pub fn planned_half(&self, keyed: bool) -> Option<&'c PlannedStates> {
        self.new.states.as_ref().filter(|planned| !keyed || planned.complete || !planned.keys.is_empty())
    }
}

impl<'c> StateMatch<'c> {
    /// Whether the plan tells the states of the operator, and this is not one of them.
    pub fn is_removed(&self) -> bool {
        let planned = self.operator.planned_half(self.old.kind.is_keyed());
        self.new.is_empty() && planned.is_some_and(|planned| !planned.unread) && self.perhaps().is_none()
    }

    /// The state of the plan that Flink would look up for it, if the job has that.
    pub fn perhaps(&self) -> Option<&'c PlannedState> {
        self.operator.new.states.as_ref()?.perhaps.iter().find(|new| is_same(self.old, new))
    }

    /// The user's classes that its types name, and that are not among these. Flink loads each of them at the restore.
    pub fn classes_beyond(&self, known: &BTreeSet<&str>) -> BTreeSet<String> {
        let types = self.old.data_types();
        let named = types.iter().flat_map(classes);
        // Java's own classes are always there, and Flink's serializers.
        let is_there = |class: &str| {
            class.starts_with("java.") || class.starts_with("org.apache.flink.api.java.typeutils.")
        };
        named.filter(|class| !is_there(class) && !known.contains(class)).map(str::to_owned).collect()
    }

    /// The one state of the plan that a removed one seems to live on as: the same kind and types under a new name. None
    /// where another removed one could be it as well.
    pub fn renamed_to(&self, context: &Context<'_>) -> Option<&'c PlannedState> {
        let planned = self.operator.planned_half(self.old.kind.is_keyed()).filter(|_| self.is_removed())?;
        let states = &self.operator.old.states;
        let is_new = |new: &PlannedState| states.iter().all(|old| old.name != new.name);
        let mut candidates =
            planned.states.iter().filter(|new| is_new(new) && self.is_same_but_name(context, new));
        let new = candidates.next().filter(|_| candidates.next().is_none())?;
        let mut others = self.operator.states().filter(|it| it.old.name != self.old.name);
        (!others.any(|it| it.is_removed() && it.is_same_but_name(context, new))).then_some(new)
    }

    /// Whether Flink would take the one over for the other, but for the name.
    pub fn is_same_but_name(&self, context: &Context<'_>, new: &PlannedState) -> bool {
        let same = |part, new: Option<&DataType>| match (self.old.data_type(part), new) {
            (Some(old), Some(new)) => context.resolve(new, &old).compatibility == Compatibility::AsIs,
            (None, None) => true,
            _ => false,
        };
        new.kind == self.old.kind
            && same("NAMESPACE_SERIALIZER", new.namespace.as_ref())
            && same("VALUE_SERIALIZER", new.value.as_ref())
    }
}

/// Takes out of the matches those whose state several operators ask for.
fn take_contested<'c>(matched: &mut Vec<Match<'c>>) -> Vec<Contest<'c>> {
    let mut asked: BTreeMap<OperatorId, Vec<Match<'c>>> = BTreeMap::new();
    for it in matched.iter() {
        asked.entry(it.old.id).or_default().push(*it);
    }
    // One uid for two operators is a job that Flink refuses, and uid-duplicated says so.
    let by_hash = |it: &Match<'_>| it.new.uid_hash == Some(it.old.id);
    asked.retain(|_, asking| asking.len() > 1 && asking.iter().any(by_hash));
    matched.retain(|it| !asked.contains_key(&it.old.id));
    let contest = |asking: Vec<Match<'c>>| {
        Some(Contest { old: asking.first()?.old, new: asking.iter().map(|it| it.new).collect() })
    };
    asked.into_values().filter_map(contest).collect()
}

/// The classes that a type names: those of its parts, and those that Kryo was told of, with their serializers.
fn classes(data_type: &DataType) -> impl Iterator<Item = &str> {
    data_type.walk().flat_map(|part| {
        let (registered, defaults) = match &part.constructor {
            TypeConstructor::Kryo { settings, .. } => (&*settings.registered, &*settings.defaults),
            _ => (&[][..], &[][..]),
        };
        let serializers = registered.iter().chain(defaults).filter_map(|it| it.serializer.class());
        part.class()
            .or_else(|| part.avro_class())
            .or_else(|| part.loaded_class())
            .into_iter()
            .chain(registered.iter().map(|it| it.class.as_str()))
            .chain(serializers)
    })
}

fn same_place<'c>(old: &CatalogState, planned: &'c PlannedStates) -> Vec<&'c PlannedState> {
    planned.states.iter().filter(|new| is_same(old, new)).collect()
}

/// Whether Flink would look up the one for the other.
fn is_same(old: &CatalogState, new: &PlannedState) -> bool {
    new.name == old.name && new.kind.family() == old.kind.family()
}

/// Pairs removed operators with added ones that look alike. A pair stands only when each is the other's best.
fn find_moved<'c>(removed: &[&'c CatalogOperator], added: &[&'c PlannedOperator]) -> Vec<Match<'c>> {
    let with_state = removed.iter().copied().filter(|old| old.has_state);
    let best_new = |old: &CatalogOperator| unique_best(added.iter().copied(), |new| likeness(old, new));
    let best_old = |new: &PlannedOperator| {
        unique_best(removed.iter().copied().filter(|old| old.has_state), |old| likeness(old, new))
    };
    with_state
        .filter_map(|old| {
            let new = best_new(old)?;
            best_old(new).filter(|best| best.id == old.id).map(|old| Match { old, new })
        })
        .collect()
}

/// The one candidate that is more alike than every other; none if two are equal.
fn unique_best<T: Copy>(candidates: impl Iterator<Item = T>, likeness: impl Fn(T) -> u32) -> Option<T> {
    let mut scored: Vec<_> =
        candidates.map(|it| (likeness(it), it)).filter(|(score, _)| *score > 0).collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    match scored.as_slice() {
        [(_, only)] => Some(*only),
        [(first, best), (second, _), ..] if first > second => Some(*best),
        _ => None,
    }
}

/// How alike two operators are; 0 when nothing that identifies an operator is the same.
fn likeness(old: &CatalogOperator, new: &PlannedOperator) -> u32 {
    let same_name = old.name.is_some() && old.name == new.name;
    let planned = new.states.as_ref().map(|planned| planned.states.as_slice()).unwrap_or_default();
    let has =
        |state: &CatalogState| planned.iter().any(|new| new.name == state.name && new.kind == state.kind);
    let shared = old.states.iter().filter(|state| has(state)).count();
    let all_shared = shared > 0 && shared == old.states.len() && shared == planned.len();
    let uid_is_alike = is_uid_alike(old, new);
    if !same_name && shared == 0 && !uid_is_alike {
        return 0;
    }
    let points = [
        (same_name, 8),
        (uid_is_alike, 8),
        (all_shared, 4),
        (shared > 0, 2),
        (Some(old.parallelism) == new.parallelism, 1),
    ];
    points.iter().filter(|(holds, _)| *holds).map(|(_, points)| points).sum()
}

/// Whether the uids differ by a version at their ends. Where the savepoint has none, its ID tells.
fn is_uid_alike(old: &CatalogOperator, new: &PlannedOperator) -> bool {
    match (&old.uid, &new.uid) {
        (Some(old), Uid::Set(new)) => same_stem(old, new),
        (None, Uid::Set(new)) => uids_like(new).any(|uid| OperatorId::of_uid(&uid) == old.id),
        _ => false,
    }
}
