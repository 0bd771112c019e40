//! The local file system, mapped into memory.

use super::{Entry, Location, SourceError};
use bytes::Bytes;
use memmap2::Mmap;
use std::fs::File;
use std::io;
use std::path::Path;

/// Maps a file.
pub(super) fn open(path: &Path) -> Result<Bytes, SourceError> {
    let failed = |error| SourceError::io(&Location::Local(path.to_path_buf()), error);
    // Asked before the file is opened: opening a pipe would wait for its other end.
    let metadata = path.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(failed(io::Error::other("it is not a regular file")));
    }
    let file = File::open(path).map_err(failed)?;
    if metadata.len() == 0 {
        return Ok(Bytes::new()); // an empty file cannot be mapped
    }
    // SAFETY: the mapping is read-only and private to this process. A savepoint's files are never changed once
    // written; should somebody truncate one while it is read, the system ends this process with SIGBUS, and
    // no verdict is given.
    #[allow(unsafe_code)]
    let mapped = unsafe { Mmap::map(&file) };
    mapped.map(Bytes::from_owner).map_err(failed)
}

/// Whether the path is a directory; an error when there is nothing.
pub(super) fn is_directory(path: &Path) -> Result<bool, SourceError> {
    let location = || Location::Local(path.to_path_buf());
    path.metadata().map(|found| found.is_dir()).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => SourceError::NoSavepoint { location: location() },
        _ => SourceError::io(&location(), error),
    })
}

/// The length of a regular file.
pub(super) fn length(path: &Path) -> Result<u64, SourceError> {
    let failed = |error| SourceError::io(&Location::Local(path.to_path_buf()), error);
    let metadata = path.metadata().map_err(failed)?;
    if metadata.is_file() {
        Ok(metadata.len())
    } else {
        Err(failed(io::Error::other("it is not a regular file")))
    }
}

/// What is right below a directory, in order. A name that is not Unicode is no name of Flink's.
pub(super) fn list(directory: &Path) -> Result<Vec<Entry>, SourceError> {
    let failed = |error| SourceError::io(&Location::Local(directory.to_path_buf()), error);
    let mut entries = Vec::new();
    for entry in directory.read_dir().map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        entries.push(match entry.path().metadata() {
            Ok(file) if file.is_file() => Entry::file(name, file.len(), file.modified().ok()),
            _ => Entry::directory(name),
        });
    }
    entries.sort();
    Ok(entries)
}
