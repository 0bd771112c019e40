//! One operator of the catalogue, put together from its handles and from the headers of all its subtasks.

use crate::ids::OperatorId;
use crate::metadata::handle::{ChannelStateHandle, KeyedStateHandle, OperatorStateHandle};
use crate::metadata::{MetadataVersion, OperatorState, OperatorSubtaskState, StateRole};
use crate::state::{
    SerializerSnapshot, StateBackend, StateHeader, StateKind, StateMetaInfo, TimerServices, Unread,
};
use crate::types::{CollectionType, DataType, TypeConstructor};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One operator and its states.
#[derive(Debug, Clone)]
pub struct CatalogOperator {
    /// The ID that a restore matches by.
    pub id: OperatorId,
    /// The uid that the user set. `None` says that there is none only where [`MetadataVersion::has_names`].
    pub uid: Option<String>,
    /// The operator's name, where it is stored.
    pub name: Option<String>,
    /// Parallelism of the operator's vertex.
    pub parallelism: i32,
    /// Number of key groups of the operator's vertex.
    pub max_parallelism: i32,
    /// How far the operator had finished.
    pub finished: Finished,
    /// Flink refuses to drop it without `--allowNonRestoredState`.
    pub has_state: bool,
    /// Flink assigns it to the subtasks of the new job: it has state, or was in the task of an operator that has.
    pub is_assigned: bool,
    /// Bytes of the coordinator's state.
    pub coordinator_state_bytes: u64,
    /// Bytes of state, the coordinator's included.
    pub bytes: u64,
    /// Bytes of the subtasks' state by what it is to them, where there are any; empty in a summary.
    pub role_bytes: BTreeMap<StateRole, u64>,
    /// The format of the keyed state, if there is any.
    pub keyed_format: Option<KeyedFormat>,
    /// Serializers of the key. More than one where subtasks differ.
    pub keys: Vec<Arc<SerializerSnapshot>>,
    /// The states, by name and kind. A state stands twice where subtasks differ in its serializers.
    pub states: Vec<CatalogState>,
    /// The operator wrote state of its own format, of which nothing is known.
    pub has_raw_state: bool,
    /// Its records in flight, in an unaligned checkpoint; empty in a summary.
    pub in_flight: InFlightData,
    /// Bytes of each subtask that has any, by its number, in the order of the file; empty in a summary.
    pub subtask_bytes: Vec<(i32, u64)>,
    /// Bytes of each state that the operator's own streams hold (list, union, broadcast) by name; `None` where some
    /// handle does not tell it. Of keyed state no savepoint does.
    pub operator_state_bytes: Option<BTreeMap<String, u64>>,
    /// What could not be read.
    pub unread: Vec<UnreadState>,
    /// States that a changelog names, until the key is known.
    logged: Vec<StateMetaInfo>,
}

/// The records in flight that subtasks of an operator had at their ends of an exchange with other tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InFlightData {
    /// The input gates that have some, each with the number of its last channel that has.
    pub inputs: BTreeMap<i32, i32>,
    /// The result partitions that have some, each with the number of its last subpartition that has.
    pub outputs: BTreeMap<i32, i32>,
}

impl InFlightData {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.outputs.is_empty()
    }
}

/// Which backends read the keyed state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyedFormat {
    /// All of them but ForSt, which reads no canonical savepoint.
    Canonical,
    /// Really all of them: a changelog without a snapshot is replayed, whatever is below it.
    Changelog,
    /// The one that wrote it.
    Of(StateBackend),
    /// The one that wrote it, or all: up to 1.12 Flink used one handle for canonical savepoints and for full
    /// checkpoints of any backend, and up to 1.15 RocksDB used that of the heap for full checkpoints.
    Unknown,
}

/// How many subtasks had finished when the checkpoint was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// None.
    No,
    /// Some.
    Partly,
    /// All.
    Fully,
}

/// One state of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogState {
    /// The state's name.
    pub name: String,
    /// What kind of state it is.
    pub kind: StateKind,
    /// Whether its value serializer is that of one element of a list, or of one value of a map: so it is with state
    /// of the asynchronous API of Flink 2.
    pub serializes_elements: bool,
    /// The serializers by Flink's name of their part; for keyed states the key's, too.
    pub serializers: Vec<(String, Arc<SerializerSnapshot>)>,
}

/// Why some states of an operator are not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreadState {
    /// They stand behind a serializer snapshot that only its own class can read.
    BehindOpaqueSnapshot(Unread),
    /// The file that names them could not be opened.
    Unavailable {
        /// What the source said.
        why: String,
    },
    /// The serializer of the key: a changelog does not say it, and there is no snapshot yet that would.
    KeyOfChangelog,
    /// They are of timer services that stand behind the timers of another, as raw keyed state.
    BehindTimers {
        /// How many services.
        services: usize,
        /// The type of the keys of those timers, which have no length.
        key: String,
    },
}

impl CatalogState {
    /// The types of all its serializers.
    pub fn data_types(&self) -> Vec<DataType> {
        self.serializers.iter().map(|(_, snapshot)| snapshot.data_type()).collect()
    }

