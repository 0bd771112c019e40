//! Object stores and web servers.

#[cfg(feature = "azure")]
pub(super) mod azure;
mod failure;
#[cfg(feature = "gcs")]
pub(super) mod gcs;
#[cfg(feature = "http")]
pub(super) mod http;
#[cfg(feature = "s3")]
pub(super) mod s3;
#[cfg(feature = "s3")]
mod s3_profile;

use super::{Connection, Entry, FailureKind, Fetched, Settings, StoreFailure};
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use object_store::path::Path;
use object_store::{ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt, RetryConfig};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// How often a request is made again after an error that may pass.
const RETRIES: usize = 4;
/// The pause before a broken answer is asked for again; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(100);

/// A bucket, a container, or a web server.
#[derive(Debug)]
struct Objects {
    store: Arc<dyn ObjectStore>,
    /// A path is what stands in a URL, percent-encoded. In Flink's own paths nothing is, so nothing is decoded either.
    is_url: bool,
}

impl Objects {
    /// What a builder of the crate gave.
    fn connection(
        built: Result<impl ObjectStore, object_store::Error>,
        is_url: bool,
    ) -> Result<Arc<dyn Connection>, StoreFailure> {
        let store = built.map_err(|error| StoreFailure::settings(error.to_string()))?;
        Ok(Arc::new(Self { store: Arc::new(store), is_url }))
    }

    fn path(&self, path: &str) -> Result<Path, StoreFailure> {
        let path = if self.is_url { Path::from_url_path(path) } else { Path::parse(path) };
        path.map_err(|error| StoreFailure::other(&error.to_string()))
    }

    /// A range of a file. Where an answer breaks off, the range is asked for again; the crate does so for files with an
    /// `ETag` alone.
    async fn range(&self, path: &Path, range: Range<u64>) -> Result<Fetched, object_store::Error> {
        let mut attempt = 0;
        loop {
            let range = Some(GetRange::Bounded(range.clone()));
            let result = self.store.get_opts(path, GetOptions { range, ..GetOptions::default() }).await?;
            let file_length = result.meta.size;
            match result.bytes().await {
                Ok(bytes) => return Ok(Fetched { bytes, file_length }),
                Err(error) if attempt >= RETRIES => return Err(error),
                Err(_) => tokio::time::sleep(PAUSE.saturating_mul(1 << attempt)).await,
            }
            attempt = attempt.saturating_add(1);
        }
    }
}

impl Connection for Objects {
    fn read<'a>(
        &'a self,
        path: &'a str,
        range: Range<u64>,
    ) -> LocalBoxFuture<'a, Result<Fetched, StoreFailure>> {
        Box::pin(async move {
            let path = self.path(path)?;
            let start = range.start;
            match self.range(&path, range).await {
                Ok(fetched) => Ok(fetched),
                Err(error) => {
                    let failure = failure::of(&error);
                    if failure.kind != FailureKind::Other {
                        return Err(failure);
                    }
                    // A range that starts at the end of a file, or beyond it, is an error to these stores.
                    match self.store.head(&path).await {
                        Ok(meta) if meta.size <= start => {
                            Ok(Fetched { bytes: Bytes::new(), file_length: meta.size })
                        }
                        _ => Err(failure),
                    }
                }
            }
        })
    }

    fn length<'a>(&'a self, path: &'a str) -> LocalBoxFuture<'a, Result<u64, StoreFailure>> {
        Box::pin(async move {
            let path = self.path(path)?;
            let error = match self.store.head(&path).await {
                Ok(meta) => return Ok(meta.size),
                Err(error) => failure::of(&error),
            };
            if !failure::is_wordless_refusal(&error) {
                return Err(error);
            }
            // The same question, so that the store says why.
            match self.range(&path, 0..1).await {
                Ok(first) => Ok(first.file_length),
                Err(error) => Err(failure::of(&error)),
            }
        })
    }

    fn list<'a>(&'a self, directory: &'a str) -> LocalBoxFuture<'a, Result<Vec<Entry>, StoreFailure>> {
        Box::pin(async move {
            let path = self.path(directory)?;
            let listed = self.store.list_with_delimiter(Some(&path)).await;
            let listed = listed.map_err(|error| failure::of_list(&error))?;
            let name = |path: &Path| path.filename().unwrap_or_default().to_owned();
            let directories = listed.common_prefixes.iter().map(|it| Entry::directory(name(it)));
            let files = listed.objects.iter();
            let files =
                files.map(|it| Entry::file(name(&it.location), it.size, Some(it.last_modified.into())));
            Ok(directories.chain(files).collect())
        })
    }
}

/// The crates are built without a default for TLS; setting it twice is no error to us.
pub(super) fn set_up_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// How each client behaves. Requests over plain HTTP are made where an endpoint says so.
fn client_options(settings: &Settings) -> ClientOptions {
    set_up_tls();
    let connect = settings.timeout.min(Duration::from_secs(10));
    // Whoever asks keeps the time of the whole.
    ClientOptions::new().with_timeout_disabled().with_connect_timeout(connect).with_allow_http(true)
}

fn retries(settings: &Settings) -> RetryConfig {
    RetryConfig { max_retries: RETRIES, retry_timeout: settings.timeout, ..RetryConfig::default() }
}

/// The first of these variables that is set in the environment.
#[cfg(feature = "s3")]
fn variable(names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| std::env::var(name).ok()).filter(|value| !value.is_empty())
}

/// An endpoint as a URL: people also write a bare host.
#[cfg(feature = "s3")]
fn endpoint_url(endpoint: &str, is_encrypted: bool) -> String {
    match (endpoint.contains("://"), is_encrypted) {
        (true, _) => endpoint.trim_end_matches('/').to_owned(),
        (false, true) => format!("https://{}", endpoint.trim_end_matches('/')),
        (false, false) => format!("http://{}", endpoint.trim_end_matches('/')),
    }
}
