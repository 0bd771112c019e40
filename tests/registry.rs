//! The rules as data.

use crate::support::path;
use holdpoint::rules::{RULES, Severity};
use std::collections::BTreeSet;

#[test]
fn every_rule_has_its_file_and_every_file_its_rule() {
    const OTHER_FILES: [&str; 8] =
        ["mod", "context", "finding", "fingerprint", "policy", "question", "uncompared", "waiver"];
    let files: BTreeSet<_> = path("src/rules")
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().replace('_', "-"))
        .filter(|name| !OTHER_FILES.contains(&name.as_str()))
        .collect();
    let rules: BTreeSet<_> = RULES.iter().map(|rule| rule.id.to_owned()).collect();
    assert_eq!(files, rules);
    assert_eq!(rules.len(), RULES.len(), "a rule stands twice");
}

#[test]
fn every_rule_explains_itself() {
    for rule in RULES {
        let id = rule.id;
        assert!(id.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{id}");
        assert!(rule.summary.ends_with('.') && rule.summary.matches(". ").count() == 0, "{id}: one sentence");
        assert!(rule.explanation.len() > 100 && rule.explanation.ends_with('.'), "{id}");
        assert!(rule.flink.ends_with('.') && rule.repair.ends_with('.'), "{id}");
    }
}

#[test]
fn a_rule_that_only_leaves_questions_open_is_for_information() {
    for rule in RULES {
        let source =
            std::fs::read_to_string(path("src/rules").join(rule.id.replace('-', "_") + ".rs")).unwrap();
        let finds = source.contains("findings.add(");
        assert!(finds || rule.severity == Severity::Info, "{}: no finding of it has its severity", rule.id);
    }
}
