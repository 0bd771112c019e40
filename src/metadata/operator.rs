//! One operator of the `_metadata` file, and its subtasks.

use super::handle::{
    ChannelDirection, ChannelStateHandle, KeyedStateHandle, OperatorStateHandle, Record, Records,
    StreamStateHandle,
};
use super::{MetadataVersion, RecordLayout};
use crate::ids::OperatorId;
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, JavaStr, Within};

/// The state of one operator over all its subtasks.
///
/// Mirrors `org.apache.flink.runtime.checkpoint.OperatorState` and, with
/// [`fully_finished`](Self::fully_finished), `FullyFinishedOperatorState`.
#[derive(Debug, Clone)]
pub struct OperatorState<'a> {
    /// The operator's name; `None` before version 5, and when Flink knew none.
    pub name: Option<JavaStr<'a>>,
    /// The uid that the user set; `None` before version 5, and when the user set none.
    pub uid: Option<JavaStr<'a>>,
    /// The ID that a restore matches by; of a task, the ID of its vertex, which is that of the operator at its head.
    pub id: OperatorId,
    /// Parallelism of the operator's vertex when the checkpoint was taken.
    pub parallelism: i32,
    /// Number of key groups of the operator's vertex.
    pub max_parallelism: i32,
    /// How many operators are chained in it, if it is a task: see [`MetadataVersion::has_tasks`].
    pub chain_length: Option<i32>,
    /// State of the operator's coordinator, which is kept by the JobManager.
    pub coordinator_state: Option<StreamStateHandle<'a>>,
    /// Every subtask had finished before the checkpoint.
    pub fully_finished: bool,
    /// Some subtask had finished before the checkpoint.
    pub partly_finished: bool,
    /// How many subtasks wrote state of a format of the operator's own.
    pub with_raw_state: usize,
    has_state: bool,
    subtasks: Records<'a, OperatorSubtaskState<'a>>,
}

/// The state of one subtask of an operator.
///
/// Mirrors `org.apache.flink.runtime.checkpoint.OperatorSubtaskState`.
#[derive(Debug, Clone)]
pub struct OperatorSubtaskState<'a> {
    /// The subtask's number, from 0.
    pub index: i32,
    /// The subtask had finished before the checkpoint, and has no state.
    pub finished: bool,
    /// Keyed state.
    pub managed_keyed: Option<KeyedStateHandle<'a>>,
    /// What the operator wrote to its raw keyed stream.
    pub raw_keyed: Option<KeyedStateHandle<'a>>,
    /// The older checkpoint that the state was taken over from, if it was.
    pub reference: Option<i64>,
    managed_operator: Records<'a, Chained<'a>>,
    raw_operator: Records<'a, Chained<'a>>,
    input_channels: Records<'a, ChannelStateHandle<'a>>,
    result_subpartitions: Records<'a, ChannelStateHandle<'a>>,
}

/// What a handle's state is to its subtask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateRole {
    /// List, union and broadcast state.
    ManagedOperator,
    /// The raw operator stream.
    RawOperator,
    /// Keyed state.
    ManagedKeyed,
    /// The raw keyed stream.
    RawKeyed,
    /// Data that had arrived and was not processed yet.
    InputChannel,
    /// Data that was to be sent.
    ResultSubpartition,
}

/// A stream of a subtask.
#[derive(Debug, Clone, Copy)]
pub struct SubtaskStream<'a> {
    /// What its state is to the subtask.
    pub role: StateRole,
    /// The stream.
    pub stream: StreamStateHandle<'a>,
    /// Whether a changelog holds it: its snapshots, and what changed since.
    pub is_of_changelog: bool,
}

impl StateRole {
    /// The role's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::ManagedOperator => "managed-operator",
            Self::RawOperator => "raw-operator",
            Self::ManagedKeyed => "managed-keyed",
            Self::RawKeyed => "raw-keyed",
            Self::InputChannel => "input-channel",
            Self::ResultSubpartition => "result-subpartition",
        }
    }
}

impl<'a> OperatorState<'a> {
    /// ID, parallelism, max parallelism, and either chain length or coordinator tag, subtask count
    pub(super) const LEAST_BYTES: usize = 16 + 4 + 4 + 1 + 4;

