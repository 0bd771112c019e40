//! The catalogue: which operators and states a savepoint holds.
//!
//! It is made in one pass over the operators of the `_metadata` file, and of the state files it reads only the
//! headers. What it holds is owned and small: the lifetime of the bytes ends here.

mod headers;
mod origin;

pub use origin::{Origin, Origins};

use crate::error::Error;
use crate::ids::OperatorId;
use crate::metadata::handle::{KeyedStateHandle, PlaceKind};
use crate::metadata::{
    CheckpointMetadata, MetadataVersion, OperatorState, OperatorSubtaskState, SnapshotKind,
};
use crate::source::SavepointLocation;
use crate::state::{SerializerSnapshot, StateBackend, StateHeader, StateKind, Unread};
use crate::types::{CollectionType, DataType, TypeConstructor};
use headers::{Header, Headers};
use std::sync::Arc;

/// What a savepoint or checkpoint holds.
#[derive(Debug, Clone)]
pub struct StateCatalog {
    /// Version of the `_metadata` file.
    pub version: MetadataVersion,
    /// The checkpoint's number within its job.
    pub checkpoint_id: i64,
    /// Savepoint or checkpoint.
    pub kind: SnapshotKind,
    /// The operators, by ID.
    pub operators: Vec<CatalogOperator>,
}

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
    /// Bytes of the coordinator's state.
    pub coordinator_state_bytes: u64,
    /// Bytes of state, the coordinator's included.
    pub bytes: u64,
    /// The format of the keyed state, if there is any.
    pub keyed_format: Option<KeyedFormat>,
    /// Serializers of the key. More than one where subtasks differ.
    pub keys: Vec<Arc<SerializerSnapshot>>,
    /// The states, by name and kind. A state stands twice where subtasks differ in its serializers.
    pub states: Vec<CatalogState>,
    /// The operator wrote state of its own format, of which nothing is known.
    pub has_raw_state: bool,
    /// What could not be read.
    pub unread: Vec<UnreadState>,
}

/// Which backends read the keyed state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyedFormat {
    /// All of them.
    Canonical,
    /// The one that wrote it.
    Of(StateBackend),
    /// The one that wrote it, or all: up to 1.12 Flink used one handle for canonical savepoints and for full
    /// checkpoints of any backend, up to 1.15 RocksDB used that of the heap for full checkpoints, and a changelog
    /// without a snapshot does not tell which backend is below it.
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
    /// They came up after the changelog's last snapshot, if any did, and only the changelog names them.
    InChangelog,
}

impl CatalogState {
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
}

impl StateCatalog {
    /// Opens the savepoint at `location` and reads its catalogue.
    pub fn open(location: &SavepointLocation) -> Result<Self, Error> {
        let file = location.open_metadata()?;
        let metadata = CheckpointMetadata::decode(&file)
            .map_err(|error| Error::Decode { location: location.metadata().clone(), error })?;
        Self::read(&metadata, location)
    }

    /// The operators of the savepoint at `location` and the sizes of their state, as its decoded `metadata` tells them.
    /// No state file is opened, so there are no states in it.
    pub fn summary(metadata: &CheckpointMetadata<'_>, location: &SavepointLocation) -> Result<Self, Error> {
        Self::build(metadata, location, None)
    }

    /// Reads the catalogue of the savepoint at `location`, whose decoded metadata is `metadata`.
    pub fn read(metadata: &CheckpointMetadata<'_>, location: &SavepointLocation) -> Result<Self, Error> {
        Self::build(metadata, location, Some(Headers::new(location)))
    }

