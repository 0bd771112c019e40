//! Timers that an operator wrote itself, as raw keyed state: so do RocksDB with timers on the heap and ForSt, and so
//! did every backend up to Flink 1.5.

use super::header::first;
use super::snapshot::{SnapshotInput, decode_java_serializer, decode_serializers_and_configs};
use super::{SerializerSnapshot, StateKind, StateMetaInfo};
use crate::types::{CollectionType, DataType, TypeConstructor};
use crate::wire::{DataInput, DecodeError, DecodeErrorKind, Within};

/// The timer services of one operator, as one key group or several tell.
///
/// Mirrors `InternalTimerServiceSerializationProxy`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimerServices {
    /// How many there are, as far as any key group says.
    pub count: usize,
    /// Those that could be reached.
    pub services: Vec<TimerService>,
}

/// One timer service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerService {
    /// Its name, such as `user-timers`.
    pub name: String,
    /// Serializer of the keys.
    pub key: SerializerSnapshot,
    /// Serializer of the namespaces.
    pub namespace: SerializerSnapshot,
}

/// `PostVersionedIOReadableWritable.VERSIONED_IDENTIFIER`.
const VERSIONED: [u8; 4] = [0xf1, 0xcd, 0x85, 0x9f];

/// How the serializers of a service are written.
#[derive(Clone, Copy)]
enum Format {
    /// Two Java objects (Flink up to 1.4.0).
    Unversioned,
    /// Serializers and their config snapshots (Flink 1.4.1 to 1.6).
    V1,
    /// Two serializer snapshots (Flink 1.7 and later).
    V2,
}

/// So many key groups of raw keyed state are looked at, for services that cannot be reached in the first.
pub const TIMER_KEY_GROUPS: usize = 16;
/// Most bytes of the timers of one service that are passed to reach the next.
const MOST_TIMER_BYTES: usize = 16 << 10;

/// Decodes the timer services in raw keyed state, of which key groups start at these offsets into `input`. `None` when
/// the bytes are not those of timers: they are the operator's own.
pub fn decode_timer_services(
    input: DataInput<'_>,
    key_groups: &[u64],
) -> Result<Option<TimerServices>, DecodeError> {
    let mut timers = TimerServices::default();
    for (number, offset) in key_groups.iter().take(TIMER_KEY_GROUPS).enumerate() {
        let start = usize::try_from(*offset).unwrap_or(usize::MAX);
        let Some(rest) = input.rest().get(start..) else { break };
        match timers.add_key_group(DataInput::new(rest, input.offset().saturating_add(*offset))) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(error) if number == 0 => return Err(error),
            Err(_) => break, // the bytes at hand end somewhere in it
        }
        if timers.unread() == 0 {
            break;
        }
    }
    Ok(Some(timers))
}

impl TimerServices {
    /// Whether some service could not be reached.
    pub fn unread(&self) -> usize {
        self.count.saturating_sub(self.services.len())
    }

    /// Adds what the stream of one key group says.
    ///
    /// A service stands behind the timers of the one in front of it, which have no length: it is reached only where
    /// their keys and namespaces are of types whose bytes can be passed. A key group without timers shows all
    /// services, so the next key group may add to what the last one said.
    ///
    /// False when the bytes are not those of timers: they are the operator's own.
    fn add_key_group(&mut self, input: DataInput<'_>) -> Result<bool, DecodeError> {
        self.add(input).within("timers")
    }

    fn add(&mut self, start: DataInput<'_>) -> Result<bool, DecodeError> {
        let mut input = SnapshotInput::new(start);
        let format = if start.rest().starts_with(&VERSIONED) {
            input.data.read_slice(VERSIONED.len())?;
            let at_version = input.data;
            match input.data.read_int()? {
                1 => Format::V1,
                2 => Format::V2,
                found => {
                    return Err(at_version.error(DecodeErrorKind::UnsupportedVersion {
                        what: "timer services",
                        found: found.into(),
                        hint: "Flink 1.4 to 2.3 write versions 1 and 2",
                    }));
                }
            }
        } else {
            Format::Unversioned
        };
        let read = self.add_services(&mut input, format);
        match (format, read) {
            // Nothing marks these, so what does not read like them is something else.
            (Format::Unversioned, Ok(())) => Ok(self.count > 0),
            (Format::Unversioned, Err(_)) => Ok(false),
            (_, read) => read.map(|()| true),
        }
    }

    fn add_services(&mut self, input: &mut SnapshotInput<'_>, format: Format) -> Result<(), DecodeError> {
        // name length, two serializers, two counts
        let count = input.data.read_count("timer services", 2 + 4 + 4 + 4 + 4)?;
        let mut services = Vec::new();
        for _ in 0..count {
            let name = input.data.read_utf()?.decode().into_owned();
            let service =
                read_service(input, format, name.clone()).within_with(|| format!("service {name:?}"))?;
            let passed = input.lost.is_none() && pass_timers(&mut input.data, &service);
            services.push(service);
            if !passed {
                break;
            }
        }
        self.count = self.count.max(count);
        for service in services {
            if !self.services.contains(&service) {
                self.services.push(service);
            }
        }
        Ok(())
    }
}

