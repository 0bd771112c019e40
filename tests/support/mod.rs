//! What several test modules share.

pub mod allocations;
pub mod data_output;
pub mod graphs;
#[cfg(feature = "http")]
pub mod http_server;

use holdpoint::catalog::StateCatalog;
use holdpoint::plan::JobPlan;
use holdpoint::source::{SavepointLocation, Settings, Source};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A path below the repository's root.
pub fn path(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

/// The savepoint of a fixture, as a user would name it.
pub fn savepoint(fixture: &str) -> String {
    path("fixtures/savepoints").join(fixture).join("savepoint").display().to_string()
}

/// The files of a fixture's savepoint, by their paths in it.
pub fn savepoint_files(fixture: &str) -> BTreeMap<String, Vec<u8>> {
    let directory = savepoint(fixture);
    let mut files = BTreeMap::new();
    let mut left = vec![PathBuf::from(&directory)];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(path.read_dir().unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(&directory).unwrap().display().to_string();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
    files
}

/// Names of all fixtures, in order.
pub fn fixtures() -> Vec<String> {
    let directory = path("fixtures/savepoints");
    let mut names: Vec<_> = directory
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

/// Where the fixtures were made, which the absolute paths of checkpoints tell.
const MADE_IN: &str = "/srv/flink/pool";

/// Where a fixture's savepoint is.
pub fn location(fixture: &str) -> SavepointLocation {
    checkpoint_of(fixture, "savepoint")
}

/// Where one of a fixture's checkpoints is: `savepoint`, or `previous` of those that have two.
pub fn checkpoint_of(fixture: &str, link: &str) -> SavepointLocation {
    // Up to Flink 1.10 a savepoint, too, names its files by their full paths, and `savepoint` is a link to its directory.
    let savepoint = path("fixtures/savepoints").join(fixture).join(link).canonicalize().unwrap();
    source().savepoint(&savepoint.display().to_string()).unwrap()
}

/// Reads fixtures where they are instead of where they were made.
fn source() -> Source {
    let mut settings = Settings::default();
    settings.relocate(&format!("{MADE_IN}={}", path("fixtures/savepoints").display())).unwrap();
    Source::new(settings, Arc::new(|_| {}))
}

/// Names of the fixtures that a job wrote: those that none wrote have no files, and IDs that were made up.
pub fn job_fixtures() -> Vec<String> {
    fixtures().into_iter().filter(|name| !name.contains("-synthetic")).collect()
}

/// The catalogue of a fixture's savepoint.
pub fn catalog(fixture: &str) -> StateCatalog {
    StateCatalog::open(&location(fixture)).unwrap_or_else(|error| panic!("{fixture}: {error}"))
}

/// A fixture's savepoint as a plan.
pub fn plan(fixture: &str) -> JobPlan {
    JobPlan::read_from(&source(), &savepoint(fixture)).unwrap()
}

/// A plan file of this text.
pub fn plan_file(name: &str, text: &str) -> JobPlan {
    JobPlan::read(&write_file(name, text)).unwrap()
}

/// A file of this text in the tests' own directory.
pub fn write_file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// A savepoint of this `_metadata` alone, in the tests' own directory.
pub fn write_savepoint(name: &str, metadata: &[u8]) -> String {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("_metadata"), metadata).unwrap();
    directory.display().to_string()
}