    pub(super) fn decode(input: &mut DataInput<'a>, layout: RecordLayout) -> Result<Self, DecodeError> {
        let (name, uid) = if layout.version.has_names() {
            let name = input.read_utf().within("operator name")?;
            let uid = input.read_utf().within("operator uid")?;
            (Some(name).filter(|name| !name.is_empty()), Some(uid).filter(|uid| !uid.is_empty()))
        } else {
            (None, None)
        };
        let id = OperatorId::decode(input)?;
        Self::decode_identified(input, layout, name, uid, id).within_with(|| match (uid, name) {
            (Some(uid), _) => format!("{id} (uid {uid:?})"),
            (None, Some(name)) => format!("{id} ({name:?})"),
            (None, None) => id.to_string(),
        })
    }

    fn decode_identified(
        input: &mut DataInput<'a>,
        layout: RecordLayout,
        name: Option<JavaStr<'a>>,
        uid: Option<JavaStr<'a>>,
        id: OperatorId,
    ) -> Result<Self, DecodeError> {
        let parallelism = input.read_int()?;
        let max_parallelism = input.read_int()?;
        // Of an operator, always 1.
        let chain_length = layout.version.has_task_fields().then(|| input.read_int()).transpose()?;
        let mut coordinator_state = None;
        let mut fully_finished = false;
        if layout.version.has_coordinators() {
            coordinator_state = decode_coordinator_state(input).within("coordinator state")?;
            let mut at_count = *input;
            fully_finished = at_count.read_int()? < 0;
        }
        let count = if fully_finished {
            input.read_int()?;
            0
        } else {
            input.read_count(OperatorSubtaskState::WHAT, OperatorSubtaskState::LEAST_BYTES)?
        };
        let mut has_state = coordinator_state.is_some();
        let mut partly_finished = false;
        let mut with_raw_state: usize = 0;
        let subtasks = Records::decode_all(input, layout, count, |subtask: &OperatorSubtaskState<'_>| {
            has_state |= subtask.has_state();
            partly_finished |= subtask.finished;
            let is_raw = subtask.raw_operator.hold_any() || subtask.raw_keyed.is_some();
            with_raw_state = with_raw_state.saturating_add(usize::from(is_raw));
        })?;
        Ok(Self {
            name,
            uid,
            id,
            parallelism,
            max_parallelism,
            chain_length: chain_length.filter(|_| layout.version.has_tasks()),
            coordinator_state,
            fully_finished,
            partly_finished,
            with_raw_state,
            has_state,
            subtasks,
        })
    }

    /// The subtasks that the file lists; those without state may be absent.
    pub fn subtasks(&self) -> impl Iterator<Item = OperatorSubtaskState<'a>> + use<'a> {
        self.subtasks.iter()
    }

    /// Bytes of the coordinator's state.
    pub fn coordinator_state_bytes(&self) -> u64 {
        self.coordinator_state.as_ref().map_or(0, StreamStateHandle::state_size)
    }

    /// Bytes of state, the coordinator's included, as `OperatorState.getStateSize` counts them.
    pub fn state_size(&self) -> u64 {
        self.coordinator_state_bytes().saturating_add(self.subtasks.state_size())
    }

    /// Whether some subtask is listed, be it without state: that of an operator beside one with state in its task is.
    /// (`OperatorState.getNumberCollectedStates`)
    pub fn lists_any_subtask(&self) -> bool {
        self.subtasks.iter().next().is_some()
    }

    /// Whether Flink refuses to drop this operator without `--allowNonRestoredState`: it has coordinator state,
    /// or some subtask has a handle, whatever its size.
    pub fn has_state(&self) -> bool {
        self.has_state
    }
}

impl<'a> Record<'a> for OperatorSubtaskState<'a> {
    type Context = RecordLayout;
    const WHAT: &'static str = "subtasks";
    /// index
    const LEAST_BYTES: usize = 4;

    fn decode(input: &mut DataInput<'a>, layout: RecordLayout) -> Result<Self, DecodeError> {
        let start = *input;
        let index = input.read_int()?;
        if index >= 0 {
            return Self::decode_running(input, index, layout).within_with(|| format!("subtask {index}"));
        }
        if !layout.version.has_coordinators() {
            let what = "a subtask's number cannot be negative before version 3";
            return Err(start.error(DecodeErrorKind::Invalid { what, found: index.into() }));
        }
        // A finished subtask is written as -index - 1, and nothing follows; `!` is just that.
        let nothing = |direction| Records::empty(*input, (direction, layout));
        Ok(Self {
            index: !index,
            finished: true,
            managed_operator: Records::empty(*input, ()),
            raw_operator: Records::empty(*input, ()),
            managed_keyed: None,
            raw_keyed: None,
            reference: None,
            input_channels: nothing(ChannelDirection::Input),
            result_subpartitions: nothing(ChannelDirection::Output),
        })
    }

    fn state_size(&self) -> u64 {
        Self::state_size(self)
    }
}