    /// The type of this part: `KEY_SERIALIZER`, `VALUE_SERIALIZER` …. A value is the whole list or map, also where
    /// the serializer is that of an element.
    pub fn data_type(&self, part: &str) -> Option<DataType> {
        let serializer = |part| self.serializers.iter().find(|(key, _)| key == part);
        let data_type = |part| serializer(part).map(|(_, snapshot)| snapshot.data_type());
        let found = data_type(part)?;
        let whole = match (self.kind, part) {
            _ if !self.serializes_elements => None,
            (StateKind::List, "VALUE_SERIALIZER") => Some(("List", vec![found.clone()])),
            (StateKind::Map, "VALUE_SERIALIZER") => {
                let key = data_type("USER_KEY_SERIALIZER");
                let key = key.unwrap_or(DataType::leaf(TypeConstructor::Unread));
                Some(("Map", vec![key, found.clone()]))
            }
            _ => None,
        };
        let whole = whole.and_then(|(name, arguments)| {
            let constructor = TypeConstructor::Collection(CollectionType::named(name)?);
            Some(DataType { constructor, arguments })
        });
        Some(whole.unwrap_or(found))
    }
}

impl CatalogOperator {
    /// What to call the operator in a message: its uid, else its name, else its ID.
    pub fn title(&self) -> String {
        match (&self.uid, &self.name) {
            (Some(uid), _) => uid.clone(),
            (None, Some(name)) => format!("{name} ({})", self.id),
            (None, None) => self.id.to_string(),
        }
    }

    /// Bytes of one of its states, where the savepoint tells them: not of keyed states, which stand in one stream.
    pub fn state_bytes(&self, state: &CatalogState) -> Option<u64> {
        let sizes = self.operator_state_bytes.as_ref().filter(|_| !state.kind.is_keyed())?;
        sizes.get(&state.name).copied()
    }

    /// The subtask with most state, and how many bytes it has.
    pub fn largest_subtask(&self) -> Option<(i32, u64)> {
        self.subtask_bytes.iter().copied().rev().max_by_key(|(_, bytes)| *bytes)
    }

    /// The mean over all subtasks, those without state among them, in bytes.
    pub fn mean_subtask_bytes(&self) -> u64 {
        let all = self.bytes.saturating_sub(self.coordinator_state_bytes);
        let subtasks = u64::try_from(self.parallelism).unwrap_or(1).max(1);
        all.checked_div(subtasks).unwrap_or(0)
    }
}

impl CatalogOperator {
    /// What the metadata says of an operator. Whether raw state is timers turns out when they are `read`.
    pub(super) fn of(operator: &OperatorState<'_>, read: bool) -> Self {
        Self {
            id: operator.id,
            uid: operator.uid.map(|uid| uid.decode().into_owned()),
            name: operator.name.map(|name| name.decode().into_owned()),
            parallelism: operator.parallelism,
            max_parallelism: operator.max_parallelism,
            finished: Finished::of(operator),
            has_state: operator.has_state(),
            is_assigned: operator.lists_any_subtask(),
            coordinator_state_bytes: operator.coordinator_state_bytes(),
            bytes: operator.state_size(),
            role_bytes: BTreeMap::new(),
            keyed_format: None,
            keys: Vec::new(),
            states: Vec::new(),
            has_raw_state: !read && operator.with_raw_state > 0,
            in_flight: InFlightData::default(),
            subtask_bytes: Vec::new(),
            operator_state_bytes: Some(BTreeMap::new()),
            unread: Vec::new(),
            logged: Vec::new(),
        }
    }

    /// What the handles of a subtask say.
    pub(super) fn add_subtask(&mut self, subtask: &OperatorSubtaskState<'_>, version: MetadataVersion) {
        self.has_raw_state |= subtask.raw_operator().next().is_some();
        note_channels(&mut self.in_flight.inputs, subtask.input_channels());
        note_channels(&mut self.in_flight.outputs, subtask.result_subpartitions());
        for (role, bytes) in subtask.role_sizes().into_iter().filter(|(_, bytes)| *bytes > 0) {
            let total = self.role_bytes.entry(role).or_default();
            *total = total.saturating_add(bytes);
        }
        let bytes = subtask.state_size();
        if bytes > 0 {
            self.subtask_bytes.push((subtask.index, bytes));
        }
        for (_, handle) in subtask.managed_operator() {
            self.add_partitions(&handle);
        }
        if let Some(handle) = &subtask.managed_keyed {
            // The changelog of one subtask may have a snapshot, and that of another none yet.
            let format = KeyedFormat::of(handle, version);
            if format != KeyedFormat::Changelog || self.keyed_format.is_none() {
                self.keyed_format = Some(format);
            }
        }
    }

    /// How much of a stream of operator state is whose.
    fn add_partitions(&mut self, handle: &OperatorStateHandle<'_>) {
        let (Some(sizes), Some(all)) = (handle.partition_sizes(), &mut self.operator_state_bytes) else {
            self.operator_state_bytes = None;
            return;
        };
        for (state, bytes) in sizes {
            let total = all.entry(state.decode().into_owned()).or_default();
            *total = total.saturating_add(bytes);
        }
    }

