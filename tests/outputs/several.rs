//! Several formats in one run.

use crate::support::{path, savepoint};
use std::path::PathBuf;
use std::process::{Command, Output};

fn check(formats: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
    command.args(["check", &savepoint("flink-2.3-v1"), "--plan"]).arg(path("examples/shop-next.yaml"));
    for format in formats {
        command.args(["--format", format]);
    }
    command.output().unwrap()
}

fn file(name: &str) -> (PathBuf, String) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    let argument = path.display().to_string();
    (path, argument)
}

#[test]
fn each_goes_where_it_was_sent() {
    let (sarif, sarif_name) = file("several.sarif");
    let (table, table_name) = file("several.txt");
    let output = check(&[&format!("sarif={sarif_name}"), "json", &format!("table={table_name}")]);
    assert_eq!(output.status.code(), Some(1));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["verdict"], "incompatible");
    let sarif: serde_json::Value = serde_json::from_slice(&std::fs::read(sarif).unwrap()).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let table = std::fs::read_to_string(table).unwrap();
    assert!(table.contains("INCOMPATIBLE") && !table.contains('\u{1b}'), "{table}");
}

#[test]
fn with_files_alone_nothing_is_printed() {
    let (_, name) = file("alone.md");
    let output = check(&[&format!("markdown={name}")]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
}

#[test]
fn what_cannot_be_done_is_refused() {
    let (_, name) = file("twice");
    let twice = format!("json={name}");
    for (formats, said) in [
        (vec!["json", "table"], "--format json is a document"),
        (vec!["sarif", "json"], "cannot share standard output"),
        (vec![twice.as_str(), twice.as_str()], "two formats are to be written to"),
        (vec!["xml"], "the formats are table, json"),
        (vec!["json="], "the name of the file is missing"),
        (vec!["json=/nowhere/at/all"], "/nowhere/at/all cannot be written"),
    ] {
        let output = check(&formats);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{formats:?}: {error}");
        assert!(error.contains(said), "{formats:?}: {error}");
    }
}
