//! Azure Blob Storage and Data Lake Storage: one store under two names.

use super::super::{Connection, Settings, StoreFailure};
use super::{Objects, client_options, retries};
use crate::source::Uri;
use object_store::azure::MicrosoftAzureBuilder;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Connects to a container, `container@account.blob.core.windows.net` or `container@account.dfs.core.windows.net`.
///
/// The account's key comes from the Flink configuration, as `fs.azure.account.key.ACCOUNT.…`; everything else from the
/// environment.
pub(in super::super) fn connect(
    uri: &Uri,
    settings: &Settings,
    _: &Runtime,
) -> Result<Arc<dyn Connection>, StoreFailure> {
    let Some((container, host)) = uri.authority.split_once('@') else {
        return Err(StoreFailure::settings(format!(
            "write it as {}://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH",
            uri.scheme
        )));
    };
    let account = host.split('.').next().unwrap_or_default();
    let mut builder = MicrosoftAzureBuilder::from_env()
        .with_account(account)
        .with_container_name(container)
        .with_retry(retries(settings))
        .with_client_options(client_options(settings));
    // The clouds of some countries have domains of their own.
    if let Some((_, domain)) = host.split_once(".blob.").or_else(|| host.split_once(".dfs."))
        && domain != "core.windows.net"
    {
        builder = builder.with_endpoint(format!("https://{account}.blob.{domain}"));
    }
    let hosts = [host.to_owned(), host.replacen(".dfs.", ".blob.", 1), host.replacen(".blob.", ".dfs.", 1)];
    let keys = hosts.map(|host| format!("fs.azure.account.key.{host}"));
    if let Some(key) = settings.flink(&keys.each_ref().map(String::as_str)) {
        builder = builder.with_access_key(key);
    }
    Objects::connection(builder.build())
}
