//! The JSON, against the schema that `holdpoint schema check` prints.

use super::cases;
use crate::support::path;

#[test]
fn every_report_follows_the_schema() {
    let schema = std::fs::read_to_string(path("docs/check.schema.json")).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for case in cases() {
        let report = case.render_json("json");
        let errors: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", case.name);
        let count = |part: &str| report[part].as_array().unwrap().len();
        assert_eq!(count("findings") + count("unchecked") + count("waived"), case.entries());
    }
    let mut wrong = cases()[0].render_json("json");
    wrong["verdict"] = "fine".into();
    assert!(!validator.is_valid(&wrong));
}
