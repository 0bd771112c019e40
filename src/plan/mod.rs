//! The planned job: what the next version of the job will ask of the savepoint.
//!
//! A [`JobPlan`] says of each operator what its source knows, and keeps apart what is set, what is not, and what the
//! source cannot tell: a check may only rest on the first two.
//!
//! To add a source: one file here, and its line in [`JobPlan::read`].

mod compiled_plan;
mod configuration;
mod document;
mod execution_plan;
mod file;
mod graph;
mod overlay;
mod rest;
mod savepoint;
mod serialized;
mod source_kind;
mod uids;
mod written;

pub use crate::error::PlanError;
pub use file::{Difference, MaxParallelismSetting, OperatorEntry, PlanFile, StateEntry, TypeEntry};
pub use overlay::Contradiction;
pub use source_kind::{Fact, SOURCES, SourceKind, SourceRow, Tells};
pub use uids::NodeUids;
pub use written::Written;

use crate::catalog::StateCatalog;
use crate::error::Error;
use crate::flink::FlinkLine;
use crate::ids::{Chaining, KnownUids, OperatorId, StreamGraph};
use crate::metadata::CheckpointMetadata;
use crate::source::{Location, Settings, Source};
use crate::state::{StateBackend, StateKind};
use crate::types::DataType;

/// The next version of a job.
#[derive(Debug, Clone)]
pub struct JobPlan {
    /// What the plan was read from, for reports.
    pub source: String,
    /// What kind of source that is, and so what it cannot tell.
    pub kind: SourceKind,
    /// The line of Flink that will restore.
    pub flink: Option<FlinkLine>,
    /// The state backend that will restore.
    pub state_backend: Option<StateBackend>,
    /// Whether that backend keeps a changelog of its state.
    pub changelog: Option<bool>,
    /// What a plan file says of all operators, those included that an earlier plan has.
    pub max_parallelism: MaxParallelism,
    /// The job's operators.
    pub operators: Vec<PlannedOperator>,
    /// The master hooks that stored something, where the source has them.
    pub master_hooks: Option<Vec<String>>,
    /// What plans that were laid over one another tell differently.
    pub contradictions: Vec<Contradiction>,
    /// The plans that were laid over one another, the first one first: what each was read from, and its kind.
    pub layers: Vec<(String, SourceKind)>,
    /// A graph that does not hold all that IDs may depend on, to compute them again when a later plan tells a uid.
    pub assumed_graph: Option<StreamGraph>,
    /// The graph that the operators are from, when the source has it.
    pub graph: Option<PlannedGraph>,
}

/// The graph of the next version of a job.
#[derive(Debug, Clone)]
pub struct PlannedGraph {
    /// The operators and their edges.
    pub graph: StreamGraph,
    /// Which edges are chained.
    pub chaining: Chaining,
}

/// One operator of the next version of a job.
#[derive(Debug, Clone)]
pub struct PlannedOperator {
    /// The ID that a restore looks state up by; `None` when the plan cannot tell.
    pub id: Option<OperatorId>,
    /// The ID was computed from a graph that does not hold all that it may depend on: it is right where a savepoint has
    /// it, and where none does nothing is known.
    pub is_id_assumed: bool,
    /// A second ID, which is looked up first (`setUidHash`).
    pub uid_hash: Option<OperatorId>,
    /// It may have one that the plan does not show.
    pub hides_uid_hash: bool,
    /// The uid.
    pub uid: Uid,
    /// The operator's name.
    pub name: Option<String>,
    /// Its parallelism.
    pub parallelism: Option<i32>,
    /// Its max parallelism, and who set it.
    pub max_parallelism: MaxParallelism,
    /// That max parallelism is Flink's own doing: what the job sets for all operators does not count.
    pub has_own_max_parallelism: bool,
    /// The chain that it is in: operators of one chain have the same label, and stand in its order.
    pub chain: Option<String>,
    /// Its states; `None` when the plan says nothing of them.
    pub states: Option<PlannedStates>,
    /// What runs, and on which types.
    pub implementation: Implementation,
    /// The node of the plan's graph that it is.
    pub node: Option<i32>,
    /// Where a person wrote it down.
    pub written: Option<Written>,
}

