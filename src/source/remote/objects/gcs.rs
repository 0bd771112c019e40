//! Google Cloud Storage.

use super::super::{Connection, Settings, StoreFailure};
use super::{Objects, client_options, retries};
use crate::source::Uri;
use object_store::gcp::GoogleCloudStorageBuilder;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// The service account's file, as Google's Hadoop connector calls it.
const KEY_FILE: &[&str] =
    &["fs.gs.auth.service.account.json.keyfile", "google.cloud.auth.service.account.json.keyfile"];
/// Another server than Google's.
const ROOT_URL: &[&str] = &["fs.gs.storage.root.url", "gs.storage.root.url"];

/// Connects to a bucket.
pub(in super::super) fn connect(
    uri: &Uri,
    settings: &Settings,
    _: &Runtime,
) -> Result<Arc<dyn Connection>, StoreFailure> {
    let mut builder = GoogleCloudStorageBuilder::from_env()
        .with_bucket_name(&uri.authority)
        .with_retry(retries(settings))
        .with_client_options(client_options(settings));
    if let Some(file) = settings.flink(KEY_FILE) {
        builder = builder.with_service_account_path(file);
    }
    if let Some(url) = settings.flink(ROOT_URL) {
        builder = builder.with_base_url(url.trim_end_matches('/'));
    }
    Objects::connection(builder.build(), false)
}
