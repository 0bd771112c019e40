//! Headers that no Flink here writes any more are read as Flink 1.9 reads them.

use crate::support::{catalog, path};
use holdpoint::catalog::UnreadState;
use holdpoint::state::{
    SerializerSnapshot, StateHeader, StateKind, StateMetaInfo, TimerServices, decode_keyed_header,
    decode_operator_header, decode_timer_services,
};
use holdpoint::wire::DataInput;
use serde_json::{Value, json};

/// What `fixtures/generator/headers` made: name, bytes, and Flink's reading of them.
fn headers() -> Vec<(String, Vec<u8>, Value)> {
    let mut headers: Vec<_> = path("fixtures/headers")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "bin"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let reading = std::fs::read_to_string(path.with_extension("json")).unwrap();
            (name, std::fs::read(&path).unwrap(), serde_json::from_str(&reading).unwrap())
        })
        .collect();
    headers.sort_by(|a, b| a.0.cmp(&b.0));
    assert!(headers.len() > 10);
    headers
}

pub fn header(name: &str) -> Vec<u8> {
    std::fs::read(path("fixtures/headers").join(format!("{name}.bin"))).unwrap()
}

fn decode(name: &str, bytes: &[u8]) -> StateHeader {
    let input = DataInput::new(bytes, 0);
    let header =
        if name.starts_with("keyed") { decode_keyed_header(input) } else { decode_operator_header(input) };
    header.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn type_of(snapshot: Option<&SerializerSnapshot>) -> Value {
    snapshot.map(|snapshot| snapshot.data_type().to_string()).into()
}

fn state(header: &StateHeader, state: &StateMetaInfo) -> Value {
    let part = |name| state.serializers.iter().find(|(key, _)| key == name).map(|(_, snapshot)| snapshot);
    json!({
        "name": state.name,
        "kind": state.kind.name(),
        "key_type": type_of(header.key.as_ref().or(part("KEY_SERIALIZER"))),
        "namespace_type": type_of(part("NAMESPACE_SERIALIZER")),
        "value_type": type_of(part("VALUE_SERIALIZER")),
    })
}

fn timers(bytes: &[u8]) -> TimerServices {
    decode_timer_services(DataInput::new(bytes, 0), &[0]).unwrap().unwrap()
}

#[test]
fn headers_of_every_version_are_read_as_flink_reads_them() {
    for (name, bytes, mut flinks) in headers() {
        let ours: Value = if name.starts_with("timers") {
            let services = timers(&bytes);
            assert_eq!(services.unread(), 0, "{name}");
            let service = |service: &holdpoint::state::TimerService| {
                json!({
                    "name": service.name,
                    "key_type": type_of(Some(&service.key)),
                    "namespace_type": type_of(Some(&service.namespace)),
                })
            };
            services.services.iter().map(service).collect()
        } else {
            let header = decode(&name, &bytes);
            match &header.unread {
                None => assert_eq!(header.length, bytes.len(), "{name}"),
                Some(unread) => {
                    // Only the class of its config snapshot, which is a user's, knows where it ends.
                    assert_eq!((unread.states, unread.class.as_str()), (1, "oracle.MakeHeaders$OwnConfig"));
                    let flinks = flinks.as_array_mut().unwrap();
                    assert_eq!(flinks.pop().unwrap()["name"], "unreachable");
                    // Its namespace stands behind its value.
                    flinks.last_mut().unwrap()["namespace_type"] = Value::Null;
                }
            }
            header.states.iter().map(|it| state(&header, it)).collect()
        };
        assert_eq!(ours, flinks, "{name}");
    }
}

/// The config snapshot gives class and version, as Flink shows them; the serializer gives the type.
#[test]
fn old_serializers_keep_the_name_of_their_config_snapshot() {
    let classes = |name| {
        let header = decode(name, &header(name));
        let value = header.states[0].serializers.iter().find(|(part, _)| part == "VALUE_SERIALIZER").unwrap();
        (value.1.class.clone(), value.1.version)
    };
    assert_eq!(
        classes("keyed-2"),
        ("org.apache.flink.api.java.typeutils.runtime.PojoSerializer".to_owned(), 0)
    );
    for name in ["keyed-3", "keyed-5", "keyed-6-config-snapshots"] {
        let config =
            "org.apache.flink.api.java.typeutils.runtime.PojoSerializer$PojoSerializerConfigSnapshot";
        assert_eq!(classes(name), (config.to_owned(), 1));
    }
}

#[test]
fn every_prefix_of_an_old_header_is_an_error() {
    for (name, bytes, _) in headers() {
        if name.starts_with("timers") {
            continue;
        }
        let end = decode(&name, &bytes).length;
        for length in (0..end).step_by(101) {
            let input = DataInput::new(&bytes[..length], 0);
            let cut = if name.starts_with("keyed") {
                decode_keyed_header(input)
            } else {
                decode_operator_header(input)
            };
            let error = cut.expect_err("a cut header is no header");
            assert!(error.offset() <= length as u64, "{name} cut at {length}: {error}");
            assert!(error.is_for_want_of_input(length as u64), "{name} cut at {length}: {error}");
        }
    }
}

/// What the changelog does not say is not taken for known.
#[test]
fn the_key_of_a_changelog_without_a_snapshot_is_undetermined() {
    for (name, known) in [
        ("flink-1.20-v1-changelog-memory", false),
        ("flink-2.3-v1-rescaled", false),
        ("flink-1.15-v1-changelog-materialized", true),
    ] {
        let catalog = catalog(name);
        for operator in catalog.operators.iter().filter(|operator| operator.keyed_format.is_some()) {
            assert_eq!(!operator.keys.is_empty(), known, "{name}");
            assert_eq!(!operator.unread.contains(&UnreadState::KeyOfChangelog), known, "{name}");
        }
    }
}

/// Timers are no raw state that only the operator can read.
#[test]
fn timers_are_not_shown_as_raw_state() {
    for name in ["flink-1.9-v1-incremental", "flink-1.20-v1-incremental-heap-timers", "flink-2.3-v1-forst"] {
        let catalog = catalog(name);
        assert!(catalog.operators.iter().all(|operator| !operator.has_raw_state), "{name}");
        let timers = catalog.operators.iter().flat_map(|operator| &operator.states);
        assert!(timers.filter(|state| state.kind == StateKind::Timers).count() == 4, "{name}");
    }
}

/// The bytes of a file as the documentation shows them.
fn hexdump(bytes: &[u8], start: usize) -> String {
    let line = |(number, bytes): (usize, &[u8])| {
        let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let text: String = bytes
            .iter()
            .map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' })
            .collect();
        format!("{:06x}  {:<47}  {text}\n", start + 16 * number, hex.join(" ")).replace(" \n", "\n")
    };
    bytes.chunks(16).enumerate().map(line).collect()
}

/// Each block says the file and the range that it shows.
#[test]
fn the_bytes_in_the_documentation_are_those_of_the_files() {
    let document = path("docs/format/headers.md");
    let text = std::fs::read_to_string(&document).unwrap();
    let mut expected = String::new();
    let mut blocks = 0;
    let mut inside = false;
    for line in text.lines() {
        if inside && line != "```" {
            continue;
        }
        inside = false;
        expected.push_str(line);
        expected.push('\n');
        if let Some(shown) = line.strip_prefix("```hexdump ") {
            let (file, range) = shown.split_once(' ').unwrap();
            let (from, to) = range.split_once("..").unwrap();
            let (from, to): (usize, usize) = (from.parse().unwrap(), to.parse().unwrap());
            expected.push_str(&hexdump(&std::fs::read(path(file)).unwrap()[from..to], from));
            blocks += 1;
            inside = true;
        }
    }
    assert!(blocks >= 6);
    snapbox::assert_data_eq!(expected, snapbox::Data::read_from(&document, None).raw());
}
