//! What the command says of input that it cannot use: one message on standard error, nothing on standard output,
//! status 2.

use crate::support::data_output::{
    keyed_header, list_snapshot_of, metadata_with_header, string_snapshot, value_state,
};
use crate::support::{path, savepoint, write_file, write_savepoint};
use std::path::Path;
use std::process::Command;

/// Runs the command and gives what it says, with the tests' own directory taken out.
fn refused(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_holdpoint")).args(arguments).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?} printed something before it failed");
    message.trim_end().replace(env!("CARGO_TARGET_TMPDIR"), "TMP").replace(env!("CARGO_MANIFEST_DIR"), "REPO")
}

fn refused_savepoint(name: &str, bytes: &[u8]) -> String {
    refused(&["inspect", &write_savepoint(name, bytes)])
}

fn refused_plan(name: &str, text: &str) -> String {
    refused(&["check", &savepoint("flink-2.3-v1"), "--plan", &write_file(name, text)])
}

/// A fixture's `_metadata`, changed at one place.
fn changed(fixture: &str, place: usize, bytes: &[u8]) -> Vec<u8> {
    let mut metadata = std::fs::read(Path::new(&savepoint(fixture)).join("_metadata")).unwrap();
    metadata[place..place + bytes.len()].copy_from_slice(bytes);
    metadata
}