/// The classes of an operator, and the types that come in and go out. No verdict rests on them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Implementation {
    /// Class of the operator, or of the factory that makes it.
    pub operator: Option<String>,
    /// Class of the user's function; of a lambda, the class that it stands in.
    pub function: Option<String>,
    /// Types of its inputs from other tasks.
    pub inputs: Vec<DataType>,
    /// Type of its output.
    pub output: Option<DataType>,
}

/// What is known of an operator's uid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uid {
    /// The user set it.
    Set(String),
    /// The user set none, and Flink generates the operator's ID.
    Unset,
    /// The source cannot tell.
    Unknown,
}

/// What is known of an operator's max parallelism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaxParallelism {
    /// The job sets it, so Flink compares it with the savepoint's.
    Set(i32),
    /// The job does not set it, so Flink takes over the savepoint's.
    Derived,
    /// It had this value in a run; whether the job set it cannot be told.
    SetOrDerived(i32),
    /// Nothing is known.
    Unknown,
}

/// The states of a planned operator.
#[derive(Debug, Clone, Default)]
pub struct PlannedStates {
    /// A state that is not listed, here or in `perhaps`, does not exist. False for a savepoint of a test run, which shows
    /// only the states that the run came to register.
    pub complete: bool,
    /// Some states could not be read out of the source, so one that is not listed may be among them.
    pub unread: bool,
    /// Types of the key; empty when there is no keyed state, or it is not known.
    pub keys: Vec<DataType>,
    /// The states.
    pub states: Vec<PlannedState>,
    /// States that a setting makes which is not in the plan: they may be there, and are of these types.
    pub perhaps: Vec<PlannedState>,
}

/// One state of a planned operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedState {
    /// The state's name.
    pub name: String,
    /// What kind of state it is.
    pub kind: StateKind,
    /// Type of the key of a broadcast state.
    pub key: Option<DataType>,
    /// Type of the namespace of a keyed state.
    pub namespace: Option<DataType>,
    /// Type of the value.
    pub value: Option<DataType>,
}

impl JobPlan {
    /// A plan without operators, to be filled.
    fn of_source(kind: SourceKind) -> Self {
        Self {
            source: String::new(),
            kind,
            flink: None,
            state_backend: None,
            changelog: None,
            max_parallelism: MaxParallelism::Unknown,
            operators: Vec::new(),
            master_hooks: None,
            contradictions: Vec::new(),
            layers: Vec::new(),
            assumed_graph: None,
            graph: None,
        }
    }

    /// Reads a plan from what a user names. What it is shows in what it holds.
    pub fn read(text: &str) -> Result<Self, Error> {
        Self::read_from(&Source::default(), text)
    }

    /// As [`JobPlan::read`], with the settings of a source.
    pub fn read_from(source: &Source, text: &str) -> Result<Self, Error> {
        let mut plan = Self::read_layer(source, text)?;
        plan.layers = vec![(plan.source.clone(), plan.kind)];
        Ok(plan)
    }

    /// Reads plans and lays them over one another, each over those before it.
    pub fn read_all<'t>(
        source: &Source,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> Result<Option<Self>, Error> {
        let mut plan: Option<Self> = None;
        for text in texts {
            let later = Self::read_from(source, text)?;
            plan = Some(match plan {
                Some(plan) => plan.overlaid(later),
                None => later,
            });
        }
        match &plan {
            Some(plan)
                if plan.operators.is_empty()
                    && plan.layers.iter().all(|(_, it)| *it == SourceKind::PlanFile) =>
            {
                Err(PlanError::WithoutOperators { plan: plan.source.clone() }.into())
            }
            _ => Ok(plan),
        }
    }

