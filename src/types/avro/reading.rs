//! Whether a schema reads what another one wrote: `org.apache.avro.SchemaCompatibility`.

use super::schema::{AvroSchema, Field, Kind, Named, Primitive};
use super::{Change, Compatibility, Effort, NodeId, Unsettled};
use std::collections::{HashMap, HashSet};

/// What came of it.
pub(super) struct Outcome {
    /// Whether the reader's schema reads all that the writer's wrote.
    pub(super) reads: bool,
    /// Every change that was met on the way.
    pub(super) changes: Vec<Change>,
    /// Records with a field at a place where another one or none was.
    pub(super) moved: Vec<String>,
}

/// Compares the reader's schema with the writer's.
pub(super) fn read(reader: &AvroSchema, writer: &AvroSchema) -> Result<Outcome, Unsettled> {
    let mut reading = Reading {
        reader,
        writer,
        known: HashMap::new(),
        path: Vec::new(),
        changes: Vec::new(),
        moved: Vec::new(),
        effort: Effort::default(),
    };
    let reads = reading.reads(reader.root, writer.root)?;
    Ok(Outcome { reads, changes: reading.changes, moved: reading.moved })
}

struct Reading<'s> {
    reader: &'s AvroSchema,
    writer: &'s AvroSchema,
    /// Of each pair that was met, whether one reads the other: yes until it is told.
    known: HashMap<(NodeId, NodeId), bool>,
    path: Vec<String>,
    changes: Vec<Change>,
    moved: Vec<String>,
    effort: Effort,
}

