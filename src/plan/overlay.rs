//! Several plans of one job, laid over one another: the operators from one, the types of states from another.
//!
//! Later plans win, fact by fact. A plan that does not tell a fact changes nothing of it. Where two tell the same fact
//! differently, that is a [`Contradiction`].

use super::execution_plan::LINE;
use super::{Fact, JobPlan, MaxParallelism, PlannedOperator, PlannedStates, SourceKind, Tells, Uid};
use crate::ids::{Chaining, OperatorId, StreamGraph, operator_ids};
use crate::types::{Compatibility, DataType, compatibility};

/// A fact that two plans tell differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The operator; `None` for a fact of the whole job.
    pub operator: Option<OperatorId>,
    /// What to call it.
    pub title: String,
    /// Which fact.
    pub fact: String,
    /// What is told: by which plan, and what. The last one counts.
    pub told: [(String, String); 2],
}

impl JobPlan {
    /// This plan with a later one laid over it.
    #[must_use]
    pub fn overlaid(mut self, later: Self) -> Self {
        let mut layers = Layers::new(self.source.clone(), later.source.clone());
        layers.guesses = [guesses_states(self.kind), guesses_states(later.kind)];
        layers.fact(None, "Flink's version", &mut self.flink, later.flink, ToString::to_string);
        layers.fact(None, "state backend", &mut self.state_backend, later.state_backend, |it| {
            it.name().to_owned()
        });
        layers.fact(None, "state changelog", &mut self.changelog, later.changelog, |on| {
            if *on { "on" } else { "off" }.to_owned()
        });
        let places: Vec<_> = later.operators.iter().map(|operator| self.place_of(operator)).collect();
        let unnamed = self.operators.iter().enumerate().filter(|(place, _)| !places.contains(&Some(*place)));
        let missing: Vec<_> = unnamed.map(|(_, operator)| operator.clone()).collect();
        let not_listed = |(place, known): &(usize, &mut PlannedOperator)| {
            !places.contains(&Some(*place)) && !known.has_own_max_parallelism
        };
        for (_, known) in self.operators.iter_mut().enumerate().filter(not_listed) {
            let title = known.clone();
            layers.max_parallelism(&title, &mut known.max_parallelism, later.max_parallelism);
        }
        for (operator, place) in later.operators.into_iter().zip(places) {
            if let Some(known) = place.and_then(|place| self.operators.get_mut(place)) {
                layers.operator(known, operator);
                continue;
            }
            if lists_all(self.kind) {
                layers.note(Some(&operator), "operator", "not there".to_owned(), "there".to_owned());
            }
            self.operators.push(operator);
        }
        for operator in missing.iter().filter(|_| lists_all(later.kind)) {
            layers.note(Some(operator), "operator", "there".to_owned(), "not there".to_owned());
        }
        self.master_hooks = later.master_hooks.or(self.master_hooks);
        self.graph = later.graph.or(self.graph);
        self.assumed_graph = later.assumed_graph.or(self.assumed_graph);
        self.contradictions.extend(later.contradictions);
        self.contradictions.append(&mut layers.found);
        self.source = format!("{}, {}", self.source, later.source);
        self.layers.extend(later.layers);
        self.hash_again();
        self
    }

    /// The operator that a later plan means: by its ID, else by a name that one alone has.
    fn place_of(&self, later: &PlannedOperator) -> Option<usize> {
        let by_id = later.id.and_then(|id| self.operators.iter().position(|it| it.id == Some(id)));
        let mut by_name = self.operators.iter().enumerate().filter(|(_, it)| {
            it.name.is_some()
                && it.name == later.name
                && (it.certain_id().is_none() || later.certain_id().is_none())
        });
        by_id.or_else(|| by_name.next().map(|(place, _)| place).filter(|_| by_name.next().is_none()))
    }

