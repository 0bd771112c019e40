//! From what a user names to a savepoint's `_metadata` file.

use super::{
    Bytes, Entry, Event, FailureKind, FileRange, Location, Owner, Place, Source, SourceError, Windows, local,
};

/// File name of the metadata (`AbstractFsCheckpointStorageAccess.METADATA_FILE_NAME`).
pub(crate) const METADATA_FILE_NAME: &str = "_metadata";
/// What the name of a checkpoint's directory starts with (`CHECKPOINT_DIR_PREFIX`).
pub(crate) const CHECKPOINT_DIR_PREFIX: &str = "chk-";

/// Most candidates that a message lists, and most directories that are looked into for them.
const MOST_CANDIDATES: usize = 5;
const MOST_DIRECTORIES: usize = 50;

/// Where Flink's configuration says that savepoints and checkpoints are.
const DIRECTORY_KEYS: [&[&str]; 2] = [
    &["execution.checkpointing.savepoint-dir", "state.savepoints.dir"],
    &["execution.checkpointing.dir", "state.checkpoints.dir"],
];
/// The part of a path that Flink leaves out of the path of a `_metadata` file, and puts random letters for in others.
const ENTROPY_KEYS: &[&str] = &["s3.entropy.key"];

/// A savepoint: its `_metadata` file, the directory that relative handles start from, and what reads them.
#[derive(Debug, Clone)]
pub struct SavepointLocation {
    source: Source,
    metadata: Location,
    directory: Location,
    /// The directory's absolute path.
    whole: Location,
}

impl SavepointLocation {
    /// Finds what a user names; see [`Source::savepoint`] for settings of one's own.
    pub fn resolve(text: &str) -> Result<Self, SourceError> {
        Source::default().savepoint(text)
    }

    /// Finds a savepoint that is named by its directory, its `_metadata` file, a directory of checkpoints (the newest
    /// completed one), or a name below the directories of the Flink configuration.
    pub(super) fn find(source: &Source, text: &str) -> Result<Self, SourceError> {
        let named = without_entropy(source, Location::parse(text));
        let is_name = !text.contains(['/', '\\']);
        match Self::find_at(source, &named) {
            Err(error @ SourceError::NoSavepoint { .. }) if is_name => {
                let directories = DIRECTORY_KEYS.iter().filter_map(|keys| source.settings().flink(keys));
                let mut found = directories
                    .map(|directory| without_entropy(source, Location::parse(directory)).join(text))
                    .map(|place| Self::find_at(source, &place));
                found
                    .find(|found| !matches!(found, Err(SourceError::NoSavepoint { .. })))
                    .unwrap_or(Err(error))
            }
            found => found,
        }
    }

    /// What the Flink configuration says, for a user who names nothing.
    pub(super) fn find_configured(source: &Source) -> Result<Self, SourceError> {
        let mut directories = DIRECTORY_KEYS.iter().filter_map(|keys| source.settings().flink(keys));
        match directories.next() {
            Some(directory) => Self::find(source, directory),
            None => Err(SourceError::Settings {
                place: "--flink-conf".to_owned(),
                problem: format!(
                    "no savepoint is named, and none of {} is set",
                    DIRECTORY_KEYS.concat().join(", ")
                ),
            }),
        }
    }

