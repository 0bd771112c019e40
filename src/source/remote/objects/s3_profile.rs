//! The files in `~/.aws`, in which people keep the keys of several accounts.

use super::variable;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The settings of one profile.
#[derive(Debug, Default)]
pub(super) struct Profile(BTreeMap<String, String>);

impl Profile {
    /// Reads the profile that `AWS_PROFILE` names, or the one called `default`.
    pub(super) fn read() -> Self {
        let name = variable(&["AWS_PROFILE"]).unwrap_or_else(|| "default".to_owned());
        let home = std::env::home_dir().unwrap_or_default().join(".aws");
        let file = |set: &str, usual: &str| {
            let path = variable(&[set]).map_or_else(|| home.join(usual), PathBuf::from);
            std::fs::read_to_string(path).unwrap_or_default()
        };
        let mut profile = Self::default();
        // What the credentials file says stands above what the other one says.
        profile.add(&file("AWS_CONFIG_FILE", "config"), &[&name, &format!("profile {name}")]);
        profile.add(&file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), &[&name]);
        profile
    }

    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Adds the entries of the section that has one of these names.
    fn add(&mut self, text: &str, names: &[&str]) {
        let mut inside = false;
        for line in text.lines() {
            if let Some(section) = line.trim().strip_prefix('[') {
                inside = names.contains(&section.trim_end_matches(']').trim());
            } else if inside
                && !line.starts_with(['#', ';', ' ', '\t'])
                && let Some((key, value)) = line.split_once('=')
            {
                self.0.insert(key.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_one_section() {
        let mut profile = Profile::default();
        let text =
            "[default]\nregion = no\n[profile a]\n# x = y\nregion = eu-1\ns3 =\n  region = nested\n[b]\nk=v";
        profile.add(text, &["a", "profile a"]);
        assert_eq!(profile.get("region"), Some("eu-1"));
        assert_eq!(profile.get("k"), None);
    }
}
