//! Where bytes come from: finds the `_metadata` file of a savepoint, and reads the files it refers to.
//!
//! There is one notion of where, a [`Location`], and one of bytes, [`Bytes`]: a file on this machine is mapped, and of a
//! file in another store what is needed is fetched. A file is either opened whole ([`Source::open`]), or read from some
//! offset as far as a reader comes to need ([`Windows`]). Nothing here decodes, and nothing is ever written.
//!
//! To add a store: its line in [`SCHEMES`], and its file in `remote/`. A store of one's own is given to
//! [`Source::with_store`].

mod error;
mod failure;
mod local;
mod location;
mod owner;
#[cfg(feature = "remote")]
mod remote;
mod savepoint;
mod settings;
mod store;
mod tree;
mod window;

pub use bytes::Bytes;
pub use error::SourceError;
pub use failure::{FailureKind, StoreFailure};
pub use location::{Location, Uri};
pub use owner::Owner;
pub use savepoint::SavepointLocation;
pub(crate) use savepoint::{CHECKPOINT_DIR_PREFIX, METADATA_FILE_NAME};
pub use settings::Settings;
pub use store::{Entry, Fetched, FileRange, Store};
pub use tree::{TextTree, read_tree};
pub use window::{Place, Window, Windows};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Of a file that is opened whole, so much is asked for at first: most fit.
const FIRST_OF_WHOLE: u64 = 4 << 20;
/// The rest of it is fetched in ranges of so many bytes, several at once.
const RANGE_OF_WHOLE: u64 = 4 << 20;

/// The schemes that some build reads, each with the cargo feature that it needs.
pub const SCHEMES: &[(&str, &str)] = &[
    ("abfs", "azure"),
    ("abfss", "azure"),
    ("gs", "gcs"),
    ("hdfs", "hdfs"),
    ("http", "http"),
    ("https", "http"),
    ("obs", "s3"),
    ("oss", "s3"),
    ("s3", "s3"),
    ("s3a", "s3"),
    ("s3n", "s3"),
    ("s3p", "s3"),
    ("viewfs", "hdfs"),
    ("wasb", "azure"),
    ("wasbs", "azure"),
];

/// The stores that can be read, and an account of what was fetched from them.
#[derive(Debug, Clone)]
pub struct Source(Arc<Inner>);

struct Inner {
    settings: Arc<Settings>,
    /// By scheme.
    stores: BTreeMap<String, Arc<dyn Store>>,
    observer: Observer,
    requests: AtomicU64,
    bytes: AtomicU64,
}

/// Is told of what a source does.
pub type Observer = Arc<dyn Fn(Event<'_>) + Send + Sync>;

/// What a source did.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Event<'a> {
    /// More was fetched; so much it is now.
    Fetched(Traffic),
    /// An audit read so many savepoints.
    Audited(u64),
    /// A checkpoint was chosen, for what was named holds several.
    Chose {
        /// The newest completed one.
        checkpoint: &'a Location,
        /// What was named.
        among: &'a Location,
    },
    /// What was given as a uid holds this, which looks like an operator ID.
    TakenAsUid(&'a str),
}

/// What was fetched from stores other than the local file system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Ranges that were asked for.
    pub requests: u64,
    /// Bytes that came.
    pub bytes: u64,
}

impl Default for Source {
    fn default() -> Self {
        Self::new(Settings::default(), Arc::new(|_| {}))
    }
}

impl Source {
    /// A source with the stores of this build.
    pub fn new(settings: Settings, observer: Observer) -> Self {
        let settings = Arc::new(settings);
        let stores = stores(&settings);
        let (requests, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Arc::new(Inner { settings, stores, observer, requests, bytes }))
    }

    /// A source that has one more store, for URIs of this scheme.
    #[must_use]
    pub fn with_store(&self, scheme: &str, store: Arc<dyn Store>) -> Self {
        let mut stores = self.0.stores.clone();
        stores.insert(scheme.to_owned(), store);
        let (settings, observer) = (Arc::clone(&self.0.settings), Arc::clone(&self.0.observer));
        let (requests, bytes) = (AtomicU64::new(0), AtomicU64::new(0));
        Self(Arc::new(Inner { settings, stores, observer, requests, bytes }))
    }

    /// Finds the savepoint that a user names: its directory, its `_metadata` file, a checkpoint's directory, or that of a
    /// job's checkpoints, of which the newest completed one is taken.
    pub fn savepoint(&self, text: &str) -> Result<SavepointLocation, SourceError> {
        SavepointLocation::find(self, text)
    }

    /// Finds the savepoint that the Flink configuration leads to.
    pub fn configured_savepoint(&self) -> Result<SavepointLocation, SourceError> {
        SavepointLocation::find_configured(self)
    }

