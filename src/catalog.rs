//! The catalogue: which operators and states a savepoint holds.
//!
//! It is made in one pass over the operators of the `_metadata` file, and of the state files it reads only the
//! headers. What it holds is owned and small: the lifetime of the bytes ends here.

mod headers;
mod operator;
mod origin;
mod stored_state;

use crate::error::Error;
use crate::ids::{KnownUids, OperatorId};
use crate::metadata::handle::KeyedStateHandle;
use crate::metadata::{
    CheckpointMetadata, CheckpointProperties, MetadataVersion, SnapshotKind, Version3Layout,
};
use crate::source::SavepointLocation;
use crate::state::StateBackend;
use headers::Headers;

pub use operator::{CatalogOperator, CatalogState, Finished, InFlightData, KeyedFormat, UnreadState};
pub use origin::{Origin, Origins};
use stored_state::StoredCount;
pub use stored_state::{StoredFiles, StoredState};

/// What a savepoint or checkpoint holds.
#[derive(Debug, Clone)]
pub struct StateCatalog {
    /// Version of the `_metadata` file.
    pub version: MetadataVersion,
    /// How the records of version 3 are laid out.
    pub version_3: Version3Layout,
    /// The master hooks that stored something.
    pub master_hooks: Vec<String>,
    /// The checkpoint's number within its job.
    pub checkpoint_id: i64,
    /// Savepoint or checkpoint.
    pub kind: SnapshotKind,
    /// What else the file says of why it was taken; `None` before version 4, and where the writer had none.
    pub properties: Option<CheckpointProperties>,
    /// Whether the job kept a changelog of its state. Its checkpoints tell, where there is keyed state, and no savepoint
    /// does.
    pub changelog: Option<bool>,
    /// How much is stored, where several handles refer to the same; `None` in a summary, which remembers no handle.
    pub stored: Option<StoredState>,
    /// The operators, by ID.
    pub operators: Vec<CatalogOperator>,
}

impl StateCatalog {
    /// Opens the savepoint at `location` and reads its catalogue.
    ///
    /// ```
    /// use holdpoint::{catalog::StateCatalog, ids::OperatorId, source::SavepointLocation};
    ///
    /// # fn main() -> Result<(), holdpoint::Error> {
    /// let savepoint = SavepointLocation::resolve("fixtures/savepoints/flink-2.3-v1/savepoint")?;
    /// let catalog = StateCatalog::open(&savepoint)?;
    /// let audit = catalog.operator(OperatorId::of_uid("audit"));
    /// let states = audit.map(|it| it.states.iter().map(|state| state.name.as_str()).collect::<Vec<_>>());
    /// assert_eq!(states, Some(vec!["audit-entries", "audit-offsets"]));
    /// # Ok(())
    /// # }
    /// ```
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

    /// Names the operators whose IDs are those of known uids, where the savepoint does not hold uids itself.
    pub fn take_uids(&mut self, known: &KnownUids) {
        for operator in self.operators.iter_mut().filter(|it| it.uid.is_none()) {
            operator.uid = known.written(operator.id).map(str::to_owned);
        }
    }

    fn build<'a>(
        metadata: &CheckpointMetadata<'a>,
        location: &SavepointLocation,
        mut headers: Option<Headers<'_, 'a>>,
    ) -> Result<Self, Error> {
        let decode = |error| Error::Decode { location: location.metadata().clone(), error };
        let mut operators = Vec::new();
        let mut stored = headers.is_some().then(|| StoredCount::new(location));
        let (mut has_keyed_state, mut has_changelog) = (false, false);
        let mut remaining = metadata.operators();
        for operator in remaining.by_ref() {
            let operator = operator.map_err(decode)?;
            let index = operators.len();
            operators.push(CatalogOperator::of(&operator, headers.is_some()));
            let (Some(headers), Some(stored)) = (&mut headers, &mut stored) else { continue };
            stored.add_operator(&operator);
            for subtask in operator.subtasks() {
                has_keyed_state |= subtask.managed_keyed.is_some();
                has_changelog |= subtask.managed_keyed.as_ref().is_some_and(KeyedStateHandle::is_changelog);
                if let Some(entry) = operators.last_mut() {
                    entry.add_subtask(&subtask, metadata.layout.version);
                }
                headers.add(index, operator.id, &subtask);
                if headers.are_many() {
                    headers.read(&mut operators)?;
                }
            }
        }
        if let Some(headers) = &mut headers {
            headers.read(&mut operators)?;
        }
        operators.iter_mut().for_each(CatalogOperator::finish);
        let properties = remaining.properties().map_err(decode)?;
        operators.sort_by_key(|operator| operator.id);
        let kind = properties.as_ref().map_or(SnapshotKind::Unknown, |properties| properties.kind);
        let tells = has_changelog || has_keyed_state && kind == SnapshotKind::Checkpoint;
        Ok(Self {
            version: metadata.layout.version,
            version_3: metadata.layout.version_3,
            master_hooks: metadata.master_states.iter().map(|it| it.name.decode().into_owned()).collect(),
            checkpoint_id: metadata.checkpoint_id,
            kind,
            properties,
            changelog: tells.then_some(has_changelog),
            stored: stored.map(|count| count.stored),
            operators,
        })
    }

    /// Bytes of state over all operators, as Flink adds them up by handle.
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
        if self.version.has_tasks() {
            return Err(Error::TasksOnly { location: location.metadata().clone() });
        }
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