fn read_service(
    input: &mut SnapshotInput<'_>,
    format: Format,
    name: String,
) -> Result<TimerService, DecodeError> {
    let (key, namespace) = match format {
        Format::Unversioned => {
            let key = decode_java_serializer(&mut input.data).within("key serializer")?;
            (key, decode_java_serializer(&mut input.data).within("namespace serializer")?)
        }
        Format::V1 => {
            let mut both = decode_serializers_and_configs(input, 2)?;
            let namespace = both.split_off(1);
            (first(both), first(namespace))
        }
        Format::V2 => {
            let key = SerializerSnapshot::decode(input).within("key serializer")?;
            let namespace = match input.lost {
                None => SerializerSnapshot::decode(input).within("namespace serializer")?,
                Some(_) => SerializerSnapshot::unread(),
            };
            (key, namespace)
        }
    };
    Ok(TimerService { name, key, namespace })
}

impl TimerService {
    /// The states that Flink keeps the service's timers in when it restores them: one for event time, one for
    /// processing time (`InternalTimeServiceManagerImpl`).
    pub fn into_states(self) -> Vec<StateMetaInfo> {
        let Some(timer) = CollectionType::named("Timer") else { return Vec::new() };
        let snapshot = SerializerSnapshot {
            class: timer.snapshot.to_owned(),
            version: 3,
            constructor: TypeConstructor::Collection(timer),
            nested: vec![self.key, self.namespace],
        };
        let state = |time: &str| StateMetaInfo {
            name: format!("_timer_state/{time}_{}", self.name),
            kind: StateKind::Timers,
            serializes_elements: false,
            serializers: vec![("VALUE_SERIALIZER".to_owned(), snapshot.clone())],
        };
        vec![state("event"), state("processing")]
    }
}

/// Passes a service's timers; false where they cannot be told apart, or are more than are worth it.
fn pass_timers(data: &mut DataInput<'_>, service: &TimerService) -> bool {
    let (key, namespace) = (service.key.data_type(), service.namespace.data_type());
    let least = data.rest().len().saturating_sub(MOST_TIMER_BYTES);
    let mut pass = || -> Result<bool, DecodeError> {
        for what in ["event-time timers", "processing-time timers"] {
            for _ in 0..data.read_count(what, 8)? {
                if data.rest().len() < least || !pass_value(data, &key)? || !pass_value(data, &namespace)? {
                    return Ok(false);
                }
                data.read_long()?; // when it fires
            }
        }
        Ok(true)
    };
    pass().unwrap_or(false)
}

/// Passes one value of a type; false for a type whose bytes only its own serializer can read.
fn pass_value(data: &mut DataInput<'_>, data_type: &DataType) -> Result<bool, DecodeError> {
    let length = match &data_type.constructor {
        TypeConstructor::Tuple { .. } => {
            for field in &data_type.arguments {
                if !pass_value(data, field)? {
                    return Ok(false);
                }
            }
            0
        }
        TypeConstructor::Enum { .. } => 4,
        TypeConstructor::Basic(row) => match row.name {
            "Boolean" | "Byte" | "VoidNamespace" | "GlobalWindow" => 1,
            "Short" | "Character" => 2,
            "Integer" | "Float" => 4,
            "Long" | "Double" => 8,
            "TimeWindow" => 16,
            "String" => return pass_string(data).map(|()| true),
            _ => return Ok(false),
        },
        _ => return Ok(false),
    };
    data.read_slice(length).map(|_| true)
}

/// `StringValue.writeString`: one more than the number of `char`s, and each of them, as integers of variable length.
fn pass_string(data: &mut DataInput<'_>) -> Result<(), DecodeError> {
    let start = *data;
    let length = read_variable(data)?;
    if length as usize > start.rest().len() {
        return Err(start.error(DecodeErrorKind::UnexpectedEnd {
            needed: length.into(),
            left: start.rest().len() as u64,
        }));
    }
    for _ in 1..length {
        read_variable(data)?;
    }
    Ok(())
}

/// An integer in groups of seven bits, the lowest first, of which each but the last has its highest bit set.
fn read_variable(data: &mut DataInput<'_>) -> Result<u32, DecodeError> {
    let mut value = 0;
    for shift in (0..32).step_by(7) {
        let byte = data.read_unsigned_byte()?;
        value |= u32::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
        if byte & 0x80 == 0 {
            break;
        }
    }
    Ok(value)
}
