//! A plan from a graph that Java serialized: what a job or a test wrote with an `ObjectOutputStream`, or what Flink's
//! high-availability storage holds of a job.
//!
//! It is a `JobGraph`, or from Flink 2.0 on also a `StreamGraph`. Nothing is instantiated: [`JavaObject`] reads the
//! stream by its own description. Much in it is a byte array that holds a stream of its own; [`Streams`] reads those,
//! and counts what it reads, because arrays may be shared and hold one another.

mod descriptors;
mod edges;
mod factory;
mod job_graph;
mod job_stream_graph;
mod operator;
mod stream_config;
mod stream_graph;

use super::{JobPlan, PlanError, configuration};
use crate::error::Error;
use crate::ids::OperatorId;
use crate::source::Location;
use crate::state::StateBackend;
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaObject, JavaValue};
use std::borrow::Cow;
use std::cell::Cell;

/// What every Java object stream starts with.
const MAGIC: &[u8] = &[0xac, 0xed, 0, 5];

const JOB_GRAPH: &str = "org.apache.flink.runtime.jobgraph.JobGraph";
const STREAM_GRAPH: &str = "org.apache.flink.streaming.api.graph.StreamGraph";
/// What high-availability services keep in `ZooKeeper` and in config maps: where the graph is.
const POINTERS: &[&str] = &[
    "org.apache.flink.runtime.state.RetrievableStreamStateHandle",
    "org.apache.flink.kubernetes.highavailability.KubernetesStateHandleStore$StateHandleWithDeleteMarker",
];
/// Fields through which a wrapper holds the graph: `SubmittedJobGraph` of Flink up to 1.8.
const WRAPPED_IN: &[&str] = &["jobGraph", "executionPlan"];
/// Nested streams may have so many times the bytes of the file altogether. Real graphs nest three deep.
const MOST_NESTED: usize = 16;

/// Whether these bytes are a Java object stream.
pub(super) fn is_java_object(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Reads the graph in `bytes`, which are all of the file at `location`.
pub(super) fn read(location: &Location, bytes: &[u8]) -> Result<JobPlan, Error> {
    let foreign = |problem: String| PlanError::Foreign { location: location.clone(), problem };
    let streams = Streams::new(bytes);
    let decoded = |error| Error::Decode { location: location.clone(), error };
    let object = streams.read(bytes).map_err(decoded)?;
    let root = object.root();
    let graph = std::iter::once(root).chain(WRAPPED_IN.iter().filter_map(|field| root.field(field)));
    for graph in graph {
        let plan = match graph.class_name().as_deref() {
            Some(JOB_GRAPH) => job_graph::plan(&streams, graph),
            Some(STREAM_GRAPH) => stream_graph::plan(&streams, graph),
            _ => continue,
        };
        let mut plan = plan.map_err(|problem| match problem {
            Problem::Decode(error) => decoded(error),
            Problem::Foreign(what) => foreign(what).into(),
        })?;
        plan.source = location.to_string();
        return Ok(plan);
    }
    if POINTERS.iter().any(|class| root.is_a(class)) {
        return Err(foreign(match pointed_at(&object) {
            Some(path) => format!("it only says where the job's graph is: pass {path}"),
            None => "it only says where the job's graph is, in a way that is not known here; look for submittedJobGraph… or submittedExecutionPlan… in high-availability.storageDir".to_owned(),
        })
        .into());
    }
    let class = root.class_name().unwrap_or("no class".into());
    Err(foreign(format!("it is a Java object of {class}, and neither a JobGraph nor a StreamGraph")).into())
}

/// Why a graph could not be read.
enum Problem {
    /// A stream inside of it is damaged.
    Decode(DecodeError),
    /// It is not what Flink writes.
    Foreign(String),
}

impl From<DecodeError> for Problem {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

/// The path of the one file that a state handle names.
fn pointed_at(object: &JavaObject<'_>) -> Option<String> {
    let handle =
        object.objects().find(|it| it.is_a("org.apache.flink.runtime.state.filesystem.FileStateHandle"))?;
    let uri = handle.field("filePath")?.field("uri")?;
    Some(uri.field("string")?.as_str()?.into_owned())
}

/// Reads the stream of the file and those inside of it.
struct Streams<'a> {
    file: &'a [u8],
    /// Bytes that nested streams may still have.
    left: Cell<usize>,
    /// Parts that types may still have. A part takes some bytes, unless serializers share it.
    parts: Cell<usize>,
}

impl<'a> Streams<'a> {
    fn new(file: &'a [u8]) -> Self {
        Self { file, left: Cell::new(file.len().saturating_mul(MOST_NESTED)), parts: Cell::new(file.len()) }
    }

    /// The object in `bytes`, which are a part of the file.
    fn read<'b>(&self, bytes: &'b [u8]) -> Result<JavaObject<'b>, DecodeError> {
        let offset = bytes.as_ptr().addr().saturating_sub(self.file.as_ptr().addr());
        let mut input = DataInput::new(bytes, offset as u64);
        let Some(left) = self.left.get().checked_sub(bytes.len()) else {
            return Err(input.error(DecodeErrorKind::JavaStream {
                what: "the streams inside of it refer to one another without end",
            }));
        };
        self.left.set(left);
        JavaObject::read(&mut input)
    }

    /// The object in a `byte[]` or in a `SerializedValue`; `None` for anything else.
    fn nested<'b>(&self, value: Option<JavaValue<'_, 'b>>) -> Result<Option<JavaObject<'b>>, DecodeError> {
        let bytes =
            value.and_then(|value| value.as_bytes().or_else(|| value.field("serializedData")?.as_bytes()));
        bytes.map(|bytes| self.read(bytes)).transpose()
    }
}

