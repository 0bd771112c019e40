//! What IDs are: where they come from, what a savepoint and a plan have under them, and what would change them.

use crate::catalog::{CatalogOperator, Origin, Origins, StateCatalog};
use crate::ids::{
    EditKind, Edits, Generated, KnownUids, OperatorId, edits, edits_of_generated, operator_ids,
};
use crate::plan::{JobPlan, PlannedOperator};
use crate::rules::{Context, Question};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the IDs that are asked about.
pub struct Identities<'i> {
    /// A savepoint, and what the user calls it.
    pub savepoint: Option<(&'i str, &'i StateCatalog)>,
    /// The next version of the job.
    pub plan: Option<&'i JobPlan>,
    /// Where the IDs come from.
    pub origins: &'i Origins,
    /// The uids that were named.
    pub known: &'i KnownUids,
    /// There were more sources than are read.
    pub cut: bool,
}

/// What is known of one ID.
pub struct Identity<'i> {
    /// The ID.
    pub id: OperatorId,
    /// Where it comes from.
    pub origin: Origin,
    /// The operator in the savepoint.
    pub saved: Option<&'i CatalogOperator>,
    /// The operator in the plan.
    pub planned: Option<&'i PlannedOperator>,
    /// The operator in the plan that it seems to live on as, under another ID.
    pub moved: Option<&'i PlannedOperator>,
    /// The edits that change it, and those of a kind that do not; empty when it has a uid.
    pub changes: Vec<Change>,
    /// The graph is too large for all edits, so there may be more that change it.
    pub more_changes: bool,
}

/// Edits of one kind.
pub struct Change {
    /// What happens, as the beginning of a sentence that goes on with where.
    pub edit: &'static str,
    /// What happens, wherever it does.
    pub anywhere: &'static str,
    /// Where it changes the ID, and what the ID would be; an empty place is the whole job.
    pub changing: Vec<(String, Option<OperatorId>)>,
    /// At how many places it does not.
    pub harmless: usize,
}

impl<'i> Identities<'i> {
    /// Of these IDs; without any, of all operators of the plan's graph or of the savepoint.
    pub fn of(&self, asked: &[OperatorId]) -> Vec<Identity<'i>> {
        let context = self.savepoint.zip(self.plan).map(|((_, savepoint), plan)| {
            let context = Context::new(savepoint, plan, Question::default());
            context.moved.iter().map(|moved| (moved.old.id, moved.new)).collect::<BTreeMap<_, _>>()
        });
        let in_graph = self.in_graph();
        let edits = self.plan.and_then(|plan| plan.graph.as_ref()).map(|it| edits(&it.graph, &it.chaining));
        let planned: Vec<_> = self.plan.iter().flat_map(|plan| &plan.operators).collect();
        let saved = self.savepoint.iter().flat_map(|(_, savepoint)| &savepoint.operators);
        let ids: Vec<OperatorId> = if asked.is_empty() {
            let all: BTreeSet<_> =
                planned.iter().filter_map(|it| it.id).chain(saved.map(|it| it.id)).collect();
            all.into_iter().collect()
        } else {
            asked.to_vec()
        };
        let identity = |id: OperatorId| {
            let saved = self.savepoint.and_then(|(_, savepoint)| savepoint.operator(id));
            let from_graph = in_graph.get(&id);
            let origin = match from_graph {
                Some((_, Some(generated))) => Origin::Generated(generated.clone()),
                // The graph settles what a search among IDs leaves open.
                Some((_, None)) if self.origins.get(id).uid().is_none() => Origin::OfUid,
                _ => self.origins.get(id).clone(),
            };
            let changes = match (&origin, from_graph, &edits) {
                (Origin::Generated(_), Some((node, _)), Some(edits)) => changes_in(edits, *node, id),
                (Origin::Generated(generated), _, _) => changes_of(generated),
                _ => Vec::new(),
            };
            let planned = planned.iter().find(|it| it.id == Some(id) || it.uid_hash == Some(id)).copied();
            let moved = context.as_ref().and_then(|moved| moved.get(&id)).copied();
            let more_changes = from_graph.is_some() && edits.as_ref().is_some_and(|edits| edits.cut);
            Identity { id, origin, saved, planned, moved, changes, more_changes }
        };
        ids.into_iter().map(identity).collect()
    }

    /// The operators of the plan's graph by their IDs.
    fn in_graph(&self) -> BTreeMap<OperatorId, (usize, Option<Generated>)> {
        let planned = self.plan.and_then(|plan| plan.graph.as_ref());
        let ids = planned.and_then(|it| operator_ids(&it.graph, &it.chaining).ok()).unwrap_or_default();
        let node = |(place, node): (usize, Option<crate::ids::NodeId>)| {
            node.map(|node| (node.id, (place, node.generated)))
        };
        ids.into_iter().enumerate().filter_map(node).collect()
    }

    /// What to call an operator that is only named by its ID.
    pub fn title(&self, id: OperatorId) -> String {
        let saved = self.savepoint.and_then(|(_, savepoint)| savepoint.operator(id));
        let planned = self.plan.iter().flat_map(|plan| &plan.operators).find(|it| it.id == Some(id));
        match (self.origins.get(id).uid(), saved.and_then(|it| it.name.as_deref()), planned) {
            (Some(title), _, _) | (None, Some(title), _) => title.to_owned(),
            (None, None, Some(planned)) => planned.title(),
            (None, None, None) => id.to_string(),
        }
    }
}

fn changes_in(edits: &Edits, node: usize, id: OperatorId) -> Vec<Change> {
    let mut changes = Vec::new();
    for kind in EditKind::ALL {
        let mut change =
            Change { edit: kind.name(), anywhere: kind.anywhere(), changing: Vec::new(), harmless: 0 };
        for edit in edits.tried.iter().filter(|edit| edit.kind == kind) {
            match edit.ids.get(node).copied().flatten() {
                // An edit that takes the operator out, or gives it a uid, is no accident.
                None => {}
                Some(same) if same == id => change.harmless = change.harmless.saturating_add(1),
                Some(other) => change.changing.push((edit.place.clone(), Some(other))),
            }
        }
        changes.push(change);
    }
    changes
}

fn changes_of(generated: &Generated) -> Vec<Change> {
    let smallest = edits_of_generated(generated).into_iter().map(|(edit, id)| Change {
        edit,
        anywhere: edit,
        changing: vec![(String::new(), Some(id))],
        harmless: 0,
    });
    smallest.collect()
}
