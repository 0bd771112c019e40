//! One state of a header.

use super::snapshot::{
    SnapshotInput, decode_java_serializer, decode_serializer, decode_serializers_and_configs,
};
use super::{SerializerSnapshot, StateKind};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, Within};

/// Name, kind and serializers of one state.
///
/// Mirrors `org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateMetaInfo {
    /// The state's name.
    pub name: String,
    /// What kind of state it is.
    pub kind: StateKind,
    /// Whether its value serializer is that of one element of a list, or of one value of a map: so it is with state
    /// of the asynchronous API of Flink 2 (`KEY_VALUE_V2`).
    pub serializes_elements: bool,
    /// The serializers by Flink's name of their part, such as `VALUE_SERIALIZER`.
    pub serializers: Vec<(String, SerializerSnapshot)>,
}

/// How a state is written: the numbers of `StateMetaInfoSnapshotReadersWriters`, of which some are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MetaInfoFormat {
    /// Keyed state in formats 1 and 2: serializers that Java wrote.
    KeyedV1,
    /// Keyed state in formats 3 and 4: serializers and their config snapshots.
    KeyedV3,
    /// Operator state in format 1: one serializer that Java wrote, without a length.
    OperatorV1,
    /// Operator state in formats 2 and 3: one serializer for a list, two for a broadcast state.
    OperatorV2,
    /// Any state in format 5: options; serializers by name, and their config snapshots.
    V5,
    /// Any state in formats 6 and 7: options; serializer snapshots by name.
    V6,
}

const KEY: &str = "KEY_SERIALIZER";
const NAMESPACE: &str = "NAMESPACE_SERIALIZER";
const VALUE: &str = "VALUE_SERIALIZER";

impl MetaInfoFormat {
    /// The format of this number, for keyed state.
    pub(super) fn of_keyed(number: i32) -> Option<Self> {
        Some(match number {
            1 | 2 => Self::KeyedV1,
            3 | 4 => Self::KeyedV3,
            5 => Self::V5,
            6 | 7 => Self::V6,
            _ => return None,
        })
    }

    /// Bytes that a state takes at least.
    pub(super) fn least_bytes(self) -> usize {
        match self {
            Self::KeyedV1 | Self::V5 => 2 + 4 + 8 + 8, // name length, kind; two serializers, or two counts and a block
            Self::KeyedV3 | Self::V6 => 2 + 4 + 8,     // name length, kind; an empty block, or two counts
            Self::OperatorV1 => 2 + 1 + 5,             // name length, mode, a Java object
            Self::OperatorV2 => 2 + 1 + 8,             // name length, mode, an empty block
        }
    }
}

impl StateMetaInfo {
    pub(super) fn decode(input: &mut SnapshotInput<'_>, format: MetaInfoFormat) -> Result<Self, DecodeError> {
        let keyed_type = match format {
            MetaInfoFormat::KeyedV1 | MetaInfoFormat::KeyedV3 => Some(read_keyed_type(&mut input.data)?),
            _ => None,
        };
        let name = input.data.read_utf()?.decode().into_owned();
        let body = match (keyed_type, format) {
            (Some(kind), _) => {
                Self::decode_keyed(input, format).map(|serializers| (kind.into(), serializers))
            }
            (None, MetaInfoFormat::OperatorV1 | MetaInfoFormat::OperatorV2) => {
                Self::decode_operator(input, format)
            }
            (None, _) => Self::decode_any(input, format),
        };
        let (kind, serializers) = body.within_with(|| format!("state {name:?}"))?;
        Ok(Self { name, kind: kind.kind, serializes_elements: kind.serializes_elements, serializers })
    }

    /// Keyed state of Flink 1.2 to 1.5, behind its kind and name.
    fn decode_keyed(
        input: &mut SnapshotInput<'_>,
        format: MetaInfoFormat,
    ) -> Result<Serializers, DecodeError> {
        let parts = [NAMESPACE, VALUE];
        if format == MetaInfoFormat::KeyedV3 {
            return Ok(named(parts, decode_serializers_and_configs(input, 2)?));
        }
        let namespace = decode_serializer(&mut input.data).within(NAMESPACE)?;
        Ok(named(parts, vec![namespace, decode_serializer(&mut input.data).within(VALUE)?]))
    }

