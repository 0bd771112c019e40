//! What a store of files has to offer.

use super::{SourceError, Uri};
use bytes::Bytes;
use std::fmt;
use std::ops::Range;
use std::time::SystemTime;

/// A store of files other than the local file system. Nothing is ever written to one.
///
/// Each question is asked for several files at once, and answered in their order.
pub trait Store: fmt::Debug + Send + Sync {
    /// Reads ranges of files. A range that reaches beyond the end of its file gives what there is.
    fn read(&self, ranges: &[FileRange]) -> Vec<Result<Fetched, SourceError>>;

    /// Lengths of files; [`SourceError::NotFound`] for one that is not there.
    fn lengths(&self, files: &[Uri]) -> Vec<Result<u64, SourceError>>;

    /// What is right below a directory. A directory without anything may be one that does not exist.
    fn list(&self, directory: &Uri) -> Result<Vec<Entry>, SourceError>;

    /// Which store a URI of this scheme without an authority means, as Hadoop's `fs.defaultFS` says it for HDFS.
    fn default_authority(&self, _scheme: &str) -> Option<String> {
        None
    }
}

/// Some bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRange {
    /// The file.
    pub file: Uri,
    /// Which bytes.
    pub range: Range<u64>,
}

/// What a store gave.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The bytes of the range, as far as the file goes.
    pub bytes: Bytes,
    /// Length of the whole file.
    pub file_length: u64,
}

/// A file or a directory in a directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name, without the directory's.
    pub name: String,
    /// Bytes of a file; `None` for a directory.
    pub length: Option<u64>,
    /// When a file was last written, where the store tells it.
    pub modified: Option<SystemTime>,
}

impl Entry {
    /// A directory.
    pub fn directory(name: impl Into<String>) -> Self {
        Self { name: name.into(), length: None, modified: None }
    }

    /// A file of so many bytes.
    pub fn file(name: impl Into<String>, length: u64, modified: Option<SystemTime>) -> Self {
        Self { name: name.into(), length: Some(length), modified }
    }
}
