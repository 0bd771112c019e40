//! Serializer snapshots are read, and resolved, as Flink reads and resolves them.

use crate::support::path;
use holdpoint::flink::FlinkLine;
use holdpoint::state::{SerializerSnapshot, decode_snapshot};
use holdpoint::types::{Compatibility, DataType, compatibility, notation, snapshot_lines};
use holdpoint::wire::DataInput;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The snapshots that one Flink wrote with one version of the user's classes, and its reading of them.
pub struct Written {
    name: &'static str,
    pub snapshots: Vec<Snapshot>,
    resolved: Value,
}

pub struct Snapshot {
    pub name: String,
    flink: Value,
    pub bytes: Vec<u8>,
}

const OLD: [&str; 3] = ["flink-1.20-old", "flink-2.3-old", "flink-1.20-avro-old"];
/// Each with how many pairs of its serializers and older ones are compared, at the least.
pub const NEW: [(&str, usize); 4] = [
    ("flink-1.20-new", 30_000),
    ("flink-2.3-new", 30_000),
    ("flink-1.20-avro-new", 11_000),
    ("flink-2.3-avro-new", 11_000),
];

pub fn written(name: &'static str) -> Written {
    let file = |extension| path("fixtures/serializers").join(format!("{name}.{extension}"));
    let mut document: Value = serde_json::from_str(&std::fs::read_to_string(file("json")).unwrap()).unwrap();
    let all = std::fs::read(file("bin")).unwrap();
    let mut rest = all.as_slice();
    let mut snapshots = Vec::new();
    for flink in document["serializers"].as_array().unwrap() {
        let (bytes, after) = rest.split_at(usize::try_from(flink["bytes"].as_u64().unwrap()).unwrap());
        rest = after;
        let name = flink["name"].as_str().unwrap().to_owned();
        snapshots.push(Snapshot { name, flink: flink.clone(), bytes: bytes.to_vec() });
    }
    assert!(rest.is_empty());
    Written { name, snapshots, resolved: document["resolved"].take() }
}

/// The bytes of a snapshot, and the type that Flink reads in them.
pub fn snapshot_named(written: &Written, name: &str) -> (Vec<u8>, String) {
    let snapshot = written.snapshots.iter().find(|snapshot| snapshot.name == name).unwrap();
    (snapshot.bytes.clone(), snapshot.flink["type"].as_str().unwrap().to_owned())
}

fn decode(snapshot: &Snapshot) -> SerializerSnapshot {
    let mut input = DataInput::new(&snapshot.bytes, 0);
    let decoded = decode_snapshot(&mut input).unwrap_or_else(|error| panic!("{}: {error}", snapshot.name));
    assert!(input.rest().is_empty(), "{}: {} bytes are left", snapshot.name, input.rest().len());
    decoded
}

/// As Flink's reading has it.
fn tree(snapshot: &SerializerSnapshot) -> Value {
    serde_json::json!({
        "snapshot": snapshot.class,
        "version": snapshot.version,
        "nested": snapshot.nested.iter().map(tree).collect::<Vec<_>>(),
    })
}

#[test]
fn every_snapshot_is_read_as_flink_reads_it() {
    for name in OLD.into_iter().chain(NEW.map(|it| it.0)) {
        let mut differences = Vec::new();
        for snapshot in written(name).snapshots {
            let decoded = decode(&snapshot);
            let (ours, flinks) = (decoded.data_type().to_string(), snapshot.flink["type"].as_str().unwrap());
            if ours != flinks {
                differences.push(format!("{}:\n  ours    {ours}\n  Flink's {flinks}", snapshot.name));
            }
            if tree(&decoded) != snapshot.flink["snapshot"] {
                differences.push(format!("{}: ours {}", snapshot.name, tree(&decoded)));
            }
        }
        assert!(differences.is_empty(), "{name}:\n{}", differences.join("\n"));
    }
}

#[test]
fn every_type_that_is_written_reads_back() {
    for snapshot in OLD.into_iter().chain(NEW.map(|it| it.0)).flat_map(|name| written(name).snapshots) {
        let data_type = decode(&snapshot).data_type();
        let read = notation::parse(&data_type.to_string(), &|_| None);
        assert_eq!(read, Ok(data_type), "{}", snapshot.name);
    }
}

