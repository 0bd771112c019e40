//! A plan from a savepoint that a test run of the new job took.

use super::{JobPlan, MaxParallelism, PlannedOperator, PlannedState, PlannedStates, SourceKind, Uid};
use crate::catalog::{CatalogOperator, CatalogState, StateCatalog};
use crate::state::StateKind;

/// What the savepoint tells of the job that took it.
///
/// It does not tell whether a max parallelism was set, which operators are chained, and of the states only those that
/// the run came to register.
pub(super) fn from_catalog(source: &str, catalog: &StateCatalog) -> JobPlan {
    JobPlan {
        source: source.to_owned(),
        flink: Some(catalog.version.row().until),
        state_backend: catalog.state_backend(),
        // That a test had none says nothing of where the job will run.
        changelog: catalog.changelog.filter(|has_one| *has_one),
        graph: None,
        master_hooks: Some(catalog.master_hooks.clone()),
        operators: catalog
            .operators
            .iter()
            .map(|operator| planned_operator(operator, catalog.version.has_names()))
            .collect(),
        ..JobPlan::of_source(SourceKind::Savepoint)
    }
}

fn planned_operator(operator: &CatalogOperator, has_names: bool) -> PlannedOperator {
    let uid = match (&operator.uid, has_names) {
        (Some(uid), _) => Uid::Set(uid.clone()),
        (None, true) => Uid::Unset,
        (None, false) => Uid::Unknown,
    };
    PlannedOperator {
        uid,
        name: operator.name.clone(),
        parallelism: Some(operator.parallelism),
        max_parallelism: MaxParallelism::SetOrDerived(operator.max_parallelism),
        states: Some(PlannedStates {
            complete: false,
            unread: !operator.unread.is_empty(),
            keys: operator.keys.iter().map(|key| key.data_type()).collect(),
            states: operator.states.iter().map(planned_state).collect(),
            perhaps: Vec::new(),
        }),
        ..PlannedOperator::of_id(Some(operator.id))
    }
}

fn planned_state(state: &CatalogState) -> PlannedState {
    let broadcast = state.kind == StateKind::Broadcast;
    PlannedState {
        name: state.name.clone(),
        kind: state.kind,
        key: state.data_type("KEY_SERIALIZER").filter(|_| broadcast),
        namespace: state.data_type("NAMESPACE_SERIALIZER"),
        value: state.data_type("VALUE_SERIALIZER"),
    }
}