impl<'a> OperatorSubtaskState<'a> {
    fn decode_running(
        input: &mut DataInput<'a>,
        index: i32,
        layout: RecordLayout,
    ) -> Result<Self, DecodeError> {
        if layout.version.has_task_fields() {
            decode_task_fields(input)?;
        }
        Ok(Self {
            index,
            finished: false,
            managed_operator: decode_operator_state(input, layout.version)
                .within("managed operator state")?,
            raw_operator: decode_operator_state(input, layout.version).within("raw operator state")?,
            managed_keyed: KeyedStateHandle::decode(input, layout).within("managed keyed state")?,
            raw_keyed: KeyedStateHandle::decode(input, layout).within("raw keyed state")?,
            input_channels: decode_channel_state(input, ChannelDirection::Input, layout)
                .within("input channel state")?,
            result_subpartitions: decode_channel_state(input, ChannelDirection::Output, layout)
                .within("result subpartition state")?,
            reference: decode_reference(input, layout.version)?,
        })
    }

    /// List, union and broadcast state, with the place in the chain of the operator whose it is. There is one handle at
    /// most, whose place is 0, unless the file [has tasks](MetadataVersion::has_tasks).
    pub fn managed_operator(&self) -> impl Iterator<Item = (usize, OperatorStateHandle<'a>)> + use<'a> {
        Chained::present(&self.managed_operator)
    }

    /// What operators wrote to their raw operator streams, as [`Self::managed_operator`].
    pub fn raw_operator(&self) -> impl Iterator<Item = (usize, OperatorStateHandle<'a>)> + use<'a> {
        Chained::present(&self.raw_operator)
    }

    /// In-flight data that had arrived and was not processed yet.
    pub fn input_channels(&self) -> impl Iterator<Item = ChannelStateHandle<'a>> + use<'a> {
        self.input_channels.iter()
    }

    /// In-flight data that was to be sent.
    pub fn result_subpartitions(&self) -> impl Iterator<Item = ChannelStateHandle<'a>> + use<'a> {
        self.result_subpartitions.iter()
    }

    /// All streams of the subtask.
    pub fn streams(&self) -> impl Iterator<Item = SubtaskStream<'a>> {
        let operator = [
            (StateRole::ManagedOperator, self.managed_operator),
            (StateRole::RawOperator, self.raw_operator),
        ];
        let keyed = [(StateRole::ManagedKeyed, self.managed_keyed), (StateRole::RawKeyed, self.raw_keyed)];
        let plain = |role, stream| SubtaskStream { role, stream, is_of_changelog: false };
        let operator = operator.into_iter().flat_map(move |(role, chain)| {
            Chained::present(&chain).map(move |(_, handle)| plain(role, handle.stream))
        });
        let keyed = keyed.into_iter().filter_map(|(role, handle)| Some((role, handle?)));
        let keyed = keyed.flat_map(|(role, handle)| {
            let is_of_changelog = handle.is_changelog();
            handle.streams().map(move |stream| SubtaskStream { role, stream, is_of_changelog })
        });
        let input = self.input_channels().map(move |handle| plain(StateRole::InputChannel, handle.stream));
        let output = self
            .result_subpartitions()
            .map(move |handle| plain(StateRole::ResultSubpartition, handle.stream));
        operator.chain(keyed).chain(input).chain(output)
    }

    /// Whether there is any handle at all.
    pub fn has_state(&self) -> bool {
        self.managed_operator.hold_any()
            || self.raw_operator.hold_any()
            || self.managed_keyed.is_some()
            || self.raw_keyed.is_some()
            || self.input_channels.hold_any()
            || self.result_subpartitions.hold_any()
    }

    /// Bytes of state, as `OperatorSubtaskState.getStateSize` counts them.
    pub fn state_size(&self) -> u64 {
        self.role_sizes().into_iter().map(|(_, bytes)| bytes).fold(0, u64::saturating_add)
    }

    /// Bytes of state by what it is to the subtask, of every role.
    pub fn role_sizes(&self) -> [(StateRole, u64); 6] {
        let keyed =
            |handle: &Option<KeyedStateHandle<'_>>| handle.as_ref().map_or(0, KeyedStateHandle::state_size);
        [
            (StateRole::ManagedOperator, self.managed_operator.state_size()),
            (StateRole::RawOperator, self.raw_operator.state_size()),
            (StateRole::ManagedKeyed, keyed(&self.managed_keyed)),
            (StateRole::RawKeyed, keyed(&self.raw_keyed)),
            (StateRole::InputChannel, self.input_channels.state_size()),
            (StateRole::ResultSubpartition, self.result_subpartitions.state_size()),
        ]
    }
}

/// The operator state of one of the operators that are chained in a task, if it has any.
#[derive(Debug, Clone, Copy)]
struct Chained<'a>(Option<OperatorStateHandle<'a>>);

