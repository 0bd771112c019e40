//! The files of a savepoint: those that Flink's own reading names, and what is said when they are not as they should be.

use crate::fixtures::recorded_reading;
use crate::support::data_output::{file, keyed_handle, keyed_subtask, metadata, operator};
use crate::support::{fixtures, job_fixtures, location, path, savepoint, savepoint_files, write_savepoint};
use holdpoint::files::{Presence, ReferredFile, SavepointFiles};
use holdpoint::report::json;
use holdpoint::source::SavepointLocation;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The paths of a document's handles, wherever they stand in it, without the directories above a checkpoint's.
pub fn paths_in(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => {
            for (key, entry) in entries {
                match entry.as_str().filter(|_| key == "path") {
                    Some(path) => drop(found.insert(path.to_owned())),
                    None => paths_in(entry, found),
                }
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| paths_in(entry, found)),
        _ => {}
    }
}

/// Coordinators, too, may keep files; Flink's reading does not show where.
#[test]
fn the_files_are_those_of_flinks_reading() {
    let mut seen = 0;
    for fixture in fixtures() {
        let document = path("fixtures/savepoints").join(&fixture).join("flink.json");
        let document: Value = serde_json::from_str(&std::fs::read_to_string(document).unwrap()).unwrap();
        let (mut flinks, mut ours) = (BTreeSet::new(), BTreeSet::new());
        paths_in(&document, &mut flinks);
        let location = SavepointLocation::resolve(&savepoint(&fixture)).unwrap();
        let files = SavepointFiles::read(&location).unwrap();
        let of_subtasks = files.files.iter().filter(|file| file.uses.iter().any(|it| it.subtask.is_some()));
        ours.extend(of_subtasks.map(|file| file.path.clone()));
        assert_eq!(ours, flinks, "{fixture}");
        seen += flinks.len();
    }
    assert!(seen > 100, "{seen}");
}

/// Flink recorded lengths, and wrote files: all that the generator copied are there, as long as it said, and no other is
/// beside them.
#[test]
fn every_fixture_is_whole() {
    let mut whole = 0;
    // Handles that Flink wrote without a job have no files.
    for fixture in job_fixtures() {
        let location = location(&fixture);
        let mut files = SavepointFiles::read(&location).unwrap();
        files.verify(&location).unwrap();
        let mut left_out = BTreeSet::new();
        paths_left_out(&recorded_reading(&path("fixtures/savepoints").join(&fixture)), &mut left_out);
        let is_left_out =
            |file: &ReferredFile| file.presence == Some(Presence::Missing) && left_out.contains(&file.path);
        let unsound: Vec<_> = files.unsound().filter(|file| !is_left_out(file)).collect();
        assert!(unsound.is_empty(), "{fixture}: {unsound:?}");
        whole += usize::from(files.unsound().next().is_none());
        let is_here = |file: &&ReferredFile| {
            file.location.below(&files.directory).is_some() && file.presence != Some(Presence::Missing)
        };
        let exclusive = files.files.iter().filter(is_here);
        assert!(files.unreferred.unwrap().is_empty(), "{fixture}");
        assert_eq!(exclusive.count() + 1, count_files(location.directory().as_local().unwrap()), "{fixture}");
    }
    assert!(whole > 100, "{whole}");
}

/// Files of the backend's own, and records in flight, are not copied into the fixtures.
fn paths_left_out(value: &Value, found: &mut BTreeSet<String>) {
    let role = value["role"].as_str();
    if role.is_some_and(|it| ["shared", "private", "input-channel", "result-subpartition"].contains(&it)) {
        paths_in(value, found);
    } else if let Value::Object(entries) = value {
        for entry in entries.values() {
            paths_left_out(entry, found);
        }
    } else if let Value::Array(entries) = value {
        for entry in entries {
            paths_left_out(entry, found);
        }
    }
}

fn count_files(directory: &Path) -> usize {
    let entries = directory.read_dir().unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { count_files(&path) } else { 1 }).sum()
}

