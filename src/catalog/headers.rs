//! Reads the headers of streams of state, many at once.

use crate::error::Error;
use crate::ids::OperatorId;
use crate::metadata::OperatorSubtaskState;
use crate::metadata::handle::{KeyedStateHandle, OperatorStateHandle, PlaceKind, StreamStateHandle};
use crate::source::{Location, Place, SavepointLocation, SourceError, Windows};
use crate::state::{StateHeader, decode_keyed_header, decode_operator_header};
use crate::wire::{DataInput, DecodeError};

/// So many streams are asked for together. It bounds what is held of them.
const MANY: usize = 256;

/// The streams whose headers are wanted, and what reads them.
pub(super) struct Headers<'s, 'a> {
    location: &'s SavepointLocation,
    wanted: Vec<Wanted<'a>>,
    /// The bytes of the header that was read last: most subtasks of an operator have the same one, and need no second
    /// decoding.
    last: Option<(usize, Decoder, Vec<u8>)>,
}

/// A header that is an operator's.
pub(super) enum Header {
    Read(StateHeader),
    /// The source could not give its bytes.
    Unavailable(SourceError),
}

struct Wanted<'a> {
    /// The operator's number in the catalogue.
    entry: usize,
    operator: OperatorId,
    subtask: i32,
    decoder: Decoder,
    start: Start<'a>,
}

/// Where a header starts.
enum Start<'a> {
    /// In the `_metadata` file.
    Inline(DataInput<'a>),
    File(Place),
}

/// Which header a stream starts with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decoder {
    Keyed,
    Operator,
}

/// What came of one attempt at a header.
enum Attempt {
    New(StateHeader),
    SameAsLast,
    Unavailable(SourceError),
    /// The window was too narrow.
    Short,
}

impl<'s, 'a> Headers<'s, 'a> {
    pub(super) fn new(location: &'s SavepointLocation) -> Self {
        Self { location, wanted: Vec::new(), last: None }
    }

    /// Notes the streams of a subtask that start with headers.
    pub(super) fn add(&mut self, entry: usize, operator: OperatorId, subtask: &OperatorSubtaskState<'a>) {
        let list = subtask.managed_operator.iter().flat_map(OperatorStateHandle::state_places);
        let keyed = subtask.managed_keyed.iter().flat_map(KeyedStateHandle::state_places);
        for place in list.chain(keyed) {
            let decoder = match place.kind {
                PlaceKind::KeyedHeader => Decoder::Keyed,
                PlaceKind::OperatorHeader => Decoder::Operator,
                PlaceKind::ChangelogSegment | PlaceKind::ChangelogChange { .. } => continue,
            };
            let (path, offset) = match place.stream {
                StreamStateHandle::Inline { data, .. } => {
                    let start = Start::Inline(data);
                    self.wanted.push(Wanted { entry, operator, subtask: subtask.index, decoder, start });
                    continue;
                }
                StreamStateHandle::File { path, .. } | StreamStateHandle::RelativeFile { path, .. } => {
                    (path, place.offset)
                }
                StreamStateHandle::Segment(segment) => {
                    (segment.path, segment.start.saturating_add(place.offset))
                }
                StreamStateHandle::EmptySegment => continue,
            };
            let location = self.location.resolve_state_file(&path.decode());
            let start = Start::File(Place { location, offset });
            self.wanted.push(Wanted { entry, operator, subtask: subtask.index, decoder, start });
        }
    }

    /// Whether it is time to read what was noted.
    pub(super) fn are_many(&self) -> bool {
        self.wanted.len() >= MANY
    }

    /// Reads what was noted: the headers, with the numbers of their operators, in the order in which they were noted.
    pub(super) fn read(&mut self) -> Result<Vec<(usize, Header)>, Error> {
        let wanted = std::mem::take(&mut self.wanted);
        let mut windows = self.location.windows(wanted.iter().filter_map(Wanted::place));
        let mut read: Vec<Option<Header>> = Vec::new();
        read.resize_with(wanted.len(), || None);
        let mut left: Vec<_> = wanted.iter().zip(&mut read).collect();
        while !left.is_empty() {
            let mut short = Vec::new();
            for (wanted, read) in left {
                match self.attempt(wanted, &windows)? {
                    Attempt::New(header) => *read = Some(Header::Read(header)),
                    Attempt::Unavailable(error) => *read = Some(Header::Unavailable(error)),
                    Attempt::SameAsLast => {}
                    Attempt::Short => short.push((wanted, read)),
                }
            }
            windows.widen(short.iter().filter_map(|(wanted, _)| wanted.place()));
            left = short;
        }
        Ok(wanted
            .iter()
            .map(|wanted| wanted.entry)
            .zip(read)
            .filter_map(|(at, it)| Some((at, it?)))
            .collect())
    }

    fn attempt(&mut self, wanted: &Wanted<'_>, windows: &Windows<'_>) -> Result<Attempt, Error> {
        let place = match &wanted.start {
            Start::Inline(data) => {
                let location = self.location.metadata();
                return self.decode(*data, wanted).map_err(|error| wanted.failed(location.clone(), error));
            }
            Start::File(place) => place,
        };
        let window = match windows.open(place) {
            Ok(window) => window,
            Err(error) if error.may_pass() => {
                return Err(Error::Store { place: wanted.path(), error: Box::new(error) });
            }
            Err(error) => return Ok(Attempt::Unavailable(error)),
        };
        match self.decode(DataInput::new(window.bytes(), window.offset()), wanted) {
            Err(error) if window.cut_at().is_some_and(|end| error.is_for_want_of_input(end)) => {
                Ok(Attempt::Short)
            }
            result => result.map_err(|error| wanted.failed(place.location.clone(), error)),
        }
    }

    fn decode(&mut self, input: DataInput<'_>, wanted: &Wanted<'_>) -> Result<Attempt, DecodeError> {
        let (entry, decoder) = (wanted.entry, wanted.decoder);
        let is_last = |last: &(usize, Decoder, Vec<u8>)| {
            last.0 == entry && last.1 == decoder && input.rest().starts_with(&last.2)
        };
        if self.last.as_ref().is_some_and(is_last) {
            return Ok(Attempt::SameAsLast);
        }
        let header = match decoder {
            Decoder::Keyed => decode_keyed_header(input),
            Decoder::Operator => decode_operator_header(input),
        }?;
        let bytes = input.rest().get(..header.length).unwrap_or_default();
        self.last = Some((entry, decoder, bytes.to_vec()));
        Ok(Attempt::New(header))
    }
}

impl Wanted<'_> {
    fn place(&self) -> Option<&Place> {
        match &self.start {
            Start::Inline(_) => None,
            Start::File(place) => Some(place),
        }
    }

    fn failed(&self, location: Location, error: DecodeError) -> Error {
        Error::Decode { location, error: error.within(self.path()) }
    }

    fn path(&self) -> String {
        format!("operator {} › subtask {}", self.operator, self.subtask)
    }
}
