//! What a savepoint holds, for people.

use super::{BOLD, DIM, plain, size, styled, table};
use crate::catalog::{CatalogOperator, Finished, Origin, Origins, StateCatalog, StoredState, UnreadState};
use crate::metadata::SnapshotKind;
use crate::types::{DataType, TypeConstructor, notation};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Heading, operators, the states of each, and the classes that they are made of.
pub fn render_catalog(source: &str, catalog: &StateCatalog, origins: &Origins) -> String {
    let mut operators: Vec<_> = catalog.operators.iter().collect();
    operators.sort_by_key(|operator| (std::cmp::Reverse(operator.bytes), operator.id));
    let mut out = heading(source, catalog);
    out.push_str("\n\n");
    out.push_str(&operator_table(&operators, catalog.version.has_names(), origins));
    out.push('\n');
    let mut classes = Classes::default();
    for operator in operators.iter().filter(|it| !it.states.is_empty() || !it.unread.is_empty()) {
        out.push('\n');
        out.push_str(&operator_states(operator, &mut classes));
    }
    out.push_str(&classes.render());
    out
}

/// What kind of snapshot it is, and which Flink wrote it.
pub(super) fn format(catalog: &StateCatalog) -> String {
    let row = catalog.version.row();
    let kind = match catalog.kind {
        SnapshotKind::CanonicalSavepoint => "canonical savepoint",
        SnapshotKind::NativeSavepoint => "native savepoint",
        SnapshotKind::Checkpoint => "checkpoint",
        SnapshotKind::Unknown => "savepoint or checkpoint",
    };
    let flink = if row.since == row.until {
        format!("Flink {}", row.since)
    } else {
        format!("Flink {} to {}", row.since, row.until)
    };
    format!("{kind} {}, _metadata version {} ({flink})", catalog.checkpoint_id, row.number)
}

fn heading(source: &str, catalog: &StateCatalog) -> String {
    let lines: Vec<_> = heading_rows(source, catalog)
        .iter()
        .map(|(name, text)| format!("{} {text}", styled(BOLD, &format!("{name:<10}"))))
        .collect();
    lines.join("\n")
}

/// Where, what, how much.
pub(in crate::report) fn heading_rows(source: &str, catalog: &StateCatalog) -> Vec<(&'static str, String)> {
    let stateful = catalog.operators.iter().filter(|operator| operator.has_state).count();
    let mut rows = vec![
        ("Savepoint", source.to_owned()),
        ("Format", format(catalog)),
        (
            "State",
            format!("{} in {stateful} of {} operators", size(catalog.total_bytes()), catalog.operators.len()),
        ),
    ];
    let roles = role_bytes(&catalog.operators);
    if roles.len() > 1 {
        rows.push(("Of it", {
            let each: Vec<_> = roles.iter().map(|(role, bytes)| format!("{} {role}", size(*bytes))).collect();
            each.join(", ")
        }));
    }
    if let Some(each_once) = catalog.stored.as_ref().filter(|stored| stored.bytes != catalog.total_bytes()) {
        rows.push(("Stored", stored(each_once)));
    }
    rows
}

/// Bytes by what they are to their subtasks, the most first.
fn role_bytes(operators: &[CatalogOperator]) -> Vec<(&'static str, u64)> {
    let mut roles = BTreeMap::new();
    for operator in operators {
        let of_subtasks = operator.role_bytes.iter().map(|(role, bytes)| (role.name(), *bytes));
        let coordinator = [("coordinator", operator.coordinator_state_bytes)];
        for (role, bytes) in of_subtasks.chain(coordinator).filter(|(_, bytes)| *bytes > 0) {
            let total: &mut u64 = roles.entry(role).or_default();
            *total = total.saturating_add(bytes);
        }
    }
    let mut roles: Vec<_> = roles.into_iter().collect();
    roles.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    roles
}

/// Shown where it is not what Flink adds up.
fn stored(stored: &StoredState) -> String {
    let files = stored.files();
    let word = if files == 1 { "file" } else { "files" };
    format!("{} in {files} {word} and the metadata file, each counted once", size(stored.bytes))
}

fn operator_table(operators: &[&CatalogOperator], has_names: bool, origins: &Origins) -> String {
    let heading: &[&str] = if has_names {
        &["Operator ID", "Uid", "Name", "Parallelism", "Max", "State", ""]
    } else {
        &["Operator ID", "Uid", "Parallelism", "Max", "State", ""]
    };
    let rows = operators.iter().map(|operator| {
        let mut row = vec![operator.id.to_string()];
        row.push(uid(origins.get(operator.id)));
        if has_names {
            row.push(operator.name.clone().unwrap_or_default());
        }
        row.push(operator.parallelism.to_string());
        row.push(operator.max_parallelism.to_string());
        row.push(if operator.has_state { size(operator.bytes) } else { "-".to_owned() });
        row.push(remarks(operator));
        row
    });
    table(heading, rows)
}

/// The uid, or what is known in its place.
fn uid(origin: &Origin) -> String {
    match origin {
        Origin::Stored(uid) => uid.clone(),
        Origin::Known(known) => known.uid.clone(),
        Origin::Generated(_) => "(generated)".to_owned(),
        Origin::OneOfTwo(_) => "(generated?)".to_owned(),
        Origin::Unset => "(none)".to_owned(),
        Origin::OfUid | Origin::Unknown => "?".to_owned(),
    }
}

