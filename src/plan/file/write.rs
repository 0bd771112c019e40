//! From a plan to a plan file.

use super::{KEYED_DEFAULT_NAMESPACE, MaxParallelismSetting, OperatorEntry, PlanFile, StateEntry, TypeEntry};
use crate::plan::{JobPlan, MaxParallelism, PlannedOperator, PlannedState, Uid};
use crate::state::StateFamily;
use crate::types::{DataType, TypeConstructor, notation};
use std::collections::BTreeMap;

impl PlanFile {
    /// The plan file of a plan: a start for whoever has none, and what a job is compared with later.
    pub fn of_plan(plan: &JobPlan) -> Self {
        let mut types = TypeWriter::default();
        let common = common_max_parallelism(plan);
        let mut operators = Vec::new();
        for operator in &plan.operators {
            let mut entry = OperatorEntry::of(operator, &mut types);
            entry.max_parallelism = setting(operator.max_parallelism).filter(|it| Some(*it) != common);
            operators.push(entry);
        }
        Self {
            flink: plan.flink.map(|line| line.to_string()),
            state_backend: plan.state_backend,
            changelog: plan.changelog,
            master_hooks: plan.master_hooks.clone().filter(|hooks| !hooks.is_empty()),
            max_parallelism: common,
            more_uid_hashes: plan.operators.iter().any(PlannedOperator::may_have_uid_hash),
            operators,
            types: types.entries,
        }
    }

    /// The file as YAML, with a heading that says what to do with it.
    pub fn to_yaml(&self, source: &str) -> String {
        // The entries are strings, numbers and lists, of which none can fail to be written.
        let body = serde_saphyr::to_string(self).unwrap_or_default();
        format!("{}\n{body}", heading(source))
    }
}

fn heading(source: &str) -> String {
    // A path may hold what would end the comment.
    let source = source.escape_default();
    format!(
        "# The job of {source}, as a plan file for `holdpoint check --plan`.\n\
         # Edit it until it describes the next version of the job:\n\
         #  - an operator with `id` may have a uid: write `uid: …` in its place, or `generated_id: …` if it has none;\n\
         #  - a max parallelism with a question mark may have been set by the job or not: write the number alone if\n\
         #    the job sets it, or `derived` if it does not;\n\
         #  - write the `uid_hash` of an operator with a setUidHash, and take `more_uid_hashes` away;\n\
         #  - `states` are those that are known: add what is missing, take `more_states` away once none is, and write\n\
         #    `[]` for none."
    )
}

/// The max parallelism that most operators have; none where that of some is not known, because it would be said of
/// them, too.
fn common_max_parallelism(plan: &JobPlan) -> Option<MaxParallelismSetting> {
    let mut counts: Vec<(MaxParallelismSetting, usize)> = Vec::new();
    for operator in &plan.operators {
        let setting = setting(operator.max_parallelism)?;
        match counts.iter_mut().find(|(known, _)| *known == setting) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => counts.push((setting, 1)),
        }
    }
    // Of equals, the first one.
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(setting, _)| setting)
}

fn setting(max_parallelism: MaxParallelism) -> Option<MaxParallelismSetting> {
    match max_parallelism {
        MaxParallelism::Set(value) => Some(MaxParallelismSetting::Set(value)),
        MaxParallelism::Derived => Some(MaxParallelismSetting::Derived),
        // A vertex that never ran has none.
        MaxParallelism::SetOrDerived(value) => {
            Some(MaxParallelismSetting::SetOrDerived(value)).filter(|_| value > 0)
        }
        MaxParallelism::Unknown => None,
    }
}

impl OperatorEntry {
    fn of(operator: &PlannedOperator, types: &mut TypeWriter) -> Self {
        let id = operator.certain_id().map(|id| id.to_string());
        let (uid, generated_id, id) = match &operator.uid {
            Uid::Set(uid) => (Some(uid.clone()), None, None),
            Uid::Unset => (None, id, None),
            Uid::Unknown => (None, None, id),
        };
        // Where no state is shown, nothing is claimed: a list in a plan file is complete unless it says otherwise.
        let planned = operator.states.as_ref();
        let planned = planned.filter(|it| it.complete || !(it.states.is_empty() && it.keys.is_empty()));
        Self {
            uid,
            generated_id,
            id,
            uid_hash: operator.uid_hash.map(|hash| hash.to_string()),
            name: operator.name.clone(),
            parallelism: operator.parallelism,
            max_parallelism: None,
            chain: operator.chain.clone(),
            key: planned.and_then(|it| it.keys.first()).map(|key| types.write(key)),
            states: planned.map(|it| {
                it.states
                    .iter()
                    .filter(|it| can_write(it))
                    .map(|state| StateEntry::of(state, types))
                    .collect()
            }),
            more_states: planned
                .is_some_and(|it| it.unread || !it.perhaps.is_empty() || !it.states.iter().all(can_write)),
        }
    }
}

/// Whether the notation has words for a state: what says nothing of its namespace says that it has none.
fn can_write(state: &PlannedState) -> bool {
    state.kind.family() != StateFamily::KeyValue || state.namespace.is_some()
}

impl StateEntry {
    fn of(state: &PlannedState, types: &mut TypeWriter) -> Self {
        let mut write = |part: &Option<DataType>| part.as_ref().map(|data_type| types.write(data_type));
        Self {
            name: state.name.clone(),
            kind: state.kind.to_string(),
            key: write(&state.key),
            namespace: write(&state.namespace).filter(|it| it != KEYED_DEFAULT_NAMESPACE),
            value: write(&state.value),
        }
    }
}

/// Writes types with their classes defined once, under `types`.
#[derive(Default)]
struct TypeWriter {
    entries: BTreeMap<String, TypeEntry>,
    written: BTreeMap<String, DataType>,
}

impl TypeWriter {
    /// The type in the notation, naming the classes that the entries define.
    fn write(&mut self, data_type: &DataType) -> String {
        for argument in &data_type.arguments {
            self.write(argument);
        }
        if let Some(entry) = self.entry(data_type)
            && let Some(class) = data_type.class()
            && !self.written.contains_key(class)
        {
            self.written.insert(class.to_owned(), data_type.clone());
            self.entries.insert(class.to_owned(), entry);
        }
        self.text(data_type)
    }

    /// A POJO or an enum is its name, unless the same class looks otherwise elsewhere in the savepoint.
    fn text(&self, data_type: &DataType) -> String {
        notation::write(data_type, &|part| {
            let class = part.class()?;
            (self.written.get(class) == Some(part)).then(|| class.to_owned())
        })
    }

    /// What stands under `types` for a class; `None` for a type that is written in full.
    fn entry(&self, data_type: &DataType) -> Option<TypeEntry> {
        match &data_type.constructor {
            TypeConstructor::Enum { constants, .. } => {
                Some(TypeEntry { fields: None, constants: Some(constants.clone()), registered: Vec::new() })
            }
            TypeConstructor::Pojo { unregistered: 0, .. } => Some(TypeEntry {
                fields: Some(
                    data_type
                        .fields()
                        .zip(data_type.inherited())
                        .map(|((name, field), class)| {
                            (notation::field_name(name, class.as_deref()), self.text(field))
                        })
                        .collect(),
                ),
                constants: None,
                registered: data_type.registered_subclasses().iter().map(|it| self.text(it)).collect(),
            }),
            _ => None,
        }
    }
}