    /// Computes the IDs of a graph anew where a later plan told uids: an operator counts in the IDs of those behind it.
    pub(super) fn hash_again(&mut self) {
        let Some(graph) = &self.assumed_graph else { return };
        let uid_of = |node: i32| {
            let operator = self.operators.iter().find(|it| it.node == Some(node))?;
            if let Uid::Set(uid) = &operator.uid { Some(uid.clone()) } else { None }
        };
        let nodes = graph.nodes().iter().cloned().map(|mut node| {
            node.uid = uid_of(node.id).or(node.uid);
            node
        });
        let Ok(graph) = StreamGraph::new(graph.settings(), nodes.collect(), graph.edges().to_vec()) else {
            return;
        };
        let Ok(ids) = operator_ids(&graph, &Chaining::of(&graph, LINE)) else { return };
        for operator in self.operators.iter_mut().filter(|it| it.is_id_assumed) {
            let place = operator.node.and_then(|node| graph.place(node));
            if let Some(id) = place.and_then(|place| ids.get(place)?.as_ref()) {
                operator.id = Some(id.id);
            }
        }
    }
}

/// Whether a plan of this kind has every operator of the job, and those that it does not have do not exist.
fn lists_all(kind: SourceKind) -> bool {
    kind.tells(Fact::Operators) == Tells::Yes
}

/// Whether a plan of this kind takes every descriptor in a keyed operator for one of a keyed state: that of an operator's
/// own list or broadcast state is of the same class.
fn guesses_states(kind: SourceKind) -> bool {
    matches!(kind, SourceKind::JobGraph | SourceKind::StreamGraph)
}

/// Leaves out what was guessed to be keyed state where a plan that knows has operator state of that name.
fn forget_guesses(guessed: &mut PlannedStates, known: &PlannedStates) {
    let is_operators = |name: &str| known.states.iter().any(|it| !it.kind.is_keyed() && it.name == name);
    guessed.states.retain(|it| !(it.kind.is_keyed() && is_operators(&it.name)));
}

/// Two plans being laid over one another.
pub(super) struct Layers {
    earlier: String,
    later: String,
    /// Which of the two guesses what kinds of state there are.
    guesses: [bool; 2],
    /// What they tell differently.
    pub(super) found: Vec<Contradiction>,
}

impl Layers {
    /// Of the plans that are called so.
    pub(super) fn new(earlier: String, later: String) -> Self {
        Self { earlier, later, guesses: [false; 2], found: Vec::new() }
    }

    /// Notes a fact of an operator, or of the whole job, that is told differently.
    fn note(&mut self, operator: Option<&PlannedOperator>, fact: &str, was: String, is: String) {
        self.found.push(Contradiction {
            operator: operator.and_then(|it| it.id),
            title: operator.map_or_else(|| "the job".to_owned(), PlannedOperator::title),
            fact: fact.to_owned(),
            told: [(self.earlier.clone(), was), (self.later.clone(), is)],
        });
    }

    /// Lays what a later plan tells of an operator over what is known of it.
    pub(super) fn operator(&mut self, known: &mut PlannedOperator, later: PlannedOperator) {
        let title = known.clone();
        if let Some(id) = later.certain_id() {
            if let Some(was) = known.certain_id().filter(|was| *was != id) {
                self.note(Some(&title), "ID", was.to_string(), id.to_string());
            }
            known.id = Some(id);
            known.is_id_assumed = false;
        } else if known.id.is_none() {
            known.id = later.id;
            known.is_id_assumed = later.is_id_assumed;
        }
        match (&known.uid, &later.uid) {
            (_, Uid::Unknown) => {}
            (Uid::Unknown, _) => known.uid = later.uid,
            (was, is) => {
                if was != is {
                    let text =
                        |uid: &Uid| if let Uid::Set(uid) = uid { uid.clone() } else { "none".to_owned() };
                    self.note(Some(&title), "uid", text(was), text(is));
                }
                known.uid = later.uid;
            }
        }
        known.has_own_max_parallelism |= later.has_own_max_parallelism;
        self.fact(Some(&title), "uid hash", &mut known.uid_hash, later.uid_hash, ToString::to_string);
        known.hides_uid_hash &= later.hides_uid_hash;
        self.fact(Some(&title), "name", &mut known.name, later.name, Clone::clone);
        self.fact(
            Some(&title),
            "parallelism",
            &mut known.parallelism,
            later.parallelism,
            ToString::to_string,
        );
        // A chain's label is each source's own, so it is no fact to compare.
        known.chain = later.chain.or(known.chain.take());
        self.max_parallelism(&title, &mut known.max_parallelism, later.max_parallelism);
        known.states = match (known.states.take(), later.states) {
            (Some(known), Some(later)) => Some(self.states(&title, known, later)),
            (known, later) => later.or(known),
        };
        known.node = known.node.or(later.node);
        known.written = later.written.or(known.written.take());
    }

