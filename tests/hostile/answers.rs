//! Input that is well formed and unreasonable: the command answers in time, and never with more than it knows.

use crate::support::data_output::{
    DataOutput, enum_snapshot, inline, keyed_handle, keyed_header, keyed_subtask, metadata,
    metadata_with_header, operator, string_snapshot, value_state,
};
use crate::support::{savepoint, write_file, write_savepoint};
use std::fs::{File, create_dir_all};
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Output};

fn holdpoint(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holdpoint")).args(arguments).output().unwrap()
}

fn lines(numbers: Range<usize>, line: impl Fn(usize) -> String) -> String {
    numbers.map(line).collect::<Vec<_>>().concat()
}

/// The status of a check against a plan of these types.
fn status_of_plan(name: &str, types: &str) -> Option<i32> {
    let plan = write_file(name, &format!("types:\n{types}operators: []\n"));
    holdpoint(&["check", &savepoint("flink-2.3-v1"), "--plan", &plan]).status.code()
}

#[test]
fn classes_that_contain_each_other_in_a_long_chain_are_refused() {
    let chain = lines(0..5000, |it| format!("  C{it}: {{fields: {{next: C{}}}}}\n", it + 1));
    assert_eq!(status_of_plan("chain.yaml", &(chain + "  C5000: {fields: {id: Long}}\n")), Some(2));
}

#[test]
fn classes_that_unfold_exponentially_are_refused() {
    let unfold = lines(0..40, |it| format!("  C{it}: {{fields: {{a: C{0}, b: C{0}}}}}\n", it + 1));
    assert_eq!(status_of_plan("unfold.yaml", &(unfold + "  C40: {fields: {id: Long}}\n")), Some(2));
}

/// `inner` as deep as the notation allows in one type.
fn deep(inner: &str) -> String {
    format!("{}{inner}{}", "List<".repeat(60), ">".repeat(60))
}

#[test]
fn deep_types_in_a_chain_of_classes_are_refused() {
    let field = |it: usize| deep(&format!("C{}", it + 1));
    let chain = lines(0..30, |it| format!("  C{it}: {{fields: {{a: \"{}\"}}}}\n", field(it)));
    assert_eq!(status_of_plan("deep.yaml", &(chain + "  C30: {fields: {id: Long}}\n")), Some(2));
}

/// In the order of their names, so that each finds the one inside it defined already.
#[test]
fn deep_types_in_a_chain_that_starts_inside_are_refused() {
    let field = |it: usize| deep(&format!("C{:03}", it - 1));
    let chain = lines(1..170, |it| format!("  C{it:03}: {{fields: {{a: \"{}\"}}}}\n", field(it)));
    let types = format!("  C000: {{fields: {{id: Long}}}}\n{chain}");
    assert_eq!(status_of_plan("inside-out.yaml", &types), Some(2));
}

/// The aliases stand where the schema has a list, so nothing but their number is wrong with them.
#[test]
fn aliases_of_a_plan_that_multiply_are_refused() {
    let states = lines(0..100, |it| format!("    - {{name: s{it}, kind: value}}\n"));
    let aliases = lines(0..3000, |it| format!("- uid: u{it}\n  states: *s\n"));
    let plan = write_file("aliases.yaml", &format!("operators:\n- uid: u\n  states: &s\n{states}{aliases}"));
    let output = holdpoint(&["check", &savepoint("flink-2.3-v1"), "--plan", &plan]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("aliases.yaml is not a plan file: budget breached: "), "{said}");
}

/// Flink takes the last of them and drops the others without a word.
#[test]
fn two_operators_of_one_id_are_no_savepoint() {
    let with = |state| {
        let header = keyed_header(&string_snapshot(), &[value_state(state, &string_snapshot())]);
        operator(0xaa, &[keyed_subtask(keyed_handle(inline(header)))])
    };
    let directory = write_savepoint("two-of-one-id", &metadata(&[with("one"), with("two")]));
    let output = holdpoint(&["check", &directory, "--plan", &directory]);
    assert_eq!(output.status.code(), Some(2));
}

/// The document shows the key with each state, so both together would multiply.
#[test]
fn a_wide_key_of_many_states_is_refused() {
    let bare =
        |it: usize| DataOutput::new().write_utf(&format!("s{it}")).write_int(1).write_int(0).write_int(0);
    let states: Vec<_> = (0..1000).map(bare).collect();
    let bytes = metadata_with_header(keyed_header(&enum_snapshot(10_000), &states));
    let output = holdpoint(&["inspect", &write_savepoint("wide-key", &bytes)]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("impossible number of states for a key serializer as long as theirs: 1000"),
        "{said}"
    );
}

#[test]
fn a_savepoint_of_no_operators_is_shown_and_not_taken_for_a_job() {
    let directory = write_savepoint("no-operators", &metadata(&[]));
    let shown = String::from_utf8(holdpoint(&["inspect", &directory]).stdout).unwrap();
    assert!(shown.contains("0 B in 0 of 0 operators"), "{shown}");
    assert_eq!(holdpoint(&["check", &directory, "--plan", &directory]).status.code(), Some(3));
    let against = holdpoint(&["check", &savepoint("flink-1.15-v1"), "--plan", &directory]);
    assert_eq!(against.status.code(), Some(1));
}

/// `_metadata` of `flink-1.20-v1` in a directory with a colon in its name, as a time of day has.
#[test]
fn a_relative_path_with_a_colon_is_a_path() {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
    create_dir_all(parent.join("backup-10:00")).unwrap();
    let metadata = Path::new(&savepoint("flink-1.20-v1")).join("_metadata");
    std::fs::copy(metadata, parent.join("backup-10:00/_metadata")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
    let output = command.args(["inspect", "backup-10:00"]).current_dir(parent).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_not_taken_for_success() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
    let full = File::options().write(true).open("/dev/full").unwrap();
    let status = command.args(["plan", &savepoint("flink-2.3-v1")]).stdout(full).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
#[cfg(unix)]
fn a_pipe_without_a_writer_is_not_waited_for() {
    let pipe = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pipe").display().to_string();
    let _ = std::fs::remove_file(&pipe);
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let message = format!("error: {pipe} cannot be read: it is not a regular file\n");
    for arguments in [vec!["inspect", &pipe], vec!["check", &savepoint("flink-2.3-v1"), "--plan", &pipe]] {
        let output = holdpoint(&arguments);
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stderr).unwrap()),
            (Some(2), message.clone())
        );
    }
}

#[test]
#[cfg(unix)]
fn what_is_no_file_at_all_is_refused() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-file");
    let _ = std::fs::remove_dir_all(&directory);
    create_dir_all(directory.join("_metadata")).unwrap();
    std::os::unix::fs::symlink("loop", directory.join("loop")).unwrap();
    let named = |name: &str| directory.join(name).display().to_string();
    let here = directory.display().to_string();
    for (path, message) in [
        (here.clone(), format!("error: {here} is not a savepoint: it holds no _metadata file\n")),
        (
            named("_metadata"),
            format!("error: {here}/_metadata is not a savepoint: it holds no _metadata file\n"),
        ),
        (
            named("loop"),
            format!("error: {here}/loop cannot be read: Too many levels of symbolic links (os error 40)\n"),
        ),
        ("/dev/null".to_owned(), "error: /dev/null cannot be read: it is not a regular file\n".to_owned()),
    ] {
        let output = holdpoint(&["inspect", &path]);
        assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap()), (Some(2), message));
    }
}
