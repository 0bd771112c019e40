//! Reads what names the states of an operator: the headers of its streams, its changelogs and its timers, many at once.

use super::{CatalogOperator, UnreadState};
use crate::error::Error;
use crate::ids::OperatorId;
use crate::metadata::OperatorSubtaskState;
use crate::metadata::handle::{
    KeyedStateHandle, OperatorStateHandle, PlaceKind, StatePlace, StreamStateHandle,
};
use crate::source::{Location, Place, SavepointLocation, SourceError, Windows};
use crate::state::{
    StateHeader, StateMetaInfo, TIMER_KEY_GROUPS, TimerServices, change_set_start, decode_change_set,
    decode_keyed_header, decode_logged_state, decode_logged_states, decode_operator_header,
    decode_timer_services,
};
use crate::wire::{DataInput, DecodeError};

/// So many places are asked for together. It bounds what is held of them.
const MANY: usize = 256;

/// The places that are wanted, and what reads them.
pub(super) struct Headers<'s, 'a> {
    location: &'s SavepointLocation,
    wanted: Vec<Wanted<'a>>,
    /// The bytes of the header that was read last: most subtasks of an operator have the same one, and need no second
    /// decoding.
    last: Option<(usize, bool, Vec<u8>)>,
}

struct Wanted<'a> {
    /// The operator's number in the catalogue.
    entry: usize,
    operator: OperatorId,
    subtask: i32,
    what: What,
    start: Start<'a>,
}

/// Where it starts.
enum Start<'a> {
    /// In the `_metadata` file.
    Inline(DataInput<'a>),
    File(Place),
}

/// What stands at a place.
enum What {
    KeyedHeader,
    /// With the names that the handle has.
    OperatorHeader(Vec<String>),
    /// A log file, of whose changes those are wanted that start so many bytes into them.
    LogFile(u64),
    /// A change set by itself.
    ChangeSet,
    /// One change, in this key group.
    Change(i32),
    /// Raw keyed state, of which key groups start so many bytes into it.
    RawKeyed(Vec<u64>),
}

/// What was read there.
enum Found {
    Header(StateHeader, Vec<String>),
    SameAsLast,
    Logged(Vec<StateMetaInfo>),
    RawKeyed(Option<TimerServices>),
    /// The source could not give its bytes.
    Unavailable(SourceError),
    /// The window was too narrow.
    Short,
    /// What is wanted starts farther on in the file.
    Elsewhere(u64),
}

impl<'s, 'a> Headers<'s, 'a> {
    pub(super) fn new(location: &'s SavepointLocation) -> Self {
        Self { location, wanted: Vec::new(), last: None }
    }