#[test]
fn paths_that_are_no_savepoint() {
    for (named, message) in [
        (
            "TMP/nowhere",
            "error: TMP/nowhere does not exist; name a savepoint's directory, its _metadata file, or (for a plan) a plan file",
        ),
        ("REPO/src", "error: REPO/src is not a savepoint: it holds no _metadata file"),
        (
            "REPO/fixtures/savepoints/flink-2.3-v1",
            "error: REPO/fixtures/savepoints/flink-2.3-v1 is not a savepoint: it holds no _metadata file; name one of the savepoints below it: REPO/fixtures/savepoints/flink-2.3-v1/savepoint",
        ),
        (
            "ftp://host/savepoint-1",
            "error: ftp://host/savepoint-1 cannot be read: no store is known by this scheme; copy the savepoint's directory here",
        ),
        (
            "file://otherhost/savepoint-1",
            "error: file://otherhost/savepoint-1 cannot be read: it is on another host; copy the savepoint's directory here",
        ),
        ("/dev/zero", "error: /dev/zero cannot be read: it is not a regular file"),
        (
            "REPO/README.md",
            "error: REPO/README.md: this is not a _metadata file: it starts with 0x2320686f instead of 0x4960672d; name a savepoint's directory, or its _metadata file (at offset 0 = 0x0)",
        ),
    ] {
        let named =
            named.replace("TMP", env!("CARGO_TARGET_TMPDIR")).replace("REPO", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(refused(&["inspect", &named]), message);
    }
}

#[test]
fn damaged_metadata() {
    let v1 = "flink-1.20-v1";
    for (name, bytes, message) in [
        (
            "empty",
            Vec::new(),
            "the file ends inside a value: 4 bytes are needed, 0 are left (at offset 0 = 0x0)",
        ),
        (
            "version-9",
            changed(v1, 4, &[0, 0, 0, 9]),
            "_metadata version 9 is not supported: this holdpoint reads versions 1 to 7 (Flink 1.2 to 2.4); a newer holdpoint may read it (at offset 4 = 0x4)",
        ),
        (
            "negative-id",
            changed(v1, 8, &[0xff; 8]),
            "a checkpoint ID cannot be negative: -1 (at offset 8 = 0x8)",
        ),
        (
            "too-many-operators",
            changed(v1, 20, &[0x7f, 0xff, 0xff, 0xff]),
            "impossible number of operators: 2147483647, with LEFT bytes left; the file is cut short, or damaged (at offset 20 = 0x14)",
        ),
        (
            "unknown-tag",
            changed(v1, 48, &[99]),
            "operator 1 of 9 › ID › coordinator state › unknown stream state handle tag 99 (at offset 48 = 0x30)",
        ),
        (
            "coordinator-elsewhere",
            changed(v1, 48, &[16]),
            "operator 1 of 9 › ID › coordinator state › a coordinator's state stands in the file itself, and this is a handle with the tag: 16 (at offset 48 = 0x30)",
        ),
    ] {
        let id = bytes.get(24..40).map_or(0, |id| u128::from_be_bytes(id.try_into().unwrap()));
        let id = format!("{id:032x}");
        let left = bytes.len().saturating_sub(24).to_string();
        let message = message.replace("ID ›", &format!("{id} ›")).replace("LEFT", &left);
        assert_eq!(refused_savepoint(name, &bytes), format!("error: TMP/{name}/_metadata: {message}"));
    }
}

#[test]
fn damaged_headers() {
    let nested =
        (0..1_000).fold(string_snapshot(), |inner, _| list_snapshot_of(1).write(&inner.into_bytes()));
    let header = |value| keyed_header(&string_snapshot(), &[value_state("orders", &value)]);
    let bomb = refused_savepoint("nesting", &metadata_with_header(header(nested)));
    assert!(bomb.contains("operator aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa › subtask 0 › keyed state header › state \"orders\" › VALUE_SERIALIZER › ListSerializerSnapshot › "), "{bomb}");
    assert!(bomb.contains("records nest more than 64 deep (at offset "), "{bomb}");
    let new = keyed_header(&string_snapshot(), &[]).into_bytes();
    let new = crate::support::data_output::DataOutput::new().write_int(7).write(&new[4..]);
    let new = refused_savepoint("new-header", &metadata_with_header(new));
    assert!(
        new.contains("keyed state header version 7 is not supported: Flink 1.2 to 2.3 write versions 1 to 6"),
        "{new}"
    );
}

#[test]
fn a_missing_state_file_is_shown_and_never_judged() {
    let metadata = std::fs::read(Path::new(&savepoint("flink-2.3-v1-rocksdb")).join("_metadata")).unwrap();
    let alone = write_savepoint("metadata-alone", &metadata);
    let output = Command::new(env!("CARGO_BIN_EXE_holdpoint")).args(["inspect", &alone]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().contains("its states could not be read: "));
    let message = refused(&["check", &alone, "--plan", &savepoint("flink-2.3-v1")]);
    assert!(message.starts_with("error: operator apply-rules: TMP/metadata-alone/"), "{message}");
    assert!(message.ends_with(" does not exist; a restore needs every file of the savepoint (`holdpoint inspect` shows what can be read without it)"), "{message}");
}

#[test]
fn plans_that_make_no_sense() {
    let syntax = "\n  (`holdpoint plan SAVEPOINT` writes one, `holdpoint schema plan` prints its schema)";
    for (name, text, message) in [
        (
            "both.yaml",
            "operators: [{uid: a, id: 897859f6655555855a890e51483ab5e6}]",
            "operator 1 (a): it has more than one of uid, generated_id and id",
        ),
        (
            "short-id.yaml",
            "operators: [{id: 6ecc}]",
            "operator 1 (6ecc): '6ecc' is not an operator ID, which has 32 hex digits",
        ),
        (
            "undefined.yaml",
            "operators: [{uid: a, key: p.Order, states: []}]",
            "operator 1 (a): key: the type 'p.Order' is not defined: define its fields or constants under `types`, or write Kryo<p.Order> if Flink leaves it to Kryo",
        ),
        (
            "itself.yaml",
            "types: {p.A: {fields: {next: p.A}}}\noperators: []",
            "types › p.A: field next: p.A contains itself; Flink leaves such a class to Kryo: write Kryo<p.A>",
        ),
        (
            "kind.yaml",
            "operators: [{uid: a, states: [{name: s, kind: vlaue}]}]",
            "operator 1 (a): state s: 'vlaue' is not a kind of state; the kinds are value, list, map, reducing, aggregating, folding, unknown, operator-list, operator-union, broadcast, timers; did you mean \"value\"?",
        ),
        ("flink.yaml", "flink: newest\noperators: []", "flink: 'newest' is not a Flink version such as 1.20"),
        (
            "parallelism.yaml",
            "operators: [{uid: a, parallelism: 0}]",
            "operator 1 (a): its parallelism is less than 1",
        ),
    ] {
        assert_eq!(refused_plan(name, text), format!("error: TMP/{name}: {message}"));
    }
    for (name, text, message) in [
        (
            "max.yaml",
            "max_parallelism: 0\noperators: []",
            "'0' is not a max parallelism: write a number from 1 to 32768, such a number with a question mark, or derived at line 1, column 18",
        ),
        (
            "twice.yaml",
            "operators:\n- uid: a\n  uid: b\n",
            "the key uid stands there twice at line 3, column 3",
        ),
        ("list.yaml", "[1, 2]", "expected mapping start at line 1, column 1"),
    ] {
        assert_eq!(
            refused_plan(name, text),
            format!("error: TMP/{name} is not a plan file: {message}{syntax}")
        );
    }
}

/// The job's own jar is the first that one thinks of.
#[test]
fn a_program_is_no_plan() {
    let said = refused_plan("job.jar", "PK\u{3}\u{4}\0");
    assert!(
        said.starts_with("error: TMP/job.jar: this is a jar or another archive, and a program tells "),
        "{said}"
    );
}

/// What says nothing of operators is laid over a plan that does, and is none alone.
#[test]
fn plans_without_operators() {
    for (name, text) in
        [("nothing.yaml", ""), ("only-line.yaml", "max_parallelism: 4"), ("none.yaml", "operators: []")]
    {
        let expected = format!(
            "error: TMP/{name} has no operators: name the plan that it is laid over before it, as another --plan"
        );
        assert_eq!(refused_plan(name, text), expected);
    }
}

/// Classes that name one another, to any depth or twice each, are refused before they are unfolded.
#[test]
fn classes_that_unfold_without_end() {
    let chain = |fields: fn(usize) -> String, length: usize| {
        let classes = (0..length).map(|class| format!("  C{class}: {{fields: {{{}}}}}\n", fields(class + 1)));
        format!("types:\n{}  C{length}: {{constants: []}}\noperators: []", classes.collect::<String>())
    };
    let deep = refused_plan("deep.yaml", &chain(|next| format!("a: C{next}"), 10_000));
    assert!(deep.ends_with("the classes of this plan nest more than 64 deep"), "{deep}");
    let wide = refused_plan("wide.yaml", &chain(|next| format!("a: C{next}, b: C{next}"), 60));
    assert!(wide.ends_with("the types of this plan unfold to more than 4000000 parts"), "{wide}");
}

/// A name in a savepoint cannot reach the terminal as an escape sequence.
#[test]
fn names_do_not_reach_the_terminal_raw() {
    let evil = "evil\u{1b}[2Jname";
    let directory = write_savepoint(
        "escape",
        &metadata_with_header(keyed_header(&string_snapshot(), &[value_state(evil, &string_snapshot())])),
    );
    for arguments in [vec!["inspect", &directory], vec!["check", &directory, "--plan", &directory]] {
        let output = Command::new(env!("CARGO_BIN_EXE_holdpoint")).args(&arguments).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert!(printed.contains("evil\\u{1b}[2Jname") && !printed.contains('\u{1b}'), "{printed}");
    }
}

/// Whoever reads the report may go away; the status stays.
#[test]
fn a_closed_pipe_does_not_turn_red_into_green() {
    let script = format!(
        "set -o pipefail; '{}' check '{}' --plan '{}' | true",
        env!("CARGO_BIN_EXE_holdpoint"),
        savepoint("flink-2.3-v1"),
        path("examples/shop-next.yaml").display()
    );
    let status = Command::new("bash").args(["-c", &script]).status().unwrap();
    assert_eq!(status.code(), Some(1));
}
