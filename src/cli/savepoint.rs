//! Which savepoint, and how its store is reached: the arguments that commands share.

use super::policy::PolicyArguments;
use holdpoint::Error;
use holdpoint::policy::PolicyFile;
use holdpoint::source::{Observer, SavepointLocation, Settings, Source};
use std::path::PathBuf;
use std::time::Duration;

/// A savepoint and how to reach it.
#[derive(Debug, clap::Args)]
pub struct SavepointArguments {
    /// A savepoint's directory, its _metadata file, a checkpoint (chk-42), or a job's checkpoints (the newest completed
    /// one): a path, or a URI of a store (hdfs://, s3://, gs://, abfss://, https:// …)
    #[arg(required_unless_present = "flink_conf")]
    savepoint: Option<String>,
    #[command(flatten)]
    store: StoreArguments,
}

/// What these options stand under in the help.
const STORES: &str = "Stores";

/// How stores are reached.
#[derive(Debug, clap::Args)]
pub struct StoreArguments {
    /// Flink's config.yaml or flink-conf.yaml, for where its savepoints are and for the settings of its S3 and other file
    /// systems; `check` takes the state backend, its changelog and the claim mode from it, where nothing else says them
    #[arg(long, value_name = "FILE", help_heading = STORES)]
    flink_conf: Option<PathBuf>,
    /// Look for files at TO that the savepoint says are at FROM (several times for several directories)
    #[arg(long, value_name = "FROM=TO", help_heading = STORES)]
    relocate: Vec<String>,
    /// Give up when a store has not answered a request for so long
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = parse_seconds, help_heading = STORES)]
    store_timeout: Duration,
    /// Say on standard error how much was fetched
    #[arg(short, long, help_heading = STORES)]
    verbose: bool,
    #[command(flatten)]
    policy: PolicyArguments,
}

impl SavepointArguments {
    /// The savepoint, found.
    pub fn find(&self, observer: &Observer) -> Result<SavepointLocation, Error> {
        let source = self.store.source(observer)?;
        Ok(match &self.savepoint {
            Some(savepoint) => source.savepoint(savepoint)?,
            None => source.configured_savepoint()?,
        })
    }

    /// The policy, read.
    pub fn policy(&self) -> Result<Option<PolicyFile>, Error> {
        self.store.policy()
    }

    /// What the user called it; where it is, when that was left to the configuration.
    pub fn title(&self, found: &SavepointLocation) -> String {
        self.savepoint.clone().unwrap_or_else(|| found.directory().to_string())
    }

    /// Whether to say how much was fetched.
    pub fn is_verbose(&self) -> bool {
        self.store.is_verbose()
    }
}

impl StoreArguments {
    /// The policy, read.
    pub fn policy(&self) -> Result<Option<PolicyFile>, Error> {
        self.policy.read()
    }

    /// A source with these settings; what they do not say is the policy's.
    pub fn source(&self, observer: &Observer) -> Result<Source, Error> {
        let mut settings = Settings { timeout: self.store_timeout, ..Settings::default() };
        if let Some(policy) = self.policy()? {
            policy.add_to(&mut settings)?;
        }
        if let Some(path) = &self.flink_conf {
            settings.read_flink_conf(path)?;
        }
        for relocation in &self.relocate {
            settings.relocate(relocation)?;
        }
        Ok(Source::new(settings, Observer::clone(observer)))
    }

    /// Whether to say how much was fetched.
    pub fn is_verbose(&self) -> bool {
        self.verbose
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    seconds.filter(|it| !it.is_zero()).ok_or_else(|| "write a number of seconds".to_owned())
}