    fn read_layer(source: &Source, text: &str) -> Result<Self, Error> {
        if let Some(answer) = source.document(text)? {
            return Self::of_file(source.settings(), &Location::parse(text), &answer);
        }
        let location = source.savepoint(text)?;
        let file = location.open_metadata()?;
        if CheckpointMetadata::is_metadata(&file) {
            let catalog = StateCatalog::open(&location)?;
            return Ok(savepoint::from_catalog(text, &catalog));
        }
        Self::of_file(source.settings(), location.metadata(), &file)
    }

    /// Names the operators whose IDs are those of known uids, where the plan does not tell uids itself.
    pub fn take_uids(&mut self, known: &KnownUids) {
        for operator in self.operators.iter_mut().filter(|it| it.uid == Uid::Unknown) {
            if let Some(uid) = operator.certain_id().and_then(|id| known.written(id)) {
                operator.uid = Uid::Set(uid.to_owned());
            }
        }
    }

    /// Takes from a Flink configuration what the plan does not tell of the state backend that restores.
    pub fn take_configuration(&mut self, settings: &Settings) {
        let value = |key: &str| settings.flink(&[key]).map(str::to_owned);
        self.state_backend = self.state_backend.or_else(|| configuration::state_backend(value));
        self.changelog = self.changelog.or_else(|| configuration::changelog(value));
    }

    /// Reads a plan of a file that is no savepoint; errors name `location`. Of the settings, the Flink configuration counts
    /// where it decides about uids.
    pub fn of_file(settings: &Settings, location: &Location, file: &[u8]) -> Result<Self, Error> {
        if let Some((_, what)) = PROGRAMS.iter().find(|(magic, _)| file.starts_with(magic)) {
            let problem = format!("this is {what}, and {GRAPH_OF_PROGRAM}");
            Err(PlanError::Foreign { location: location.clone(), problem }.into())
        } else if serialized::is_java_object(file) {
            serialized::read(location, file)
        } else if let Some(plan) = document::read(settings, location, file) {
            Ok(plan?)
        } else {
            Ok(file::read(location, file)?)
        }
    }
}

/// How programs start. They are the first thing that one thinks of as a plan.
const PROGRAMS: &[(&[u8], &str)] =
    &[(b"PK\x03\x04", "a jar or another archive"), (b"\xca\xfe\xba\xbe", "a Java class")];
/// Why one is no plan, and what to do.
const GRAPH_OF_PROGRAM: &str = "a program tells its job's graph only when it runs: three lines in it write a plan \
(docs/plans.md), or a JobManager that holds the jar is asked, with --plan http://…/jars/ID/plan";

impl PlannedOperator {
    /// An operator of which nothing but the ID is known.
    fn of_id(id: Option<OperatorId>) -> Self {
        Self {
            id,
            is_id_assumed: false,
            uid_hash: None,
            hides_uid_hash: true,
            uid: Uid::Unknown,
            name: None,
            parallelism: None,
            max_parallelism: MaxParallelism::Unknown,
            has_own_max_parallelism: false,
            chain: None,
            states: None,
            implementation: Implementation::default(),
            node: None,
            written: None,
        }
    }

    /// Whether it may have a `setUidHash` that the plan does not show.
    pub fn may_have_uid_hash(&self) -> bool {
        self.hides_uid_hash && self.uid_hash.is_none()
    }

    /// The ID, if it is known for certain.
    pub fn certain_id(&self) -> Option<OperatorId> {
        self.id.filter(|_| !self.is_id_assumed)
    }

    /// What to call the operator in a message: its uid, else its name, else its ID.
    pub fn title(&self) -> String {
        match (&self.uid, &self.name, self.id) {
            (Uid::Set(uid), _, _) => uid.clone(),
            (_, Some(name), _) => name.clone(),
            (_, None, Some(id)) => id.to_string(),
            (_, None, None) => "an operator without uid, name and ID".to_owned(),
        }
    }
}
