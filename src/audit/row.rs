//! What an audit says of one savepoint.

use crate::catalog::{CatalogOperator, CatalogState, Origin, Origins, StateCatalog};
use crate::error::Error;
use crate::files::{Presence, SavepointFiles};
use crate::ids::KnownUids;
use crate::source::{Location, SavepointLocation, Source};
use crate::types::TypeConstructor;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

/// One savepoint or checkpoint. Of one that could not be read, only its path and the error are there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// The savepoint's directory.
    pub path: String,
    /// The job's ID, which the path tells; of a savepoint its first six digits.
    pub job: Option<String>,
    /// What kind of snapshot it is, by its name in JSON.
    pub kind: Option<&'static str>,
    /// The checkpoint's number within its job.
    pub checkpoint_id: Option<i64>,
    /// Version of the `_metadata` file.
    pub metadata_version: Option<i32>,
    /// The first line of Flink that writes that version.
    pub flink_since: Option<String>,
    /// The last one.
    pub flink_until: Option<String>,
    /// Bytes of state, as Flink adds them up by handle.
    pub total_bytes: Option<u64>,
    /// Bytes of state, each file once.
    pub distinct_bytes: Option<u64>,
    /// Operators.
    pub operators: Option<usize>,
    /// Operators that surely have no uid.
    pub operators_without_uid: Option<usize>,
    /// Operators of which it is not known: Flink before 2.0 stores no uids.
    pub operators_with_unknown_uid: Option<usize>,
    /// Operators of which not all states could be read, so that `kryo_states` may be too few.
    pub operators_unread: Option<usize>,
    /// States in which Kryo serialized something.
    pub kryo_states: Option<usize>,
    /// Whether all its files are in its own directory.
    pub self_contained: Option<bool>,
    /// Files that are not there.
    pub missing_files: Option<usize>,
    /// Files that have another size than recorded.
    pub other_size_files: Option<usize>,
    /// When its `_metadata` file was written, in UTC, such as `2026-01-31T12:00:00Z`; where the store tells it.
    pub modified: Option<String>,
    /// Why it could not be read.
    pub error: Option<String>,
}

impl AuditRow {
    /// Reads the savepoint in a directory.
    pub(super) fn read(source: &Source, directory: &Location, modified: Option<SystemTime>) -> Self {
        let location = SavepointLocation::in_directory(source, directory);
        match Self::try_read(&location) {
            Ok(row) => Self { modified: modified.and_then(in_utc), ..row },
            Err(error) => Self::broken(directory, error.to_string()),
        }
    }

    /// One that could not be read.
    pub(super) fn broken(place: &Location, error: String) -> Self {
        Self { path: place.to_string(), error: Some(error), ..Self::default() }
    }

    /// Whether files of it are not as they were recorded.
    pub fn is_damaged(&self) -> bool {
        [self.missing_files, self.other_size_files].into_iter().flatten().any(|files| files > 0)
    }

    fn try_read(location: &SavepointLocation) -> Result<Self, Error> {
        let catalog = StateCatalog::open(location)?;
        match catalog.require_sound(location) {
            // Its files are counted.
            Ok(()) | Err(Error::StateFile { .. }) => {}
            Err(error) => return Err(error),
        }
        let mut files = SavepointFiles::read(location)?;
        files.verify(location)?;
        let origins = Origins::of(&catalog, &KnownUids::default());
        let operators = || catalog.operators.iter();
        let with_origin = |is: fn(&Origin) -> bool| operators().filter(|it| is(origins.get(it.id))).count();
        let present =
            |is: fn(Presence) -> bool| files.unsound().filter(|it| it.presence.is_some_and(is)).count();
        let row = catalog.version.row();
        Ok(Self {
            path: location.directory().to_string(),
            job: job(location.directory()),
            kind: Some(catalog.kind.name()),
            checkpoint_id: Some(catalog.checkpoint_id),
            metadata_version: Some(row.number),
            flink_since: Some(row.since.to_string()),
            flink_until: Some(row.until.to_string()),
            total_bytes: Some(catalog.total_bytes()),
            distinct_bytes: catalog.stored.as_ref().map(|stored| stored.bytes),
            operators: Some(catalog.operators.len()),
            operators_without_uid: Some(with_origin(|it| matches!(it, Origin::Generated(_) | Origin::Unset))),
            operators_with_unknown_uid: Some(with_origin(|it| {
                matches!(it, Origin::OneOfTwo(_) | Origin::Unknown)
            })),
            operators_unread: Some(operators().filter(|it| !it.unread.is_empty()).count()),
            kryo_states: Some(operators().map(kryo_states).sum()),
            self_contained: Some(files.is_self_contained()),
            missing_files: Some(present(|it| it == Presence::Missing)),
            other_size_files: Some(present(|it| matches!(it, Presence::OtherSize(_)))),
            modified: None,
            error: None,
        })
    }
}

/// States by name that hold something of Kryo's.
fn kryo_states(operator: &CatalogOperator) -> usize {
    let is_kryo = |state: &&CatalogState| {
        state.serializers.iter().any(|(_, snapshot)| {
            snapshot.data_type().walk().any(|part| matches!(part.constructor, TypeConstructor::Kryo { .. }))
        })
    };
    let states = operator.states.iter().filter(is_kryo);
    states.map(|it| (&it.name, it.kind.family())).collect::<BTreeSet<_>>().len()
}

/// The job by the directory's path: `<job>/chk-42`, or `savepoint-<first six digits>-<random>`
/// (`FsCheckpointStorageAccess`, `AbstractFsCheckpointStorageAccess.initializeLocationForSavepoint`).
fn job(directory: &Location) -> Option<String> {
    let is_hex = |text: &str, digits: usize| {
        text.len() == digits && text.chars().all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase())
    };
    let parent = directory.parent();
    let name = directory.name();
    let short = name.strip_prefix("savepoint-").and_then(|rest| Some(rest.split_once('-')?.0));
    match short {
        Some(short) if is_hex(short, 6) => Some(short.to_owned()),
        _ => (name.starts_with("chk-") && is_hex(parent.name(), 32)).then(|| parent.name().to_owned()),
    }
}

/// A time, to the second.
fn in_utc(written: SystemTime) -> Option<String> {
    let seconds = i64::try_from(written.duration_since(UNIX_EPOCH).ok()?.as_secs()).ok()?;
    let at: DateTime<Utc> = DateTime::from_timestamp(seconds, 0)?;
    Some(format!("{:?}Z", at.naive_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_tells_the_job_where_flink_named_it() {
        for (path, expected) in [
            ("/c/64eb08aa9e3820fb8550624c05f867b7/chk-2", Some("64eb08aa9e3820fb8550624c05f867b7")),
            ("s3://bucket/savepoint-64eb08-0123456789ab", Some("64eb08")),
            ("/s/savepoint-before-upgrade", None),
            ("/s/nightly", None),
            ("chk-2", None),
        ] {
            assert_eq!(job(&Location::parse(path)).as_deref(), expected, "{path}");
        }
    }
}
