//! `docs/format/serializers.md`: its tables are the tool's own, its dumps are bytes that Flink wrote.
//!
//! `SNAPSHOTS=overwrite cargo test` writes both anew.

use crate::serializers::{NEW, snapshot_named, written};
use crate::support::path;
use holdpoint::types::{
    ATOMIC_TYPES, BasicType, COLLECTION_TYPES, PARAMETERIZED_TYPES, ParameterKind, SQL_COLLECTIONS,
    SQL_DATA_TYPES, SnapshotBody,
};
use std::collections::BTreeMap;
use std::fmt::Write;

#[test]
fn the_page_on_serializers_says_what_the_tables_say() {
    let file = path("docs/format/serializers.md");
    let page = std::fs::read_to_string(&file).unwrap();
    let made = generated(&page);
    if std::env::var("SNAPSHOTS").is_ok_and(|mode| mode == "overwrite") {
        std::fs::write(&file, &made).unwrap();
    }
    for (line, (ours, pages)) in made.lines().zip(page.lines()).enumerate() {
        assert_eq!(ours, pages, "line {}", line + 1);
    }
    assert_eq!(made, page, "the page has another length");
}

/// The page with everything between a mark and the next empty line made anew.
fn generated(page: &str) -> String {
    let mut made = String::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        writeln!(made, "{line}").unwrap();
        let mark = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
        let Some(mark) = mark else { continue };
        made.push_str(&match mark.split_once(": ").unwrap() {
            ("table", "parameters") => parameters(),
            ("table", "logical") => logical(),
            ("table", "classes") => classes(),
            ("bytes", place) => dump(place),
            other => panic!("{other:?}"),
        });
        made.push('\n');
        lines.by_ref().find(|line| line.is_empty());
    }
    made
}

fn parameters() -> String {
    let mut table = String::from("| class | layout | values |\n|---|---|---|\n");
    for row in PARAMETERIZED_TYPES {
        let layout = match row.body {
            SnapshotBody::Composite => "composite".to_owned(),
            SnapshotBody::Own(versions) => {
                format!("version {}", versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            }
        };
        let values = row.parameters.iter().map(|parameter| {
            let kind = match &parameter.kind {
                ParameterKind::Int { .. } => "`int`".to_owned(),
                ParameterKind::Name { .. } => "`utf`".to_owned(),
                ParameterKind::Flag { written_since, implied_since, .. } => {
                    format!("`boolean` from {written_since} ({implied_since})")
                }
                ParameterKind::Logical => "logical type".to_owned(),
                ParameterKind::Constants => "`int` count, of each `utf` and `int`".to_owned(),
            };
            format!("{kind} {}", parameter.name)
        });
        let values = values.collect::<Vec<_>>().join("; ");
        writeln!(table, "| `{}` | {layout} | {values} |", short(row.snapshot)).unwrap();
    }
    table
}

fn logical() -> String {
    let mut table = String::from("| logical type | SQL |\n|---|---|\n");
    for row in ATOMIC_TYPES {
        writeln!(table, "| `{}` | `{}` |", row.class, row.format).unwrap();
    }
    for row in SQL_COLLECTIONS {
        writeln!(table, "| `{}` | `{}<…>` |", row.class, row.name).unwrap();
    }
    table
}

fn classes() -> String {
    let names: BTreeMap<_, _> = BasicType::all()
        .map(|row| (row.snapshot, row.name))
        .chain(COLLECTION_TYPES.iter().map(|row| (row.snapshot, row.name)))
        .chain(PARAMETERIZED_TYPES.iter().map(|row| (row.snapshot, row.name)))
        .chain(SQL_DATA_TYPES.iter().map(|row| (row.snapshot, row.name)))
        .collect();
    let mut table =
        String::from("| class, below `org.apache.flink` | since | until | notation |\n|---|---|---|---|\n");
    for line in std::fs::read_to_string(path("fixtures/serializers/classes.txt")).unwrap().lines() {
        let [class, since, until] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let name = names.get(class).map(|name| format!("`{name}`")).unwrap_or_default();
        writeln!(table, "| `{}` | {since} | {until} | {name} |", short(class)).unwrap();
    }
    table
}

fn short(class: &str) -> &str {
    class.strip_prefix("org.apache.flink.").unwrap_or(class)
}

/// The bytes of a snapshot, sixteen in a line, and the type that they are.
fn dump(place: &str) -> String {
    let (file, name) = place.split_once(", ").unwrap();
    let (bytes, data_type) =
        snapshot_named(&written(NEW.into_iter().map(|it| it.0).find(|it| *it == file).unwrap()), name);
    let mut dump = format!("`{data_type}`:\n```text\n");
    for (index, line) in bytes.chunks(16).enumerate() {
        let hex = line.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
        let text = line.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' });
        writeln!(dump, "{:04x}  {hex:<47}  {}", index * 16, text.collect::<String>()).unwrap();
    }
    dump + "```\n"
}
