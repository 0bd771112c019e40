//! Why a store did not give what it was asked for.

use std::fmt;

/// What a store said, and what to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreFailure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What the store said.
    pub said: String,
}

/// The kinds of failure that ask for different things to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FailureKind {
    /// The file or directory is not there.
    NotFound,
    /// The bucket or container is not there.
    NoBucket,
    /// Whoever asked is known, and may not.
    Denied,
    /// Nobody knows whoever asked.
    Unauthenticated,
    /// The credentials were good once.
    Expired,
    /// None were found.
    NoCredentials,
    /// The bucket is in another region than the one that was asked.
    OtherRegion,
    /// The store has too much to do.
    Busy,
    /// The name has no address.
    UnknownHost,
    /// Nobody listens there.
    Refused,
    /// No answer came.
    TimedOut,
    /// The server gives whole files only.
    NoRanges,
    /// The server does not say what is in a directory.
    NoListing,
    /// The store tells nothing yet of what was written last, because the file is not closed.
    Open,
    /// The settings do not lead to a store.
    Settings,
    /// Something else.
    Other,
}

impl FailureKind {
    /// What happened, and what to try.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => ("it does not exist", "check the path"),
            Self::NoBucket => {
                ("there is no such bucket or container", "check its name, the region and the endpoint")
            }
            Self::Denied => ("permission denied", "ask for the right to read it, or use other credentials"),
            Self::Unauthenticated => {
                ("the store does not accept the credentials", "check which ones are used (docs/stores.md)")
            }
            Self::Expired => ("the credentials have expired", "get new ones"),
            Self::NoCredentials => {
                ("no credentials were found, and this machine is given none", "set them (docs/stores.md)")
            }
            Self::OtherRegion => ("the bucket is in another region", "set the region and the endpoint"),
            Self::Busy => ("the store has too much to do", "try again later"),
            Self::UnknownHost => {
                ("no such host", "check the name; a nameservice needs HADOOP_CONF_DIR, a bucket its endpoint")
            }
            Self::Refused => {
                ("nobody answers there", "check the host and the port, and whether the store runs")
            }
            Self::TimedOut => ("no answer came in time", "try again, or give it more with --store-timeout"),
            Self::NoRanges => (
                "the server gives whole files only",
                "use a server that answers range requests, or copy the savepoint here",
            ),
            Self::NoListing => ("the server does not list directories", "name the file itself"),
            Self::Open => (
                "it is empty, or is still being written",
                "try again later, or take a savepoint: a job keeps the merged files of its checkpoints open (docs/stores.md)",
            ),
            Self::Settings => ("it is not known how to reach the store", "see docs/stores.md"),
            Self::Other => ("the store failed", "try again"),
        }
    }
}

impl fmt::Display for StoreFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, hint) = self.kind.words();
        match self.said.as_str() {
            "" => write!(f, "{what}; {hint}"),
            said => write!(f, "{what} ({said}); {hint}"),
        }
    }
}
