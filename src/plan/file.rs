//! The plan file: YAML or JSON that people write and review.
//!
//! [`PlanFile`] is the file as it stands, and its JSON Schema is derived from it; [`read`] turns it into a
//! [`JobPlan`], and [`PlanFile::of_catalog`] writes one from a savepoint.

use super::{JobPlan, MaxParallelism, PlanError, PlannedOperator, PlannedState, PlannedStates, Uid};
use crate::catalog::{CatalogOperator, CatalogState, StateCatalog};
use crate::flink::FlinkLine;
use crate::ids::OperatorId;
use crate::state::{StateBackend, StateKind};
use crate::types::{BasicType, DataType, TypeConstructor, notation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

/// A planned job: its operators, their uids and their states.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// The line of Flink that will restore, such as "1.20".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flink: Option<String>,
    /// The state backend that will restore.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_backend: Option<StateBackend>,
    /// Max parallelism of every operator that does not say its own: a number that the job sets, or "derived" when
    /// the job never sets one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_parallelism: Option<MaxParallelismSetting>,
    /// POJOs and enums by their class, so that the states below can name them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, TypeEntry>,
    /// Every operator of the job.
    pub operators: Vec<OperatorEntry>,
}

/// One operator of a plan file. It has one of `uid`, `generated_id` and `id`; without any, its ID is not known.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorEntry {
    /// The uid that the job sets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The job sets no uid; this is the ID that Flink generated (32 hex digits).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generated_id: Option<String>,
    /// The operator's ID (32 hex digits), when it is not known whether the job sets a uid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The ID that the job sets with `setUidHash` (32 hex digits), beside the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid_hash: Option<String>,
    /// The operator's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its parallelism.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub parallelism: Option<i32>,
    /// Its max parallelism: a number that the job sets; "derived" when the job sets none; a number with a question
    /// mark, such as "128?", when a run had it and it is not known who set it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_parallelism: Option<MaxParallelismSetting>,
    /// A label that the operators of one chain share, listed from the head of the chain to its tail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chain: Option<String>,
    /// Type of the key, for keyed states.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Every state of the operator. Left out, nothing is known of them; `[]` says that there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub states: Option<Vec<StateEntry>>,
}

/// One state of a plan file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateEntry {
    /// Name of the state, as in its descriptor.
    pub name: String,
    /// value, list, map, reducing, aggregating; timers; operator-list, operator-union, broadcast.
    pub kind: String,
    /// Type of the key of a broadcast state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Type of the namespace of a keyed state: `TimeWindow` for windows. Left out, it is `VoidNamespace`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Type of the whole value: `List<T>` for a list state, `Map<K, V>` for a map state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// What a class is made of: the fields of a POJO or the constants of an enum.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TypeEntry {
    /// Fields of a POJO and their types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    /// Constants of an enum, in the order of their ordinals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constants: Option<Vec<String>>,
    /// Subclasses of a POJO that the job registers, in that order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registered: Vec<String>,
}

/// Who set a max parallelism, and to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxParallelismSetting {
    /// `128`: the job sets it.
    Set(i32),
    /// `derived`: the job sets none.
    Derived,
    /// `128?`: a run had it.
    SetOrDerived(i32),
}

const KEYED_DEFAULT_NAMESPACE: &str = "VoidNamespace";

impl fmt::Display for MaxParallelismSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set(value) => write!(f, "{value}"),
            Self::Derived => f.write_str("derived"),
            Self::SetOrDerived(value) => write!(f, "{value}?"),
        }
    }
}

impl FromStr for MaxParallelismSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |text: &str| text.parse::<i32>().ok().filter(|value| (1..=32_768).contains(value));
        match (text, text.strip_suffix('?')) {
            ("derived", _) => Some(Self::Derived),
            (_, Some(value)) => number(value).map(Self::SetOrDerived),
            (value, None) => number(value).map(Self::Set),
        }
        .ok_or_else(|| {
            format!("'{text}' is not a max parallelism: write a number from 1 to 32768, such a number with a question mark, or derived")
        })
    }
}

