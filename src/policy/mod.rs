//! The policy file, `holdpoint.toml`: what a team decided once for its job.
//!
//! [`PolicySettings`] is the file as it stands, and its JSON Schema is derived from it; `read` checks what it means, and
//! `waive` adds a waiver. What it decides of rules is a [`Policy`].

mod read;
mod settings;
mod waive;

pub use settings::{PolicySettings, StoreSettings, WaiverEntry};

use crate::flink::FlinkLine;
use crate::rules::{Policy, Severity, Waiver};
use crate::source::{Settings, SourceError};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The name under which it is looked for.
pub const FILE_NAME: &str = "holdpoint.toml";

/// A policy that was read.
#[derive(Debug, Clone)]
pub struct PolicyFile {
    /// Where it is, for reports.
    pub path: String,
    /// What it says.
    pub settings: PolicySettings,
    /// The line of Flink that will restore.
    pub target_flink: Option<FlinkLine>,
    /// Bytes of state of one subtask from which on a report says that it is much.
    pub large_state: Option<u64>,
    /// The severities that findings of these rules have at most.
    pub severities: BTreeMap<&'static str, Severity>,
    /// What is waived.
    pub waivers: Vec<Waiver>,
}

/// What is wrong with a policy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It cannot be read or written.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What the operating system said.
        error: io::Error,
    },
    /// Something in it makes no sense.
    #[error("{path}:{line}: {problem}")]
    At {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong, and what to write.
        problem: String,
    },
}

impl PolicyFile {
    /// Reads a policy.
    pub fn read(path: &Path) -> Result<Self, PolicyError> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|error| PolicyError::Io { path: name.clone(), error })?;
        Self::of_text(&name, &text)
    }

    /// A policy of this text; errors name `path`.
    pub fn of_text(path: &str, text: &str) -> Result<Self, PolicyError> {
        read::read(path, text)
    }

    /// The policy of whoever works in `directory`: there, or in the nearest directory above it, up to the root of a
    /// repository.
    pub fn find(directory: &Path) -> Option<PathBuf> {
        let mut way = PathBuf::new();
        for above in directory.ancestors() {
            if above.join(FILE_NAME).is_file() {
                return Some(way.join(FILE_NAME));
            }
            if above.join(".git").exists() {
                return None;
            }
            way.push("..");
        }
        None
    }

    /// What it decides of rules, on this day.
    pub fn policy(&self, today: NaiveDate) -> Policy {
        Policy { severities: self.severities.clone(), waivers: self.waivers.clone(), today }
    }

    /// Where the job's uids are written, from the working directory.
    pub fn uids(&self) -> Vec<String> {
        self.settings.uids.iter().map(|path| self.beside(path).display().to_string()).collect()
    }

    /// Adds what it says of stores.
    pub fn add_to(&self, settings: &mut Settings) -> Result<(), SourceError> {
        if let Some(path) = &self.settings.stores.flink_conf {
            settings.read_flink_conf(&self.beside(path))?;
        }
        self.settings.stores.relocate.iter().try_for_each(|relocation| settings.relocate(relocation))
    }

    /// A path that is written in the policy, from the working directory.
    fn beside(&self, path: &str) -> PathBuf {
        Path::new(&self.path).parent().unwrap_or(Path::new("")).join(path)
    }
}
