//! The command line, as the documents show it.

use crate::support::path;

/// Every `console` block of the documents is run, and prints what it shows.
#[test]
fn the_documents_show_what_the_commands_print() {
    trycmd::TestCases::new()
        .case("README.md")
        .case("docs/guide.md")
        .case("docs/operator-ids.md")
        .case("docs/plan-file.md")
        .case("docs/plans.md")
        .case("tests/cli/*.trycmd")
        .run();
}

/// The documents that are made from the code are what the code makes now.
#[test]
fn generated_documents_are_current() {
    let rules = holdpoint::report::markdown::render_rules();
    snapbox::assert_data_eq!(rules, snapbox::Data::read_from(&path("docs/rules.md"), None).raw());
    let sources = holdpoint::report::markdown::render_sources();
    snapbox::assert_data_eq!(sources, snapbox::Data::read_from(&path("docs/plan-sources.md"), None).raw());
    let schema = std::process::Command::new(env!("CARGO_BIN_EXE_holdpoint"))
        .args(["schema", "plan"])
        .output()
        .unwrap();
    let schema = String::from_utf8(schema.stdout).unwrap();
    snapbox::assert_data_eq!(schema, snapbox::Data::read_from(&path("docs/plan.schema.json"), None).raw());
}