/// A copy of a fixture's savepoint in the tests' own directory.
fn copied(fixture: &str, name: &str) -> std::path::PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&directory);
    for (name, bytes) in savepoint_files(fixture) {
        let path = directory.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    directory
}

#[test]
fn what_is_not_as_it_was_is_seen() {
    let directory = copied("flink-2.3-v1-rocksdb-native", "files-unsound");
    let names: Vec<_> = savepoint_files("flink-2.3-v1-rocksdb-native").into_keys().collect();
    std::fs::remove_file(directory.join(&names[0])).unwrap();
    std::fs::write(directory.join(&names[1]), "short").unwrap();
    std::fs::create_dir(directory.join("lost")).unwrap();
    std::fs::write(directory.join("lost/and found"), "something").unwrap();
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
        let output = command.args(["files", directory.to_str().unwrap()]).args(more).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (status, shown) = run(&["--verify"]);
    assert_eq!(status, Some(1));
    let line =
        |start: &str| shown.lines().find(|line| line.trim_start().starts_with(start)).unwrap().to_owned();
    assert!(line(&names[0]).contains("  missing  "), "{shown}");
    assert!(line(&names[1]).contains("  5 bytes  "), "{shown}");
    assert!(line(&names[2]).contains("  yes  "), "{shown}");
    assert!(line("lost/and found").ends_with("  9 B"), "{shown}");
    assert!(
        line("Disposal").ends_with("removes 54 files; the directory stays, for other files are in it"),
        "{shown}"
    );
    assert_eq!(run(&[]).0, Some(0), "what was not asked is not judged");
    let document: Value = serde_json::from_str(&run(&["--verify", "--format", "json"]).1).unwrap();
    let files = document["files"].as_array().unwrap();
    let of = |name: &str| files.iter().find(|file| file["path"] == name).unwrap();
    assert_eq!((&of(&names[0])["present"], &of(&names[0])["size_differs"]), (&false.into(), &false.into()));
    assert_eq!((&of(&names[1])["present"], &of(&names[1])["size_differs"]), (&true.into(), &true.into()));
    assert_eq!(of(&names[1])["found_bytes"], 5);
}

#[test]
fn a_document_is_the_same_wherever_the_savepoint_is() {
    let directory = copied("flink-1.20-v1-rocksdb-native", "files-moved").display().to_string();
    let document = |directory: &str| {
        let location = SavepointLocation::resolve(directory).unwrap();
        let files = SavepointFiles::read(&location).unwrap();
        json::render_files(&files).to_string().replace(directory, "DIRECTORY")
    };
    assert_eq!(document(&directory), document(&savepoint("flink-1.20-v1-rocksdb-native")));
}

/// A checkpoint names its files by their absolute paths, and people stand in its directory.
#[test]
fn a_checkpoint_is_the_same_from_within() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("files-from-within");
    let names =
        ["files-from-within/state", "shared/state"].map(|name| directory.parent().unwrap().join(name));
    let naming =
        |(id, path): (u8, &Path)| operator(id, &[keyed_subtask(keyed_handle(file(path.to_str().unwrap())))]);
    let operators = [(1, names[0].as_path()), (2, &names[1])].map(naming);
    write_savepoint("files-from-within", &metadata(&operators));
    std::fs::write(&names[0], "state").unwrap();
    let run = |from: &Path, named: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
        let output = command.current_dir(from).args(["files", named]).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.contains("1 exclusive (") && shown.contains("1 shared ("), "{shown}");
        shown.lines().find(|line| line.contains("exclusive  ")).unwrap().trim_start().to_owned()
    };
    let (above, whole) = (directory.parent().unwrap(), directory.display().to_string());
    for (from, named) in [(above, whole.as_str()), (&directory, "."), (above, "files-from-within/")] {
        assert!(run(from, named).starts_with("state  "), "{named}");
    }
}