    /// Notes the places of a subtask that name states.
    pub(super) fn add(&mut self, entry: usize, operator: OperatorId, subtask: &OperatorSubtaskState<'a>) {
        let mut want = |place: StatePlace<'a>, what| {
            if let Some(start) = self.start(place.stream, place.offset) {
                self.wanted.push(Wanted { entry, operator, subtask: subtask.index, what, start });
            }
        };
        for (_, handle) in subtask.managed_operator() {
            for place in handle.state_places() {
                want(place, What::OperatorHeader(names(&handle)));
            }
        }
        for place in subtask.managed_keyed.iter().flat_map(KeyedStateHandle::state_places) {
            match place.kind {
                PlaceKind::KeyedHeader | PlaceKind::OperatorHeader => want(place, What::KeyedHeader),
                PlaceKind::ChangelogSegment => {
                    want(StatePlace { offset: 0, ..place }, What::LogFile(place.offset));
                }
                PlaceKind::ChangelogChange { key_group } => want(place, What::Change(key_group)),
            }
        }
        if let Some(KeyedStateHandle::KeyGroups(handle) | KeyedStateHandle::SavepointKeyGroups(handle)) =
            &subtask.raw_keyed
        {
            let mut offsets = handle.offsets().filter_map(|offset| u64::try_from(offset).ok());
            if let Some(first) = offsets.next() {
                let behind = offsets.filter_map(|offset| offset.checked_sub(first));
                let offsets = std::iter::once(0).chain(behind).take(TIMER_KEY_GROUPS).collect();
                let place = StatePlace { stream: handle.stream, offset: first, kind: PlaceKind::KeyedHeader };
                want(place, What::RawKeyed(offsets));
            }
        }
    }

    /// Where a place in a stream is; `None` in a stream without bytes.
    fn start(&self, stream: StreamStateHandle<'a>, offset: u64) -> Option<Start<'a>> {
        let (path, offset) = match stream {
            StreamStateHandle::Inline { mut data, .. } => {
                let skipped = usize::try_from(offset).unwrap_or(usize::MAX).min(data.rest().len());
                data.read_slice(skipped).ok()?;
                return Some(Start::Inline(data));
            }
            StreamStateHandle::File { path, .. } | StreamStateHandle::RelativeFile { path, .. } => {
                (path, offset)
            }
            StreamStateHandle::Segment(segment) => (segment.path, segment.start.saturating_add(offset)),
            StreamStateHandle::EmptySegment => return None,
        };
        Some(Start::File(Place { location: self.location.resolve_state_file(&path.decode()), offset }))
    }

    /// Whether it is time to read what was noted.
    pub(super) fn are_many(&self) -> bool {
        self.wanted.len() >= MANY
    }

    /// Reads what was noted, in the order in which it was noted, and gives it to the operators.
    pub(super) fn read(&mut self, operators: &mut [CatalogOperator]) -> Result<(), Error> {
        let mut left = std::mem::take(&mut self.wanted);
        while !left.is_empty() {
            let mut windows = self.location.windows(left.iter().filter_map(Wanted::place));
            let mut elsewhere = Vec::new();
            while !left.is_empty() {
                let mut short = Vec::new();
                for mut wanted in left {
                    let found = self.find(&wanted, &windows)?;
                    let Some(operator) = operators.get_mut(wanted.entry) else { continue };
                    match found {
                        Found::Header(header, names) => operator.add_header(header, &names),
                        Found::SameAsLast => {}
                        Found::Logged(states) => operator.add_logged(states),
                        Found::RawKeyed(timers) => operator.add_raw_keyed(timers),
                        Found::Unavailable(error) => {
                            operator.add_unread(UnreadState::Unavailable { why: error.to_string() });
                        }
                        Found::Short => short.push(wanted),
                        Found::Elsewhere(offset) => {
                            wanted.what = What::ChangeSet;
                            if let Start::File(place) = &mut wanted.start {
                                place.offset = offset;
                            }
                            elsewhere.push(wanted);
                        }
                    }
                }
                windows.widen(short.iter().filter_map(Wanted::place));
                left = short;
            }
            left = elsewhere;
        }
        Ok(())
    }

    fn find(&mut self, wanted: &Wanted<'_>, windows: &Windows<'_>) -> Result<Found, Error> {
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
            Err(error) => return Ok(Found::Unavailable(error)),
        };
        let input = DataInput::new(window.bytes(), window.offset());
        match self.decode(input, wanted) {
            Err(error) if window.cut_at().is_some_and(|end| error.is_for_want_of_input(end)) => {
                Ok(match wanted.what {
                    What::LogFile(offset) => {
                        change_set_start(input, offset).map_or(Found::Short, Found::Elsewhere)
                    }
                    _ => Found::Short,
                })
            }
            result => result.map_err(|error| wanted.failed(place.location.clone(), error)),
        }
    }

    fn decode(&mut self, input: DataInput<'_>, wanted: &Wanted<'_>) -> Result<Found, DecodeError> {
        let (header, names) = match &wanted.what {
            What::LogFile(offset) => return decode_logged_states(input, *offset).map(Found::Logged),
            What::ChangeSet => return decode_change_set(input).map(Found::Logged),
            What::Change(key_group) => {
                let state = decode_logged_state(*key_group, input)?;
                return Ok(Found::Logged(state.into_iter().collect()));
            }
            What::RawKeyed(offsets) => return decode_timer_services(input, offsets).map(Found::RawKeyed),
            _ if self.is_last(input, wanted) => return Ok(Found::SameAsLast),
            What::KeyedHeader => (decode_keyed_header(input)?, Vec::new()),
            What::OperatorHeader(names) => (decode_operator_header(input)?, names.clone()),
        };
        let bytes = input.rest().get(..header.length).unwrap_or_default();
        self.last = Some((wanted.entry, wanted.is_keyed(), bytes.to_vec()));
        Ok(Found::Header(header, names))
    }

    fn is_last(&self, input: DataInput<'_>, wanted: &Wanted<'_>) -> bool {
        self.last.as_ref().is_some_and(|(entry, is_keyed, bytes)| {
            *entry == wanted.entry && *is_keyed == wanted.is_keyed() && input.rest().starts_with(bytes)
        })
    }
}

/// The names of the states in a stream of operator state.
fn names(handle: &OperatorStateHandle<'_>) -> Vec<String> {
    handle.partitions().map(|partition| partition.state.decode().into_owned()).collect()
}

impl Wanted<'_> {
    fn place(&self) -> Option<&Place> {
        match &self.start {
            Start::Inline(_) => None,
            Start::File(place) => Some(place),
        }
    }

    fn is_keyed(&self) -> bool {
        matches!(self.what, What::KeyedHeader)
    }

    fn failed(&self, location: Location, error: DecodeError) -> Error {
        Error::Decode { location, error: error.within(self.path()) }
    }

    fn path(&self) -> String {
        format!("operator {} › subtask {}", self.operator, self.subtask)
    }
}
