//! Where the names and serializers of states are written.

use super::StreamStateHandle;

/// A place that says which states there are.
///
/// A state backend's snapshot says it in a header, a changelog as the states come up. A handle of a changelog has
/// many such places.
#[derive(Debug, Clone, Copy)]
pub struct StatePlace<'a> {
    /// The stream.
    pub stream: StreamStateHandle<'a>,
    /// Bytes from the start of the stream.
    pub offset: u64,
    /// What stands there.
    pub kind: PlaceKind,
}

/// What stands at a [`StatePlace`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// The header of managed keyed state; `KeyedBackendSerializationProxy`.
    KeyedHeader,
    /// The header of managed operator state; `OperatorBackendSerializationProxy`.
    OperatorHeader,
    /// A set of changes, as `StateChangeFormat` writes it: it says itself how long it is.
    ChangelogSegment,
    /// One change of a changelog that is kept in memory, as long as its stream.
    ChangelogChange {
        /// The key group, or -1 where the change tells of a state rather than of a value in it.
        key_group: i32,
    },
}
