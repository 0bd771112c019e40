//! From a plan file to a plan.

use super::{
    KEYED_DEFAULT_NAMESPACE, MaxParallelismSetting, OperatorEntry, PlanFile, StateEntry, TypeEntry, lines,
};
use crate::flink::FlinkLine;
use crate::ids::OperatorId;
use crate::plan::{
    JobPlan, MaxParallelism, PlanError, PlannedOperator, PlannedState, PlannedStates, SourceKind, Uid,
};
use crate::source::Location;
use crate::state::StateKind;
use crate::suggestion::suggestion;
use crate::types::{BasicType, DataType, TypeConstructor, notation};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// Reads the plan file at `location`, which holds `bytes`.
pub(in crate::plan) fn read(location: &Location, bytes: &[u8]) -> Result<JobPlan, PlanError> {
    let syntax = |problem| PlanError::Syntax { location: location.clone(), problem };
    let text = str::from_utf8(bytes).map_err(|error| syntax(error.to_string()))?;
    let file: PlanFile =
        serde_saphyr::from_str(text).map_err(|error| syntax(in_words(error.without_snippet())))?;
    let invalid = |(place, problem)| PlanError::Invalid { location: location.clone(), place, problem };
    let source = location.to_string();
    let mut plan = file.into_plan(&source).map_err(invalid)?;
    for (operator, written) in plan.operators.iter_mut().zip(lines::written(&source, text)) {
        operator.written = Some(written);
    }
    Ok(plan)
}

/// The error, and for a key that does not exist the one that was likely meant.
fn in_words(error: &serde_saphyr::Error) -> String {
    match error {
        serde_saphyr::Error::SerdeUnknownField { field, expected, .. } => {
            format!("{error}{}", suggestion(field, expected.iter().copied()))
        }
        serde_saphyr::Error::SerdeUnknownVariant { variant, expected, .. } => {
            format!("{error}{}", suggestion(variant, expected.iter().copied()))
        }
        // The crate goes on about its own options.
        serde_saphyr::Error::DuplicateMappingKey { key: Some(key), location } => {
            let (line, column) = (location.line(), location.column());
            format!("the key {key} stands there twice at line {line}, column {column}")
        }
        error => error.to_string(),
    }
}

/// A place in the plan file and what is wrong there.
type Problem = (String, String);

impl PlanFile {
    /// The plan that this file describes.
    pub(super) fn into_plan(self, source: &str) -> Result<JobPlan, Problem> {
        let flink = self.flink.as_deref().map(str::parse::<FlinkLine>).transpose();
        let flink = flink.map_err(|problem| ("flink".to_owned(), problem))?;
        let types = Types::new(&self.types);
        for class in self.types.keys() {
            types.define(class, 0).map_err(|problem| (format!("types › {class}"), problem))?;
        }
        let mut operators = Vec::new();
        for (index, entry) in self.operators.iter().enumerate() {
            let mut operator = entry.planned(&types, self.max_parallelism).map_err(|problem| {
                (format!("operator {} ({})", index.saturating_add(1), entry.title()), problem)
            })?;
            operator.hides_uid_hash = self.more_uid_hashes;
            operators.push(operator);
        }
        Ok(JobPlan {
            source: source.to_owned(),
            flink,
            state_backend: self.state_backend,
            changelog: self.changelog,
            master_hooks: self.master_hooks.clone(),
            max_parallelism: planned(self.max_parallelism),
            operators,
            ..JobPlan::of_source(SourceKind::PlanFile)
        })
    }
}

fn planned(setting: Option<MaxParallelismSetting>) -> MaxParallelism {
    match setting {
        Some(MaxParallelismSetting::Set(value)) => MaxParallelism::Set(value),
        Some(MaxParallelismSetting::Derived) => MaxParallelism::Derived,
        Some(MaxParallelismSetting::SetOrDerived(value)) => MaxParallelism::SetOrDerived(value),
        None => MaxParallelism::Unknown,
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
            (None, None, None) => (None, Uid::Unknown),
            _ => return Err("it has more than one of uid, generated_id and id".to_owned()),
        };
        if self.parallelism.is_some_and(|parallelism| parallelism < 1) {
            return Err("its parallelism is less than 1".to_owned());
        }
        Ok(PlannedOperator {
            uid_hash: self.uid_hash.as_deref().map(str::parse).transpose()?,
            uid,
            name: self.name.clone(),
            parallelism: self.parallelism,
            max_parallelism: planned(self.max_parallelism.or(job_max_parallelism)),
            chain: self.chain.clone(),
            states: self.planned_states(types)?,
            ..PlannedOperator::of_id(id)
        })
    }

    /// Its states; `None` when the entry says nothing of them.
    fn planned_states(&self, types: &Types<'_>) -> Result<Option<PlannedStates>, String> {
        let key = types.parse_optional(self.key.as_deref()).map_err(|problem| format!("key: {problem}"))?;
        if self.states.is_none() && key.is_none() && !self.more_states {
            return Ok(None);
        }
        let mut states = Vec::new();
        for entry in self.states.iter().flatten() {
            let planned =
                entry.planned(types).map_err(|problem| format!("state {}: {problem}", entry.name))?;
            states.push(planned);
        }
        let complete = self.states.is_some() && !self.more_states;
        Ok(Some(PlannedStates {
            complete,
            unread: !complete,
            keys: key.into_iter().collect(),
            states,
            perhaps: Vec::new(),
        }))
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
    /// Those that are defined already.
    defined: RefCell<BTreeMap<String, DataType>>,
    /// Parts of all types so far, counted where they are used: a few lines of classes that name one another twice
    /// unfold to more than any memory holds.
    parts: Cell<usize>,
}

