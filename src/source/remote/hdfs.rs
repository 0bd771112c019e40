//! HDFS, in its own protocol.

use super::hadoop_configuration::HadoopConfiguration;
use super::{Connection, Entry, FailureKind, Fetched, Settings, StoreFailure};
use crate::source::Uri;
use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use hdfs_native::{Client, ClientBuilder, HdfsError};
use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use tokio::runtime::Runtime;

/// How often another `NameNode` is tried. The client's own default keeps on for minutes.
const FAILOVER_ATTEMPTS: &str = "dfs.client.failover.max.attempts";
/// How often a file is read again after an error that may pass, and the pause before.
const RETRIES: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);
/// What Flink logs in with.
const KEYTAB: &[&str] = &["security.kerberos.login.keytab"];
const PRINCIPAL: &[&str] = &["security.kerberos.login.principal"];

/// A `NameNode`, a nameservice, or a view of several.
#[derive(Debug)]
struct Hdfs(Client);

/// Connects to what the authority names.
pub(super) fn connect(
    uri: &Uri,
    settings: &Settings,
    runtime: &Runtime,
) -> Result<Arc<dyn Connection>, StoreFailure> {
    let hadoop = HadoopConfiguration::read();
    let mut builder = ClientBuilder::new()
        .with_url(format!("{}://{}/", uri.scheme, hadoop.address(uri)))
        .with_io_runtime(runtime.handle().clone());
    let mut more = hadoop.complete_views();
    if !hadoop.sets(FAILOVER_ATTEMPTS) {
        // Two NameNodes change places within some seconds; one that is alone is there or is not.
        let attempts = if hadoop.sets("dfs.ha.namenodes") { "8" } else { "1" };
        more.push((FAILOVER_ATTEMPTS.to_owned(), attempts.to_owned()));
    }
    // What the job logs in with, if it is on this machine; else the ticket of `kinit`.
    if let Some(keytab) = settings.flink(KEYTAB)
        && let Some(principal) = settings.flink(PRINCIPAL)
        && Path::new(keytab).is_file()
    {
        builder = builder.with_kerberos_principal(principal).with_kerberos_keytab(keytab);
    }
    let client = builder.with_config(more).build().map_err(|error| match error {
        HdfsError::IOError(_) => failure_of(&error),
        error => StoreFailure::settings(error.to_string()),
    })?;
    Ok(Arc::new(Hdfs(client)))
}

/// Which store a URI of this scheme without an authority means.
pub(super) fn default_authority(scheme: &str) -> Option<String> {
    HadoopConfiguration::read().default_authority(scheme)
}

impl Hdfs {
    /// Asks again after an error that may pass: a `NameNode` that changes its role, a `DataNode` that went away.
    async fn patiently<T>(
        &self,
        ask: impl AsyncFn(&Client) -> Result<T, HdfsError>,
    ) -> Result<T, StoreFailure> {
        let mut attempt = 0;
        loop {
            match ask(&self.0).await {
                Ok(answer) => return Ok(answer),
                Err(error) => {
                    let failure = failure_of(&error);
                    if failure.kind != FailureKind::Other || attempt >= RETRIES {
                        return Err(failure);
                    }
                    attempt = attempt.saturating_add(1);
                    tokio::time::sleep(PAUSE.saturating_mul(1 << attempt)).await;
                }
            }
        }
    }
}

impl Hdfs {
    /// Whether a file really ends after so many bytes. Of one that is still open the client leaves out the last block, though
    /// its bytes are there: what is left are full blocks, or none.
    async fn confirm_end(&self, path: &str, length: u64) -> Result<(), StoreFailure> {
        let status = self.patiently(async |client| client.get_file_info(path).await).await?;
        match status.blocksize.and_then(|block| length.checked_rem(block)) {
            Some(0) => Err(StoreFailure {
                kind: FailureKind::Open,
                said: format!("HDFS tells of {length} bytes in closed blocks"),
            }),
            _ => Ok(()),
        }
    }
}

