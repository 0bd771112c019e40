//! One operator of the `_metadata` file, and its subtasks.

use super::MetadataVersion;
use super::handle::{KeyedStateHandle, OperatorStateHandle, StreamStateHandle, refuse_channel_state};
use crate::ids::OperatorId;
use crate::wire::{DataInput, DecodeError, JavaStr, Within};

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
    /// The ID that a restore matches by.
    pub id: OperatorId,
    /// Parallelism of the operator's vertex when the checkpoint was taken.
    pub parallelism: i32,
    /// Number of key groups of the operator's vertex.
    pub max_parallelism: i32,
    /// State of the operator's coordinator, which is kept by the JobManager.
    pub coordinator_state: Option<StreamStateHandle<'a>>,
    /// Every subtask had finished before the checkpoint.
    pub fully_finished: bool,
    /// The subtasks that the file lists; those without state may be absent.
    pub subtasks: Vec<OperatorSubtaskState<'a>>,
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
    /// List, union and broadcast state.
    pub managed_operator: Option<OperatorStateHandle<'a>>,
    /// What the operator wrote to its raw operator stream.
    pub raw_operator: Option<OperatorStateHandle<'a>>,
    /// Keyed state.
    pub managed_keyed: Option<KeyedStateHandle<'a>>,
    /// What the operator wrote to its raw keyed stream.
    pub raw_keyed: Option<KeyedStateHandle<'a>>,
}

/// What a handle's state is to its subtask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateRole {
    /// List, union and broadcast state.
    ManagedOperator,
    /// The raw operator stream.
    RawOperator,
    /// Keyed state.
    ManagedKeyed,
    /// The raw keyed stream.
    RawKeyed,
}

impl StateRole {
    /// The role's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::ManagedOperator => "managed-operator",
            Self::RawOperator => "raw-operator",
            Self::ManagedKeyed => "managed-keyed",
            Self::RawKeyed => "raw-keyed",
        }
    }
}

impl<'a> OperatorState<'a> {
    /// ID, parallelism, max parallelism, coordinator tag, subtask count
    pub(super) const LEAST_BYTES: usize = 16 + 4 + 4 + 1 + 4;

    pub(super) fn decode(input: &mut DataInput<'a>, version: MetadataVersion) -> Result<Self, DecodeError> {
        let (name, uid) = if version.has_names() {
            let name = input.read_utf().within("operator name")?;
            let uid = input.read_utf().within("operator uid")?;
            (Some(name).filter(|name| !name.is_empty()), Some(uid).filter(|uid| !uid.is_empty()))
        } else {
            (None, None)
        };
        let id = OperatorId::decode(input)?;
        Self::decode_identified(input, name, uid, id).within_with(|| match (uid, name) {
            (Some(uid), _) => format!("{id} (uid {uid:?})"),
            (None, Some(name)) => format!("{id} ({name:?})"),
            (None, None) => id.to_string(),
        })
    }

    fn decode_identified(
        input: &mut DataInput<'a>,
        name: Option<JavaStr<'a>>,
        uid: Option<JavaStr<'a>>,
        id: OperatorId,
    ) -> Result<Self, DecodeError> {
        let parallelism = input.read_int()?;
        let max_parallelism = input.read_int()?;
        let coordinator_state = StreamStateHandle::decode(input).within("coordinator state")?;
        let mut at_count = *input;
        let fully_finished = input.read_int()? < 0;
        let count = if fully_finished { 0 } else { at_count.read_count("subtasks", 4)? };
        let subtasks =
            (0..count).map(|_| OperatorSubtaskState::decode(input)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { name, uid, id, parallelism, max_parallelism, coordinator_state, fully_finished, subtasks })
    }

    /// Bytes of the coordinator's state.
    pub fn coordinator_state_bytes(&self) -> u64 {
        self.coordinator_state.as_ref().map_or(0, StreamStateHandle::state_size)
    }

    /// Bytes of state, the coordinator's included, as `OperatorState.getStateSize` counts them.
    pub fn state_size(&self) -> u64 {
        let subtasks = self.subtasks.iter().map(OperatorSubtaskState::state_size);
        subtasks.fold(self.coordinator_state_bytes(), u64::saturating_add)
    }

    /// Whether Flink refuses to drop this operator without `--allowNonRestoredState`: it has coordinator state,
    /// or some subtask has a handle, whatever its size.
    pub fn has_state(&self) -> bool {
        self.coordinator_state.is_some() || self.subtasks.iter().any(OperatorSubtaskState::has_state)
    }
}

impl<'a> OperatorSubtaskState<'a> {
    fn decode(input: &mut DataInput<'a>) -> Result<Self, DecodeError> {
        let index = input.read_int()?;
        if index < 0 {
            // A finished subtask is written as -index - 1, and nothing follows; `!` is just that.
            return Ok(Self { finished: true, ..Self::empty(!index) });
        }
        Self::decode_running(input, index).within_with(|| format!("subtask {index}"))
    }

    fn decode_running(input: &mut DataInput<'a>, index: i32) -> Result<Self, DecodeError> {
        let subtask = Self {
            managed_operator: decode_operator_state(input).within("managed operator state")?,
            raw_operator: decode_operator_state(input).within("raw operator state")?,
            managed_keyed: KeyedStateHandle::decode(input).within("managed keyed state")?,
            raw_keyed: KeyedStateHandle::decode(input).within("raw keyed state")?,
            ..Self::empty(index)
        };
        refuse_channel_state(input).within("input channel state")?;
        refuse_channel_state(input).within("result subpartition state")?;
        Ok(subtask)
    }

    fn empty(index: i32) -> Self {
        Self {
            index,
            finished: false,
            managed_operator: None,
            raw_operator: None,
            managed_keyed: None,
            raw_keyed: None,
        }
    }

    /// Whether there is any handle at all.
    pub fn has_state(&self) -> bool {
        self.managed_operator.is_some()
            || self.raw_operator.is_some()
            || self.managed_keyed.is_some()
            || self.raw_keyed.is_some()
    }

    /// Bytes of state, as `OperatorSubtaskState.getStateSize` counts them.
    pub fn state_size(&self) -> u64 {
        let operator = [&self.managed_operator, &self.raw_operator].into_iter().flatten();
        let keyed = [&self.managed_keyed, &self.raw_keyed].into_iter().flatten();
        operator
            .map(OperatorStateHandle::state_size)
            .chain(keyed.map(KeyedStateHandle::state_size))
            .fold(0, u64::saturating_add)
    }
}

/// An `int` says whether the handle is there; its own tag follows.
fn decode_operator_state<'a>(
    input: &mut DataInput<'a>,
) -> Result<Option<OperatorStateHandle<'a>>, DecodeError> {
    if input.read_int()? == 0 { Ok(None) } else { OperatorStateHandle::decode(input) }
}
