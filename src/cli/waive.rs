//! `holdpoint waive`.

use super::Output;
use super::policy::{find, today};
use chrono::NaiveDate;
use holdpoint::Error;
use holdpoint::policy::{FILE_NAME, PolicyError, PolicyFile};
use holdpoint::report::ExitStatus;
use holdpoint::rules::Fingerprint;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Write into the policy that a finding does not count
///
/// The verdict stays what it is: a waiver changes what reaches the gate. What is waived stays in every report.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The finding's fingerprint, as a report shows it
    fingerprint: Fingerprint,
    /// Why it does not count
    #[arg(long)]
    reason: String,
    /// The last day on which the waiver counts, such as 2027-03-31
    #[arg(long, value_name = "DATE")]
    expires: Option<NaiveDate>,
    /// The policy; without it, the nearest holdpoint.toml in the working directory or above it, else a new one here
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> Result<Output, Error> {
    let path = arguments.policy.clone().or_else(find).unwrap_or_else(|| PathBuf::from(FILE_NAME));
    let name = path.display().to_string();
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(PolicyError::Io { path: name, error }.into()),
    };
    let Arguments { fingerprint, reason, expires, .. } = arguments;
    let waived = PolicyFile::waive(&name, &text, *fingerprint, reason, *expires)?;
    let until = expires.map(|day| format!(" until {day}")).unwrap_or_default();
    let mut said = format!("{fingerprint} is waived{until} in {name}\n");
    if expires.is_some_and(|day| day < today()) {
        said.push_str("that day is over already, so the waiver is expired\n");
    }
    Ok(Output { files: vec![(path, waived)], ..Output::new(said, ExitStatus::Passed) })
}
