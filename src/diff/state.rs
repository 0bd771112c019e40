//! What became of one operator's states.

use super::Presence;
use crate::catalog::{CatalogOperator, CatalogState};
use crate::flink::FlinkLine;
use crate::state::{StateFamily, StateKind};
use crate::types::{Change, Compatibility, DataType, compatibility};
use std::collections::BTreeSet;

/// A state that is not the same in both savepoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDiff {
    /// Its name; `None` for the operator's key.
    pub name: Option<String>,
    /// What became of it.
    pub presence: Presence,
    /// What kind of state it was: several where subtasks differ.
    pub old_kinds: Vec<StateKind>,
    /// What kind it is.
    pub new_kinds: Vec<StateKind>,
    /// Its types, where both have it and they differ; else those that it has.
    pub types: Vec<TypeDiff>,
}

/// The type of one part of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeDiff {
    /// `key`, `namespace` or `value`.
    pub part: &'static str,
    /// What it was: several where subtasks differ.
    pub old: Vec<DataType>,
    /// What it is.
    pub new: Vec<DataType>,
    /// Where they differ, and what Flink of the newer savepoint's version makes of it. Empty where only one has the
    /// state, and where subtasks differ.
    pub changes: Vec<Change>,
}

/// The parts of a state, as Flink names their serializers.
const PARTS: [(&str, &str); 3] =
    [("key", "KEY_SERIALIZER"), ("namespace", "NAMESPACE_SERIALIZER"), ("value", "VALUE_SERIALIZER")];

/// Key and states of an operator that came, went, changed, or cannot be compared.
pub(super) fn differences(
    old: Option<&CatalogOperator>,
    new: Option<&CatalogOperator>,
    flink: Option<FlinkLine>,
) -> Vec<StateDiff> {
    let mut found: Vec<_> = key(old, new, flink).into_iter().collect();
    let states = |operator: Option<&CatalogOperator>| -> Vec<_> {
        operator.iter().flat_map(|it| &it.states).map(|it| (it.name.clone(), it.kind.family())).collect()
    };
    let names: BTreeSet<_> = states(old).into_iter().chain(states(new)).collect();
    found.extend(names.into_iter().filter_map(|(name, family)| state(old, new, &name, family, flink)));
    found
}

/// The key is the operator's, and that of all its keyed states.
fn key(
    old: Option<&CatalogOperator>,
    new: Option<&CatalogOperator>,
    flink: Option<FlinkLine>,
) -> Option<StateDiff> {
    let keys = |operator: &CatalogOperator| distinct(operator.keys.iter().map(|key| key.data_type()));
    let (was, is) = (keys(old?), keys(new?));
    // Where one has no keyed state, its states came or went, and say it.
    let types: Vec<_> = type_diff("key", was, is, flink)
        .filter(|it| !it.old.is_empty() && !it.new.is_empty())
        .into_iter()
        .collect();
    (!types.is_empty()).then(|| StateDiff {
        name: None,
        presence: presence(&types),
        old_kinds: Vec::new(),
        new_kinds: Vec::new(),
        types,
    })
}

fn state(
    old: Option<&CatalogOperator>,
    new: Option<&CatalogOperator>,
    name: &str,
    family: StateFamily,
    flink: Option<FlinkLine>,
) -> Option<StateDiff> {
    let find = |operator: Option<&CatalogOperator>| -> Vec<CatalogState> {
        let states = operator.iter().flat_map(|it| &it.states);
        states.filter(|it| it.name == name && it.kind.family() == family).cloned().collect()
    };
    let (was, is) = (find(old), find(new));
    let kinds = |states: &[CatalogState]| -> Vec<StateKind> {
        states.iter().map(|it| it.kind).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let (old_kinds, new_kinds) = (kinds(&was), kinds(&is));
    let is_unread = |operator: Option<&CatalogOperator>| operator.is_some_and(|it| !it.unread.is_empty());
    let in_one = match (was.is_empty(), is.is_empty()) {
        (true, _) if is_unread(old) => Some(Presence::Unknown),
        (_, true) if is_unread(new) => Some(Presence::Unknown),
        (true, _) => Some(Presence::Came),
        (_, true) => Some(Presence::Went),
        _ => None,
    };
    let mut types = Vec::new();
    for (part, serializer) in PARTS {
        if part == "key" && family != StateFamily::Broadcast {
            continue;
        }
        let of = |states: &[CatalogState]| distinct(states.iter().filter_map(|it| it.data_type(serializer)));
        let (old, new) = (of(&was), of(&is));
        if in_one.is_none() {
            types.extend(type_diff(part, old, new, flink));
        } else if !(old.is_empty() && new.is_empty()) {
            types.push(TypeDiff { part, old, new, changes: Vec::new() });
        }
    }
    let presence = match in_one {
        Some(presence) => presence,
        None if old_kinds != new_kinds => Presence::Changed,
        None if types.is_empty() => return None,
        None => presence(&types),
    };
    Some(StateDiff { name: Some(name.to_owned()), presence, old_kinds, new_kinds, types })
}

/// Something whose types only their own classes know is not known to be the same.
fn presence(types: &[TypeDiff]) -> Presence {
    let is_unknown = |it: &TypeDiff| {
        it.old == it.new && it.changes.iter().all(|it| it.compatibility == Compatibility::Unknown)
    };
    if types.iter().all(is_unknown) { Presence::Unknown } else { Presence::Changed }
}

/// `None` where the types are the same, down to their leaves.
fn type_diff(
    part: &'static str,
    old: Vec<DataType>,
    new: Vec<DataType>,
    flink: Option<FlinkLine>,
) -> Option<TypeDiff> {
    if old == new && old.iter().all(DataType::is_known) {
        return None;
    }
    let changes = match (old.as_slice(), new.as_slice()) {
        ([was], [is]) => compatibility::resolve(is, was, flink).changes,
        _ => Vec::new(),
    };
    Some(TypeDiff { part, old, new, changes })
}

/// Each type once, in the order of what they are called.
fn distinct(types: impl Iterator<Item = DataType>) -> Vec<DataType> {
    let mut types: Vec<_> = types.map(|it| (it.to_string(), it)).collect();
    types.sort_by(|one, other| one.0.cmp(&other.0));
    types.dedup_by(|one, other| one.1 == other.1);
    types.into_iter().map(|(_, it)| it).collect()
}
