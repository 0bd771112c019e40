//! Web servers. Each has to answer range requests; only some can list a directory.

use super::super::{Connection, Settings, StoreFailure};
use super::{Objects, client_options, retries};
use crate::source::Uri;
use object_store::http::HttpBuilder;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// Connects to a server.
pub(in super::super) fn connect(
    uri: &Uri,
    settings: &Settings,
    _: &Runtime,
) -> Result<Arc<dyn Connection>, StoreFailure> {
    let builder = HttpBuilder::new()
        .with_url(format!("{}://{}", uri.scheme, uri.authority))
        .with_retry(retries(settings))
        .with_client_options(client_options(settings));
    Objects::connection(builder.build(), true)
}
