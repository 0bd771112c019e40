//! Where in the user's files a finding belongs, for tools that show it beside the code.

use super::{Checked, Entry};
use crate::plan::{PlannedOperator, SourceKind};
use crate::rules::Subject;
use crate::source::Location;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::path::{Component, Path};

/// A line of a file. A savepoint has none, so this is where its operator is written in the next version of the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file, as the user named it.
    pub file: Location,
    /// The line, from 1.
    pub line: u64,
}

/// What may stand in a path of a URI as it is; a colon may not, in the first part of a relative one.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'=')
    .remove(b'+');

impl Place {
    /// Of what an entry is about: the operator's entry in a plan file, or the line of it that names the state; else the
    /// line of source code that names its uid; else the first line of the plan.
    pub fn of(checked: &Checked<'_>, entry: &Entry<'_>) -> Self {
        if let Some((file, line)) = entry.written {
            return Self::new(file, *line);
        }
        let subject = entry.subject;
        if let Some(written) = planned(checked, subject).and_then(|operator| operator.written.as_ref()) {
            let state = subject.state.as_ref().and_then(|state| written.states.get(state));
            return Self::new(&written.file, state.copied().unwrap_or(written.line));
        }
        let known = subject.operator_id.and_then(|id| checked.uids.get(id));
        let literal = known.and_then(|known| known.place.rsplit_once(':'));
        if let Some((file, line)) = literal
            && let Ok(line) = line.parse()
        {
            return Self::new(file, line);
        }
        let layers = &checked.plan.layers;
        let plan = layers.iter().find(|(_, kind)| *kind == SourceKind::PlanFile).or_else(|| layers.first());
        Self::new(plan.map_or(&checked.plan.source, |(source, _)| source), 1)
    }

    fn new(file: &str, line: u64) -> Self {
        Self { file: Location::parse(file), line }
    }

    /// The path below the directory that holdpoint runs in, with slashes, if the file is there.
    pub fn relative(&self) -> Option<String> {
        let path = self.file.as_local()?;
        let here = std::env::current_dir().unwrap_or_default();
        let parts = path.strip_prefix(&here).unwrap_or(path).components();
        let parts = parts.filter(|part| *part != Component::CurDir).map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        let parts: Option<Vec<_>> = parts.collect();
        parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join("/"))
    }

    /// The path for people and for tools that take any: relative where it can be.
    pub fn path(&self) -> String {
        self.relative().unwrap_or_else(|| self.file.to_string())
    }

    /// The place as a URI reference, percent-encoded; whether it is a relative one.
    pub fn uri(&self) -> (String, bool) {
        let encoded = |path: &str| utf8_percent_encode(path, IN_PATH).to_string();
        match (self.relative(), &self.file) {
            (Some(path), _) => (encoded(&path), true),
            (None, Location::Local(path)) => {
                let path = std::path::absolute(path).unwrap_or_else(|_| Path::new(path).to_path_buf());
                (format!("file://{}", encoded(&path.to_string_lossy())), false)
            }
            (None, Location::Remote(uri)) => {
                let authority = utf8_percent_encode(&uri.authority, IN_AUTHORITY);
                (format!("{}://{authority}{}", uri.scheme, encoded(&uri.path)), false)
            }
        }
    }
}

/// The operator in the plan: by its ID, else, as it may have another one there, by a name that it alone has.
fn planned<'c>(checked: &Checked<'c>, subject: &Subject) -> Option<&'c PlannedOperator> {
    let operators = &checked.plan.operators;
    let same_id = |it: &&PlannedOperator| {
        subject.operator_id.is_some() && (it.id == subject.operator_id || it.uid_hash == subject.operator_id)
    };
    let mut same_name = operators.iter().filter(|it| it.name.is_some() && it.name == subject.operator_name);
    let by_name = same_name.next().filter(|_| same_name.next().is_none());
    operators.iter().find(same_id).or(by_name)
}

/// What may stand between the slashes of a URI as it is: a host, a port, a user.
const IN_AUTHORITY: &AsciiSet = &IN_PATH.remove(b':').remove(b'@').remove(b'[').remove(b']');

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_relative_where_the_file_is_below() {
        let here = std::env::current_dir().unwrap();
        for (file, uri) in [
            ("plan.yaml", "plan.yaml"),
            ("./a b/plan:1.yaml", "a%20b/plan%3A1.yaml"),
            ("../plan.yaml", "file://"),
            ("/nowhere/ü", "file:///nowhere/%C3%BC"),
            ("s3://bucket/a b", "s3://bucket/a%20b"),
            ("http://h:8081/jobs/1", "http://h:8081/jobs/1"),
            (here.join("x").to_str().unwrap(), "x"),
        ] {
            let (found, _) = Place::new(file, 1).uri();
            assert!(found == uri || uri.ends_with("//") && found.starts_with(uri), "{file}: {found}");
        }
    }
}
