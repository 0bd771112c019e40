//! Audits of the fixtures, beside what `inspect` and `files` read of each, and beside what Flink itself reads.

use crate::support::{catalog, path};
use holdpoint::audit::{AuditRow, audit};
use holdpoint::source::{Location, Settings, Source};
use std::convert::Infallible;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

fn rows(roots: &[&Path], threads: usize) -> Vec<AuditRow> {
    let mut settings = Settings::default();
    settings.relocate(&format!("/srv/flink/pool={}", path("fixtures/savepoints").display())).unwrap();
    let source = Source::new(settings, Arc::new(|_| {}));
    let roots: Vec<_> = roots.iter().map(|root| Location::Local(root.to_path_buf())).collect();
    let mut rows = Vec::new();
    let Ok(()) = audit::<Infallible>(&source, &roots, NonZeroUsize::new(threads).unwrap(), |row| {
        rows.push(row);
        Ok(())
    });
    rows
}

/// A new directory in the tests' own.
fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    directory
}

fn copy_savepoint(fixture: &str, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for (name, bytes) in crate::support::savepoint_files(fixture) {
        fs::write(to.join(name), bytes).unwrap();
    }
}

#[test]
fn a_row_is_what_the_catalogue_says() {
    for fixture in ["flink-1.20-v1", "flink-2.3-v1", "flink-2.3-v1-rocksdb"] {
        let rows = rows(&[&path("fixtures/savepoints").join(fixture)], 1);
        let [row] = rows.as_slice() else { panic!("{rows:?}") };
        let catalog = catalog(fixture);
        assert_eq!(row.total_bytes, Some(catalog.total_bytes()));
        assert_eq!(row.operators, Some(catalog.operators.len()));
        assert_eq!((row.missing_files, row.other_size_files), (Some(0), Some(0)), "{row:?}");
        assert!(row.error.is_none() && row.modified.is_some());
        if catalog.version.has_names() {
            let without = catalog.operators.iter().filter(|it| it.uid.is_none()).count();
            assert_eq!((row.operators_without_uid, row.operators_with_unknown_uid), (Some(without), Some(0)));
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_rows_in_the_same_order() {
    let root = path("fixtures/savepoints");
    let one = rows(&[&root], 1);
    assert!(one.len() > 20);
    assert_eq!(one, rows(&[&root], 5));
    assert!(one.is_sorted_by_key(|row| PathBuf::from(&row.path)), "{one:#?}");
    // No Flink since 1.11 reads a savepoint of Flink 1.2.
    let broken: Vec<_> = one.iter().filter(|row| row.error.is_some()).collect();
    assert!(
        broken.iter().all(|row| row.path.contains("1.9-synthetic-v1")) && broken.len() == 1,
        "{broken:#?}"
    );
}

#[test]
fn one_that_is_broken_has_its_error_and_the_rest_is_read() {
    let root = directory("audit-broken");
    copy_savepoint("flink-2.3-v1", &root.join("a"));
    copy_savepoint("flink-2.3-v1-rocksdb", &root.join("b"));
    copy_savepoint("flink-2.3-v1", &root.join("c"));
    let metadata = root.join("a/_metadata");
    let bytes = fs::read(&metadata).unwrap();
    fs::write(&metadata, &bytes[..bytes.len() / 2]).unwrap();
    let missing = fs::read_dir(root.join("b")).unwrap().map(|it| it.unwrap().path());
    fs::remove_file(missing.into_iter().find(|it| !it.ends_with("_metadata")).unwrap()).unwrap();
    let rows = rows(&[&root], 3);
    assert_eq!(rows.len(), 3);
    assert!(rows[0].error.is_some() && rows[0].operators.is_none());
    assert!(rows[1].error.is_none() && rows[1].missing_files == Some(1) && rows[1].is_damaged());
    assert!(rows[2].error.is_none() && !rows[2].is_damaged());
}

#[test]
fn a_root_without_a_savepoint_is_no_success() {
    let root = directory("audit-empty");
    fs::create_dir(root.join("inside")).unwrap();
    let rows = rows(&[&root], 2);
    assert_eq!(rows.len(), 1);
    assert!(rows[0].error.as_ref().unwrap().contains("no savepoint"), "{rows:?}");
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_end() {
    let root = directory("audit-links");
    copy_savepoint("flink-2.3-v1", &root.join("a/savepoint"));
    std::os::unix::fs::symlink(&root, root.join("a/up")).unwrap();
    std::os::unix::fs::symlink(root.join("a"), root.join("b")).unwrap();
    assert_eq!(rows(&[&root, &root.join("a")], 2).len(), 1);
}

/// The rows of CSV and of JSON Lines have the same columns, and the status says whether all could be read.
#[test]
fn csv_and_json_lines_say_the_same() {
    let root = directory("audit-formats");
    copy_savepoint("flink-2.3-v1", &root.join("with, comma and \"quotes\""));
    fs::create_dir(root.join("z")).unwrap();
    fs::write(root.join("z/_metadata"), b"not one").unwrap();
    let run = |format: &str| {
        let command = Command::new(env!("CARGO_BIN_EXE_holdpoint"))
            .args(["audit", "--no-policy", "--format", format])
            .arg(&root)
            .output()
            .unwrap();
        assert_eq!(command.status.code(), Some(2));
        String::from_utf8(command.stdout).unwrap()
    };
    let (csv, jsonl) = (run("csv"), run("jsonl"));
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let heads: Vec<_> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let records: Vec<_> = reader.records().map(Result::unwrap).collect();
    let objects: Vec<serde_json::Value> =
        jsonl.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((records.len(), objects.len()), (2, 2));
    for (record, object) in records.iter().zip(&objects) {
        assert_eq!(object.as_object().unwrap().len(), heads.len());
        for (head, cell) in heads.iter().zip(record) {
            let value = match &object[head] {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(cell, value, "{head}");
        }
    }
}
