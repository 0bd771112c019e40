//! One state of a header.

use super::SerializerSnapshot;
use super::snapshot::SnapshotInput;
use crate::types::DataType;
use crate::wire::{DecodeError, DecodeErrorKind, Within};
use std::fmt;
use std::str::FromStr;

/// Name, kind and serializers of one state.
///
/// Mirrors `org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMetaInfo {
    /// The state's name.
    pub name: String,
    /// What kind of state it is.
    pub kind: StateKind,
    /// The serializers by Flink's name of their part, such as `VALUE_SERIALIZER`.
    pub serializers: Vec<(String, SerializerSnapshot)>,
}

/// The kinds of state, with those of `StateMetaInfoSnapshot.BackendStateType` told apart by their options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateKind {
    /// `ValueState`.
    Value,
    /// `ListState` of a keyed operator.
    List,
    /// `MapState`.
    Map,
    /// `ReducingState`.
    Reducing,
    /// `AggregatingState`.
    Aggregating,
    /// `FoldingState`, removed in Flink 1.9.
    Folding,
    /// Keyed state that does not say what it is.
    Unknown,
    /// `ListState` of an operator: each element goes to one subtask.
    OperatorList,
    /// Union list state of an operator: all elements go to every subtask.
    OperatorUnion,
    /// `BroadcastState`.
    Broadcast,
    /// Timers, kept as a priority queue.
    Timers,
}

impl StateKind {
    /// Every kind with its name in reports and plans.
    const NAMES: [(Self, &'static str); 11] = [
        (Self::Value, "value"),
        (Self::List, "list"),
        (Self::Map, "map"),
        (Self::Reducing, "reducing"),
        (Self::Aggregating, "aggregating"),
        (Self::Folding, "folding"),
        (Self::Unknown, "unknown"),
        (Self::OperatorList, "operator-list"),
        (Self::OperatorUnion, "operator-union"),
        (Self::Broadcast, "broadcast"),
        (Self::Timers, "timers"),
    ];

    /// The kind's name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// Whether the state belongs to keys.
    pub fn is_keyed(self) -> bool {
        !matches!(self, Self::OperatorList | Self::OperatorUnion | Self::Broadcast)
    }

    /// Flink keeps these apart: a state of one family never meets a state of the other under the same name.
    pub fn family(self) -> StateFamily {
        match self {
            Self::Timers => StateFamily::Timers,
            Self::OperatorList | Self::OperatorUnion => StateFamily::OperatorList,
            Self::Broadcast => StateFamily::Broadcast,
            _ => StateFamily::KeyValue,
        }
    }
}

/// The separate places in which a backend looks a state up by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateFamily {
    /// Keyed states of every kind.
    KeyValue,
    /// Timers.
    Timers,
    /// List and union states of an operator.
    OperatorList,
    /// Broadcast states.
    Broadcast,
}

impl fmt::Display for StateKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for StateKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::NAMES.iter().find(|row| row.1 == text).map(|row| row.0).ok_or_else(|| {
            let names: Vec<_> = Self::NAMES.iter().map(|row| row.1).collect();
            format!("'{text}' is not a kind of state; the kinds are {}", names.join(", "))
        })
    }
}

impl StateMetaInfo {
    pub(super) fn decode(input: &mut SnapshotInput<'_>) -> Result<Self, DecodeError> {
        let name = input.data.read_utf()?.decode().into_owned();
        Self::decode_named(input, name.clone()).within_with(|| format!("state {name:?}"))
    }

    fn decode_named(input: &mut SnapshotInput<'_>, name: String) -> Result<Self, DecodeError> {
        let at_type = input.data;
        let backend_type = input.data.read_int()?;
        let options = input.data.read_count("options", 4)?;
        let mut keyed_type = None;
        let mut mode = None;
        for _ in 0..options {
            let (key, value) = (input.data.read_utf()?.decode(), input.data.read_utf()?.decode());
            match key.as_ref() {
                "KEYED_STATE_TYPE" => keyed_type = Some(value),
                "OPERATOR_STATE_DISTRIBUTION_MODE" => mode = Some(value),
                _ => {} // Flink, too, passes over options it does not know
            }
        }
        // The ordinals of `BackendStateType`.
        let kind = match (backend_type, mode.as_deref()) {
            (0 | 4, _) => keyed_type.and_then(|name| name.to_lowercase().parse().ok()),
            (1, Some("UNION")) => Some(StateKind::OperatorUnion),
            (1, _) => Some(StateKind::OperatorList),
            (2, _) => Some(StateKind::Broadcast),
            (3, _) => Some(StateKind::Timers),
            _ => {
                return Err(at_type.error(DecodeErrorKind::UnknownTag {
                    what: "kind of state",
                    found: backend_type.into(),
                }));
            }
        };
        let count = input.data.read_count("serializers", 2 + 4)?;
        let mut serializers = Vec::new();
        for _ in 0..count {
            if input.lost.is_some() {
                break;
            }
            let key = input.data.read_utf()?.decode().into_owned();
            let snapshot =
                SerializerSnapshot::decode_outer(input).within_with(|| key.escape_debug().to_string())?;
            serializers.push((key, snapshot));
        }
        Ok(Self { name, kind: kind.unwrap_or(StateKind::Unknown), serializers })
    }

    /// The type that the serializer of this part handles: `VALUE_SERIALIZER`, `NAMESPACE_SERIALIZER` ….
    pub fn data_type(&self, part: &str) -> Option<DataType> {
        self.serializers.iter().find(|(key, _)| key == part).map(|(_, snapshot)| snapshot.data_type())
    }
}