impl<'a> Chained<'a> {
    /// The operators that have state, by their places in the chain.
    fn present(
        chain: &Records<'a, Self>,
    ) -> impl Iterator<Item = (usize, OperatorStateHandle<'a>)> + use<'a> {
        chain.iter().enumerate().filter_map(|(index, chained)| Some((index, chained.0?)))
    }
}

impl<'a> Record<'a> for Chained<'a> {
    type Context = ();
    const WHAT: &'static str = "chained operators";
    /// tag
    const LEAST_BYTES: usize = 1;

    fn decode(input: &mut DataInput<'a>, (): ()) -> Result<Self, DecodeError> {
        OperatorStateHandle::decode(input).map(Self)
    }

    fn state_size(&self) -> u64 {
        self.0.as_ref().map_or(0, OperatorStateHandle::state_size)
    }

    fn is_present(&self) -> bool {
        self.0.is_some()
    }
}

/// An `int` says how many operators a task has, or, of an operator alone, whether its handle is there.
fn decode_operator_state<'a>(
    input: &mut DataInput<'a>,
    version: MetadataVersion,
) -> Result<Records<'a, Chained<'a>>, DecodeError> {
    if version.has_tasks() {
        return Records::decode(input, ());
    }
    let count = usize::from(input.read_int()? != 0);
    Records::decode_all(input, (), count, |_| {})
}

/// Flink keeps a coordinator's state in the file.
fn decode_coordinator_state<'a>(
    input: &mut DataInput<'a>,
) -> Result<Option<StreamStateHandle<'a>>, DecodeError> {
    let start = *input;
    match StreamStateHandle::decode(input)? {
        None => Ok(None),
        Some(inline @ StreamStateHandle::Inline { .. }) => Ok(Some(inline)),
        Some(_) => {
            let what = "a coordinator's state stands in the file itself, and this is a handle with the tag";
            let found = start.rest().first().copied().unwrap_or_default().into();
            Err(start.error(DecodeErrorKind::Invalid { what, found }))
        }
    }
}

/// What version 2 kept of the tasks of version 1: how long the checkpoint took, always -1, and the state of tasks, of
/// which there is none.
fn decode_task_fields(input: &mut DataInput<'_>) -> Result<(), DecodeError> {
    input.read_long()?;
    let start = *input;
    match input.read_int()? {
        0 => Ok(()),
        found => Err(start.error(DecodeErrorKind::Invalid {
            what: "an operator cannot have state of the tasks of Flink 1.1, and this has handles of it",
            found: found.into(),
        })),
    }
}

fn decode_channel_state<'a>(
    input: &mut DataInput<'a>,
    direction: ChannelDirection,
    layout: RecordLayout,
) -> Result<Records<'a, ChannelStateHandle<'a>>, DecodeError> {
    if layout.version.has_coordinators() {
        Records::decode(input, (direction, layout))
    } else {
        Ok(Records::empty(*input, (direction, layout)))
    }
}

/// A byte of 1 says that an ID follows; Flink takes any other for none.
fn decode_reference(input: &mut DataInput<'_>, version: MetadataVersion) -> Result<Option<i64>, DecodeError> {
    let is_there = version.has_reference() && input.read_byte()? == 1;
    is_there.then(|| input.read_long()).transpose()
}
