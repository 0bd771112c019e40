//! What an object store's error means.

use super::{FailureKind, StoreFailure};
use object_store::Error;
use std::error::Error as _;

/// The codes in the answers of S3, GCS and Azure that say more than their HTTP status.
const CODES: &[(&str, FailureKind)] = &[
    ("NoSuchBucket", FailureKind::NoBucket),
    ("ContainerNotFound", FailureKind::NoBucket),
    ("ExpiredToken", FailureKind::Expired),
    ("RequestTimeTooSkewed", FailureKind::Unauthenticated),
    ("InvalidAccessKeyId", FailureKind::Unauthenticated),
    ("SignatureDoesNotMatch", FailureKind::Unauthenticated),
    ("AuthenticationFailed", FailureKind::Unauthenticated),
    ("AccessDenied", FailureKind::Denied),
];

/// What the network says, in the words of the layers below.
const NETWORK: &[(&str, FailureKind)] = &[
    ("dns error", FailureKind::UnknownHost),
    ("Connection refused", FailureKind::Refused),
    ("operation timed out", FailureKind::TimedOut),
    ("deadline has elapsed", FailureKind::TimedOut),
];

pub(super) fn of(error: &Error) -> StoreFailure {
    let mut words = vec![error.to_string()];
    let mut inner = error.source();
    while let Some(error) = inner {
        words.push(error.to_string());
        inner = error.source();
    }
    let has = |text: &str| words.iter().any(|said| said.contains(text));
    let coded = CODES.iter().chain(NETWORK).find(|(text, _)| has(text)).map(|(_, kind)| *kind);
    let kind = coded.unwrap_or(match error {
        Error::NotFound { .. } => FailureKind::NotFound,
        Error::PermissionDenied { .. } => FailureKind::Denied,
        Error::Unauthenticated { .. } => FailureKind::Unauthenticated,
        Error::NotSupported { .. } => FailureKind::NoRanges,
        _ if has("Range request not supported") => FailureKind::NoRanges,
        // The last resort of every credential chain: the metadata service of a machine in that cloud.
        _ if has("169.254.169.254") || has("metadata.google.internal") => FailureKind::Unauthenticated,
        _ => FailureKind::Other,
    });
    StoreFailure { kind, said: said(&words) }
}

/// As [`of`], where a directory was to be listed: a web server of files knows no such request.
pub(super) fn of_list(error: &Error) -> StoreFailure {
    let failure = of(error);
    let is_unknown =
        ["405", "501"].iter().any(|status| failure.said.contains(&format!("status code: {status} ")));
    if is_unknown { StoreFailure { kind: FailureKind::NoListing, ..failure } } else { failure }
}

/// The store's own code and message, or what stands innermost.
fn said(words: &[String]) -> String {
    let tagged = |tag: &str| {
        let open = format!("<{tag}>");
        words.iter().find_map(|said| Some(said.split_once(&open)?.1.split_once('<')?.0.trim().to_owned()))
    };
    if let (Some(code), Some(message)) = (tagged("Code"), tagged("Message")) {
        return format!("{code}: {message}");
    }
    let innermost = words.last().map(String::as_str).unwrap_or_default();
    innermost.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches(": ").to_owned()
}
