//! Where bytes come from: finds the `_metadata` file of a savepoint, and reads the files it refers to.
//!
//! There is one notion of where, a [`Location`], and one of bytes, [`Bytes`]: a file on this machine is mapped, and of a
//! file in another store what is needed is fetched. A file is either opened whole ([`Source::open`]), or read from some
//! offset as far as a reader comes to need ([`Windows`]). Nothing here decodes, and nothing is ever written.
//!
//! To add a store: an implementation of [`Store`], and its schemes in [`Source::with_store`].

mod error;
mod local;
mod location;
mod savepoint;
mod store;
mod window;

pub use bytes::Bytes;
pub use error::SourceError;
pub use location::{Location, Uri};
pub use savepoint::SavepointLocation;
pub use store::{Fetched, FileRange, Store};
pub use window::{Place, Window, Windows};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Of a file that is opened whole, so much is asked for at first: most fit.
const FIRST_OF_WHOLE: u64 = 4 << 20;
/// The rest of it is fetched in ranges of so many bytes, several at once.
const RANGE_OF_WHOLE: u64 = 8 << 20;

/// The stores that can be read, and an account of what was fetched from them.
#[derive(Debug, Clone, Default)]
pub struct Source(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// By scheme.
    stores: BTreeMap<String, Arc<dyn Store>>,
    requests: AtomicU64,
    bytes: AtomicU64,
}

/// What was fetched from stores other than the local file system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Ranges that were asked for.
    pub requests: u64,
    /// Bytes that came.
    pub bytes: u64,
}

impl Source {
    /// A source that has one more store, for URIs of this scheme.
    #[must_use]
    pub fn with_store(self, scheme: &str, store: Arc<dyn Store>) -> Self {
        let mut stores = self.0.stores.clone();
        stores.insert(scheme.to_owned(), store);
        Self(Arc::new(Inner { stores, ..Inner::default() }))
    }

    /// Finds the savepoint that a user names.
    pub fn savepoint(&self, text: &str) -> Result<SavepointLocation, SourceError> {
        SavepointLocation::find(self, text)
    }

    /// A whole file.
    pub fn open(&self, location: &Location) -> Result<Bytes, SourceError> {
        let file = match location {
            Location::Local(path) => return local::open(path),
            Location::Remote(file) => file,
        };
        let range =
            |start: u64, length| FileRange { file: file.clone(), range: start..start.saturating_add(length) };
        let mut whole = Vec::new();
        let mut length = 0;
        for first in self.read(&[range(0, FIRST_OF_WHOLE)]) {
            let first = first?;
            length = first.file_length;
            whole.extend_from_slice(&first.bytes);
        }
        let starts = (FIRST_OF_WHOLE..length).step_by(usize::try_from(RANGE_OF_WHOLE).unwrap_or(usize::MAX));
        for answer in self.read(&starts.map(|start| range(start, RANGE_OF_WHOLE)).collect::<Vec<_>>()) {
            whole.extend_from_slice(&answer?.bytes);
        }
        Ok(whole.into())
    }

    /// What was fetched so far.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            requests: self.0.requests.load(Ordering::Relaxed),
            bytes: self.0.bytes.load(Ordering::Relaxed),
        }
    }

    /// The store that a URI is in.
    fn store(&self, uri: &Uri) -> Result<&dyn Store, SourceError> {
        let store = self.0.stores.get(&uri.scheme);
        store
            .map(AsRef::as_ref)
            .ok_or_else(|| SourceError::Scheme { location: Location::Remote(uri.clone()) })
    }

    /// Reads ranges of files in other stores; the answers are in the order of the ranges.
    fn read(&self, ranges: &[FileRange]) -> Vec<Result<Fetched, SourceError>> {
        // The ranges of one store go to it together.
        let mut by_scheme: BTreeMap<&str, Vec<(usize, FileRange)>> = BTreeMap::new();
        let mut answers = BTreeMap::new();
        for (index, range) in ranges.iter().enumerate() {
            by_scheme.entry(&range.file.scheme).or_default().push((index, range.clone()));
        }
        for wanted in by_scheme.into_values() {
            let (indices, ranges): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
            let store = ranges.first().map(|range| self.store(&range.file));
            let read = match store {
                Some(Ok(store)) => store.read(&ranges),
                Some(Err(error)) => vec![Err(error); ranges.len()],
                None => Vec::new(),
            };
            let checked = ranges.iter().zip(read).map(|(range, answer)| self.check(range, answer?));
            answers.extend(indices.into_iter().zip(checked));
        }
        answers.into_values().collect()
    }

    /// Counts what came, and refuses it when it is not what was asked for.
    fn check(&self, range: &FileRange, fetched: Fetched) -> Result<Fetched, SourceError> {
        self.0.requests.fetch_add(1, Ordering::Relaxed);
        self.0.bytes.fetch_add(fetched.bytes.len() as u64, Ordering::Relaxed);
        let expected = range.range.end.min(fetched.file_length).saturating_sub(range.range.start);
        let found = fetched.bytes.len() as u64;
        if found == expected {
            return Ok(fetched);
        }
        Err(SourceError::CutShort { location: Location::Remote(range.file.clone()), expected, found })
    }
}
