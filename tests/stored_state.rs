//! How much a savepoint stores: what Flink's own reading of its handles comes to when each place is counted once.

use crate::fixtures::recorded_reading;
use crate::support::{catalog, fixtures, path};
use holdpoint::catalog::Origins;
use holdpoint::report::{json, text};
use holdpoint::state::StateKind;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What Flink's handles refer to.
#[derive(Default)]
struct Places {
    inline_bytes: u64,
    /// Bytes by path and, of a merged file, by start.
    parts: BTreeMap<(String, Option<u64>), u64>,
    /// How often a place came up again.
    repeated: usize,
    /// Of in-flight data Flink's reading says how many bytes of a stream it is, and not how long the stream is.
    has_in_flight_data: bool,
}

impl Places {
    fn of(reading: &Value) -> Self {
        let mut places = Self::default();
        for operator in reading["operators"].as_array().unwrap() {
            places.inline_bytes += operator["coordinator_state_bytes"].as_u64().unwrap();
            places.add(&operator["subtasks"]);
        }
        places
    }

    fn add(&mut self, value: &Value) {
        match value {
            Value::Array(entries) => entries.iter().for_each(|entry| self.add(entry)),
            Value::Object(entries) => {
                self.has_in_flight_data |= entries.contains_key("channels");
                let bytes = value["bytes"].as_u64().unwrap_or(0);
                if let Some(path) = value["path"].as_str() {
                    let place = (path.to_owned(), value["segment"]["start"].as_u64());
                    self.repeated += usize::from(self.parts.insert(place, bytes).is_some());
                } else if value["inline"] == true {
                    self.inline_bytes += bytes;
                }
                entries.values().for_each(|entry| self.add(entry));
            }
            _ => {}
        }
    }
}

/// All fixtures that have Flink's reading of their handles beside them.
fn readings() -> Vec<(String, Value)> {
    let readings = fixtures().into_iter().map(|fixture| {
        let reading = recorded_reading(&path("fixtures/savepoints").join(&fixture));
        (fixture, reading)
    });
    readings.filter(|(_, reading)| reading["operators"][0]["subtasks"].is_array()).collect()
}

#[test]
fn each_place_that_flink_refers_to_is_counted_once() {
    let (mut with_bytes, mut repeated) = (0, 0);
    for (name, reading) in readings() {
        let (places, catalog) = (Places::of(&reading), catalog(&name));
        let stored = catalog.stored.as_ref().unwrap();
        let files: BTreeSet<_> = places.parts.keys().map(|(path, _)| path).collect();
        assert_eq!(catalog.total_bytes(), reading["total_bytes"].as_u64().unwrap(), "{name}");
        assert_eq!(stored.files(), files.len() as u64, "{name}");
        if !places.has_in_flight_data {
            let bytes = places.inline_bytes + places.parts.values().sum::<u64>();
            assert_eq!(stored.bytes, bytes, "{name}");
            with_bytes += 1;
            repeated += places.repeated;
        }
    }
    assert!(with_bytes > 50 && repeated > 8, "{with_bytes} {repeated}");
}

/// Flink counts nothing for the changelog files of the checkpoint that it was restored from, and they are needed.
#[test]
fn what_is_stored_is_said_where_it_is_not_what_flink_adds_up() {
    let document = json::render_summary(&catalog("flink-2.3-v1-rescaled"), &Origins::default());
    assert_ne!(document["distinct_bytes"], document["total_bytes"]);
    let stored = |catalog: &_| {
        let shown = text::render_catalog("", catalog, &Origins::default());
        shown.lines().find(|line| line.contains("Stored")).map(str::to_owned)
    };
    let line = stored(&catalog("flink-2.3-v1-rescaled")).unwrap();
    assert!(line.contains(" in 17 files and the metadata file, each counted once"), "{line}");
    assert_eq!(stored(&catalog("flink-2.3-v1")), None);
}

/// Flink says what role each handle has, and its bytes.
#[test]
fn the_bytes_of_each_role_are_those_of_flinks_handles() {
    let mut roles = BTreeSet::new();
    for (name, reading) in readings() {
        let catalog = catalog(&name);
        for operator in reading["operators"].as_array().unwrap() {
            let mut flinks = BTreeMap::new();
            let subtasks = operator["subtasks"].as_array().unwrap().iter();
            for handle in subtasks.flat_map(|subtask| subtask["handles"].as_array().unwrap()) {
                let role = handle["role"].as_str().unwrap().to_owned();
                *flinks.entry(role).or_insert(0) += handle["bytes"].as_u64().unwrap();
            }
            flinks.retain(|_, bytes| *bytes > 0);
            let id = operator["operator_id"].as_str().unwrap().parse().unwrap();
            let ours = catalog.operator(id).unwrap().role_bytes.iter();
            let ours: BTreeMap<_, _> = ours.map(|(role, bytes)| (role.name().to_owned(), *bytes)).collect();
            assert_eq!(ours, flinks, "{name}: {id}");
            roles.extend(flinks.into_keys());
        }
    }
    assert_eq!(roles.len(), 6, "{roles:?}");
}

/// Flink writes a `Long` as 8 bytes, and its handles say how many elements there are; what other states have, and the header,
/// is the rest of the stream.
#[test]
fn operator_state_has_the_bytes_of_its_elements() {
    let (mut longs, mut others) = (0, 0);
    // Offsets of handles that no job wrote are of nothing.
    for (name, reading) in readings().into_iter().filter(|(name, _)| !name.contains("-synthetic")) {
        for operator in &catalog(&name).operators {
            let sizes = operator.operator_state_bytes.as_ref().unwrap();
            let id = operator.id.to_string();
            let mut read = reading["operators"].as_array().unwrap().iter();
            let flinks = read.find(|it| it["operator_id"] == id.as_str()).unwrap();
            let handles = flinks["subtasks"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|it| it["handles"].as_array().unwrap());
            let handles: Vec<_> = handles.filter(|it| it["role"] == "managed-operator").collect();
            let partitions = || handles.iter().flat_map(|it| it["partitions"].as_array().unwrap());
            let elements = |state: &str| {
                let of_state = partitions().filter(|it| it["state"] == state);
                of_state.map(|it| it["offsets"].as_array().unwrap().len() as u64).sum::<u64>()
            };
            for state in operator.states.iter().filter(|it| !it.kind.is_keyed()) {
                let bytes = operator.state_bytes(state).unwrap();
                let value = state.data_type("VALUE_SERIALIZER").map(|it| it.to_string());
                if value.as_deref() == Some("Long")
                    && state.kind != StateKind::Broadcast
                    && !name.contains("compressed")
                {
                    assert_eq!(bytes, 8 * elements(&state.name), "{name}: {}", state.name);
                    longs += 1;
                } else {
                    assert!(bytes >= elements(&state.name), "{name}: {}", state.name);
                    others += 1;
                }
            }
            // What is before the first element is the header, in every stream.
            let headers: u64 = handles
                .iter()
                .map(|handle| {
                    let offsets = handle["partitions"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .flat_map(|it| it["offsets"].as_array().unwrap());
                    offsets.map(|it| it.as_u64().unwrap()).min().unwrap_or(handle["bytes"].as_u64().unwrap())
                })
                .sum();
            let all: u64 = handles.iter().map(|it| it["bytes"].as_u64().unwrap()).sum();
            assert_eq!(sizes.values().sum::<u64>() + headers, all, "{name}: {id}");
        }
    }
    assert!(longs > 20 && others > 100, "{longs} {others}");
}
