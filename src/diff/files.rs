//! What two savepoints have in common on disk.

use crate::files::{ReferredFile, SavepointFiles};

/// The files of two savepoints, each once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SharedFiles {
    /// Files that both refer to.
    pub shared: FileCount,
    /// Files of the older one alone.
    pub old: FileCount,
    /// Files of the newer one alone.
    pub new: FileCount,
}

/// Some files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileCount {
    /// How many.
    pub files: u64,
    /// Their bytes, as recorded; of a file of which only parts are used, up to the end of the last.
    pub bytes: u64,
}

impl SharedFiles {
    /// The same file is one at the same place. The `_metadata` files are not among them.
    pub fn of(old: &SavepointFiles, new: &SavepointFiles) -> Self {
        let mut counts = Self::default();
        let find = |list: &[ReferredFile], file: &ReferredFile| {
            list.binary_search_by(|other| other.location.cmp(&file.location)).is_ok()
        };
        for file in &new.files {
            let count = if find(&old.files, file) { &mut counts.shared } else { &mut counts.new };
            count.add(file);
        }
        for file in old.files.iter().filter(|file| !find(&new.files, file)) {
            counts.old.add(file);
        }
        counts
    }
}

impl FileCount {
    fn add(&mut self, file: &ReferredFile) {
        self.files = self.files.saturating_add(1);
        self.bytes = self.bytes.saturating_add(file.bytes.unwrap_or(0));
    }
}
