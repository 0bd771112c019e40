//! From a savepoint to a plan file.

use super::{KEYED_DEFAULT_NAMESPACE, MaxParallelismSetting, OperatorEntry, PlanFile, StateEntry, TypeEntry};
use crate::catalog::{CatalogOperator, CatalogState, StateCatalog};
use crate::state::StateKind;
use crate::types::{DataType, TypeConstructor, notation};
use std::collections::BTreeMap;

impl PlanFile {
    /// The plan file of the job that took this savepoint: a start for whoever has none.
    pub fn of_catalog(catalog: &StateCatalog) -> Self {
        let mut types = TypeWriter::default();
        let common = common_max_parallelism(catalog);
        let mut operators = Vec::new();
        for operator in &catalog.operators {
            let mut entry = OperatorEntry::of(operator, catalog.version.has_names(), &mut types);
            if Some(operator.max_parallelism) != common {
                entry.max_parallelism = Some(MaxParallelismSetting::SetOrDerived(operator.max_parallelism));
            }
            operators.push(entry);
        }
        Self {
            flink: Some(catalog.version.row().until.to_string()),
            state_backend: catalog.state_backend(),
            max_parallelism: common.map(MaxParallelismSetting::SetOrDerived),
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
        "# The job that took {source}, as a plan file for `holdpoint check --plan`.\n\
         # Edit it until it describes the next version of the job:\n\
         #  - an operator with `id` may have a uid: write `uid: …` in its place, or `generated_id: …` if it has none;\n\
         #  - a max parallelism with a question mark may have been set by the job or not: write the number alone if\n\
         #    the job sets it, or `derived` if it does not;\n\
         #  - `states` are those that the savepoint shows: add what its run did not reach, and write `[]` for none."
    )
}

/// The max parallelism that most operators have.
fn common_max_parallelism(catalog: &StateCatalog) -> Option<i32> {
    let mut counts: BTreeMap<i32, usize> = BTreeMap::new();
    for operator in catalog.operators.iter().filter(|operator| operator.max_parallelism > 0) {
        let count = counts.entry(operator.max_parallelism).or_default();
        *count = count.saturating_add(1);
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(value, _)| value)
}

impl OperatorEntry {
    fn of(operator: &CatalogOperator, has_names: bool, types: &mut TypeWriter) -> Self {
        let id = Some(operator.id.to_string());
        let (generated_id, id) = match (&operator.uid, has_names) {
            (Some(_), _) => (None, None),
            (None, true) => (id, None),
            (None, false) => (None, id),
        };
        Self {
            uid: operator.uid.clone(),
            generated_id,
            id,
            uid_hash: None,
            name: operator.name.clone(),
            parallelism: Some(operator.parallelism),
            max_parallelism: None,
            chain: None,
            key: operator.keys.first().map(|key| types.write(&key.data_type())),
            // Where the savepoint shows no state, or not every state could be read, nothing is claimed: a list in a
            // plan file is complete.
            states: (operator.unread.is_empty() && !(operator.states.is_empty() && operator.keys.is_empty()))
                .then(|| operator.states.iter().map(|state| StateEntry::of(state, types)).collect()),
        }
    }
}

impl StateEntry {
    fn of(state: &CatalogState, types: &mut TypeWriter) -> Self {
        let mut write = |part| state.data_type(part).map(|data_type| types.write(&data_type));
        let namespace = write("NAMESPACE_SERIALIZER").filter(|it| it != KEYED_DEFAULT_NAMESPACE);
        Self {
            name: state.name.clone(),
            kind: state.kind.to_string(),
            key: if state.kind == StateKind::Broadcast { write("KEY_SERIALIZER") } else { None },
            namespace,
            value: write("VALUE_SERIALIZER"),
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
                    data_type.fields().map(|(name, field)| (name.to_owned(), self.text(field))).collect(),
                ),
                constants: None,
                registered: data_type.registered_subclasses().iter().map(|it| self.text(it)).collect(),
            }),
            _ => None,
        }
    }
}