    /// The JSON that a web server answers with: a JobManager, which gives its answers whole and knows no ranges. `None`
    /// for a path, a URI of another store, and a server that answers with something else.
    pub fn document(&self, text: &str) -> Result<Option<Bytes>, SourceError> {
        match Location::parse(text) {
            #[cfg(feature = "http")]
            Location::Remote(uri) if matches!(uri.scheme.as_str(), "http" | "https") => {
                let answer = remote::document(text, self.0.settings.timeout);
                answer.map_err(|failure| SourceError::Store { location: Location::Remote(uri), failure })
            }
            _ => Ok(None),
        }
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

    /// The length of a file; an error when there is none.
    pub fn length(&self, location: &Location) -> Result<u64, SourceError> {
        let lengths = self.lengths(std::slice::from_ref(location));
        lengths
            .into_iter()
            .next()
            .unwrap_or_else(|| Err(SourceError::NotFound { location: location.clone() }))
    }

    /// The lengths of files, in their order; those in other stores are asked for several at once.
    pub fn lengths(&self, locations: &[Location]) -> Vec<Result<u64, SourceError>> {
        let remote = |location: &Location| match location {
            Location::Local(_) => None,
            Location::Remote(uri) => Some(uri.clone()),
        };
        let files: Vec<_> = locations.iter().filter_map(remote).collect();
        let asked = self.ask(&files, |uri| uri, |store, files| store.lengths(files));
        self.0.requests.fetch_add(files.len() as u64, Ordering::Relaxed);
        (self.0.observer)(Event::Fetched(self.traffic()));
        let mut asked = asked.into_iter();
        let length = |location: &Location| match location {
            Location::Local(path) => local::length(path),
            Location::Remote(_) => {
                asked.next().unwrap_or_else(|| Err(SourceError::NotFound { location: location.clone() }))
            }
        };
        locations.iter().map(length).collect()
    }

    /// Reads where a file seems to end. A store whose lengths leave out what was written last fails there.
    pub fn confirm_end(&self, location: &Location, length: u64) -> Result<(), SourceError> {
        let Location::Remote(file) = location else { return Ok(()) };
        let behind = FileRange { file: file.clone(), range: length..length.saturating_add(1) };
        self.read(&[behind]).into_iter().try_for_each(|answer| answer.map(drop))
    }

    /// What is right below a directory, in order.
    pub fn list(&self, directory: &Location) -> Result<Vec<Entry>, SourceError> {
        match directory {
            Location::Local(path) => local::list(path),
            Location::Remote(uri) => {
                self.0.requests.fetch_add(1, Ordering::Relaxed);
                self.store(uri)?.list(uri)
            }
        }
    }

    /// The place with the authority that a store's own configuration says, where it names none.
    fn qualified(&self, location: Location) -> Location {
        match location {
            Location::Remote(uri) if uri.authority.is_empty() => {
                let authority = self.store(&uri).ok().and_then(|store| store.default_authority(&uri.scheme));
                Location::Remote(Uri { authority: authority.unwrap_or_default(), ..uri })
            }
            location => location,
        }
    }

    /// What stands outside the savepoints.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The store that a URI is in.
    fn store(&self, uri: &Uri) -> Result<&dyn Store, SourceError> {
        let store = self.0.stores.get(&uri.scheme).map(AsRef::as_ref);
        store.ok_or_else(|| SourceError::Scheme {
            location: Location::Remote(uri.clone()),
            feature: SCHEMES.iter().find(|row| row.0 == uri.scheme).map(|row| row.1),
        })
    }

    /// Reads ranges of files in other stores; the answers are in the order of the ranges.
    fn read(&self, ranges: &[FileRange]) -> Vec<Result<Fetched, SourceError>> {
        if ranges.is_empty() {
            return Vec::new();
        }
        let read = self.ask(ranges, |range| &range.file, |store, ranges| store.read(ranges));
        let checked = ranges.iter().zip(read).map(|(range, answer)| self.check(range, answer?)).collect();
        (self.0.observer)(Event::Fetched(self.traffic()));
        checked
    }

    /// Asks each store what is its to answer; the answers are in the order of the questions.
    fn ask<Q: Clone, T>(
        &self,
        questions: &[Q],
        file: impl Fn(&Q) -> &Uri,
        ask: impl Fn(&dyn Store, &[Q]) -> Vec<Result<T, SourceError>>,
    ) -> Vec<Result<T, SourceError>> {
        let mut by_scheme: BTreeMap<&str, Vec<(usize, Q)>> = BTreeMap::new();
        let mut answers = BTreeMap::new();
        for (index, question) in questions.iter().enumerate() {
            by_scheme.entry(&file(question).scheme).or_default().push((index, question.clone()));
        }
        for asked in by_scheme.into_values() {
            let (indices, questions): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
            let Some(first) = questions.first() else { continue };
            let of_store = match self.store(file(first)) {
                Ok(store) => ask(store, &questions),
                Err(error) => questions.iter().map(|_| Err(error.clone())).collect(),
            };
            answers.extend(indices.into_iter().zip(of_store));
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

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Settings hold secrets.
        write!(f, "Source({:?})", self.stores.keys())
    }
}

/// The stores of this build, by scheme.
#[cfg(feature = "remote")]
fn stores(settings: &Arc<Settings>) -> BTreeMap<String, Arc<dyn Store>> {
    let network = Arc::new(remote::Network::new(Arc::clone(settings)));
    let store = |connect| -> Arc<dyn Store> { Arc::new(remote::Remote::new(connect, Arc::clone(&network))) };
    remote::SCHEMES.iter().map(|(scheme, connect)| ((*scheme).to_owned(), store(*connect))).collect()
}

/// No store but the local file system.
#[cfg(not(feature = "remote"))]
fn stores(_: &Arc<Settings>) -> BTreeMap<String, Arc<dyn Store>> {
    BTreeMap::new()
}
