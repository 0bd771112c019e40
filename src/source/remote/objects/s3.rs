//! S3, what speaks its language, and the two stores of other clouds that do.

use super::super::{Connection, Settings, StoreFailure};
use super::s3_profile::Profile;
use super::{Objects, client_options, endpoint_url, retries, variable};
use crate::source::Uri;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use std::net::IpAddr;
use std::sync::Arc;
use tokio::runtime::Runtime;

/// What Flink's two S3 file systems and Hadoop's take for the same setting.
struct Keys {
    endpoint: &'static [&'static str],
    region: &'static [&'static str],
    access_key: &'static [&'static str],
    secret_key: &'static [&'static str],
    token: &'static [&'static str],
    path_style: &'static [&'static str],
    encrypted: &'static [&'static str],
    provider: &'static [&'static str],
}

const KEYS: Keys = Keys {
    endpoint: &["s3.endpoint", "s3a.endpoint", "fs.s3a.endpoint", "presto.s3.endpoint"],
    region: &["s3.endpoint.region", "s3.region", "s3a.endpoint.region", "fs.s3a.endpoint.region"],
    access_key: &["s3.access-key", "s3.access.key", "s3a.access.key", "fs.s3a.access.key"],
    secret_key: &["s3.secret-key", "s3.secret.key", "s3a.secret.key", "fs.s3a.secret.key"],
    token: &["s3.session.token", "s3a.session.token", "fs.s3a.session.token"],
    path_style: &[
        "s3.path.style.access",
        "s3.path-style-access",
        "s3a.path.style.access",
        "fs.s3a.path.style.access",
    ],
    encrypted: &["s3.ssl.enabled", "s3a.connection.ssl.enabled", "fs.s3a.connection.ssl.enabled"],
    provider: &[
        "s3.aws.credentials.provider",
        "s3a.aws.credentials.provider",
        "fs.s3a.aws.credentials.provider",
    ],
};

/// Connects to a bucket of S3.
///
/// A setting comes from the Flink configuration, else from the environment, else from the profile in `~/.aws`; at last
/// come what a container, a pod and a machine in the cloud are given.
pub(in super::super) fn connect(
    uri: &Uri,
    settings: &Settings,
    _: &Runtime,
) -> Result<Arc<dyn Connection>, StoreFailure> {
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(&uri.authority)
        .with_retry(retries(settings))
        .with_client_options(client_options(settings));
    let has = |builder: &AmazonS3Builder, key| builder.get_config_value(&key).is_some();
    let profile = Profile::read();
    if let Some(access_key) = settings.flink(KEYS.access_key) {
        let secret_key = settings.flink(KEYS.secret_key).unwrap_or_default();
        builder = builder.with_access_key_id(access_key).with_secret_access_key(secret_key);
        if let Some(token) = settings.flink(KEYS.token) {
            builder = builder.with_token(token);
        }
    } else if !has(&builder, AmazonS3ConfigKey::AccessKeyId)
        && let Some(access_key) = profile.get("aws_access_key_id")
        && let Some(secret_key) = profile.get("aws_secret_access_key")
    {
        builder = builder.with_access_key_id(access_key).with_secret_access_key(secret_key);
        if let Some(token) = profile.get("aws_session_token") {
            builder = builder.with_token(token);
        }
    }
    let has_region =
        has(&builder, AmazonS3ConfigKey::Region) || has(&builder, AmazonS3ConfigKey::DefaultRegion);
    let of_profile = || profile.get("region").filter(|_| !has_region);
    if let Some(region) = settings.flink(KEYS.region).or_else(of_profile) {
        builder = builder.with_region(region);
    }
    let is_encrypted = settings.flink(KEYS.encrypted) != Some("false");
    let endpoint = settings.flink(KEYS.endpoint).map(str::to_owned);
    let endpoint =
        endpoint.or_else(|| variable(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT"]));
    let endpoint = endpoint.or_else(|| profile.get("endpoint_url").map(str::to_owned));
    if let Some(endpoint) = endpoint {
        // A server of one's own seldom has a name for each bucket.
        let style = settings.flink(KEYS.path_style).map(|value| value != "true");
        let asked = || builder.get_config_value(&AmazonS3ConfigKey::VirtualHostedStyleRequest);
        let virtual_hosted = style.unwrap_or_else(|| asked().as_deref() == Some("true"));
        builder = at(builder, &endpoint_url(&endpoint, is_encrypted), &uri.authority, virtual_hosted);
    }
    if settings
        .flink(KEYS.provider)
        .is_some_and(|provider| provider.contains("AnonymousAWSCredentialsProvider"))
    {
        builder = builder.with_skip_signature(true);
    }
    Objects::connection(builder.build(), false)
}

/// Points to another server than Amazon's.
fn at(builder: AmazonS3Builder, endpoint: &str, bucket: &str, virtual_hosted: bool) -> AmazonS3Builder {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    // An address has no names below it.
    if !virtual_hosted || name == "localhost" || name.parse::<IpAddr>().is_ok() {
        return builder.with_endpoint(endpoint).with_virtual_hosted_style_request(false);
    }
    let endpoint = endpoint.replacen("://", &format!("://{bucket}."), 1);
    builder.with_endpoint(endpoint).with_virtual_hosted_style_request(true)
}

/// A store of another cloud, with what its own tools and its Hadoop file system call the settings.
struct Cloud {
    name: &'static str,
    endpoint: (&'static [&'static str], &'static [&'static str]),
    access_key: (&'static [&'static str], &'static [&'static str]),
    secret_key: (&'static [&'static str], &'static [&'static str]),
    token: (&'static [&'static str], &'static [&'static str]),
    /// What stands before the region in the name of an endpoint, and is no part of it.
    before_region: &'static str,
}

