//! Stores that are reached over the network.
//!
//! Their clients are asynchronous; that ends here. One runtime, on the thread that asks, serves all of them.
//!
//! To add a store: its scheme in [`SCHEMES`], and what makes a [`Connection`] of a URI.

#[cfg(feature = "http")]
mod document;
#[cfg(feature = "hdfs")]
mod hadoop_configuration;
#[cfg(feature = "hdfs")]
mod hdfs;
#[cfg(feature = "object-store")]
mod objects;

#[cfg(feature = "http")]
pub(super) use document::document;

use super::{
    Entry, FailureKind, Fetched, FileRange, Location, Settings, SourceError, Store, StoreFailure, Uri,
};
use futures_util::future::LocalBoxFuture;
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock};
use tokio::runtime::{Builder, Runtime};

/// Requests that are under way at once.
const AT_ONCE: usize = 32;

/// Makes a connection to the store that a URI is in. Nothing is asked of the store yet.
pub(super) type Connect = fn(&Uri, &Settings, &Runtime) -> Result<Arc<dyn Connection>, StoreFailure>;

/// The schemes that this build reads.
pub(super) const SCHEMES: &[(&str, Connect)] = &[
    #[cfg(feature = "azure")]
    ("abfs", objects::azure::connect),
    #[cfg(feature = "azure")]
    ("abfss", objects::azure::connect),
    #[cfg(feature = "gcs")]
    ("gs", objects::gcs::connect),
    #[cfg(feature = "hdfs")]
    ("hdfs", hdfs::connect),
    #[cfg(feature = "http")]
    ("http", objects::http::connect),
    #[cfg(feature = "http")]
    ("https", objects::http::connect),
    #[cfg(feature = "s3")]
    ("obs", objects::s3::connect_obs),
    #[cfg(feature = "s3")]
    ("oss", objects::s3::connect_oss),
    #[cfg(feature = "s3")]
    ("s3", objects::s3::connect),
    #[cfg(feature = "s3")]
    ("s3a", objects::s3::connect),
    #[cfg(feature = "s3")]
    ("s3n", objects::s3::connect),
    #[cfg(feature = "s3")]
    ("s3p", objects::s3::connect),
    #[cfg(feature = "hdfs")]
    ("viewfs", hdfs::connect),
    #[cfg(feature = "azure")]
    ("wasb", objects::azure::connect),
    #[cfg(feature = "azure")]
    ("wasbs", objects::azure::connect),
];

/// A client of one store.
pub(super) trait Connection: fmt::Debug + Send + Sync {
    /// As [`Store::read`], for one file.
    fn read<'a>(
        &'a self,
        path: &'a str,
        range: Range<u64>,
    ) -> LocalBoxFuture<'a, Result<Fetched, StoreFailure>>;

    /// As [`Store::lengths`], for one file.
    fn length<'a>(&'a self, path: &'a str) -> LocalBoxFuture<'a, Result<u64, StoreFailure>>;

    /// As [`Store::list`].
    fn list<'a>(&'a self, directory: &'a str) -> LocalBoxFuture<'a, Result<Vec<Entry>, StoreFailure>>;
}

/// The stores of one scheme.
#[derive(Debug)]
pub(super) struct Remote {
    connect: Connect,
    network: Arc<Network>,
    connections: Mutex<BTreeMap<String, Connected>>,
}

type Connected = Result<Arc<dyn Connection>, StoreFailure>;

/// What all stores of a source share.
#[derive(Debug)]
pub(super) struct Network {
    settings: Arc<Settings>,
    /// Made when the first store is asked; `None` when the system refuses it.
    runtime: OnceLock<Option<Runtime>>,
}

impl Network {
    pub(super) fn new(settings: Arc<Settings>) -> Self {
        Self { settings, runtime: OnceLock::new() }
    }

    fn runtime(&self) -> Result<&Runtime, StoreFailure> {
        let runtime = self.runtime.get_or_init(|| Builder::new_current_thread().enable_all().build().ok());
        runtime.as_ref().ok_or_else(|| StoreFailure::other("the system refuses an event queue"))
    }
}

impl Remote {
    pub(super) fn new(connect: Connect, network: Arc<Network>) -> Self {
        Self { connect, network, connections: Mutex::default() }
    }

    /// The client for a file, made once for each authority.
    fn connection(&self, uri: &Uri) -> Connected {
        let Ok(mut connections) = self.connections.lock() else {
            return Err(StoreFailure::other("a thread ended in the middle of connecting"));
        };
        let connect = || (self.connect)(uri, &self.network.settings, self.network.runtime()?);
        connections.entry(uri.authority.clone()).or_insert_with(connect).clone()
    }

    /// Asks all questions, several at once; the answers are in the order of the questions.
    fn ask_all<Q, T>(
        &self,
        questions: &[Q],
        uri: impl Fn(&Q) -> &Uri,
        ask: impl for<'a> Fn(&'a dyn Connection, &'a Q) -> LocalBoxFuture<'a, Result<T, StoreFailure>>,
    ) -> Vec<Result<T, SourceError>> {
        let at = |question: &Q| Location::Remote(uri(question).clone());
        let timeout = self.network.settings.timeout;
        let late = || StoreFailure {
            kind: FailureKind::TimedOut,
            said: format!("after {} s", timeout.as_secs_f32()),
        };
        let answer = async |question: &Q| {
            let connection = self.connection(uri(question))?;
            let answer = tokio::time::timeout(timeout, ask(&*connection, question));
            answer.await.unwrap_or_else(|_| Err(late()))
        };
        match self.network.runtime() {
            Ok(runtime) => runtime.block_on(
                stream::iter(questions)
                    .map(async |question| answer(question).await.map_err(|failure| failure.at(at(question))))
                    .buffered(AT_ONCE)
                    .collect(),
            ),
            Err(failure) => questions.iter().map(|question| Err(failure.clone().at(at(question)))).collect(),
        }
    }
}

impl Store for Remote {
    fn default_authority(&self, scheme: &str) -> Option<String> {
        match scheme {
            #[cfg(feature = "hdfs")]
            "hdfs" | "viewfs" => hdfs::default_authority(scheme),
            _ => None,
        }
    }

    fn read(&self, ranges: &[FileRange]) -> Vec<Result<Fetched, SourceError>> {
        self.ask_all(ranges, |it| &it.file, |store, it| store.read(&it.file.path, it.range.clone()))
    }

    fn lengths(&self, files: &[Uri]) -> Vec<Result<u64, SourceError>> {
        self.ask_all(files, |file| file, |store, file| store.length(&file.path))
    }

    fn list(&self, directory: &Uri) -> Result<Vec<Entry>, SourceError> {
        let directory = std::slice::from_ref(directory);
        let listed = self.ask_all(directory, |it| it, |store, it| store.list(&it.path));
        let mut entries = listed.into_iter().next().unwrap_or_else(|| Ok(Vec::new()))?;
        entries.sort();
        Ok(entries)
    }
}

impl StoreFailure {
    fn other(said: &str) -> Self {
        Self { kind: FailureKind::Other, said: said.to_owned() }
    }

    fn settings(said: impl Into<String>) -> Self {
        Self { kind: FailureKind::Settings, said: said.into() }
    }

    fn at(self, location: Location) -> SourceError {
        match self.kind {
            FailureKind::NotFound => SourceError::NotFound { location },
            _ => SourceError::Store { location, failure: self },
        }
    }
}