    fn find_at(source: &Source, named: &Location) -> Result<Self, SourceError> {
        let named = &source.qualified(named.clone());
        let is_directory = match named {
            Location::Local(path) => local::is_directory(path)?,
            // Most of these stores have no directories to ask for; only a name tells.
            Location::Remote(uri) => source.store(uri).map(|_| named.name() != METADATA_FILE_NAME)?,
        };
        if !is_directory {
            return Ok(Self::of_file(source, named));
        }
        if let Some(found) = Self::of_directory(source, named)? {
            return Ok(found);
        }
        let entries = match source.list(named) {
            Ok(entries) => entries,
            Err(SourceError::NotFound { .. }) => Vec::new(),
            // Where nothing can be listed, a file may still be there.
            Err(error) if is_kind(&error, FailureKind::NoListing) => {
                if is_page(source, named) {
                    return Err(SourceError::NotListed { directory: named.clone() });
                }
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        if let Some(found) = Self::newest_checkpoint(source, named, &entries)? {
            (source.0.observer)(Event::Chose { checkpoint: &found.directory, among: named });
            return Ok(found);
        }
        match named {
            Location::Remote(_) if entries.is_empty() => match source.length(named) {
                Ok(_) => Ok(Self::of_file(source, named)),
                Err(SourceError::NotFound { location }) => Err(SourceError::NoSavepoint { location }),
                Err(error) => Err(error),
            },
            _ => {
                let candidates = candidates(source, named, &entries)?;
                Err(SourceError::NoMetadata { candidates, directory: named.clone() })
            }
        }
    }

    fn of_file(source: &Source, file: &Location) -> Self {
        Self::new(source, file.clone(), file.parent())
    }

    fn new(source: &Source, metadata: Location, directory: Location) -> Self {
        let whole = directory.absolute();
        Self { source: source.clone(), metadata, directory, whole }
    }

    /// The savepoint in a directory, if it is one.
    fn of_directory(source: &Source, directory: &Location) -> Result<Option<Self>, SourceError> {
        let metadata = directory.join(METADATA_FILE_NAME);
        if !is_file(source, &metadata)? {
            return Ok(None);
        }
        Ok(Some(Self::new(source, metadata, directory.clone())))
    }

    /// The newest checkpoint in a job's directory that was completed: its `_metadata` is written last.
    fn newest_checkpoint(
        source: &Source,
        directory: &Location,
        entries: &[Entry],
    ) -> Result<Option<Self>, SourceError> {
        let number = |entry: &Entry| entry.name.strip_prefix(CHECKPOINT_DIR_PREFIX)?.parse::<u64>().ok();
        let mut numbers: Vec<_> = entries.iter().filter_map(number).collect();
        numbers.sort_unstable();
        for number in numbers.into_iter().rev() {
            let checkpoint = directory.join(&format!("{CHECKPOINT_DIR_PREFIX}{number}"));
            if let Some(found) = Self::of_directory(source, &checkpoint)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The savepoint whose `_metadata` file is right in this directory. Nothing is asked of the store.
    pub fn in_directory(source: &Source, directory: &Location) -> Self {
        Self::of_file(source, &directory.join_name(METADATA_FILE_NAME))
    }

    /// The `_metadata` file.
    pub fn metadata(&self) -> &Location {
        &self.metadata
    }

    /// The directory that relative handles start from.
    pub fn directory(&self) -> &Location {
        &self.directory
    }

    /// What reads it.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Opens the `_metadata` file.
    pub fn open_metadata(&self) -> Result<Bytes, SourceError> {
        self.source.open(&self.metadata)
    }

    /// The file that a handle's path means: relative ones start from the savepoint's directory, and absolute ones are
    /// where they are, or where the settings say that they went.
    pub fn resolve_state_file(&self, path: &str) -> Location {
        let place = self.source.settings().relocated(self.directory.join(path));
        if !path.contains('/') {
            return place;
        }
        self.source.qualified(place).spelled_like(&self.directory, &self.whole)
    }

    /// Whose a file is.
    pub fn owner(&self, file: &Location) -> Owner {
        Owner::of(file, &self.directory)
    }

    /// Makes ready to read from these places; those in other stores are fetched, several at once.
    pub fn windows<'p>(&self, places: impl Iterator<Item = &'p Place>) -> Windows<'_> {
        Windows::fetch(&self.source, places)
    }
}

fn is_file(source: &Source, location: &Location) -> Result<bool, SourceError> {
    match (source.length(location), location) {
        (Ok(_), _) => Ok(true),
        // A directory of this name is no file either.
        (Err(SourceError::NotFound { .. }), _) | (Err(_), Location::Local(_)) => Ok(false),
        (Err(error), _) => Err(error),
    }
}

fn is_kind(error: &SourceError, kind: FailureKind) -> bool {
    matches!(error, SourceError::Store { failure, .. } if failure.kind == kind)
}

/// Whether a web server answers with a page for people, as it does for a directory.
fn is_page(source: &Source, named: &Location) -> bool {
    let Location::Remote(file) = named else { return false };
    let beginning = FileRange { file: file.clone(), range: 0..64 };
    match source.read(&[beginning]).pop() {
        Some(Ok(beginning)) => beginning.bytes.trim_ascii_start().starts_with(b"<"),
        // It is made for each request, and given whole, as some servers give every file.
        Some(Err(error)) => is_kind(&error, FailureKind::NoRanges) && !named.name().contains('.'),
        None => false,
    }
}

/// The savepoints and checkpoints right below a directory, and the newest checkpoints of the jobs below it, for a message.
fn candidates(
    source: &Source,
    directory: &Location,
    entries: &[Entry],
) -> Result<Vec<Location>, SourceError> {
    let mut found = Vec::new();
    let directories = entries.iter().filter(|entry| entry.length.is_none());
    for entry in directories.take(MOST_DIRECTORIES) {
        if found.len() >= MOST_CANDIDATES {
            break;
        }
        let below = directory.join_name(&entry.name);
        if is_file(source, &below.join_name(METADATA_FILE_NAME))? {
            found.push(below);
        } else if is_job_id(&entry.name) {
            let checkpoints = source.list(&below)?;
            let newest = SavepointLocation::newest_checkpoint(source, &below, &checkpoints)?;
            found.extend(newest.map(|newest| newest.directory));
        }
    }
    Ok(found)
}

fn is_job_id(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The path without the part that Flink leaves out (`EntropyInjector.removeEntropyMarker`).
fn without_entropy(source: &Source, location: Location) -> Location {
    let (Location::Remote(mut uri), Some(marker)) = (location.clone(), source.settings().flink(ENTROPY_KEYS))
    else {
        return location;
    };
    uri.path = uri.path.replacen(marker, "", 1);
    Location::parse(&uri.to_string())
}
