//! The files that a savepoint refers to: whose they are, whether they are there, and what would go with it.
//!
//! It is made of the `_metadata` file alone; no state file is opened.

use crate::error::Error;
use crate::ids::OperatorId;
use crate::metadata::handle::StreamStateHandle;
use crate::metadata::{CheckpointMetadata, OperatorState, StateRole, SubtaskStream};
use crate::source::{Location, Owner, SavepointLocation, SourceError};
use std::collections::BTreeMap;

/// Directories of a savepoint's own that are looked into, one below the other. Flink makes none.
const MOST_DEPTH: u32 = 8;

/// The files of a savepoint.
#[derive(Debug, Clone)]
pub struct SavepointFiles {
    /// The directory of the savepoint.
    pub directory: Location,
    /// Its `_metadata` file.
    pub metadata: Location,
    /// Bytes of the `_metadata` file.
    pub metadata_bytes: u64,
    /// State that stands in the `_metadata` file itself: how many handles, and their bytes.
    pub inline: (u64, u64),
    /// The files, by where they are.
    pub files: Vec<ReferredFile>,
    /// Files in the directory that nothing refers to; the error of the store when it does not list it.
    pub unreferred: Result<Vec<UnreferredFile>, SourceError>,
    /// The operators that the files belong to, by ID, as a message calls them.
    pub titles: BTreeMap<OperatorId, String>,
}

/// A file that some state is in.
#[derive(Debug, Clone)]
pub struct ReferredFile {
    /// Path or URI as Flink wrote it.
    pub path: String,
    /// Where it is.
    pub location: Location,
    /// Its path starts from the savepoint's directory, so it goes where the savepoint goes.
    pub is_relative: bool,
    /// Bytes, as recorded; of a file of which only parts are used, the end of the last. `None` where Flink did not
    /// learn it.
    pub bytes: Option<u64>,
    /// The file may be longer than that: only parts of it are used, or it is a changelog's, whose recorded length leaves
    /// out the first byte.
    pub in_parts: bool,
    /// Whether `flink savepoint -d` removes it. It leaves alone what a changelog holds, and files of which parts are used.
    pub is_disposed: bool,
    /// Whose it is.
    pub owner: Owner,
    /// Who refers to it, each once.
    pub uses: Vec<FileUse>,
    /// What the store says of it, when it was asked.
    pub presence: Option<Presence>,
}

/// An operator's use of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileUse {
    /// The operator.
    pub operator: OperatorId,
    /// The subtask; `None` for the operator's coordinator.
    pub subtask: Option<i32>,
    /// What the state is to the subtask; `None` for the coordinator's.
    pub role: Option<StateRole>,
}

impl FileUse {
    /// The operator and its subtask, as a message calls them.
    fn path(&self, titles: &BTreeMap<OperatorId, String>) -> String {
        let operator = titles.get(&self.operator).map_or_else(|| self.operator.to_string(), Clone::clone);
        match self.subtask {
            Some(subtask) => format!("operator {operator} › subtask {subtask}"),
            None => format!("operator {operator} › coordinator"),
        }
    }
}

/// What a store says of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It is there, and as long as it should be.
    There,
    /// It is there, and has so many bytes, which is not what was recorded.
    OtherSize(u64),
    /// It is not there.
    Missing,
}

/// A file that no state is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreferredFile {
    /// Where it is.
    pub location: Location,
    /// Bytes.
    pub bytes: u64,
}

impl SavepointFiles {
    /// Reads which files the savepoint at `location` refers to, and what else is in its directory.
    pub fn read(location: &SavepointLocation) -> Result<Self, Error> {
        let bytes = location.open_metadata()?;
        let decode = |error| Error::Decode { location: location.metadata().clone(), error };
        let metadata = CheckpointMetadata::decode(&bytes).map_err(decode)?;
        let mut files = Self {
            directory: location.directory().clone(),
            metadata: location.metadata().clone(),
            metadata_bytes: bytes.len() as u64,
            inline: (0, 0),
            files: Vec::new(),
            unreferred: Ok(Vec::new()),
            titles: BTreeMap::new(),
        };
        let mut referred = BTreeMap::new();
        let mut operators = metadata.operators();
        for operator in operators.by_ref() {
            files.add(&operator.map_err(decode)?, location, &mut referred);
        }
        operators.properties().map_err(decode)?;
        files.files = referred.into_values().collect();
        files.files.iter_mut().for_each(|file| {
            file.uses.sort();
            file.uses.dedup();
        });
        files.unreferred = files.list_unreferred(location);
        Ok(files)
    }

