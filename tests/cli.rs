//! The command line, as the documents show it.

use crate::support::path;
use holdpoint::rules::RULES;
use std::collections::BTreeSet;
use std::process::Command;

/// Every `console` block of the documents is run, and prints what it shows.
#[test]
fn the_documents_show_what_the_commands_print() {
    trycmd::TestCases::new()
        .case("README.md")
        .case("docs/audit.md")
        .case("docs/diff.md")
        .case("README.zh-CN.md")
        .case("docs/guide.md")
        .case("docs/operator-ids.md")
        .case("docs/outputs.md")
        .case("docs/plan-file.md")
        .case("docs/plans.md")
        .case("docs/policy.md")
        .case("docs/start.md")
        .case("tests/cli/*.trycmd")
        .run();
}

/// The documents that are made from the code are what the code makes now.
#[test]
fn generated_documents_are_current() {
    let rules = holdpoint::report::markdown::render_rules();
    snapbox::assert_data_eq!(rules, snapbox::Data::read_from(&path("docs/rules.md"), None).raw());
    for rule in RULES {
        let (printed, status) = check(rule.example.split(' '));
        assert!(printed.contains(&format!(" {} ", rule.id)), "the example of {} does not show it", rule.id);
        let page = holdpoint::report::markdown::render_rule(rule, &printed, status);
        let place = path(&format!("docs/rules/{}.md", rule.id));
        snapbox::assert_data_eq!(page, snapbox::Data::read_from(&place, None).raw());
    }
    let sources = holdpoint::report::markdown::render_sources();
    snapbox::assert_data_eq!(sources, snapbox::Data::read_from(&path("docs/plan-sources.md"), None).raw());
    for document in ["plan", "check", "policy"] {
        let schema =
            Command::new(env!("CARGO_BIN_EXE_holdpoint")).args(["schema", document]).output().unwrap();
        let schema = String::from_utf8(schema.stdout).unwrap();
        let kept = path(&format!("docs/{document}.schema.json"));
        snapbox::assert_data_eq!(schema, snapbox::Data::read_from(&kept, None).raw());
    }
}

/// Each page in docs/rules is that of a rule.
#[test]
fn no_page_is_left_of_a_rule_that_went() {
    let pages = path("docs/rules").read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    let pages: BTreeSet<_> = pages.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(pages, RULES.iter().map(|rule| format!("{}.md", rule.id)).collect());
}

/// What `holdpoint check` prints at the root of the repository, and how it ends.
fn check<'a>(arguments: impl Iterator<Item = &'a str>) -> (String, i32) {
    let command = Command::new(env!("CARGO_BIN_EXE_holdpoint"))
        .current_dir(path(""))
        .arg("check")
        .args(arguments)
        .output()
        .unwrap();
    (String::from_utf8(command.stdout).unwrap(), command.status.code().unwrap())
}
