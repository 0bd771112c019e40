//! The bytes of a file from some offset on, as many as a reader came to need.
//!
//! A header does not say how long it is. So a reader is given a window, and asks for a wider one when the window was
//! cut where the file goes on. A file on this machine is mapped, and its window is never cut.

use super::{FileRange, Location, Source, SourceError, Uri, local};
use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;

/// Bytes that are asked for at first: nearly every header is shorter, and a request costs more than they do.
const FIRST: u64 = 16 << 10;
/// Each further window is wider by this factor.
const GROWTH: u64 = 8;
/// Most bytes that are asked for, in all.
const MOST: u64 = 64 << 20;

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub location: Location,
    /// Bytes from its start.
    pub offset: u64,
}

/// The bytes of a file from a place on.
#[derive(Debug, Clone)]
pub struct Window {
    bytes: Bytes,
    offset: u64,
    file_length: u64,
}

/// Windows at several places, of which those in other stores were fetched together.
#[derive(Debug)]
pub struct Windows<'s> {
    source: &'s Source,
    fetched: BTreeMap<Place, Result<Window, SourceError>>,
}

impl Window {
    /// The bytes from the place on.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes from the start of the file to the window.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Bytes from the start of the file to the end of the window, when the file goes on there.
    pub fn cut_at(&self) -> Option<u64> {
        Some(self.end()).filter(|end| *end < self.file_length)
    }

    fn end(&self) -> u64 {
        self.offset.saturating_add(self.bytes.len() as u64)
    }
}

impl<'s> Windows<'s> {
    /// Fetches the first windows of the places in other stores, each place once.
    pub(super) fn fetch<'p>(source: &'s Source, places: impl Iterator<Item = &'p Place>) -> Self {
        let mut windows = Self { source, fetched: BTreeMap::new() };
        let remote: BTreeMap<_, _> = places.filter_map(|place| Some((place, remote(place)?))).collect();
        let first = |(place, file): (&Place, &Uri)| FileRange {
            file: file.clone(),
            range: place.offset..place.offset.saturating_add(FIRST),
        };
        let ranges: Vec<_> = remote.iter().map(|(place, file)| first((place, file))).collect();
        for (place, answer) in remote.into_keys().zip(source.read(&ranges)) {
            let window = answer.map(|fetched| Window {
                bytes: fetched.bytes,
                offset: place.offset,
                file_length: fetched.file_length,
            });
            windows.fetched.insert(place.clone(), window);
        }
        windows
    }

    /// The window at a place: what was fetched, or the mapped file.
    pub fn open(&self, place: &Place) -> Result<Window, SourceError> {
        let window = match (self.fetched.get(place), &place.location) {
            (Some(fetched), _) => fetched.clone()?,
            (None, Location::Local(path)) => {
                let mut bytes = local::open(path)?;
                let file_length = bytes.len() as u64;
                let start = usize::try_from(place.offset).unwrap_or(usize::MAX).min(bytes.len());
                Window { bytes: bytes.split_off(start), offset: place.offset, file_length }
            }
            (None, Location::Remote(_)) => {
                return Err(SourceError::NotFound { location: place.location.clone() });
            }
        };
        if window.offset >= window.file_length {
            let (location, length, offset) = (place.location.clone(), window.file_length, window.offset);
            return Err(SourceError::EndsBefore { location, length, offset });
        }
        Ok(window)
    }

    /// Fetches wider windows at places whose windows were cut too early.
    pub fn widen<'p>(&mut self, places: impl Iterator<Item = &'p Place>) {
        let mut wanted = BTreeMap::new();
        for place in places {
            let (Some(Ok(window)), Some(file)) = (self.fetched.get(place), remote(place)) else { continue };
            let length = (window.bytes.len() as u64).saturating_mul(GROWTH).min(MOST);
            let range = window.end()..place.offset.saturating_add(length);
            if range.is_empty() {
                let error = SourceError::TooLong { location: place.location.clone(), most: MOST };
                self.fetched.insert(place.clone(), Err(error));
            } else {
                wanted.insert(place, FileRange { file: file.clone(), range });
            }
        }
        let ranges: Vec<_> = wanted.values().cloned().collect();
        for (place, answer) in wanted.into_keys().zip(self.source.read(&ranges)) {
            if let Some(window) = self.fetched.get_mut(place) {
                let before = window.clone();
                *window = before.and_then(|before| Ok(before.followed_by(&answer?.bytes)));
            }
        }
    }
}

impl Window {
    fn followed_by(self, more: &Bytes) -> Self {
        let mut bytes = BytesMut::from(self.bytes);
        bytes.extend_from_slice(more);
        Self { bytes: bytes.freeze(), ..self }
    }
}

fn remote(place: &Place) -> Option<&Uri> {
    match &place.location {
        Location::Remote(file) => Some(file),
        Location::Local(_) => None,
    }
}