    /// What a header says. `named` are the states that the handle says are there.
    pub(super) fn add_header(&mut self, header: StateHeader, named: &[String]) {
        let key = header.key.map(|key| self.share_key(key));
        if let Some(mut unread) = header.unread {
            let is_read = |name: &&String| header.states.iter().any(|state| state.name == **name);
            unread.names = named.iter().filter(|name| !is_read(name)).cloned().collect();
            self.add_unread(UnreadState::BehindOpaqueSnapshot(unread));
        }
        for state in header.states {
            self.add_state(state, key.as_ref());
        }
    }

    /// What a changelog says. Its states get the key of the snapshots, so they wait for all of these.
    pub(super) fn add_logged(&mut self, states: Vec<StateMetaInfo>) {
        for state in states {
            if !self.logged.contains(&state) {
                self.logged.push(state);
            }
        }
    }

    /// What raw keyed state says: the operator's timers, or nothing that anybody knows.
    pub(super) fn add_raw_keyed(&mut self, timers: Option<TimerServices>) {
        let Some(timers) = timers else {
            self.has_raw_state = true;
            return;
        };
        if let (services @ 1.., Some(last)) = (timers.unread(), timers.services.last()) {
            let key = last.key.data_type().to_string();
            self.add_unread(UnreadState::BehindTimers { services, key });
        }
        for service in timers.services {
            let key = self.share_key(service.key.clone());
            for state in service.into_states() {
                self.add_state(state, Some(&key));
            }
        }
    }

    /// To be called when everything was added.
    pub(super) fn finish(&mut self) {
        let key = match self.keys.as_slice() {
            [key] => Some(Arc::clone(key)),
            _ => None,
        };
        let logged = std::mem::take(&mut self.logged);
        if !logged.is_empty() && key.is_none() {
            self.add_unread(UnreadState::KeyOfChangelog);
        }
        for state in logged {
            self.add_state(state, key.as_ref());
        }
    }

    fn add_state(&mut self, state: StateMetaInfo, key: Option<&Arc<SerializerSnapshot>>) {
        let own = state.serializers.into_iter().map(|(part, snapshot)| (part, Arc::new(snapshot)));
        let key = key.map(|key| ("KEY_SERIALIZER".to_owned(), Arc::clone(key)));
        let state = CatalogState {
            name: state.name,
            kind: state.kind,
            serializes_elements: state.serializes_elements,
            serializers: key.into_iter().chain(own).collect(),
        };
        let place = self.states.partition_point(|it| (&it.name, it.kind) < (&state.name, state.kind));
        let same = self.states.iter().skip(place).take_while(|it| it.name == state.name);
        if !same.into_iter().any(|it| *it == state) {
            self.states.insert(place, state);
        }
    }

    /// A key's serializer is that of all states of its header, and is kept once.
    fn share_key(&mut self, key: SerializerSnapshot) -> Arc<SerializerSnapshot> {
        if let Some(known) = self.keys.iter().find(|known| ***known == key) {
            return Arc::clone(known);
        }
        let key = Arc::new(key);
        self.keys.push(Arc::clone(&key));
        key
    }

    pub(super) fn add_unread(&mut self, unread: UnreadState) {
        if !self.unread.contains(&unread) {
            self.unread.push(unread);
        }
    }
}

/// Notes of each gate, or partition, the last channel.
fn note_channels<'a>(last: &mut BTreeMap<i32, i32>, handles: impl Iterator<Item = ChannelStateHandle<'a>>) {
    for channel in handles.flat_map(|handle| handle.channels()) {
        let last = last.entry(channel.outer).or_insert(channel.inner);
        *last = channel.inner.max(*last);
    }
}

impl KeyedFormat {
    fn of(handle: &KeyedStateHandle<'_>, version: MetadataVersion) -> Self {
        match handle {
            KeyedStateHandle::SavepointKeyGroups(_) => Self::Canonical,
            KeyedStateHandle::KeyGroups(_) if version <= MetadataVersion::V3 => Self::Unknown,
            KeyedStateHandle::KeyGroups(_) => Self::Of(StateBackend::HashMap),
            KeyedStateHandle::Incremental(_) => Self::Of(StateBackend::RocksDb),
            // A changelog is in the format of the backend below it, which its snapshot tells, if it has one yet.
            KeyedStateHandle::Changelog(handle) => {
                handle.materialized().next().map_or(Self::Changelog, |below| Self::of(&below, version))
            }
            KeyedStateHandle::ChangelogInMemory(_) | KeyedStateHandle::ChangelogFiles(_) => Self::Changelog,
        }
    }
}

impl Finished {
    fn of(operator: &OperatorState<'_>) -> Self {
        if operator.fully_finished {
            Self::Fully
        } else if operator.partly_finished {
            Self::Partly
        } else {
            Self::No
        }
    }
}
