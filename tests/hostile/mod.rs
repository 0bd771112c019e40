//! Hostile bytes are normal bytes: a value or an error that says where, never a panic, never memory beyond the file's
//! measure.

mod answers;
mod corpus;
mod decode_errors;
mod memory;
mod messages;
mod mutations;
mod old_headers;
mod snapshots;
mod unknown_snapshots;

use crate::support::location;
use holdpoint::Error;
use holdpoint::catalog::{Origins, StateCatalog};
use holdpoint::metadata::CheckpointMetadata;
use holdpoint::report::{json, text};
use holdpoint::source::SavepointLocation;
use holdpoint::wire::DecodeError;

/// A fixture's `_metadata`, to be damaged in memory; its state files stay where they are.
struct Original {
    bytes: Vec<u8>,
    location: SavepointLocation,
}

/// The location alone: a failing case names its bytes by what it did to them.
impl std::fmt::Debug for Original {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.location.metadata().fmt(f)
    }
}

impl Original {
    fn of(fixture: &str) -> Self {
        let location = location(fixture);
        Self { bytes: std::fs::read(location.metadata().as_local().unwrap()).unwrap(), location }
    }

    /// The bytes with a change.
    fn edited(&self, edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        edit(&mut bytes);
        bytes
    }
}

/// Writes four bytes over those at a place.
fn put(bytes: &mut [u8], at: usize, integer: [u8; 4]) {
    bytes[at..at + 4].copy_from_slice(&integer);
}

/// Decodes the whole file, without the state files it names.
fn decode_metadata(bytes: &[u8]) -> Result<(), DecodeError> {
    CheckpointMetadata::decode(bytes)?.operators().properties().map(drop)
}

/// Decodes everything that can be decoded, and renders it.
fn read_everything(bytes: &[u8], location: &SavepointLocation) -> Result<usize, Error> {
    let decode = |error| Error::Decode { location: location.metadata().clone(), error };
    let metadata = CheckpointMetadata::decode(bytes).map_err(decode)?;
    let catalog = StateCatalog::read(&metadata, location)?;
    let document =
        serde_json::to_string(&json::render_savepoint(&metadata, &catalog, &Origins::default(), location)?)
            .unwrap();
    Ok(text::render_catalog("savepoint", &catalog, &Origins::default()).len() + document.len())
}

/// A value is an answer; so is an error whose place lies in the file that it names.
fn assert_answered(result: Result<usize, Error>, bytes: &[u8], location: &SavepointLocation) {
    match result {
        Ok(_) => {}
        Err(Error::Decode { location: file, error }) => {
            let length = if file == *location.metadata() {
                bytes.len() as u64
            } else {
                file.as_local().unwrap().metadata().unwrap().len()
            };
            assert!(error.offset() <= length, "{error}");
        }
        Err(other) => panic!("{other}"),
    }
}