impl Serialize for MaxParallelismSetting {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set(value) => serializer.serialize_i32(*value),
            other => serializer.collect_str(other),
        }
    }
}

impl<'de> Deserialize<'de> for MaxParallelismSetting {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = MaxParallelismSetting;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a number with a question mark, or derived")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
                self.visit_str(&value.to_string())
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
                self.visit_str(&value.to_string())
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for MaxParallelismSetting {
    fn schema_name() -> Cow<'static, str> {
        "MaxParallelism".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": 32_768 },
                { "type": "string", "pattern": "^(derived|[0-9]+\\?)$" }
            ]
        })
    }
}

/// Reads a plan file.
pub(super) fn read(path: &Path) -> Result<JobPlan, PlanError> {
    let text = fs::read_to_string(path).map_err(|error| PlanError::Io { path: path.to_path_buf(), error })?;
    let file: PlanFile = serde_saphyr::from_str(&text).map_err(|error| PlanError::Syntax {
        path: path.to_path_buf(),
        problem: error.without_snippet().to_string(),
    })?;
    let invalid = |(place, problem)| PlanError::Invalid { path: path.to_path_buf(), place, problem };
    file.into_plan(&path.display().to_string()).map_err(invalid)
}

/// A place in the plan file and what is wrong there.
type Problem = (String, String);

impl PlanFile {
    /// The plan that this file describes.
    fn into_plan(self, source: &str) -> Result<JobPlan, Problem> {
        let flink = self.flink.as_deref().map(str::parse::<FlinkLine>).transpose();
        let flink = flink.map_err(|problem| ("flink".to_owned(), problem))?;
        let types = Types { entries: &self.types, open: RefCell::default() };
        for class in self.types.keys() {
            types.define(class).map_err(|problem| (format!("types › {class}"), problem))?;
        }
        let mut ids = BTreeSet::new();
        let mut operators = Vec::new();
        for (index, entry) in self.operators.iter().enumerate() {
            let operator = entry.planned(&types, self.max_parallelism).map_err(|problem| {
                (format!("operator {} ({})", index.saturating_add(1), entry.title()), problem)
            })?;
            if operator.id.is_some_and(|id| !ids.insert(id)) {
                return Err((
                    format!("operator {} ({})", index.saturating_add(1), entry.title()),
                    "another operator has the same uid or ID; Flink refuses such a job".to_owned(),
                ));
            }
            operators.push(operator);
        }
        Ok(JobPlan { source: source.to_owned(), flink, state_backend: self.state_backend, operators })
    }
}

impl OperatorEntry {
    fn title(&self) -> &str {
        [&self.uid, &self.name, &self.generated_id, &self.id].into_iter().flatten().next().map_or("", |it| it)
    }

    fn planned(
        &self,
        types: &Types<'_>,
        job_max_parallelism: Option<MaxParallelismSetting>,
    ) -> Result<PlannedOperator, String> {
        let (id, uid) = match (&self.uid, &self.generated_id, &self.id) {
            (Some(uid), None, None) if uid.is_empty() => {
                return Err("an empty uid is none: write generated_id".to_owned());
            }
            (Some(uid), None, None) => (Some(OperatorId::of_uid(uid)), Uid::Set(uid.clone())),
            (None, Some(id), None) => (Some(id.parse()?), Uid::Unset),
            (None, None, Some(id)) => (Some(id.parse()?), Uid::Unknown),
            (None, None, None) => (None, Uid::Unset),
            _ => return Err("it has more than one of uid, generated_id and id".to_owned()),
        };
        if self.parallelism.is_some_and(|parallelism| parallelism < 1) {
            return Err("its parallelism is less than 1".to_owned());
        }
        Ok(PlannedOperator {
            id,
            uid_hash: self.uid_hash.as_deref().map(str::parse).transpose()?,
            uid,
            name: self.name.clone(),
            parallelism: self.parallelism,
            max_parallelism: match self.max_parallelism.or(job_max_parallelism) {
                Some(MaxParallelismSetting::Set(value)) => MaxParallelism::Set(value),
                Some(MaxParallelismSetting::Derived) => MaxParallelism::Derived,
                Some(MaxParallelismSetting::SetOrDerived(value)) => MaxParallelism::SetOrDerived(value),
                None => MaxParallelism::Unknown,
            },
            chain: self.chain.clone(),
            states: self.states.as_ref().map(|states| self.planned_states(states, types)).transpose()?,
        })
    }

