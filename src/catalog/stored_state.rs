//! How much a savepoint stores, which is not what its handles add up to.

use crate::metadata::OperatorState;
use crate::metadata::handle::StreamStateHandle;
use crate::wire::JavaStr;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What handles refer to, each file once, and each part of a merged file once.
///
/// Flink's own total counts by handle: what two subtasks refer to after a rescale is in it twice, and of a changelog
/// the files of the checkpoint that it was restored from are not in it at all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoredState {
    /// Bytes, as recorded, with those in the `_metadata` file itself.
    pub bytes: u64,
    /// Files. A merged file is one, however many of its parts are referred to.
    pub files: u64,
}

/// What was counted so far.
#[derive(Debug, Default)]
pub(super) struct StoredCount {
    /// How much it is.
    pub(super) stored: StoredState,
    /// Hashes of what was seen: of paths, and of paths with the start of a part. A path itself would be ten times as
    /// long.
    seen: HashSet<u64>,
}

impl StoredCount {
    /// Adds what the handles of an operator refer to.
    pub(super) fn add_operator(&mut self, operator: &OperatorState<'_>) {
        operator.coordinator_state.iter().for_each(|stream| self.add(stream));
        for subtask in operator.subtasks() {
            subtask.streams().for_each(|it| self.add(&it.stream));
        }
    }

    fn add(&mut self, stream: &StreamStateHandle<'_>) {
        let is_new = match stream {
            StreamStateHandle::Inline { .. } => true,
            StreamStateHandle::File { path, .. } | StreamStateHandle::RelativeFile { path, .. } => {
                self.add_file(*path)
            }
            StreamStateHandle::Segment(segment) => {
                self.add_file(segment.path);
                self.seen.insert(hash((segment.path, segment.start)))
            }
            StreamStateHandle::EmptySegment => false,
        };
        if is_new {
            self.stored.bytes = self.stored.bytes.saturating_add(stream.state_size());
        }
    }

    fn add_file(&mut self, path: JavaStr<'_>) -> bool {
        let is_new = self.seen.insert(hash(path));
        self.stored.files = self.stored.files.saturating_add(u64::from(is_new));
        is_new
    }
}

/// The same in every run, for its keys are fixed.
fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
