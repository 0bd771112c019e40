//! Which policy counts, and on which day.

use chrono::{DateTime, NaiveDate, Utc};
use holdpoint::Error;
use holdpoint::policy::PolicyFile;
use std::env;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// Where the policy is.
#[derive(Debug, clap::Args)]
pub struct PolicyArguments {
    /// The policy; without it, the nearest holdpoint.toml in the working directory or above it, up to the repository's root
    #[arg(long, value_name = "FILE", help_heading = "Policy")]
    policy: Option<PathBuf>,
    /// Take no policy
    #[arg(long, conflicts_with = "policy", help_heading = "Policy")]
    no_policy: bool,
}

impl PolicyArguments {
    /// The policy, read.
    pub fn read(&self) -> Result<Option<PolicyFile>, Error> {
        Ok(self.path().map(|path| PolicyFile::read(&path)).transpose()?)
    }

    fn path(&self) -> Option<PathBuf> {
        if self.no_policy {
            return None;
        }
        self.policy.clone().or_else(find)
    }
}

/// The policy of the working directory.
pub fn find() -> Option<PathBuf> {
    env::current_dir().ok().and_then(|directory| PolicyFile::find(&directory))
}

/// The uids that were named, else those that the policy names.
pub fn uids(named: &[String], policy: Option<&PolicyFile>) -> Vec<String> {
    if named.is_empty() { policy.map(PolicyFile::uids).unwrap_or_default() } else { named.to_vec() }
}

/// The day of the clock, in UTC.
pub fn today() -> NaiveDate {
    now().date_naive()
}

/// The time of the clock; that of `SOURCE_DATE_EPOCH`, for results that come out the same on any day.
pub fn now() -> DateTime<Utc> {
    let since_epoch = || SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|it| it.as_secs());
    let fixed = env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok());
    let seconds = fixed.or_else(since_epoch).and_then(|seconds| i64::try_from(seconds).ok());
    seconds.and_then(|it| DateTime::from_timestamp(it, 0)).unwrap_or_default()
}
