//! Lists of records inside a handle.

use crate::wire::{DataInput, DecodeError};
use std::fmt;
use std::marker::PhantomData;

/// A record that stands in a counted list.
pub(in crate::metadata) trait Record<'a>: Sized {
    /// What the record's layout depends on.
    type Context: Copy;
    /// What is counted, in words.
    const WHAT: &'static str;
    /// The fewest bytes that a record takes, by which an impossible count is refused.
    const LEAST_BYTES: usize;

    fn decode(input: &mut DataInput<'a>, context: Self::Context) -> Result<Self, DecodeError>;

    /// Bytes of state that the record stands for.
    fn state_size(&self) -> u64;

    /// Whether anything stands in the record's place.
    fn is_present(&self) -> bool {
        true
    }
}

/// A counted list: each record was decoded once, so that none is lost, and is decoded again whenever the list is
/// walked. So a list of any length costs a few words.
pub(in crate::metadata) struct Records<'a, T: Record<'a>> {
    count: usize,
    /// In so many places there is anything.
    present: usize,
    /// Bytes of state of all records, added up as they were decoded.
    state_size: u64,
    input: DataInput<'a>,
    context: T::Context,
    of: PhantomData<T>,
}

impl<'a, T: Record<'a>> Records<'a, T> {
    /// A list without records.
    pub(in crate::metadata) fn empty(at: DataInput<'a>, context: T::Context) -> Self {
        Self { count: 0, present: 0, state_size: 0, input: at, context, of: PhantomData }
    }

    /// An `int` count, and the records.
    pub(in crate::metadata) fn decode(
        input: &mut DataInput<'a>,
        context: T::Context,
    ) -> Result<Self, DecodeError> {
        let count = input.read_count(T::WHAT, T::LEAST_BYTES)?;
        Self::decode_all(input, context, count, |_| {})
    }

    /// So many records, each of which is shown to `each`.
    pub(in crate::metadata) fn decode_all(
        input: &mut DataInput<'a>,
        context: T::Context,
        count: usize,
        mut each: impl FnMut(&T),
    ) -> Result<Self, DecodeError> {
        let mut records = Self { count, ..Self::empty(*input, context) };
        for _ in 0..count {
            let record = T::decode(input, context)?;
            records.state_size = records.state_size.saturating_add(record.state_size());
            records.present = records.present.saturating_add(usize::from(record.is_present()));
            each(&record);
        }
        Ok(records)
    }

    /// Bytes of state of all records.
    pub(in crate::metadata) fn state_size(&self) -> u64 {
        self.state_size
    }

    /// How many there are.
    pub(in crate::metadata) fn len(&self) -> usize {
        self.count
    }

    /// Whether there is anything in any of them.
    pub(in crate::metadata) fn hold_any(&self) -> bool {
        self.present > 0
    }

    /// The records, in the order of the file.
    pub(in crate::metadata) fn iter(&self) -> impl Iterator<Item = T> + use<'a, T> {
        let (mut input, context) = (self.input, self.context);
        (0..self.count).map_while(move |_| T::decode(&mut input, context).ok())
    }
}

impl<'a, T: Record<'a>> Clone for Records<'a, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'a, T: Record<'a>> Copy for Records<'a, T> {}

/// How many there are: a list may be long.
impl<'a, T: Record<'a>> fmt::Debug for Records<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, T::WHAT)
    }
}