    fn build<'a>(
        metadata: &CheckpointMetadata<'a>,
        location: &SavepointLocation,
        mut headers: Option<Headers<'_, 'a>>,
    ) -> Result<Self, Error> {
        let decode = |error| Error::Decode { location: location.metadata().clone(), error };
        let mut operators = Vec::new();
        let mut remaining = metadata.operators();
        for operator in remaining.by_ref() {
            let operator = operator.map_err(decode)?;
            let index = operators.len();
            operators.push(CatalogOperator::of(&operator));
            let Some(headers) = &mut headers else { continue };
            for subtask in operator.subtasks() {
                if let Some(entry) = operators.last_mut() {
                    entry.add_subtask(&subtask, metadata.layout.version);
                }
                headers.add(index, operator.id, &subtask);
                if headers.are_many() {
                    add_headers(&mut operators, headers.read()?);
                }
            }
        }
        if let Some(headers) = &mut headers {
            add_headers(&mut operators, headers.read()?);
        }
        let properties = remaining.properties().map_err(decode)?;
        operators.sort_by_key(|operator| operator.id);
        Ok(Self {
            version: metadata.layout.version,
            checkpoint_id: metadata.checkpoint_id,
            kind: properties.map_or(SnapshotKind::Unknown, |properties| properties.kind),
            operators,
        })
    }

    /// Bytes of state over all operators.
    pub fn total_bytes(&self) -> u64 {
        self.operators.iter().map(|operator| operator.bytes).fold(0, u64::saturating_add)
    }

    /// The backend whose own format the keyed state is in; `None` for the canonical format, which every backend reads,
    /// and where there is no keyed state.
    pub fn state_backend(&self) -> Option<StateBackend> {
        self.operators.iter().find_map(|operator| match operator.keyed_format {
            Some(KeyedFormat::Of(backend)) => Some(backend),
            _ => None,
        })
    }

    /// Fails for what nobody could restore from: a file that could not be opened, or one ID for two operators, of
    /// which Flink would drop one without a word.
    pub fn require_sound(&self, location: &SavepointLocation) -> Result<(), Error> {
        for pair in self.operators.windows(2) {
            if let [one, other] = pair
                && one.id == other.id
            {
                let location = location.metadata().clone();
                return Err(Error::DuplicateOperator { location, id: one.id });
            }
        }
        for operator in &self.operators {
            for unread in &operator.unread {
                if let UnreadState::Unavailable { why } = unread {
                    return Err(Error::StateFile {
                        operator: format!("operator {}", operator.title()),
                        why: why.clone(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The operator of this ID.
    pub fn operator(&self, id: OperatorId) -> Option<&CatalogOperator> {
        let found = self.operators.binary_search_by_key(&id, |operator| operator.id).ok()?;
        self.operators.get(found)
    }
}

/// Gives each operator the headers of its streams.
fn add_headers(operators: &mut [CatalogOperator], headers: Vec<(usize, Header)>) {
    for (index, header) in headers {
        let Some(operator) = operators.get_mut(index) else { continue };
        match header {
            Header::Read(header) => operator.add_header(header),
            Header::Unavailable(error) => {
                operator.add_unread(UnreadState::Unavailable { why: error.to_string() });
            }
        }
    }
}

impl CatalogOperator {
    /// What the metadata says of an operator.
    fn of(operator: &OperatorState<'_>) -> Self {
        Self {
            id: operator.id,
            uid: operator.uid.map(|uid| uid.decode().into_owned()),
            name: operator.name.map(|name| name.decode().into_owned()),
            parallelism: operator.parallelism,
            max_parallelism: operator.max_parallelism,
            finished: Finished::of(operator),
            has_state: operator.has_state(),
            coordinator_state_bytes: operator.coordinator_state_bytes(),
            bytes: operator.state_size(),
            keyed_format: None,
            keys: Vec::new(),
            states: Vec::new(),
            has_raw_state: operator.with_raw_state > 0,
            unread: Vec::new(),
        }
    }

    fn add_subtask(&mut self, subtask: &OperatorSubtaskState<'_>, version: MetadataVersion) {
        if let Some(handle) = &subtask.managed_keyed {
            self.keyed_format = Some(KeyedFormat::of(handle, version));
            if handle.state_places().any(|place| place.kind != PlaceKind::KeyedHeader) {
                self.add_unread(UnreadState::InChangelog);
            }
        }
    }

    fn add_header(&mut self, header: StateHeader) {
        let key = header.key.map(|key| self.share_key(key));
        if let Some(unread) = header.unread {
            self.add_unread(UnreadState::BehindOpaqueSnapshot(unread));
        }
        for state in header.states {
            let own = state.serializers.into_iter().map(|(part, snapshot)| (part, Arc::new(snapshot)));
            let key = key.iter().map(|key| ("KEY_SERIALIZER".to_owned(), Arc::clone(key)));
            let state = CatalogState {
                name: state.name,
                kind: state.kind,
                serializes_elements: state.serializes_elements,
                serializers: key.chain(own).collect(),
            };
            let place = self.states.partition_point(|it| (&it.name, it.kind) < (&state.name, state.kind));
            let same = self.states.iter().skip(place).take_while(|it| it.name == state.name);
            if !same.into_iter().any(|it| *it == state) {
                self.states.insert(place, state);
            }
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

    fn add_unread(&mut self, unread: UnreadState) {
        if !self.unread.contains(&unread) {
            self.unread.push(unread);
        }
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
                handle.materialized().next().map_or(Self::Unknown, |below| Self::of(&below, version))
            }
            KeyedStateHandle::ChangelogInMemory(_) | KeyedStateHandle::ChangelogFiles(_) => Self::Unknown,
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