impl Connection for Hdfs {
    fn read<'a>(
        &'a self,
        path: &'a str,
        range: Range<u64>,
    ) -> LocalBoxFuture<'a, Result<Fetched, StoreFailure>> {
        Box::pin(async move {
            let read = async |client: &Client| {
                let reader = client.read(path).await?;
                let length = reader.file_length();
                let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(length);
                let (start, end) = (place(range.start), place(range.end));
                let bytes = match end.saturating_sub(start) {
                    0 => Bytes::new(),
                    wanted => reader.read_range(start, wanted).await?,
                };
                Ok(Fetched { bytes, file_length: length as u64 })
            };
            let fetched = self.patiently(read).await?;
            if range.start >= fetched.file_length {
                self.confirm_end(path, fetched.file_length).await?;
            }
            Ok(fetched)
        })
    }

    fn length<'a>(&'a self, path: &'a str) -> LocalBoxFuture<'a, Result<u64, StoreFailure>> {
        Box::pin(async move {
            let status = self.patiently(async |client| client.get_file_info(path).await).await?;
            if status.isdir {
                return Err(StoreFailure {
                    kind: FailureKind::NotFound,
                    said: "it is a directory".to_owned(),
                });
            }
            Ok(status.length as u64)
        })
    }

    fn list<'a>(&'a self, directory: &'a str) -> LocalBoxFuture<'a, Result<Vec<Entry>, StoreFailure>> {
        Box::pin(async move {
            let listed = self.patiently(async |client| client.list_status(directory, false).await).await?;
            // A file is listed as itself.
            let below = listed.into_iter().filter(|status| status.path != directory);
            let entry = |status: hdfs_native::client::FileStatus| {
                let name = status.path.rsplit('/').next().unwrap_or_default();
                if status.isdir {
                    return Entry::directory(name);
                }
                let modified = UNIX_EPOCH.checked_add(Duration::from_millis(status.modification_time));
                Entry::file(name, status.length as u64, modified)
            };
            Ok(below.map(entry).collect())
        })
    }
}

/// What an error means.
fn failure_of(error: &HdfsError) -> StoreFailure {
    let kind = match error {
        HdfsError::FileNotFound(_) => FailureKind::NotFound,
        HdfsError::RPCError(class, _) | HdfsError::FatalRPCError(class, _) => {
            match class.rsplit('.').next() {
                Some("AccessControlException") => FailureKind::Denied,
                Some("FileNotFoundException") => FailureKind::NotFound,
                Some("InvalidToken") => FailureKind::Expired,
                _ => FailureKind::Other,
            }
        }
        HdfsError::GSSAPIError(..) | HdfsError::SASLError(_) | HdfsError::NoSASLMechanism => {
            FailureKind::Unauthenticated
        }
        HdfsError::IOError(error) => kind_of_io(error),
        HdfsError::InvalidArgument(_) | HdfsError::UnsupportedFeature(_) => FailureKind::Settings,
        _ => FailureKind::Other,
    };
    // The class and its stack trace are of no use to people.
    let said = match error {
        HdfsError::IOError(error) => error.to_string(),
        HdfsError::RPCError(_, said) | HdfsError::FatalRPCError(_, said) => said.clone(),
        error => error.to_string(),
    };
    let kind = match kind {
        FailureKind::Unauthenticated if said.contains("expired") => FailureKind::Expired,
        FailureKind::Unauthenticated if said.contains("No Kerberos credentials") => {
            FailureKind::NoCredentials
        }
        kind => kind,
    };
    StoreFailure { kind, said: said.lines().next().unwrap_or_default().to_owned() }
}

/// What the system says of a connection.
fn kind_of_io(error: &io::Error) -> FailureKind {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => FailureKind::Refused,
        io::ErrorKind::TimedOut => FailureKind::TimedOut,
        _ if error.to_string().contains("lookup address") => FailureKind::UnknownHost,
        _ => FailureKind::Other,
    }
}
