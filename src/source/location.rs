//! Where a file is: a path on this machine, or a URI of another store.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a file or a directory is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// A path on this machine.
    Local(PathBuf),
    /// A place in another store.
    Remote(Uri),
}

/// `scheme://authority/path`, as Flink's `Path` writes it: nothing in it is percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uri {
    /// Which kind of store, in lower case: `hdfs`, `s3` ….
    pub scheme: String,
    /// Which one of them: a host and port, a nameservice, a bucket. Empty where the configuration says it.
    pub authority: String,
    /// The path in it; it starts with a slash, and ends in none unless it is the root.
    pub path: String,
}

impl Location {
    /// What a user or a savepoint calls a file: a path, or a URI.
    ///
    /// `file:` URIs of this machine are paths. A name may hold a colon, so a scheme is what a slash follows.
    pub fn parse(text: &str) -> Self {
        let scheme = text.split_once(":/").map(|(scheme, _)| scheme).filter(|scheme| {
            scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        });
        let Some(scheme) = scheme else {
            return Self::Local(PathBuf::from(text.strip_prefix("file:").unwrap_or(text)));
        };
        let rest = text.get(scheme.len().saturating_add(1)..).unwrap_or_default();
        let (authority, path) = match rest.strip_prefix("//") {
            None => ("", rest),
            Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        };
        if scheme.eq_ignore_ascii_case("file") && matches!(authority, "" | "localhost") {
            return Self::Local(PathBuf::from(path));
        }
        Self::Remote(Uri {
            scheme: scheme.to_ascii_lowercase(),
            authority: authority.to_owned(),
            path: normal(path),
        })
    }

    /// The place that `text` names for whoever stands in this directory: a relative path starts here.
    #[must_use]
    pub fn join(&self, text: &str) -> Self {
        match (self, Self::parse(text)) {
            (Self::Local(directory), Self::Local(path)) => Self::Local(directory.join(path)),
            (Self::Remote(_), Self::Local(path)) if path.is_relative() => self.join_name(text),
            (_, place) => place,
        }
    }

    /// What has this name in this directory, whatever the name looks like.
    #[must_use]
    pub fn join_name(&self, name: &str) -> Self {
        match self {
            Self::Local(directory) => Self::Local(directory.join(name)),
            Self::Remote(directory) => {
                let path = normal(&format!("{}/{name}", directory.path));
                Self::Remote(Uri { path, ..directory.clone() })
            }
        }
    }

    /// The directory around the file.
    #[must_use]
    pub fn parent(&self) -> Self {
        match self {
            Self::Local(path) => Self::Local(path.parent().map(Path::to_path_buf).unwrap_or_default()),
            Self::Remote(uri) => {
                let parent = uri.path.rsplit_once('/').map_or("", |(parent, _)| parent);
                Self::Remote(Uri { path: normal(parent), ..uri.clone() })
            }
        }
    }

    /// The path from a directory to this place, if it is below it; empty for the directory itself.
    pub fn below(&self, directory: &Self) -> Option<&str> {
        match (self, directory) {
            (Self::Local(path), Self::Local(directory)) => path.strip_prefix(directory).ok()?.to_str(),
            (Self::Remote(uri), Self::Remote(directory))
                if (&uri.scheme, &uri.authority) == (&directory.scheme, &directory.authority) =>
            {
                let below = uri.path.strip_prefix(directory.path.trim_end_matches('/'))?;
                let is_whole = below.is_empty() || below.starts_with('/');
                Some(below.trim_start_matches('/')).filter(|_| is_whole)
            }
            _ => None,
        }
    }

    /// Where the file is when the directory `from`, which it may be in, is now at `to`.
    pub(super) fn moved(&self, from: &Self, to: &Self) -> Option<Self> {
        let below = self.below(from)?;
        Some(if below.is_empty() { to.clone() } else { to.join(below) })
    }

    /// The last part of its path.
    pub fn name(&self) -> &str {
        match self {
            Self::Local(path) => path.file_name().and_then(|name| name.to_str()).unwrap_or_default(),
            Self::Remote(uri) => uri.path.rsplit('/').next().unwrap_or_default(),
        }
    }

    /// The path, for a place on this machine.
    pub fn as_local(&self) -> Option<&Path> {
        match self {
            Self::Local(path) => Some(path),
            Self::Remote(_) => None,
        }
    }
}

/// A path without doubled slashes and without one at its end, as Flink's `Path.normalizePath` has it.
fn normal(path: &str) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let path: String = parts.flat_map(|part| ["/", part]).collect();
    if path.is_empty() { "/".to_owned() } else { path }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local(path) => path.display().fmt(f),
            Self::Remote(uri) => uri.fmt(f),
        }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_what_a_slash_follows() {
        for (text, shown) in [
            ("backup-10:00/a", "backup-10:00/a"),
            ("file:/a", "/a"),
            ("file:///a/b", "/a/b"),
            ("file://localhost/a", "/a"),
            ("file:a", "a"),
            ("file://host/a", "file://host/a"),
            ("hdfs:/a//b/", "hdfs:///a/b"),
            ("hdfs:///a", "hdfs:///a"),
            ("S3://bucket", "s3://bucket/"),
            ("abfss://c@a.dfs.core.windows.net/x y", "abfss://c@a.dfs.core.windows.net/x y"),
        ] {
            assert_eq!(Location::parse(text).to_string(), shown);
        }
    }

    #[test]
    fn relative_paths_start_from_the_directory() {
        let directory = Location::parse("s3://bucket/savepoint-1");
        assert_eq!(directory.join("a-b").to_string(), "s3://bucket/savepoint-1/a-b");
        assert_eq!(directory.join("/a").to_string(), "/a");
        assert_eq!(directory.join("hdfs://h/a").to_string(), "hdfs://h/a");
        assert_eq!(directory.join("_metadata").parent(), directory);
        assert_eq!(Location::parse("/a").join("b"), Location::parse("/a/b"));
    }
}