    /// Operator state of Flink 1.2 to 1.5, behind its name.
    fn decode_operator(
        input: &mut SnapshotInput<'_>,
        format: MetaInfoFormat,
    ) -> Result<(FoundKind, Serializers), DecodeError> {
        let at_mode = input.data;
        let kind = match input.data.read_byte()? {
            0 => StateKind::OperatorList,
            1 => StateKind::OperatorUnion,
            2 => StateKind::Broadcast,
            found => {
                let what = "distribution mode";
                return Err(at_mode.error(DecodeErrorKind::UnknownTag { what, found: found.into() }));
            }
        };
        if format == MetaInfoFormat::OperatorV1 {
            let value = decode_java_serializer(&mut input.data).within(VALUE)?;
            return Ok((kind.into(), named([VALUE], vec![value])));
        }
        let serializers = decode_serializers_and_configs(input, 1)?;
        // Flink tells a broadcast state by its two serializers, whatever the mode says.
        Ok(match serializers.len() {
            1 => (kind.into(), named([VALUE], serializers)),
            _ => (StateKind::Broadcast.into(), named([KEY, VALUE], serializers)),
        })
    }

    /// State of Flink 1.6 and later, behind its name.
    fn decode_any(
        input: &mut SnapshotInput<'_>,
        format: MetaInfoFormat,
    ) -> Result<(FoundKind, Serializers), DecodeError> {
        let kind = read_kind(&mut input.data)?;
        let count = input.data.read_count("serializers", 2)?;
        if format == MetaInfoFormat::V5 {
            let mut parts = Vec::new();
            for _ in 0..count {
                parts.push(input.data.read_utf()?.decode().into_owned());
            }
            let serializers = decode_serializers_and_configs(input, count)?;
            return Ok((kind, parts.into_iter().zip(serializers).collect()));
        }
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
        Ok((kind, serializers))
    }
}

/// A kind of state, and whether its value serializer is that of an element.
struct FoundKind {
    kind: StateKind,
    serializes_elements: bool,
}

impl From<StateKind> for FoundKind {
    fn from(kind: StateKind) -> Self {
        Self { kind, serializes_elements: false }
    }
}

type Serializers = Vec<(String, SerializerSnapshot)>;

fn named<const N: usize>(parts: [&str; N], serializers: Vec<SerializerSnapshot>) -> Serializers {
    parts.into_iter().map(str::to_owned).zip(serializers).collect()
}

/// The ordinal of a `StateDescriptor.Type`.
fn read_keyed_type(data: &mut DataInput<'_>) -> Result<StateKind, DecodeError> {
    let start = *data;
    Ok(match data.read_int()? {
        0 => StateKind::Unknown,
        1 => StateKind::Value,
        2 => StateKind::List,
        3 => StateKind::Reducing,
        4 => StateKind::Folding,
        5 => StateKind::Aggregating,
        6 => StateKind::Map,
        found => {
            return Err(
                start.error(DecodeErrorKind::UnknownTag { what: "kind of state", found: found.into() })
            );
        }
    })
}

/// The ordinal of a `BackendStateType`, and the options, which tell the kinds of each type apart.
fn read_kind(data: &mut DataInput<'_>) -> Result<FoundKind, DecodeError> {
    let start = *data;
    let backend_type = data.read_int()?;
    let mut keyed_type = None;
    let mut mode = None;
    for _ in 0..data.read_count("options", 4)? {
        let (key, value) = (data.read_utf()?.decode(), data.read_utf()?.decode());
        match key.as_ref() {
            "KEYED_STATE_TYPE" => keyed_type = Some(value),
            "OPERATOR_STATE_DISTRIBUTION_MODE" => mode = Some(value),
            _ => {} // Flink, too, passes over options it does not know
        }
    }
    let kind = match (backend_type, mode.as_deref()) {
        (0 | 4, _) => keyed_type.and_then(|name| name.to_lowercase().parse().ok()),
        (1, Some("UNION")) => Some(StateKind::OperatorUnion),
        (1, _) => Some(StateKind::OperatorList),
        (2, _) => Some(StateKind::Broadcast),
        (3, _) => Some(StateKind::Timers),
        _ => {
            let what = "kind of state";
            return Err(start.error(DecodeErrorKind::UnknownTag { what, found: backend_type.into() }));
        }
    };
    Ok(FoundKind { kind: kind.unwrap_or(StateKind::Unknown), serializes_elements: backend_type == 4 })
}
