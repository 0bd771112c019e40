//! A JSON document that a server answers with whole, as a JobManager does.

use super::objects::set_up_tls;
use super::{FailureKind, StoreFailure};
use bytes::Bytes;
use std::error::Error;
use std::time::Duration;
use tokio::runtime::Builder;

/// More than any JobManager says of a job.
const MOST_BYTES: usize = 64 << 20;

/// Asks for a URL once. `None` when the answer is no JSON object: then no more than its beginning was fetched.
pub(in super::super) fn document(url: &str, timeout: Duration) -> Result<Option<Bytes>, StoreFailure> {
    set_up_tls();
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| StoreFailure::other(&error.to_string()))?;
    runtime.block_on(async {
        let client = reqwest::Client::builder().timeout(timeout).build().map_err(|error| failure(&error))?;
        let mut response = client.get(url).send().await.map_err(|error| failure(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            body.extend_from_slice(&chunk);
            if body.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|first| *first != b'{') {
                return Ok(None);
            }
            if body.len() > MOST_BYTES {
                return Err(StoreFailure::other("the answer is longer than any that a JobManager gives"));
            }
        }
        Ok((!body.is_empty()).then(|| Bytes::from(body)))
    })
}

fn failure(error: &reqwest::Error) -> StoreFailure {
    let kind = match error {
        error if error.is_timeout() => FailureKind::TimedOut,
        error if error.is_connect() => FailureKind::Refused,
        _ => FailureKind::Other,
    };
    let causes = std::iter::successors(error.source(), |error| (*error).source());
    let said = causes.last().map_or_else(|| error.to_string(), ToString::to_string);
    StoreFailure { kind, said }
}
