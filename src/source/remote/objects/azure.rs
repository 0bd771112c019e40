//! Azure Blob Storage and Data Lake Storage: one store under two names.

use super::super::{Connection, Settings, StoreFailure};
use super::{Objects, client_options, retries};
use crate::source::Uri;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Connects to a container, `container@account.blob.core.windows.net` or `container@account.dfs.core.windows.net`.
///
/// The account's key or a shared access signature comes from the Flink configuration, called as Hadoop's two Azure file
/// systems call them; everything else from the environment.
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
    let configured = |name: &str| {
        let keys = hosts.each_ref().map(|host| format!("{name}.{host}"));
        settings.flink(&keys.each_ref().map(String::as_str))
    };
    let signature = configured("fs.azure.sas.fixed.token");
    if let Some(key) = configured("fs.azure.account.key") {
        builder = builder.with_access_key(key);
    } else if let Some(signature) = signature.or_else(|| configured(&format!("fs.azure.sas.{container}"))) {
        builder = builder.with_config(AzureConfigKey::SasKey, signature);
    }
    Objects::connection(builder.build(), false)
}
