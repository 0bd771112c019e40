//! Headers that no Flink here writes any more are read as Flink 1.9 reads them.

use crate::support::path;
use holdpoint::state::{
    SerializerSnapshot, StateHeader, StateMetaInfo, TimerServices, decode_keyed_header,
    decode_operator_header,
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
    let mut services = TimerServices::default();
    assert!(services.add_key_group(DataInput::new(bytes, 0)).unwrap());
    services
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