/// Huawei Cloud Object Storage Service.
const OBS: Cloud = Cloud {
    name: "OBS",
    endpoint: (&["fs.obs.endpoint"], &["OBS_ENDPOINT"]),
    access_key: (&["fs.obs.access.key"], &["OBS_ACCESS_KEY_ID", "HUAWEICLOUD_SDK_AK"]),
    secret_key: (&["fs.obs.secret.key"], &["OBS_SECRET_ACCESS_KEY", "HUAWEICLOUD_SDK_SK"]),
    token: (&["fs.obs.session.token"], &["OBS_SECURITY_TOKEN", "HUAWEICLOUD_SDK_SECURITY_TOKEN"]),
    before_region: "obs.",
};

/// Alibaba Cloud Object Storage Service.
const OSS: Cloud = Cloud {
    name: "OSS",
    endpoint: (&["fs.oss.endpoint"], &["OSS_ENDPOINT"]),
    access_key: (&["fs.oss.accessKeyId"], &["OSS_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID"]),
    secret_key: (&["fs.oss.accessKeySecret"], &["OSS_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"]),
    token: (&["fs.oss.securityToken"], &["OSS_SESSION_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN"]),
    before_region: "",
};

/// Connects to a bucket of OBS through its S3 interface.
pub(in super::super) fn connect_obs(
    uri: &Uri,
    settings: &Settings,
    _: &Runtime,
) -> Result<Arc<dyn Connection>, StoreFailure> {
    OBS.connect(uri, settings)
}

/// Connects to a bucket of OSS through its S3 interface.
pub(in super::super) fn connect_oss(
    uri: &Uri,
    settings: &Settings,
    _: &Runtime,
) -> Result<Arc<dyn Connection>, StoreFailure> {
    OSS.connect(uri, settings)
}

impl Cloud {
    fn connect(&self, uri: &Uri, settings: &Settings) -> Result<Arc<dyn Connection>, StoreFailure> {
        let get = |(keys, variables): (&[&str], &[&str])| {
            settings.flink(keys).map(str::to_owned).or_else(|| variable(variables))
        };
        let Some(endpoint) = get(self.endpoint) else {
            let (keys, variables) = self.endpoint;
            return Err(StoreFailure::settings(format!(
                "{} needs its endpoint: set {}, or {} in --flink-conf",
                self.name,
                variables.join(" or "),
                keys.join(" or ")
            )));
        };
        let endpoint = endpoint_url(&endpoint, true);
        let host = endpoint.split_once("://").map_or("", |(_, host)| host);
        let region = host.split_once(self.before_region).map_or("", |(_, rest)| rest);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&uri.authority)
            .with_region(region.split('.').next().unwrap_or_default())
            .with_retry(retries(settings))
            .with_client_options(client_options(settings));
        match (get(self.access_key), get(self.secret_key)) {
            (Some(id), Some(secret)) => {
                builder = builder.with_access_key_id(id).with_secret_access_key(secret);
            }
            _ => builder = builder.with_skip_signature(true),
        }
        if let Some(token) = get(self.token) {
            builder = builder.with_token(token);
        }
        Objects::connection(at(builder, &endpoint, &uri.authority, true).build(), false)
    }
}
