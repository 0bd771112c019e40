//! Finds the savepoints below directories.

use super::Found;
use crate::source::{CHECKPOINT_DIR_PREFIX, Entry, Location, METADATA_FILE_NAME, Source};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Directories within each other that are looked into.
const MOST_DEPTH: u32 = 24;
/// Directories of a job's checkpoints that hold files of state and no checkpoint (`FsCheckpointStorageAccess`).
const OF_STATE: [&str; 2] = ["shared", "taskowned"];

/// Walks over directories, each before those below it, in the order of their names.
pub(super) struct Walk<'s> {
    source: &'s Source,
    /// Directories to look into, the next one last.
    left: Vec<(Location, u32)>,
    /// Of the root that is walked: where it is, and whether nothing was found below it yet.
    root: Option<(Location, bool)>,
    roots: std::slice::Iter<'s, Location>,
    /// Local directories that were looked into: a link may lead to one again, or to one around it.
    seen: BTreeSet<PathBuf>,
}

impl<'s> Walk<'s> {
    pub(super) fn new(source: &'s Source, roots: &'s [Location]) -> Self {
        Self { source, left: Vec::new(), root: None, roots: roots.iter(), seen: BTreeSet::new() }
    }

    fn is_seen(&mut self, directory: &Location) -> bool {
        let canonical = directory.as_local().and_then(|path| path.canonicalize().ok());
        canonical.is_some_and(|path| !self.seen.insert(path))
    }

    /// What is to be said of one directory.
    fn look_into(&mut self, directory: Location, depth: u32) -> Option<Found> {
        if self.is_seen(&directory) {
            // What was found below it before counts for this root, too.
            self.found_something();
            return None;
        }
        let entries = match self.source.list(&directory) {
            Ok(entries) => entries,
            // Where nothing can be listed, the root may be a savepoint all the same.
            Err(error) if self.source.length(&directory.join(METADATA_FILE_NAME)).is_err() => {
                return Some(Found::Problem(directory, error.to_string()));
            }
            Err(_) => return Some(Found::Savepoint(directory, None)),
        };
        if let Some(file) = entries.iter().find(|it| it.name == METADATA_FILE_NAME && it.length.is_some()) {
            return Some(Found::Savepoint(directory, file.modified));
        }
        let mut below: Vec<_> = directories(&entries).collect();
        below.sort_unstable();
        if below.is_empty() {
            return None;
        }
        if depth >= MOST_DEPTH {
            let problem =
                format!("{directory}: nothing was looked for below, for it is {depth} directories deep");
            return Some(Found::Problem(directory, problem));
        }
        let below = below.into_iter().rev().map(|name| (directory.join_name(name), depth.saturating_add(1)));
        self.left.extend(below);
        None
    }

    fn found_something(&mut self) {
        if let Some((_, is_empty)) = &mut self.root {
            *is_empty = false;
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if let Some((directory, depth)) = self.left.pop() {
                if let Some(found) = self.look_into(directory, depth) {
                    self.found_something();
                    return Some(found);
                }
                continue;
            }
            if let Some((root, true)) = self.root.take() {
                let problem = format!("{root}: there is no savepoint and no checkpoint in it or below it");
                return Some(Found::Problem(root, problem));
            }
            let root = self.roots.next()?.clone();
            self.left.push((root.clone(), 0));
            self.root = Some((root, true));
        }
    }
}

/// The names of the directories in which a savepoint may be. Among checkpoints, those of state are left out, which may
/// hold a great many files.
fn directories(entries: &[Entry]) -> impl Iterator<Item = &str> {
    let names = || entries.iter().filter(|it| it.length.is_none()).map(|it| it.name.as_str());
    let of_checkpoints = names().any(|name| name.starts_with(CHECKPOINT_DIR_PREFIX));
    names().filter(move |name| !(of_checkpoints && OF_STATE.contains(name)))
}
