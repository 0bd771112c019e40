//! Why bytes could not be had.

use super::{Location, StoreFailure};
use std::io;
use std::sync::Arc;

/// Why bytes could not be had.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// What was named is not there.
    #[error(
        "{location} does not exist; name a savepoint's directory, its _metadata file, or (for a plan) a plan file"
    )]
    NoSavepoint {
        /// The place.
        location: Location,
    },
    /// A file is not there.
    #[error("{location} does not exist")]
    NotFound {
        /// The file.
        location: Location,
    },
    /// The place is a directory without a `_metadata` file.
    #[error("{directory} is not a savepoint: it holds no _metadata file{}", hint(.candidates))]
    NoMetadata {
        /// The directory.
        directory: Location,
        /// Savepoints and checkpoints right below it.
        candidates: Vec<Location>,
    },
    /// The place has no `_metadata` file below it, and its server does not say what else there is.
    #[error(
        "{directory} holds no _metadata file, and its server does not say what else is in it; name the directory of the savepoint or checkpoint (chk-…), or its _metadata file"
    )]
    NotListed {
        /// The directory.
        directory: Location,
    },
    /// A scheme that cannot be read.
    #[error("{location} cannot be read: {}", unread(.location, *.feature))]
    Scheme {
        /// The URI.
        location: Location,
        /// The cargo feature that this build lacks; `None` when no build reads the scheme.
        feature: Option<&'static str>,
    },
    /// A store did not give what was asked for.
    #[error("{location} cannot be read: {failure}")]
    Store {
        /// The file or directory.
        location: Location,
        /// What the store said, and what to try.
        failure: StoreFailure,
    },
    /// Settings that make no sense.
    #[error("{place}: {problem}")]
    Settings {
        /// The file or the flag.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The operating system refused.
    #[error("{location} cannot be read: {error}")]
    Io {
        /// The file.
        location: Location,
        /// What the operating system said.
        error: Arc<io::Error>,
    },
    /// A store gave less than the file has.
    #[error("{location} cannot be read: {expected} bytes of it were asked for, and {found} came; try again")]
    CutShort {
        /// The file.
        location: Location,
        /// Bytes that were asked for and exist.
        expected: u64,
        /// Bytes that came.
        found: u64,
    },
    /// The file ends before the place where something of it should start.
    #[error(
        "{location} ends after {length} bytes, and state should start at byte {offset} of it: the file was cut, or is not the one that was written"
    )]
    EndsBefore {
        /// The file.
        location: Location,
        /// Its length in bytes.
        length: u64,
        /// Bytes from its start to what is wanted.
        offset: u64,
    },
    /// A header goes on behind all that is read of a header.
    #[error("{location} cannot be read: its header has more than {most} bytes, which no Flink writes")]
    TooLong {
        /// The file.
        location: Location,
        /// Most bytes that are read.
        most: u64,
    },
}

impl SourceError {
    /// Whether it says something of the way to a file, and not of the file: nothing is known of what is in it, or whether
    /// there is one.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Store { .. } | Self::CutShort { .. })
    }

    pub(super) fn io(location: &Location, error: io::Error) -> Self {
        let location = location.clone();
        match error.kind() {
            io::ErrorKind::NotFound => Self::NotFound { location },
            _ => Self::Io { location, error: Arc::new(error) },
        }
    }
}

fn unread(location: &Location, feature: Option<&'static str>) -> String {
    match (feature, location) {
        (Some(feature), _) => format!(
            "this holdpoint was built without the feature {feature}; build it with it, or copy the savepoint's directory here"
        ),
        (None, Location::Remote(uri)) if uri.scheme == "file" => {
            "it is on another host; copy the savepoint's directory here".to_owned()
        }
        (None, _) => "no store is known by this scheme; copy the savepoint's directory here".to_owned(),
    }
}

fn hint(candidates: &[Location]) -> String {
    match candidates {
        [] => String::new(),
        some => {
            let names: Vec<_> = some.iter().map(Location::to_string).collect();
            format!("; name one of the savepoints below it: {}", names.join(", "))
        }
    }
}
