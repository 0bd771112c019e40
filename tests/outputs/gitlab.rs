//! The code quality report, against what GitLab's documentation requires of one.

use super::cases;
use std::collections::BTreeSet;

#[test]
fn every_entry_has_the_required_fields() {
    for case in cases() {
        let report = case.render_json("gitlab");
        let entries = report.as_array().unwrap();
        assert_eq!(entries.len(), case.entries(), "{}", case.name);
        let mut fingerprints = BTreeSet::new();
        for entry in entries {
            for field in ["description", "check_name", "fingerprint"] {
                assert!(entry[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {entry}");
            }
            let severities = ["info", "minor", "major", "critical", "blocker"];
            assert!(severities.contains(&entry["severity"].as_str().unwrap()), "{entry}");
            assert!(
                entry["location"]["path"].as_str().is_some_and(|path| !path.starts_with("./")),
                "{entry}"
            );
            assert!(entry["location"]["lines"]["begin"].as_u64().is_some_and(|line| line > 0), "{entry}");
            // GitLab takes two entries of one fingerprint for one.
            assert!(fingerprints.insert(entry["fingerprint"].to_string()), "{entry}");
        }
    }
}
