//! SARIF, against the schema that OASIS publishes, by a reader of it, and with what code scanning requires.

use super::{Case, cases};
use holdpoint::rules::RULES;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The schema of SARIF 2.1.0, which the crate that reads SARIF is generated from and comes with.
fn schema() -> Value {
    let features: &[&str] = if cfg!(feature = "http") { &[] } else { &["--no-default-features"] };
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--format-version", "1", "--filter-platform", &host()])
        .args(features)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&metadata.stderr)));
    let packages = metadata["packages"].as_array().unwrap();
    let reader = packages.iter().find(|it| it["name"] == "serde-sarif").unwrap();
    let manifest = PathBuf::from(reader["manifest_path"].as_str().unwrap());
    let file = manifest.parent().unwrap_or(Path::new("")).join("src/schema.json");
    let mut schema: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    // As published, the pattern of languages has a bracket too many, and is none. Nothing of ours names a language.
    for of in ["run", "toolComponent"] {
        let language = &mut schema["definitions"][of]["properties"]["language"];
        assert!(language["pattern"].as_str().unwrap().ends_with("]?$"));
        language.as_object_mut().unwrap().remove("pattern");
    }
    schema
}

fn host() -> String {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(version.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

#[test]
fn every_log_follows_the_schema_of_oasis() {
    let schema = schema();
    assert_eq!(schema["title"], "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema");
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    for case in cases() {
        let log = case.render_json("sarif");
        let errors: Vec<_> =
            validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:?}", case.name);
    }
    let mut wrong = Case::shop().render_json("sarif");
    wrong["runs"][0]["results"][0]["level"] = "fatal".into();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn a_reader_of_sarif_finds_every_result() {
    for case in cases() {
        let log: serde_sarif::sarif::Sarif = serde_json::from_str(&case.render("sarif")).unwrap();
        let run = log.runs.first().unwrap();
        let rules = run.tool.driver.rules.as_ref().unwrap();
        assert_eq!(
            rules.iter().map(|rule| rule.id.as_str()).collect::<Vec<_>>(),
            RULES.iter().map(|rule| rule.id).collect::<Vec<_>>()
        );
        let results = run.results.as_ref().unwrap();
        assert_eq!(results.len(), case.entries(), "{}", case.name);
        for result in results {
            let index = usize::try_from(result.rule_index.unwrap()).unwrap();
            assert_eq!(Some(&rules[index].id), result.rule_id.as_ref());
        }
    }
}

/// The properties that GitHub's documentation marks as required, and its limits of length.
#[test]
fn code_scanning_gets_what_it_requires() {
    let text = |value: &Value| value.as_str().map(str::len).filter(|length| *length > 0).unwrap();
    for case in cases() {
        let log = case.render_json("sarif");
        assert!(text(&log["$schema"]) > 0);
        let run = &log["runs"][0];
        for rule in run["tool"]["driver"]["rules"].as_array().unwrap() {
            assert!(text(&rule["id"]) <= 255);
            assert!(text(&rule["shortDescription"]["text"]) <= 1024);
            assert!(text(&rule["fullDescription"]["text"]) <= 1024, "{}", rule["id"]);
            assert!(text(&rule["help"]["text"]) > 0);
        }
        for result in run["results"].as_array().unwrap() {
            assert!(text(&result["message"]["text"]) > 0);
            assert!(text(&result["partialFingerprints"]["primaryLocationLineHash"]) > 0);
            let place = &result["locations"][0]["physicalLocation"];
            assert!(text(&place["artifactLocation"]["uri"]) > 0);
            for bound in ["startLine", "startColumn", "endLine", "endColumn"] {
                assert!(place["region"][bound].as_u64().is_some_and(|it| it > 0), "{bound}");
            }
        }
    }
}
