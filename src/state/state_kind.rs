//! What kinds of state there are.

use crate::suggestion::suggestion;
use std::fmt;
use std::str::FromStr;

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
            let suggestion = suggestion(text, names.iter().copied());
            format!("'{text}' is not a kind of state; the kinds are {}{suggestion}", names.join(", "))
        })
    }
}