fn remarks(operator: &CatalogOperator) -> String {
    let finished = match operator.finished {
        Finished::No => None,
        Finished::Partly => Some("partly finished".to_owned()),
        Finished::Fully => Some("finished".to_owned()),
    };
    let coordinator = (operator.coordinator_state_bytes > 0)
        .then(|| format!("{} of it the coordinator's", size(operator.coordinator_state_bytes)));
    let raw = operator.has_raw_state.then(|| "raw state".to_owned());
    let remarks: Vec<_> = [finished, coordinator, raw].into_iter().flatten().collect();
    remarks.join(", ")
}

fn operator_states(operator: &CatalogOperator, classes: &mut Classes) -> String {
    let mut out = styled(BOLD, &operator.title());
    for key in &operator.keys {
        let _ = write!(out, "  keyed by {}", plain(&classes.short(&key.data_type())));
    }
    out.push('\n');
    let sizes = operator.states.iter().any(|state| operator.state_bytes(state).is_some());
    let rows: Vec<_> = operator
        .states
        .iter()
        .map(|state| {
            let mut type_of = |part| state.data_type(part).map(|data_type| classes.short(&data_type));
            let value = type_of("VALUE_SERIALIZER").unwrap_or_default();
            let value = match type_of("KEY_SERIALIZER") {
                Some(key) if !state.kind.is_keyed() => format!("{key} → {value}"),
                _ => value,
            };
            let namespace =
                type_of("NAMESPACE_SERIALIZER").filter(|it| it != "VoidNamespace").unwrap_or_default();
            let mut row = vec![format!("  {}", state.name), state.kind.to_string()];
            row.extend(sizes.then(|| operator.state_bytes(state).map(size).unwrap_or_default()));
            row.extend([value, namespace]);
            row
        })
        .collect();
    if !rows.is_empty() {
        let heading: &[&str] = if sizes {
            &["  State", "Kind", "Bytes", "Type", "Namespace"]
        } else {
            &["  State", "Kind", "Type", "Namespace"]
        };
        out.push_str(&table(heading, rows));
        out.push('\n');
    }
    for unread in &operator.unread {
        let _ = writeln!(out, "  {}", styled(DIM, &unread_words(unread)));
    }
    out
}

/// What could not be read, and why.
pub(in crate::report) fn unread_words(unread: &UnreadState) -> String {
    match unread {
        UnreadState::KeyOfChangelog => {
            "the type of the key is not stored: there is no snapshot yet, and the changelog does not say it"
                .to_owned()
        }
        UnreadState::BehindTimers { services, key } => format!(
            "{services} timer services stand behind timers whose keys ({key}) only their serializer can read"
        ),
        UnreadState::Unavailable { why } => format!("its states could not be read: {why}"),
        UnreadState::BehindOpaqueSnapshot(unread) => format!(
            "{} more states{} stand behind the snapshot {}, which only its own class can read",
            unread.states,
            if unread.names.is_empty() { String::new() } else { format!(" ({})", unread.names.join(", ")) },
            unread.class
        ),
    }
}

/// The POJOs, enums and Avro schemas that came up, shown once at the end and by their bare name before.
#[derive(Default)]
struct Classes {
    /// By bare name; the same name in two packages, or with two sets of fields, stays in full.
    shown: BTreeMap<String, DataType>,
}

impl Classes {
    fn short(&mut self, data_type: &DataType) -> String {
        for part in data_type.walk() {
            if let Some(name) = bare_name(part) {
                self.shown.entry(name).or_insert_with(|| part.clone());
            }
        }
        self.text(data_type)
    }

    fn text(&self, data_type: &DataType) -> String {
        notation::write(data_type, &|part| {
            let name = bare_name(part)?;
            (self.shown.get(&name) == Some(part)).then_some(name)
        })
    }

    fn render(&self) -> String {
        if self.shown.is_empty() {
            return String::new();
        }
        let rows = self.shown.iter().map(|(name, data_type)| {
            if let Some(schema) = data_type.avro_schema() {
                return vec![name.clone(), schema.class.to_owned(), schema.fields];
            }
            let class = data_type.class().unwrap_or_default().to_owned();
            let content = if let TypeConstructor::Enum { constants, .. } = &data_type.constructor {
                format!("[{}]", constants.join(", "))
            } else {
                let fields =
                    data_type.fields().map(|(field, inner)| format!("{field}: {}", self.text(inner)));
                fields.collect::<Vec<_>>().join(", ")
            };
            vec![name.clone(), class, content]
        });
        format!("\n{}\n", table(&["Type", "Class", "Fields or constants"], rows))
    }
}

/// The name of a POJO or an enum without its package, or that of an Avro schema.
pub(in crate::report) fn bare_name(data_type: &DataType) -> Option<String> {
    match &data_type.constructor {
        TypeConstructor::Pojo { class, .. } | TypeConstructor::Enum { class, .. } => {
            Some(class.rsplit_once('.').map_or(class.as_str(), |(_, name)| name).to_owned())
        }
        _ => data_type.avro_schema().map(|schema| schema.to_string()),
    }
}