    fn fact<T: PartialEq>(
        &mut self,
        operator: Option<&PlannedOperator>,
        fact: &str,
        known: &mut Option<T>,
        later: Option<T>,
        text: impl Fn(&T) -> String,
    ) {
        let Some(later) = later else { return };
        if let Some(was) = known.as_ref().filter(|was| **was != later) {
            self.note(operator, fact, text(was), text(&later));
        }
        *known = Some(later);
    }

    /// That a job sets a value, or none, is more than the value that a run had.
    fn max_parallelism(
        &mut self,
        operator: &PlannedOperator,
        known: &mut MaxParallelism,
        later: MaxParallelism,
    ) {
        use MaxParallelism::{Derived, Set, SetOrDerived, Unknown};
        let text = |value| match value {
            Set(value) | SetOrDerived(value) => i32::to_string(&value),
            Derived | Unknown => "set by nobody".to_owned(),
        };
        match (*known, later) {
            (_, Unknown) | (Derived, SetOrDerived(_)) => return,
            (Set(was), SetOrDerived(is)) if was == is => return, // who set it is known already
            (Set(_), _) | (Derived, Set(_)) if *known != later => {
                self.note(Some(operator), "max parallelism", text(*known), text(later));
            }
            _ => {}
        }
        *known = later;
    }

    fn states(
        &mut self,
        operator: &PlannedOperator,
        mut known: PlannedStates,
        mut later: PlannedStates,
    ) -> PlannedStates {
        match self.guesses {
            [true, false] => forget_guesses(&mut known, &later),
            [false, true] => forget_guesses(&mut later, &known),
            _ => {}
        }
        for (place, key) in later.keys.into_iter().enumerate() {
            match known.keys.get_mut(place) {
                Some(was) => {
                    let was = std::mem::replace(was, key.clone());
                    let is = self.data_type(operator, "key type", Some(was), Some(key));
                    if let (Some(place), Some(is)) = (known.keys.get_mut(place), is) {
                        *place = is;
                    }
                }
                None => known.keys.push(key),
            }
        }
        for mut state in later.states {
            let family = state.kind.family();
            let same = known.states.iter_mut().find(|it| it.name == state.name && it.kind.family() == family);
            let Some(was) = same else {
                let was_expected =
                    known.perhaps.iter().any(|it| it.name == state.name && it.kind.family() == family);
                if known.complete && !was_expected {
                    let fact = format!("state {}", state.name);
                    self.note(Some(operator), &fact, "not there".to_owned(), "there".to_owned());
                }
                known.states.push(state);
                continue;
            };
            if was.kind != state.kind {
                let fact = format!("kind of state {}", state.name);
                self.note(Some(operator), &fact, was.kind.to_string(), state.kind.to_string());
            }
            for (part, was, is) in [
                ("key", &mut was.key, &mut state.key),
                ("namespace", &mut was.namespace, &mut state.namespace),
                ("value", &mut was.value, &mut state.value),
            ] {
                let fact = format!("{part} of state {}", state.name);
                *is = self.data_type(operator, &fact, was.take(), is.take());
            }
            *was = state;
        }
        known.perhaps.extend(later.perhaps);
        let states = &known.states;
        known.perhaps.retain(|it| states.iter().all(|told| told.name != it.name));
        known.complete |= later.complete;
        known.unread &= later.unread;
        known
    }

    /// Of two types the later one, unless it is less known. Flink has two serializers for some types, which are not two
    /// facts.
    fn data_type(
        &mut self,
        operator: &PlannedOperator,
        fact: &str,
        was: Option<DataType>,
        is: Option<DataType>,
    ) -> Option<DataType> {
        let (Some(old), Some(new)) = (&was, &is) else { return is.or(was) };
        let resolution = compatibility::resolve_written(new, old, None);
        if !matches!(resolution.compatibility, Compatibility::AsIs | Compatibility::Unknown) {
            self.note(Some(operator), fact, old.to_string(), new.to_string());
        }
        // Who writes a plan file need not say which fields are inherited.
        let says_less =
            resolution.compatibility == Compatibility::AsIs && !resolution.moved_fields.is_empty();
        if old.is_known() && (!new.is_known() || says_less) { was } else { is }
    }
}
