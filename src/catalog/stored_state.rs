//! How much a savepoint stores, which is not what its handles add up to.

use crate::metadata::OperatorState;
use crate::metadata::handle::StreamStateHandle;
use crate::source::{Owner, SavepointLocation};
use crate::wire::JavaStr;
use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What handles refer to, each file once, and each part of a merged file once.
///
/// Flink's own total counts by handle: what two subtasks refer to after a rescale is in it twice, and of a changelog
/// the files of the checkpoint that it was restored from are not in it at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredState {
    /// Bytes, as recorded, with those in the `_metadata` file itself.
    pub bytes: u64,
    /// The files, by whose they are.
    pub by_owner: BTreeMap<Owner, StoredFiles>,
}

/// Some files, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoredFiles {
    /// How many. A merged file is one, however many of its parts are referred to.
    pub files: u64,
    /// Bytes in them that are referred to, as recorded.
    pub bytes: u64,
}

impl StoredState {
    /// How many files there are.
    pub fn files(&self) -> u64 {
        self.by_owner.values().map(|it| it.files).fold(0, u64::saturating_add)
    }
}

/// What was counted so far.
#[derive(Debug)]
pub(super) struct StoredCount<'l, 'a> {
    /// How much it is.
    pub(super) stored: StoredState,
    location: &'l SavepointLocation,
    /// Hashes of what was seen: of paths, and of paths with the start of a part. A path itself would be ten times as
    /// long.
    seen: HashSet<u64>,
    /// The directory of the last file, and whose the files in it are: the next file is mostly in the same.
    last: Option<(&'a [u8], Owner)>,
}

impl<'l, 'a> StoredCount<'l, 'a> {
    pub(super) fn new(location: &'l SavepointLocation) -> Self {
        Self { stored: StoredState::default(), location, seen: HashSet::new(), last: None }
    }

    /// Adds what the handles of an operator refer to.
    pub(super) fn add_operator(&mut self, operator: &OperatorState<'a>) {
        operator.coordinator_state.iter().for_each(|stream| self.add(stream));
        for subtask in operator.subtasks() {
            subtask.streams().for_each(|it| self.add(&it.stream));
        }
    }

    fn add(&mut self, stream: &StreamStateHandle<'a>) {
        let size = stream.state_size();
        let is_new = match stream {
            StreamStateHandle::Inline { .. } => true,
            StreamStateHandle::File { path, .. } | StreamStateHandle::RelativeFile { path, .. } => {
                self.seen.insert(hash(path)) && self.add_to_file(*path, 1, size)
            }
            StreamStateHandle::Segment(part) => {
                let files = u64::from(self.seen.insert(hash(part.path)));
                self.seen.insert(hash((part.path, part.start))) && self.add_to_file(part.path, files, size)
            }
            StreamStateHandle::EmptySegment => false,
        };
        if is_new {
            self.stored.bytes = self.stored.bytes.saturating_add(size);
        }
    }

    fn add_to_file(&mut self, path: JavaStr<'a>, files: u64, bytes: u64) -> bool {
        let directory = path.parent();
        let owner = match self.last.filter(|(last, _)| *last == directory) {
            Some((_, owner)) => owner,
            None => self.location.owner(&self.location.resolve_state_file(&path.decode())),
        };
        self.last = Some((directory, owner));
        let total = self.stored.by_owner.entry(owner).or_default();
        total.files = total.files.saturating_add(files);
        total.bytes = total.bytes.saturating_add(bytes);
        true
    }
}

/// The same in every run, for its keys are fixed.
fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
