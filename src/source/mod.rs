//! Where bytes come from: finds the `_metadata` file of a savepoint, and opens the files it refers to.
//!
//! Nothing here decodes, and nothing is ever written. So far only the local file system is read; a path of another
//! store is refused by its scheme.

mod local;

pub use local::{FileBytes, SavepointLocation};

use std::io;
use std::path::PathBuf;

/// Why bytes could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// What was named is not there.
    #[error(
        "{path} does not exist; name a savepoint's directory, its _metadata file, or (for a plan) a plan file"
    )]
    NoSavepoint {
        /// The path.
        path: PathBuf,
    },
    /// A file is not there.
    #[error("{path} does not exist")]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// The path is a directory without a `_metadata` file.
    #[error("{directory} is not a savepoint: it holds no _metadata file{}", hint(.candidates))]
    NoMetadata {
        /// The directory.
        directory: PathBuf,
        /// Savepoints and checkpoints right below it.
        candidates: Vec<PathBuf>,
    },
    /// A scheme that cannot be read.
    #[error(
        "{uri} cannot be read: this holdpoint reads local files only; copy the savepoint's directory here"
    )]
    Scheme {
        /// The URI.
        uri: String,
    },
    /// The operating system refused.
    #[error("{path} cannot be read: {error}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
}

fn hint(candidates: &[PathBuf]) -> String {
    match candidates {
        [] => String::new(),
        some => {
            let names: Vec<_> = some.iter().map(|path| path.display().to_string()).collect();
            format!("; name one of the savepoints below it: {}", names.join(", "))
        }
    }
}
