//! The local file system, mapped into memory.

use super::SourceError;
use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// File name of the metadata (`AbstractFsCheckpointStorageAccess.METADATA_FILE_NAME`).
const METADATA_FILE_NAME: &str = "_metadata";

/// Most candidates that a message lists.
const MOST_CANDIDATES: usize = 5;

/// A savepoint on disk: its `_metadata` file and the directory that relative handles start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavepointLocation {
    metadata: PathBuf,
    directory: PathBuf,
}

/// The bytes of a file, mapped.
#[derive(Debug)]
pub struct FileBytes(Option<Mmap>);

impl SavepointLocation {
    /// Resolves what a user names: a directory, a `_metadata` file, or either as a `file:` URI.
    pub fn resolve(text: &str) -> Result<Self, SourceError> {
        let path = local_path(text)?;
        let found = path.metadata().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SourceError::NoSavepoint { path: path.clone() },
            _ => io_error(&path, error),
        })?;
        let is_directory = found.is_dir();
        if !is_directory {
            let directory = path.parent().map(Path::to_path_buf).unwrap_or_default();
            return Ok(Self { metadata: path, directory });
        }
        let metadata = path.join(METADATA_FILE_NAME);
        if metadata.is_file() {
            Ok(Self { metadata, directory: path })
        } else {
            Err(SourceError::NoMetadata { candidates: candidates(&path), directory: path })
        }
    }

    /// The `_metadata` file.
    pub fn metadata(&self) -> &Path {
        &self.metadata
    }

    /// Opens the `_metadata` file.
    pub fn open_metadata(&self) -> Result<FileBytes, SourceError> {
        FileBytes::open(&self.metadata)
    }

    /// The file that a handle's path means: relative ones start from the savepoint's directory.
    pub fn resolve_state_file(&self, path: &str) -> Result<PathBuf, SourceError> {
        local_path(path).map(|path| self.directory.join(path))
    }
}

impl FileBytes {
    /// Maps a file.
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        // Asked before the file is opened: opening a pipe would wait for its other end.
        let metadata = path.metadata().map_err(|error| io_error(path, error))?;
        if !metadata.is_file() {
            return Err(io_error(path, io::Error::other("it is not a regular file")));
        }
        let file = File::open(path).map_err(|error| io_error(path, error))?;
        if metadata.len() == 0 {
            return Ok(Self(None)); // an empty file cannot be mapped
        }
        // SAFETY: the mapping is read-only and private to this process. A savepoint's files are never changed once
        // written; should somebody truncate one while it is read, the system ends this process with SIGBUS, and
        // no verdict is given.
        #[allow(unsafe_code)]
        let mapped = unsafe { Mmap::map(&file) };
        mapped.map(Some).map(Self).map_err(|error| io_error(path, error))
    }

    /// The whole file.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_deref().unwrap_or_default()
    }
}

/// The local path that `text` means; an error for a URI of another store.
fn local_path(text: &str) -> Result<PathBuf, SourceError> {
    if let Some(path) = text.strip_prefix("file:") {
        // file:/a, file:///a and file://localhost/a all name /a; another host is not here.
        let local = match path.strip_prefix("//") {
            None => Some(path),
            Some(rest) => rest.strip_prefix("localhost").or(Some(rest)).filter(|path| path.starts_with('/')),
        };
        return local.map(PathBuf::from).ok_or_else(|| SourceError::Scheme { uri: text.to_owned() });
    }
    // A name may hold a colon; a scheme is followed by a slash.
    let scheme = text.split_once(":/").map(|(scheme, _)| scheme).filter(|scheme| {
        scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    match scheme {
        None => Ok(PathBuf::from(text)),
        Some(_) => Err(SourceError::Scheme { uri: text.to_owned() }),
    }
}

fn io_error(path: &Path, error: io::Error) -> SourceError {
    match error.kind() {
        io::ErrorKind::NotFound => SourceError::NotFound { path: path.to_path_buf() },
        _ => SourceError::Io { path: path.to_path_buf(), error },
    }
}

/// The savepoints and checkpoints right below a directory, for a message.
fn candidates(directory: &Path) -> Vec<PathBuf> {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let mut found: Vec<_> =
        entries.map(|entry| entry.path()).filter(|path| path.join(METADATA_FILE_NAME).is_file()).collect();
    found.sort();
    found.truncate(MOST_CANDIDATES);
    found
}