    fn planned_states(&self, entries: &[StateEntry], types: &Types<'_>) -> Result<PlannedStates, String> {
        let key = types.parse_optional(self.key.as_deref()).map_err(|problem| format!("key: {problem}"))?;
        let mut states = Vec::new();
        for entry in entries {
            let planned =
                entry.planned(types).map_err(|problem| format!("state {}: {problem}", entry.name))?;
            states.push(planned);
        }
        Ok(PlannedStates { complete: true, unread: false, keys: key.into_iter().collect(), states })
    }
}

impl StateEntry {
    fn planned(&self, types: &Types<'_>) -> Result<PlannedState, String> {
        let kind: StateKind = self.kind.parse()?;
        let is_key_value = kind.is_keyed() && kind != StateKind::Timers;
        let namespace = self.namespace.as_deref().or(is_key_value.then_some(KEYED_DEFAULT_NAMESPACE));
        Ok(PlannedState {
            name: self.name.clone(),
            kind,
            key: types.parse_optional(self.key.as_deref())?,
            namespace: types.parse_optional(namespace)?,
            value: types.parse_optional(self.value.as_deref())?,
        })
    }
}

/// The classes that a plan file defines.
struct Types<'f> {
    entries: &'f BTreeMap<String, TypeEntry>,
    /// The classes that are being defined, so that one that contains itself is noticed.
    open: RefCell<BTreeSet<String>>,
}

impl Types<'_> {
    fn parse_optional(&self, text: Option<&str>) -> Result<Option<DataType>, String> {
        text.map(|text| self.parse(text)).transpose()
    }

    fn parse(&self, text: &str) -> Result<DataType, String> {
        let problem = RefCell::new(None);
        let lookup = |class: &str| match self.define(class) {
            Ok(found) => found,
            Err(inner) => {
                problem.borrow_mut().get_or_insert(inner);
                None
            }
        };
        let parsed = notation::parse(text, &lookup).map_err(|error| error.to_string());
        match problem.into_inner() {
            Some(inner) => Err(inner),
            None => parsed,
        }
    }

    /// The type of a class; `None` when the file does not define it.
    fn define(&self, class: &str) -> Result<Option<DataType>, String> {
        let Some(entry) = self.entries.get(class) else { return Ok(None) };
        if BasicType::named(class).is_some() {
            return Err(format!("{class} is a basic type, and cannot be defined anew"));
        }
        if !self.open.borrow_mut().insert(class.to_owned()) {
            return Err(format!(
                "{class} contains itself; Flink leaves such a class to Kryo: write Kryo<{class}>"
            ));
        }
        let defined = self.define_entry(class, entry);
        self.open.borrow_mut().remove(class);
        defined.map(Some)
    }

    fn define_entry(&self, class: &str, entry: &TypeEntry) -> Result<DataType, String> {
        match (&entry.fields, &entry.constants) {
            (None, Some(constants)) => Ok(DataType::leaf(TypeConstructor::Enum {
                class: class.to_owned(),
                constants: constants.clone(),
            })),
            (Some(fields), None) => {
                let mut arguments = Vec::new();
                for (name, field) in fields {
                    arguments.push(self.parse(field).map_err(|problem| format!("field {name}: {problem}"))?);
                }
                for subclass in &entry.registered {
                    arguments.push(self.parse(subclass)?);
                }
                let constructor = TypeConstructor::Pojo {
                    class: class.to_owned(),
                    fields: fields.keys().cloned().collect(),
                    registered: entry.registered.len(),
                    unregistered: 0,
                };
                Ok(DataType { constructor, arguments })
            }
            _ => Err(format!("{class} needs either fields or constants")),
        }
    }
}

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
