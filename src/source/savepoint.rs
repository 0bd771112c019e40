//! From what a user names to a savepoint's `_metadata` file.

use super::{Bytes, Location, Place, Source, SourceError, Windows, local};

/// File name of the metadata (`AbstractFsCheckpointStorageAccess.METADATA_FILE_NAME`).
const METADATA_FILE_NAME: &str = "_metadata";

/// Most candidates that a message lists.
const MOST_CANDIDATES: usize = 5;

/// A savepoint: its `_metadata` file, the directory that relative handles start from, and what reads them.
#[derive(Debug, Clone)]
pub struct SavepointLocation {
    source: Source,
    metadata: Location,
    directory: Location,
}

impl SavepointLocation {
    /// Finds what a user names: a directory, a `_metadata` file, or either as a URI; see [`Source::savepoint`] for
    /// settings of one's own.
    pub fn resolve(text: &str) -> Result<Self, SourceError> {
        Source::default().savepoint(text)
    }

    pub(super) fn find(source: &Source, text: &str) -> Result<Self, SourceError> {
        let named = Location::parse(text);
        let directory = match &named {
            Location::Local(path) => local::is_directory(path)?.then_some(path),
            Location::Remote(uri) => {
                source.store(uri)?;
                let metadata = named.join(METADATA_FILE_NAME);
                return Ok(Self { source: source.clone(), metadata, directory: named });
            }
        };
        let Some(directory) = directory else {
            return Ok(Self { source: source.clone(), directory: named.parent(), metadata: named });
        };
        let metadata = directory.join(METADATA_FILE_NAME);
        if metadata.is_file() {
            return Ok(Self {
                source: source.clone(),
                metadata: Location::Local(metadata),
                directory: named,
            });
        }
        let mut candidates = local::directories_with(directory, METADATA_FILE_NAME);
        candidates.truncate(MOST_CANDIDATES);
        Err(SourceError::NoMetadata { candidates, directory: named })
    }

    /// The `_metadata` file.
    pub fn metadata(&self) -> &Location {
        &self.metadata
    }

    /// The directory that relative handles start from.
    pub fn directory(&self) -> &Location {
        &self.directory
    }

    /// Opens the `_metadata` file.
    pub fn open_metadata(&self) -> Result<Bytes, SourceError> {
        self.source.open(&self.metadata)
    }

    /// The file that a handle's path means: relative ones start from the savepoint's directory.
    pub fn resolve_state_file(&self, path: &str) -> Location {
        self.directory.join(path)
    }

    /// Makes ready to read from these places; those in other stores are fetched, several at once.
    pub fn windows<'p>(&self, places: impl Iterator<Item = &'p Place>) -> Windows<'_> {
        Windows::fetch(&self.source, places)
    }
}
