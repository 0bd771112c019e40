//! What a store of files has to offer.

use super::{SourceError, Uri};
use bytes::Bytes;
use std::fmt;
use std::ops::Range;

/// A store of files other than the local file system. Nothing is ever written to one.
pub trait Store: fmt::Debug + Send + Sync {
    /// Reads ranges of files, several at once, and answers in the order of the questions.
    ///
    /// A range that reaches beyond the end of its file gives what there is.
    fn read(&self, ranges: &[FileRange]) -> Vec<Result<Fetched, SourceError>>;
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