/// Every class of snapshots that is in any Flink's jars, but for those that never stand in state.
#[test]
fn no_snapshot_class_of_flinks_is_forgotten() {
    const NEVER_IN_STATE: [(&str, &str); 2] = [
        (
            "org.apache.flink.api.common.typeutils.BackwardsCompatibleSerializerSnapshot",
            "it stands for a serializer that has none, and refuses to be written",
        ),
        (
            "org.apache.flink.api.scala.typeutils.EnumValueSerializer$ScalaEnumSerializerConfigSnapshot",
            "up to Flink 1.6; it stays opaque, since no Flink here can write it",
        ),
    ];
    let read: BTreeSet<_> = holdpoint::state::snapshot_classes().collect();
    let table = std::fs::read_to_string(path("fixtures/serializers/classes.txt")).unwrap();
    let missing: Vec<_> = table
        .lines()
        .filter_map(|line| line.split(' ').next())
        .filter(|class| !read.contains(*class) && NEVER_IN_STATE.iter().all(|(other, _)| other != class))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

/// The lines that have the class of a snapshot are those whose jars have it.
#[test]
fn each_class_is_in_the_lines_whose_jars_have_it() {
    let table = std::fs::read_to_string(path("fixtures/serializers/classes.txt")).unwrap();
    let lines: Vec<FlinkLine> = (13..=20)
        .map(|minor| FlinkLine::new(1, minor))
        .chain((0..=3).map(|minor| FlinkLine::new(2, minor)))
        .collect();
    for row in table.lines() {
        let [class, since, until] = row.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let (since, until): (FlinkLine, FlinkLine) = (since.parse().unwrap(), until.parse().unwrap());
        for line in &lines {
            let has = snapshot_lines(class).is_none_or(|lines| lines.contains(*line));
            assert_eq!(has, (since..=until).contains(line), "{class} in Flink {line}");
        }
    }
}

/// What Flink said of a pair.
fn flinks(letter: char) -> Option<Compatibility> {
    match letter {
        'A' => Some(Compatibility::AsIs),
        'R' => Some(Compatibility::WithReconfiguredSerializer),
        'M' => Some(Compatibility::AfterMigration),
        'I' => Some(Compatibility::Incompatible),
        // It could not read the old snapshot.
        'X' => None,
        other => panic!("{other}"),
    }
}

/// From Flink 2.0 on, a backend puts both sides into a serializer that lets the time to live be switched; what Flink
/// says of one side alone, no restore asks.
fn is_asked(line: FlinkLine, new: &SerializerSnapshot, old: &SerializerSnapshot) -> bool {
    let [is_aware, lives] = ["TtlAwareSerializerSnapshot", "ttl.TtlStateFactory$TtlSerializerSnapshot"]
        .map(|class| [new, old].map(|snapshot| holds(snapshot, class)));
    line.major < 2 || is_aware[0] == is_aware[1] && (is_aware[0] || lives[0] == lives[1])
}

fn holds(snapshot: &SerializerSnapshot, class: &str) -> bool {
    snapshot.class.ends_with(class) || snapshot.nested.iter().any(|nested| holds(nested, class))
}

/// How often the tool says of a pair that it cannot say, though Flink can. Every such pair is one of these.
fn is_known_not_to_be_known(new: &DataType, old: &DataType) -> bool {
    use holdpoint::types::{SnapshotBody, TypeConstructor as T};
    let is_composite = |constructor: &T| match constructor {
        T::Collection(_) | T::Tuple { .. } => true,
        T::Parameterized { row, .. } => row.body == SnapshotBody::Composite,
        _ => false,
    };
    match (&new.constructor, &old.constructor) {
        // Composites of different classes, some of which Flink takes for alike.
        (now, was) if is_composite(now) && is_composite(was) => true,
        // Comparators, and serializers that Java wrote.
        (T::Parameterized { row, .. }, T::Parameterized { .. }) => row.name == "SortedMap",
        (T::Sql { .. }, T::Sql { .. }) => [new, old].iter().any(|side| {
            ["RAW(", "UNKNOWN(", "WITH ", "STRUCTURED<'"].iter().any(|it| side.to_string().contains(it))
        }),
        (T::Collection(row), _) | (_, T::Collection(row)) if row.name == "v2.Ttl" => true,
        // A serializer that Flink 1.x wrote for Kryo does not load in 2.x.
        (T::Kryo { .. }, T::Kryo { .. }) => old.to_string().contains("an instance of"),
        _ => false,
    }
}

#[test]
fn every_pair_resolves_as_flink_resolves_it() {
    let old: BTreeMap<_, _> = OLD.map(|name| (name, decoded(&written(name)))).into();
    for (new, least) in NEW.map(|(name, least)| (written(name), least)) {
        let line: FlinkLine = new.name.split('-').nth(1).unwrap().parse().unwrap();
        let now: BTreeMap<_, _> = decoded(&new).into_iter().collect();
        let (mut wrong, mut compared) = (Vec::new(), 0);
        for (name, resolved) in new.resolved.as_object().unwrap() {
            for (serializer, letters) in resolved.as_object().unwrap() {
                let now = &now[serializer];
                let letters = letters.as_str().unwrap();
                assert_eq!(letters.len(), old[name.as_str()].len());
                for (letter, (formerly, was)) in letters.chars().zip(&old[name.as_str()]) {
                    let Some(flinks) = flinks(letter).filter(|_| is_asked(line, now, was)) else { continue };
                    compared += 1;
                    let (new, old) = (now.data_type(), was.data_type());
                    let ours = compatibility::resolve(&new, &old, Some(line)).compatibility;
                    let is_right = match ours {
                        Compatibility::Unknown => is_known_not_to_be_known(&new, &old),
                        ours => ours == flinks,
                    };
                    if !is_right {
                        wrong.push(format!(
                            "{serializer} ← {name}, {formerly}: {old} → {new}: ours {ours:?}, Flink's {flinks:?}"
                        ));
                    }
                }
            }
        }
        assert!(compared > least, "{compared}");
        assert!(wrong.is_empty(), "{}: {} of {compared}\n{}", new.name, wrong.len(), wrong.join("\n"));
    }
}

fn decoded(written: &Written) -> Vec<(String, SerializerSnapshot)> {
    written.snapshots.iter().map(|it| (it.name.clone(), decode(it))).collect()
}