/// Deeper than any types people write, and shallow enough for any stack.
const MOST_DEEP: usize = notation::DEPTH_LIMIT as usize;
/// More parts than the types of any job have.
const MOST_PARTS: usize = 4_000_000;

impl<'f> Types<'f> {
    fn new(entries: &'f BTreeMap<String, TypeEntry>) -> Self {
        Self { entries, open: RefCell::default(), defined: RefCell::default(), parts: Cell::new(0) }
    }

    fn parse_optional(&self, text: Option<&str>) -> Result<Option<DataType>, String> {
        text.map(|text| self.parse(text, 0)).transpose()
    }

    fn parse(&self, text: &str, depth: u32) -> Result<DataType, String> {
        let problem = RefCell::new(None);
        let lookup = |class: &str, depth: u32| match self.define(class, depth) {
            Ok(found) => found,
            Err(inner) => {
                problem.borrow_mut().get_or_insert(inner);
                None
            }
        };
        let parsed = notation::parse_within(text, depth, &lookup).map_err(|error| error.to_string());
        match problem.into_inner() {
            Some(inner) => Err(inner),
            None => parsed,
        }
    }

    /// The type of a class; `None` when the file does not define it.
    fn define(&self, class: &str, depth: u32) -> Result<Option<DataType>, String> {
        let Some(entry) = self.entries.get(class) else {
            return Ok(None);
        };
        let known = self.defined.borrow().get(class).cloned();
        let defined = match known {
            Some(known) => known,
            None => self.define_anew(class, entry, depth)?,
        };
        if (depth as usize).saturating_add(defined.depth()) > MOST_DEEP {
            return Err(format!("the classes of this plan nest more than {MOST_DEEP} deep"));
        }
        let parts = self.parts.get().saturating_add(defined.walk().count());
        self.parts.set(parts);
        if parts > MOST_PARTS {
            return Err(format!("the types of this plan unfold to more than {MOST_PARTS} parts"));
        }
        self.defined.borrow_mut().insert(class.to_owned(), defined.clone());
        Ok(Some(defined))
    }

    fn define_anew(&self, class: &str, entry: &TypeEntry, depth: u32) -> Result<DataType, String> {
        if BasicType::named(class).is_some() {
            return Err(format!("{class} is a basic type, and cannot be defined anew"));
        }
        if (depth as usize).saturating_add(1) >= MOST_DEEP {
            return Err(format!("the classes of this plan nest more than {MOST_DEEP} deep"));
        }
        if !self.open.borrow_mut().insert(class.to_owned()) {
            return Err(format!(
                "{class} contains itself; Flink leaves such a class to Kryo: write Kryo<{class}>"
            ));
        }
        let defined = self.define_entry(class, entry, depth.saturating_add(1));
        self.open.borrow_mut().remove(class);
        defined
    }

    fn define_entry(&self, class: &str, entry: &TypeEntry, depth: u32) -> Result<DataType, String> {
        match (&entry.fields, &entry.constants) {
            (None, Some(constants)) => Ok(DataType::leaf(TypeConstructor::Enum {
                class: class.to_owned(),
                constants: constants.clone(),
            })),
            (Some(fields), None) => {
                let mut arguments = Vec::new();
                let (mut names, mut inherited_from) = (Vec::new(), Vec::new());
                for (name, field) in fields {
                    arguments.push(
                        self.parse(field, depth).map_err(|problem| format!("field {name}: {problem}"))?,
                    );
                    let (name, class) = match name.split_once(" of ") {
                        Some((name, class)) => (name.trim(), Some(class.trim().to_owned())),
                        None => (name.as_str(), None),
                    };
                    names.push(name.to_owned());
                    inherited_from.push(class);
                }
                for subclass in &entry.registered {
                    arguments.push(self.parse(subclass, depth)?);
                }
                let constructor = TypeConstructor::Pojo {
                    class: class.to_owned(),
                    fields: names,
                    inherited_from,
                    registered: entry.registered.len(),
                    unregistered: 0,
                };
                Ok(DataType { constructor, arguments })
            }
            _ => Err(format!("{class} needs either fields or constants")),
        }
    }
}
