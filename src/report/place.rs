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
    /// The path, with slashes: from the working directory where the file is below it, else as the user named it.
    pub path: String,
    /// The same as a URI reference, percent-encoded.
    pub uri: String,
    /// The URI starts from the working directory.
    pub is_relative: bool,
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
        let (file, line) = written(checked, entry);
        Self::new(checked.directory, file, line)
    }

    /// A line of a file that is named from a directory.
    fn new(directory: &Path, file: &str, line: u64) -> Self {
        let encoded = |path: &str| utf8_percent_encode(path, IN_PATH).to_string();
        let file = Location::parse(file);
        if let Some(path) = file.as_local().and_then(|path| below(directory, path)) {
            return Self { uri: encoded(&path), path, is_relative: true, line };
        }
        let uri = match &file {
            Location::Local(path) => format!("file://{}", encoded(&directory.join(path).to_string_lossy())),
            Location::Remote(uri) => {
                let authority = utf8_percent_encode(&uri.authority, IN_AUTHORITY);
                format!("{}://{authority}{}", uri.scheme, encoded(&uri.path))
            }
        };
        Self { uri, path: file.to_string(), is_relative: false, line }
    }
}

/// Where the user wrote what an entry is about: a file, and the line.
fn written<'c>(checked: &Checked<'c>, entry: &Entry<'c>) -> (&'c str, u64) {
    if let Some((file, line)) = entry.written {
        return (file, *line);
    }
    let subject = entry.subject;
    if let Some(written) = planned(checked, subject).and_then(|operator| operator.written.as_ref()) {
        let state = subject.state.as_ref().and_then(|state| written.states.get(state));
        return (&written.file, state.copied().unwrap_or(written.line));
    }
    let known = subject.operator_id.and_then(|id| checked.uids.get(id));
    if let Some((file, line)) = known.and_then(|known| known.place.rsplit_once(':'))
        && let Ok(line) = line.parse()
    {
        return (file, line);
    }
    let layers = &checked.plan.layers;
    let plan = layers.iter().find(|(_, kind)| *kind == SourceKind::PlanFile).or_else(|| layers.first());
    (plan.map_or(&checked.plan.source, |(source, _)| source), 1)
}

/// The path below a directory, with slashes, if it is there.
fn below(directory: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(directory).unwrap_or(path).components();
    let parts = parts.filter(|part| *part != Component::CurDir).map(|part| match part {
        Component::Normal(name) => name.to_str(),
        _ => None,
    });
    let parts = parts.collect::<Option<Vec<_>>>()?;
    (!parts.is_empty()).then(|| parts.join("/"))
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
        for (file, path, uri) in [
            ("plan.yaml", "plan.yaml", "plan.yaml"),
            ("./a b/plan:1.yaml", "a b/plan:1.yaml", "a%20b/plan%3A1.yaml"),
            ("/home/a b/x", "x", "x"),
            ("../plan.yaml", "../plan.yaml", "file:///home/a%20b/../plan.yaml"),
            ("/nowhere/ü", "/nowhere/ü", "file:///nowhere/%C3%BC"),
            ("s3://bucket/a b", "s3://bucket/a b", "s3://bucket/a%20b"),
            ("http://h:8081/jobs/1", "http://h:8081/jobs/1", "http://h:8081/jobs/1"),
        ] {
            let place = Place::new(Path::new("/home/a b"), file, 1);
            assert_eq!((place.path.as_str(), place.uri.as_str()), (path, uri), "{file}");
            assert_eq!(place.is_relative, !uri.contains("://"), "{file}");
        }
    }
}
