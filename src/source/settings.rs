//! What stands outside a savepoint about its stores: a Flink configuration, relocations, the patience with a store.

use super::{Location, SourceError};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// What Flink calls its configuration file, and called it before 2.0 (`GlobalConfiguration`).
const STANDARD: &str = "config.yaml";
const LEGACY: &str = "flink-conf.yaml";

/// How the stores are reached. What is not set here comes from the environment, as each store's own tools have it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The entries of a Flink configuration file, by their full keys.
    pub flink: BTreeMap<String, String>,
    /// Directories that were moved: what a savepoint says, and where it is now.
    pub relocations: Vec<(Location, Location)>,
    /// How long one request may take, its retries included.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { flink: BTreeMap::new(), relocations: Vec::new(), timeout: Duration::from_secs(30) }
    }
}

impl Settings {
    /// Reads a Flink configuration file: `config.yaml`, or `flink-conf.yaml` as Flink before 2.0 had it; or the directory
    /// that one of them is in.
    pub fn read_flink_conf(&mut self, path: &Path) -> Result<(), SourceError> {
        let [standard, legacy] = [STANDARD, LEGACY].map(|name| path.join(name));
        // Where there are both, Flink 1.19 and 1.20 read the old one.
        let path = match path.is_dir() {
            true if legacy.is_file() => &legacy,
            true => &standard,
            false => path,
        };
        let failed = |problem| SourceError::Settings { place: path.display().to_string(), problem };
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        if path.file_name().is_some_and(|name| name == LEGACY) {
            self.flink.extend(legacy_entries(&text));
        } else {
            let document: serde_json::Value = serde_saphyr::from_str(&text)
                .map_err(|error| failed(format!("it is not YAML: {}", error.without_snippet())))?;
            flatten("", &document, &mut self.flink);
        }
        Ok(())
    }

    /// A value of the Flink configuration, by the first of these keys that it has.
    pub fn flink(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.flink.get(*key)).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Adds a relocation, `FROM=TO`.
    pub fn relocate(&mut self, text: &str) -> Result<(), SourceError> {
        let parts = text.split_once('=').filter(|(from, to)| !from.is_empty() && !to.is_empty());
        let (from, to) = parts.ok_or_else(|| SourceError::Settings {
            place: format!("--relocate {text}"),
            problem: "write it as FROM=TO, with what the savepoint says first".to_owned(),
        })?;
        self.relocations.push((Location::parse(from), Location::parse(to)));
        Ok(())
    }

    /// Where a file is now that a savepoint says is at `location`.
    pub(super) fn relocated(&self, location: Location) -> Location {
        let moved = self.relocations.iter().find_map(|(from, to)| location.moved(from, to));
        moved.unwrap_or(location)
    }
}

/// A line holds a key, a colon, a space and a value; a hash starts a comment (`GlobalConfiguration.loadYAMLResource`).
fn legacy_entries(text: &str) -> impl Iterator<Item = (String, String)> {
    text.lines().filter_map(|line| {
        let line = line.split('#').next().unwrap_or_default().trim();
        let (key, value) = line.split_once(": ")?;
        Some((key.trim().to_owned(), value.trim().to_owned()))
    })
}

/// Nested maps are keys with dots.
fn flatten(prefix: &str, value: &serde_json::Value, into: &mut BTreeMap<String, String>) {
    match value {
        serde_json::Value::Object(entries) => {
            for (key, value) in entries {
                let key = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&key, value, into);
            }
        }
        serde_json::Value::String(text) => drop(into.insert(prefix.to_owned(), text.clone())),
        serde_json::Value::Null => {}
        other => drop(into.insert(prefix.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_flink_configuration_are_read() {
        let directory = std::env::temp_dir().join(format!("holdpoint-settings-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let nested =
            "s3:\n  endpoint: http://h:1\n  path.style.access: true\nstate.savepoints.dir: s3://b/s\n";
        let flat =
            "# s3.endpoint: none\ns3.endpoint: http://h:1 # here\ns3.path.style.access: true\nbroken\n";
        for (name, text) in [("config.yaml", nested), ("flink-conf.yaml", flat)] {
            let path = directory.join(name);
            std::fs::write(&path, text).unwrap();
            for named in [&path, &directory] {
                let mut settings = Settings::default();
                settings.read_flink_conf(named).unwrap();
                assert_eq!(settings.flink(&["s3.endpoint"]), Some("http://h:1"), "{}", named.display());
                assert_eq!(settings.flink(&["none", "s3.path.style.access"]), Some("true"), "{name}");
            }
            std::fs::remove_file(&path).unwrap();
        }
        let none = Settings::default().read_flink_conf(&directory).unwrap_err().to_string();
        assert!(none.contains("config.yaml: "), "{none}");
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_relocation_moves_whole_directories() {
        let mut settings = Settings::default();
        settings.relocate("hdfs://old/a=s3://b/c").unwrap();
        settings.relocate("/x=/y").unwrap();
        for (said, now) in [
            ("hdfs://old/a/f", "s3://b/c/f"),
            ("hdfs://old/ab/f", "hdfs://old/ab/f"),
            ("/x/f/g", "/y/f/g"),
            ("/xf", "/xf"),
        ] {
            assert_eq!(settings.relocated(Location::parse(said)).to_string(), now);
        }
        assert!(settings.relocate("nothing").is_err());
    }
}