/// An `AbstractID`: its two longs in the order in which Flink prints them.
fn operator_id(value: JavaValue<'_, '_>) -> Option<OperatorId> {
    let (lower, upper) = (value.field("lowerPart")?.as_long()?, value.field("upperPart")?.as_long()?);
    let bytes = [lower.to_be_bytes(), upper.to_be_bytes()].concat();
    OperatorId::decode(&mut DataInput::new(&bytes, 0)).ok()
}

/// A text that is there and not empty.
fn text(value: Option<JavaValue<'_, '_>>) -> Option<String> {
    value?.as_str().map(Cow::into_owned).filter(|text| !text.is_empty())
}

/// What a job's settings say of its state backend: `JobCheckpointingSettings`, else its configuration.
fn take_backend(
    plan: &mut JobPlan,
    streams: &Streams<'_>,
    graph: JavaValue<'_, '_>,
) -> Result<(), DecodeError> {
    let settings = graph.field("snapshotSettings").or_else(|| graph.field("checkpointingSettings"));
    let configuration = graph.field("jobConfiguration").and_then(|it| it.field("confData"));
    let value = |wanted: &str| {
        let mut entries = configuration.into_iter().flat_map(JavaValue::entries);
        let (_, value) = entries.find(|(key, _)| key.as_str().is_some_and(|key| key == wanted))?;
        value.as_str().map(Cow::into_owned).or_else(|| value.as_bool().map(|it| it.to_string()))
    };
    let object = streams.nested(settings.and_then(|settings| settings.field("defaultStateBackend")))?;
    let class = object.as_ref().and_then(|object| object.root().class_name());
    plan.state_backend = match class.as_deref().and_then(|class| class.rsplit('.').next()) {
        Some("HashMapStateBackend") => Some(StateBackend::HashMap),
        Some("EmbeddedRocksDBStateBackend") => Some(StateBackend::RocksDb),
        Some("ForStStateBackend") => Some(StateBackend::ForSt),
        Some(_) => None,
        None => configuration::state_backend(value),
    };
    // A `TernaryBoolean`.
    let set = settings.and_then(|settings| settings.field("changelogStateBackendEnabled"));
    plan.changelog = match set.and_then(JavaValue::enum_constant).as_deref() {
        Some("TRUE") => Some(true),
        Some("FALSE") => Some(false),
        _ => configuration::changelog(value),
    };
    Ok(())
}
