//! Which files a savepoint refers to, for people.

use super::{BOLD, plain, size, styled, table, wrapped};
use crate::files::{Presence, ReferredFile, SavepointFiles};
use crate::source::{Location, Owner};
use std::fmt::Write;

const OWNERS: [Owner; 4] = [Owner::Exclusive, Owner::Shared, Owner::TaskOwned, Owner::Elsewhere];

/// What there is, what it means, and every file.
pub fn render_files(source: &str, files: &SavepointFiles) -> String {
    let rows = [
        ("Savepoint", source.to_owned()),
        ("Metadata", metadata(files)),
        ("Files", summary(files)),
        ("Alone", alone(files)),
        ("Disposal", disposal(files)),
    ];
    let mut out = String::new();
    for (name, text) in rows {
        let text = wrapped("           ", &text);
        let _ = writeln!(out, "{} {}", styled(BOLD, &format!("{name:<10}")), text.trim_start());
    }
    if !files.files.is_empty() {
        let verified = files.files.iter().any(|file| file.presence.is_some());
        let heading: &[&str] = if verified {
            &["File", "Size", "Owner", "There", "State of"]
        } else {
            &["File", "Size", "Owner", "State of"]
        };
        let rows = files.files.iter().map(|file| row(file, files, verified));
        let _ = writeln!(out, "\n{}", table(heading, rows));
    }
    match &files.unreferred {
        Ok(unreferred) if unreferred.is_empty() => {}
        Ok(unreferred) => {
            let rows = unreferred.iter().map(|file| vec![name(&file.location, files), size(file.bytes)]);
            let _ = writeln!(out, "\n{}", table(&["In its directory, and not referred to", "Size"], rows));
        }
        Err(error) => {
            let text = format!("What else is in its directory is not known: {error}");
            let _ = writeln!(out, "\n{}", wrapped("", &text));
        }
    }
    out
}

fn metadata(files: &SavepointFiles) -> String {
    let bytes = size(files.metadata_bytes);
    match files.inline {
        (0, _) => bytes,
        (_, inline) => format!("{bytes}, {} of it state", size(inline)),
    }
}

fn summary(files: &SavepointFiles) -> String {
    let parts: Vec<_> = OWNERS
        .iter()
        .map(|owner| (owner, files.total(*owner)))
        .filter(|(_, (count, _))| *count > 0)
        .map(|(owner, (count, bytes))| format!("{count} {} ({})", owner.name(), size(bytes)))
        .collect();
    if parts.is_empty() { "none: all state is in the metadata".to_owned() } else { parts.join(", ") }
}

fn alone(files: &SavepointFiles) -> String {
    let text = if files.is_relocatable() {
        "yes: its directory can be moved, copied and deleted as a whole"
    } else if files.is_self_contained() {
        "yes, but not to be moved: it names its own files by where they are (--relocate)"
    } else {
        "no: it needs files outside its directory"
    };
    text.to_owned()
}

fn disposal(files: &SavepointFiles) -> String {
    let directory = match files.disposes_directory() {
        Some(true) => ", and the directory",
        Some(false) => "; the directory stays, for other files are in it",
        None => "",
    };
    let outside = match files.disposed().filter(|file| file.owner != Owner::Exclusive).count() {
        0 => String::new(),
        outside => format!(" ({outside} of them outside the directory, whoever else refers to them)"),
    };
    let left = match files.files.iter().filter(|file| !file.is_disposed).count() {
        0 => String::new(),
        left => format!("; it leaves {left} in merged files or of a changelog"),
    };
    let count = files.disposed().count().saturating_add(1);
    let noun = if count == 1 { "file" } else { "files" };
    format!("`flink savepoint -d` removes {count} {noun}{outside}{directory}{left}")
}

fn row(file: &ReferredFile, files: &SavepointFiles, verified: bool) -> Vec<String> {
    let name = name(&file.location, files);
    let bytes = file.bytes.map_or_else(|| "unknown".to_owned(), size);
    let mut row = vec![name, bytes, file.owner.name().to_owned()];
    if verified {
        row.push(match file.presence {
            Some(Presence::There) => "yes".to_owned(),
            Some(Presence::OtherSize(found)) => format!("{found} bytes"),
            Some(Presence::Missing) => "missing".to_owned(),
            None => String::new(),
        });
    }
    row.push(users(file, files));
    row
}

/// A file by its path from the savepoint's directory, if it is in it or beside it.
fn name(location: &Location, files: &SavepointFiles) -> String {
    let beside = || Some(format!("../{}", location.below(&files.directory.parent())?));
    let inside = location.below(&files.directory).map(str::to_owned);
    inside.or_else(beside).unwrap_or_else(|| location.to_string())
}

/// The operators, and how many subtasks of each.
fn users(file: &ReferredFile, files: &SavepointFiles) -> String {
    let mut operators: Vec<_> = file.uses.iter().map(|it| it.operator).collect();
    operators.dedup();
    let user = |operator: &crate::ids::OperatorId| {
        let title = files.titles.get(operator).map(|title| plain(title)).unwrap_or_default();
        let mut subtasks: Vec<_> =
            file.uses.iter().filter(|it| it.operator == *operator).map(|it| it.subtask).collect();
        subtasks.dedup();
        match subtasks.as_slice() {
            [None] => format!("{title}, coordinator"),
            [Some(subtask)] => format!("{title}, subtask {subtask}"),
            several => format!("{title}, {} subtasks", several.len()),
        }
    };
    operators.iter().map(user).collect::<Vec<_>>().join("; ")
}