    fn add(
        &mut self,
        operator: &OperatorState<'_>,
        location: &SavepointLocation,
        referred: &mut BTreeMap<Location, ReferredFile>,
    ) {
        let title = match (operator.uid, operator.name) {
            (Some(title), _) | (None, Some(title)) => title.decode().into_owned(),
            (None, None) => operator.id.to_string(),
        };
        self.titles.insert(operator.id, title);
        let mut add = |stream: &StreamStateHandle<'_>, is_of_changelog: bool, subtask, role| {
            let (path, is_relative, end, in_parts) = match stream {
                StreamStateHandle::Inline { data, .. } => {
                    let (handles, bytes) = self.inline;
                    self.inline = (handles.saturating_add(1), bytes.saturating_add(data.rest().len() as u64));
                    return;
                }
                StreamStateHandle::EmptySegment => return,
                StreamStateHandle::File { path, size } => (path, false, *size, is_of_changelog),
                StreamStateHandle::RelativeFile { path, size } => (path, true, *size, is_of_changelog),
                StreamStateHandle::Segment(part) => {
                    (&part.path, false, part.start.saturating_add(part.size), true)
                }
            };
            let path = path.decode();
            let at = location.resolve_state_file(&path);
            let file = referred.entry(at).or_insert_with_key(|at| ReferredFile {
                path: path.into_owned(),
                location: at.clone(),
                is_relative,
                bytes: None,
                in_parts,
                is_disposed: !in_parts,
                owner: location.owner(at),
                uses: Vec::new(),
                presence: None,
            });
            file.is_relative &= is_relative;
            file.in_parts |= in_parts;
            file.is_disposed &= !in_parts;
            // Flink writes a negative length that it did not learn, which was read as 0.
            file.bytes = file.bytes.max(Some(end).filter(|end| *end > 0));
            let file_use = FileUse { operator: operator.id, subtask, role };
            if file.uses.last() != Some(&file_use) {
                file.uses.push(file_use);
            }
        };
        if let Some(stream) = &operator.coordinator_state {
            add(stream, false, None, None);
        }
        for subtask in operator.subtasks() {
            for SubtaskStream { role, stream, is_of_changelog } in subtask.streams() {
                add(&stream, is_of_changelog, Some(subtask.index), Some(role));
            }
        }
    }

    /// Asks the stores whether the files are there, and how long they are.
    pub fn verify(&mut self, location: &SavepointLocation) -> Result<(), Error> {
        let source = location.source();
        let places: Vec<_> = self.files.iter().map(|file| file.location.clone()).collect();
        for (file, found) in self.files.iter_mut().zip(source.lengths(&places)) {
            let presence = match (found, file.bytes) {
                (Ok(found), Some(bytes)) if found < bytes => {
                    source.confirm_end(&file.location, found).map(|()| Presence::OtherSize(found))
                }
                (Ok(found), Some(bytes)) if found > bytes && !file.in_parts => Ok(Presence::OtherSize(found)),
                (Ok(_), _) => Ok(Presence::There),
                (Err(SourceError::NotFound { .. }), _) => Ok(Presence::Missing),
                (Err(error), _) => Err(error),
            };
            file.presence = Some(presence.map_err(|error| {
                let place = file.uses.first().map(|it| it.path(&self.titles)).unwrap_or_default();
                Error::Store { place, error: Box::new(error) }
            })?);
        }
        Ok(())
    }

    /// Whether everything is in the savepoint's own directory.
    pub fn is_self_contained(&self) -> bool {
        self.files.iter().all(|file| file.owner == Owner::Exclusive)
    }

    /// Whether the directory can be moved, and the savepoint still be read: it is self-contained, and no file is named by
    /// where it was.
    pub fn is_relocatable(&self) -> bool {
        self.is_self_contained() && self.files.iter().all(|file| file.is_relative)
    }

    /// The files that `flink savepoint -d` removes, beside the `_metadata` file. Without the job that wrote them nobody
    /// knows what else refers to shared ones, so they go, too (`Checkpoints.disposeSavepoint`).
    pub fn disposed(&self) -> impl Iterator<Item = &ReferredFile> {
        self.files.iter().filter(|file| file.is_disposed)
    }

    /// Whether Flink then removes the directory, for nothing is left in it; `None` when that is not known.
    pub fn disposes_directory(&self) -> Option<bool> {
        let stays = |file: &ReferredFile| file.owner == Owner::Exclusive && !file.is_disposed;
        let unreferred = self.unreferred.as_ref().ok()?;
        Some(unreferred.is_empty() && !self.files.iter().any(stays))
    }

    /// Files of this owner, and their bytes as recorded.
    pub fn total(&self, owner: Owner) -> (u64, u64) {
        let of_owner = self.files.iter().filter(|file| file.owner == owner);
        of_owner.fold((0, 0), |(files, bytes), file| {
            (files.saturating_add(1), bytes.saturating_add(file.bytes.unwrap_or(0)))
        })
    }

    /// Files that are not as they were recorded, if that was asked.
    pub fn unsound(&self) -> impl Iterator<Item = &ReferredFile> {
        self.files.iter().filter(|file| file.presence.is_some_and(|it| it != Presence::There))
    }

    fn list_unreferred(&self, location: &SavepointLocation) -> Result<Vec<UnreferredFile>, SourceError> {
        let mut found = Vec::new();
        let mut left = vec![(self.directory.clone(), 0)];
        while let Some((directory, depth)) = left.pop() {
            for entry in location.source().list(&directory)? {
                let at = directory.join_name(&entry.name);
                match entry.length {
                    Some(bytes) if at != self.metadata && !self.refers_to(&at) => {
                        found.push(UnreferredFile { location: at, bytes });
                    }
                    None if depth < MOST_DEPTH => left.push((at, depth.saturating_add(1))),
                    _ => {}
                }
            }
        }
        found.sort_by(|one, other| one.location.cmp(&other.location));
        Ok(found)
    }

    fn refers_to(&self, location: &Location) -> bool {
        self.files.binary_search_by(|file| file.location.cmp(location)).is_ok()
    }
}
