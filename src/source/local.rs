//! The local file system, mapped into memory.

use super::{Location, SourceError};
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

/// The directories right below one that hold a file of this name, in order.
pub(super) fn directories_with(directory: &Path, name: &str) -> Vec<Location> {
    let entries = directory.read_dir().into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join(name).is_file())
        .map(Location::Local)
        .collect();
    found.sort();
    found
}