impl Reading<'_> {
    fn note(&mut self, compatibility: Compatibility, what: String) {
        self.changes.push(Change { path: self.path.clone(), compatibility, what });
    }

    fn refuse(&mut self, what: String) -> bool {
        self.note(Compatibility::Incompatible, what);
        false
    }

    fn inside(&mut self, segment: String, reader: NodeId, writer: NodeId) -> Result<bool, Unsettled> {
        self.path.push(segment);
        let reads = self.reads(reader, writer)?;
        self.path.pop();
        Ok(reads)
    }

    fn reads(&mut self, reader: NodeId, writer: NodeId) -> Result<bool, Unsettled> {
        match self.known.get(&(reader, writer)) {
            Some(true) => return Ok(true),
            Some(false) => {
                let what = self.change(reader, writer);
                return Ok(self.refuse(what));
            }
            None => {}
        }
        self.known.insert((reader, writer), true);
        self.effort.enter()?;
        let reads = self.type_reads(reader, writer)?;
        self.effort.leave();
        self.known.insert((reader, writer), reads);
        Ok(reads)
    }

    fn change(&self, reader: NodeId, writer: NodeId) -> String {
        format!("{} → {}", self.writer.describe(writer), self.reader.describe(reader))
    }

    fn type_reads(&mut self, reader: NodeId, writer: NodeId) -> Result<bool, Unsettled> {
        let (now, was) = (&self.reader[reader].kind, &self.writer[writer].kind);
        match (now, was) {
            (_, Kind::Union(branches)) => self.every_branch(reader, writer, branches),
            (Kind::Union(branches), _) => {
                let before = self.changes.len();
                let reads = self.any_branch(reader, writer, branches)?;
                if reads && self.changes.len() == before {
                    let what = self.change(reader, writer);
                    self.note(Compatibility::AfterMigration, what);
                }
                Ok(reads)
            }
            (Kind::Primitive(now), Kind::Primitive(was)) => {
                let what = self.change(reader, writer);
                if now == was {
                    if self.reader[reader].properties != self.writer[writer].properties {
                        self.note(Compatibility::AfterMigration, properties_changed(what));
                    }
                    return Ok(true);
                }
                if promotes(*was, *now) {
                    self.note(Compatibility::AfterMigration, what);
                    return Ok(true);
                }
                Ok(self.refuse(what))
            }
            (Kind::Array(now), Kind::Array(was)) => self.inside("element".to_owned(), *now, *was),
            (Kind::Map(now), Kind::Map(was)) => self.inside("value".to_owned(), *now, *was),
            (Kind::Fixed { name, size }, Kind::Fixed { name: old_name, size: old_size }) => {
                let mut reads = self.names(name, old_name);
                if size != old_size {
                    reads = self.refuse(format!("size of {}: {old_size} → {size}", old_name.name));
                }
                Ok(reads)
            }
            (
                Kind::Enum { name, symbols, default },
                Kind::Enum { name: old_name, symbols: old_symbols, .. },
            ) => {
                let named = self.names(name, old_name);
                Ok(self.symbols(symbols, default.as_deref(), old_symbols) && named)
            }
            (Kind::Record { name, fields }, Kind::Record { name: old_name, fields: old_fields }) => {
                let named = self.names(name, old_name);
                Ok(self.fields(name, fields, old_fields)? && named)
            }
            _ => {
                let what = self.change(reader, writer);
                Ok(self.refuse(what))
            }
        }
    }

    /// Every branch that may have been written has to be read.
    fn every_branch(
        &mut self,
        reader: NodeId,
        writer: NodeId,
        branches: &[NodeId],
    ) -> Result<bool, Unsettled> {
        let (mut all, before) = (true, self.changes.len());
        let schema = self.reader;
        for branch in branches {
            all &= match &schema[reader].kind {
                Kind::Union(readers) => self.any_branch(reader, *branch, readers)?,
                _ => self.reads(reader, *branch)?,
            };
        }
        let what = self.change(reader, writer);
        let is_other = what.split_once(" → ").is_none_or(|(was, now)| was != now);
        if all && is_other && self.changes.len() == before {
            self.note(Compatibility::AfterMigration, what);
        }
        Ok(all)
    }

    /// One branch that reads it is enough. What was found in those before it counts for nothing.
    fn any_branch(&mut self, reader: NodeId, writer: NodeId, branches: &[NodeId]) -> Result<bool, Unsettled> {
        let before = self.changes.len();
        let mut inside = Vec::new();
        for branch in branches {
            if self.reads(*branch, writer)? {
                return Ok(true);
            }
            // A branch that went wrong further in says more than that there is none.
            let found = self.changes.split_off(before);
            if found.iter().any(|change| change.path.len() > self.path.len()) {
                inside = found;
            }
        }
        if inside.is_empty() {
            let what = self.change(reader, writer);
            return Ok(self.refuse(what));
        }
        self.changes.append(&mut inside);
        Ok(false)
    }

    /// Names are the same without their namespaces, or one of the reader's aliases is the writer's name.
    fn names(&mut self, now: &Named, was: &Named) -> bool {
        if now.name == was.name {
            return true;
        }
        let what = format!("{} → {}", was.name, now.name);
        if now.name.simple == was.name.simple || now.aliases.contains(&was.name) {
            self.note(Compatibility::AfterMigration, what);
            return true;
        }
        self.refuse(what)
    }

    /// A symbol that is gone is read as the default, if there is one.
    fn symbols(&mut self, now: &[String], default: Option<&str>, was: &[String]) -> bool {
        let known: HashSet<_> = now.iter().collect();
        let gone: Vec<_> = was.iter().filter(|symbol| !known.contains(symbol)).cloned().collect();
        if gone.is_empty() {
            if now != was {
                let what = format!("symbols: [{}] → [{}]", was.join(", "), now.join(", "));
                self.note(Compatibility::AfterMigration, what);
            }
            return true;
        }
        let what = format!("symbols removed: {}", gone.join(", "));
        if default.is_some_and(|default| now.iter().any(|symbol| symbol == default)) {
            self.note(Compatibility::AfterMigration, what);
            return true;
        }
        self.refuse(what)
    }

    fn fields(&mut self, record: &Named, now: &[Field], was: &[Field]) -> Result<bool, Unsettled> {
        let record = &record.name.simple;
        let written: HashMap<_, _> = was.iter().map(|field| (field.name.as_str(), field)).collect();
        let (mut all, mut taken) = (true, HashSet::new());
        for (place, field) in now.iter().enumerate() {
            let names = std::iter::once(&field.name).chain(&field.aliases);
            let mut found: Vec<_> = names.filter_map(|name| written.get(name.as_str())).collect();
            taken.extend(found.iter().map(|field| field.name.as_str()));
            let is_moved =
                found.first().is_none_or(|old| was.get(place).is_none_or(|it| it.name != old.name));
            if is_moved && self.moved.iter().all(|it| **it != **record) {
                self.moved.push(record.to_string());
            }
            let place = format!("{record}.{}", field.name);
            match (found.pop(), found.is_empty()) {
                (Some(old), true) => {
                    if old.name != field.name {
                        let what = format!("field {record}.{} renamed to {}", old.name, field.name);
                        self.note(Compatibility::AfterMigration, what);
                    }
                    all &= self.inside(place, field.schema, old.schema)?;
                }
                (Some(_), false) => {
                    all = self.refuse(format!("field {place} has the names of several that were there"));
                }
                (None, _) if field.default.is_some() => {
                    let what = format!("field {place}: {} added", self.reader.describe(field.schema));
                    self.note(Compatibility::AfterMigration, what);
                }
                (None, _) => {
                    let schema = self.reader.describe(field.schema);
                    all = self.refuse(format!("field {place}: {schema} added without a default"));
                }
            }
        }
        for gone in was.iter().filter(|field| !taken.contains(field.name.as_str())) {
            self.note(Compatibility::AfterMigration, format!("field {record}.{} removed", gone.name));
        }
        Ok(all)
    }
}

fn promotes(was: Primitive, now: Primitive) -> bool {
    use Primitive as P;
    matches!(
        (was, now),
        (P::Int, P::Long | P::Float | P::Double)
            | (P::Long, P::Float | P::Double)
            | (P::Float, P::Double)
            | (P::String, P::Bytes)
            | (P::Bytes, P::String)
    )
}

fn properties_changed(change: String) -> String {
    match change.split_once(" → ") {
        Some((was, now)) if was == now => format!("properties of {now} changed"),
        _ => change,
    }
}
