//! What an object store's error means.

use super::{FailureKind, StoreFailure};
use object_store::Error;
use std::error::Error as _;

/// The codes in the answers of S3, OBS, OSS, GCS and Azure that say more than their HTTP status; what says most comes
/// first.
const CODES: &[(&str, FailureKind)] = &[
    ("NoSuchBucket", FailureKind::NoBucket),
    ("ContainerNotFound", FailureKind::NoBucket),
    ("ExpiredToken", FailureKind::Expired),
    ("SecurityTokenExpired", FailureKind::Expired),
    ("TokenRefreshRequired", FailureKind::Expired),
    // Azure, of a shared access signature.
    ("Signature not valid in the specified time frame", FailureKind::Expired),
    ("RequestTimeTooSkewed", FailureKind::Unauthenticated),
    ("InvalidAccessKeyId", FailureKind::Unauthenticated),
    ("InvalidToken", FailureKind::Unauthenticated),
    ("SignatureDoesNotMatch", FailureKind::Unauthenticated),
    ("AuthenticationFailed", FailureKind::Unauthenticated),
    ("Server failed to authenticate", FailureKind::Unauthenticated),
    ("invalid_grant", FailureKind::Unauthenticated),
    ("invalid_client", FailureKind::Unauthenticated),
    ("AccessDenied", FailureKind::Denied),
    ("PermanentRedirect", FailureKind::OtherRegion),
    ("AuthorizationHeaderMalformed", FailureKind::OtherRegion),
    ("redirect without LOCATION", FailureKind::OtherRegion),
    ("SlowDown", FailureKind::Busy),
    ("ServerBusy", FailureKind::Busy),
    ("status code: 429 ", FailureKind::Busy),
    ("status code: 503 ", FailureKind::Busy),
];

/// Parts of the addresses at which a machine in a cloud is given its credentials, the last resort of every chain.
const METADATA_SERVICES: &[&str] =
    &["/latest/api/token", "/latest/meta-data/", "169.254.170.2", "computeMetadata", "/metadata/identity"];

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
    if METADATA_SERVICES.iter().any(|service| has(service)) {
        return StoreFailure { kind: FailureKind::NoCredentials, said: said(&words) };
    }
    let coded = CODES.iter().chain(NETWORK).find(|(text, _)| has(text)).map(|(_, kind)| *kind);
    let kind = coded.unwrap_or(match error {
        Error::NotFound { .. } => FailureKind::NotFound,
        Error::PermissionDenied { .. } => FailureKind::Denied,
        Error::Unauthenticated { .. } => FailureKind::Unauthenticated,
        Error::NotSupported { .. } => FailureKind::NoRanges,
        _ if has("Range request not supported") => FailureKind::NoRanges,
        _ => FailureKind::Other,
    });
    StoreFailure { kind, said: said(&words) }
}

/// Whether the store refused, rather than failed, and said no more than a status: an answer to HEAD has no text.
pub(super) fn is_wordless_refusal(failure: &StoreFailure) -> bool {
    let status = failure.said.split_once("status code: 4").map(|(_, status)| status);
    failure.kind != FailureKind::NotFound && status.is_some_and(|status| !status.contains(':'))
}

/// As [`of`], where a directory was to be listed: a web server of files knows no such request, and no store has a directory
/// in which nothing is.
pub(super) fn of_list(error: &Error) -> StoreFailure {
    let failure = of(error);
    let has = |status: &str| failure.said.contains(&format!("status code: {status} "));
    let kind = match failure.kind {
        FailureKind::Other if has("404") => FailureKind::NotFound,
        _ if has("405") || has("501") => FailureKind::NoListing,
        kind => kind,
    };
    StoreFailure { kind, ..failure }
}

/// The store's own code and message, or what stands innermost.
fn said(words: &[String]) -> String {
    let tagged = |tag: &str| {
        let open = format!("<{tag}>");
        let text = |said: &String| {
            Some(said.split_once(&open)?.1.split_once('<')?.0.trim().lines().next()?.to_owned())
        };
        words.iter().find_map(text)
    };
    if let (Some(code), Some(message)) = (tagged("Code"), tagged("Message")) {
        let more = tagged("AuthenticationErrorDetail").map(|more| format!(" {more}"));
        return format!("{code}: {message}{}", more.unwrap_or_default());
    }
    let innermost = words.last().map(String::as_str).unwrap_or_default();
    innermost.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches(':').to_owned()
}
