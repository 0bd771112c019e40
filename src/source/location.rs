//! Where a file is: a path on this machine, or a URI of another store.

use std::borrow::Cow;
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
            (Self::Local(path), Self::Local(directory)) if path.has_root() == directory.has_root() => {
                path.strip_prefix(directory).ok()?.to_str()
            }
            (Self::Remote(uri), Self::Remote(directory)) if uri.store() == directory.store() => {
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

    /// This place, called as the user called the directory that it is in: by a relative path, or by another scheme of the
    /// same store. `whole` is that directory's absolute path.
    #[must_use]
    pub(super) fn spelled_like(self, directory: &Self, whole: &Self) -> Self {
        match self.below(whole) {
            Some(below) if !below.is_empty() => directory.join_name(below),
            _ => self,
        }
    }

    /// The place from the root on.
    #[must_use]
    pub(super) fn absolute(&self) -> Self {
        match self {
            Self::Local(path) if !path.has_root() => {
                std::path::absolute(path).map_or_else(|_| self.clone(), Self::Local)
            }
            _ => self.clone(),
        }
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

impl Uri {
    /// Which store it is in: several schemes lead to the same one.
    fn store(&self) -> (&str, Cow<'_, str>) {
        let authority = Cow::from(&self.authority);
        match self.scheme.as_str() {
            "s3a" | "s3n" | "s3p" => ("s3", authority),
            "abfs" | "abfss" | "wasb" | "wasbs" => {
                ("abfs", self.authority.replacen(".blob.", ".dfs.", 1).into())
            }
            scheme => (scheme, authority),
        }
    }
}

/// A path without doubled slashes, without one at its end, and without `.` and `..`, as Flink's `Path.initialize` has it.
fn normal(path: &str) -> String {
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let path: String = parts.into_iter().flat_map(|part| ["/", part]).collect();
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
            ("s3://bucket/a/./b/../c%20d/é/", "s3://bucket/a/c%20d/é"),
        ] {
            assert_eq!(Location::parse(text).to_string(), shown);
        }
    }

    #[test]
    fn a_place_in_the_directory_is_called_as_the_directory_is() {
        for (place, directory, spelled) in [
            ("s3a://b/job/chk-1/x", "s3://b/job/chk-1", "s3://b/job/chk-1/x"),
            ("s3a://b/job/shared/x", "s3://b/job/chk-1", "s3a://b/job/shared/x"),
            ("s3a://c/job/chk-1/x", "s3://b/job/chk-1", "s3a://c/job/chk-1/x"),
            ("wasbs://c@a.blob.host/d/x", "abfss://c@a.dfs.host/d", "abfss://c@a.dfs.host/d/x"),
            ("wasbs://c@b.blob.host/d/x", "abfss://c@a.dfs.host/d", "wasbs://c@b.blob.host/d/x"),
            ("/d/x", "/d", "/d/x"),
            ("/d/x", "d", "/d/x"),
        ] {
            let directory = Location::parse(directory);
            let place = Location::parse(place).spelled_like(&directory, &directory.absolute());
            assert_eq!(place.to_string(), spelled);
        }
        let (here, place) = (Location::parse("d"), Location::parse("d/x"));
        assert_eq!(place.absolute().spelled_like(&here, &here.absolute()), place);
        assert_eq!(Location::parse("/d").below(&Location::parse("")), None);
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
