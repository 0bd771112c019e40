//! A savepoint on a web server: what is asked for, and what is said when the server does not give it.

use crate::support::data_output::{
    file, keyed_handle, keyed_header, keyed_subtask, metadata, operator, string_snapshot, value_state,
};
use crate::support::http_server::{Behaviour, HttpServer};
use crate::support::{savepoint, savepoint_files};
use holdpoint::catalog::StateCatalog;
use holdpoint::source::Source;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::Ordering;

/// The native RocksDB savepoint of the fixtures: its headers are in files.
const FIXTURE: &str = "flink-2.3-v1-rocksdb-native";

fn files_of_fixture() -> BTreeMap<String, Vec<u8>> {
    savepoint_files(FIXTURE).into_iter().map(|(name, bytes)| (format!("/{name}"), bytes)).collect()
}

/// Status, output and message of a command; the server's address is taken out.
fn run(server: &HttpServer, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_holdpoint")).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().replace(&server.url, "http://SERVER");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// How long a store may take: not long where it never answers, and long enough for any machine where it does.
fn patience(behaviour: Behaviour) -> &'static str {
    if behaviour == Behaviour::Hangs { "2" } else { "60" }
}

/// Runs `inspect` on a server that has the fixture and behaves like this for all paths that end so.
fn inspect(suffix: &'static str, behaviour: Behaviour) -> (Option<i32>, String, String) {
    let is_meant = move |path: &str| path.ends_with(suffix);
    let server =
        HttpServer::start(
            files_of_fixture(),
            move |path| {
                if is_meant(path) { behaviour } else { Behaviour::Answers }
            },
        );
    let arguments = ["inspect", &server.url, "--format", "json", "--store-timeout", patience(behaviour)];
    run(&server, &arguments)
}

fn local_document() -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
    let output = command.args(["inspect", &savepoint(FIXTURE), "--format", "json"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_savepoint_on_a_web_server_reads_as_one_on_disk() {
    let (status, document, said) = inspect("", Behaviour::Answers);
    assert_eq!((status, said.as_str()), (Some(0), ""));
    assert_eq!(document, local_document());
}

/// Every file is asked for once more after each failure, and no file oftener.
#[test]
fn an_error_that_passes_is_not_seen() {
    let asked = |behaviour| {
        let server = HttpServer::start(files_of_fixture(), move |_| behaviour);
        let (status, document, said) =
            run(&server, &["inspect", &server.url, "--format", "json", "--store-timeout", "60"]);
        assert_eq!((status, said.as_str()), (Some(0), ""), "{behaviour:?}");
        assert_eq!(document, local_document(), "{behaviour:?}");
        let log = server.log.lock().unwrap();
        let mut asked = BTreeMap::new();
        for it in log.iter().filter(|it| it.method == "GET") {
            *asked.entry(it.path.clone()).or_insert(0) += 1;
        }
        asked
    };
    let usual = asked(Behaviour::Answers);
    assert!(usual.len() > 10, "{usual:?}");
    for behaviour in [Behaviour::Fails(1), Behaviour::HangsUpFirst(1), Behaviour::HangsUpFirst(3)] {
        let (Behaviour::Fails(more) | Behaviour::HangsUpFirst(more)) = behaviour else { unreachable!() };
        let expected: BTreeMap<_, _> =
            usual.iter().map(|(path, times)| (path.clone(), times + more)).collect();
        assert_eq!(asked(behaviour), expected, "{behaviour:?}");
    }
}

/// It would be unkind to a store that has too much to do, and to whoever waits.
#[test]
fn an_error_that_stays_is_given_up_after_five_times() {
    let server = HttpServer::start(files_of_fixture(), |path| {
        if path.ends_with("_metadata") { Behaviour::Says(503) } else { Behaviour::Answers }
    });
    let (status, _, said) = run(&server, &["inspect", &server.url, "--store-timeout", "60"]);
    assert_eq!(status, Some(2));
    assert!(said.contains("_metadata cannot be read: the store has too much to do ("), "{said}");
    assert!(said.ends_with("; try again later\n"), "{said}");
    assert_eq!(server.log.lock().unwrap().len(), 5);
}

/// Half a gigabyte of state in 500 files: two requests for the metadata and one for each file, and 16 KiB of each.
#[test]
fn only_what_is_needed_travels() {
    const FILES: usize = 500;
    let value = value_state("state", &string_snapshot());
    let mut state = keyed_header(&string_snapshot(), &[value]).into_bytes();
    state.resize(1 << 20, 0);
    let subtask = |it: usize| keyed_subtask(keyed_handle(file(&format!("state-{it}")))).with_index(it);
    let metadata = metadata(&[operator(1, &(0..FILES).map(subtask).collect::<Vec<_>>())]);
    let length = metadata.len();
    let mut files: BTreeMap<_, _> = (0..FILES).map(|it| (format!("/state-{it}"), state.clone())).collect();
    files.insert("/_metadata".to_owned(), metadata);
    let server = HttpServer::start(files, |path| {
        if path.starts_with("/state") { Behaviour::WaitsForAnother } else { Behaviour::Answers }
    });
    let source = Source::default();
    let catalog = StateCatalog::open(&source.savepoint(&server.url).unwrap()).unwrap();
    assert_eq!(catalog.operators[0].states.len(), 1);
    let log = server.log.lock().unwrap();
    assert_eq!(log.iter().map(|it| it.bytes).sum::<usize>(), length + FILES * (16 << 10));
    assert_eq!(log.len(), 2 + FILES, "HEAD and GET of the metadata, and one GET a file");
    assert_eq!(source.traffic().requests, log.len() as u64);
    assert_eq!(source.traffic().bytes, (length + FILES * (16 << 10)) as u64);
    let at_once = server.most_at_once.load(Ordering::SeqCst);
    assert!((2..=32).contains(&at_once), "{at_once} at once");
}

#[test]
fn each_failure_has_its_own_message() {
    for (behaviour, said) in [
        (
            Behaviour::Says(404),
            " does not exist; name a savepoint's directory, its _metadata file, or (for a plan) a plan file",
        ),
        (Behaviour::Says(403), "_metadata cannot be read: permission denied ("),
        (Behaviour::Says(401), "_metadata cannot be read: the store does not accept the credentials ("),
        (
            Behaviour::Hangs,
            "_metadata cannot be read: no answer came in time (after 2 s); try again, or give it more with --store-timeout",
        ),
        (Behaviour::GivesWholeFiles, "_metadata cannot be read: the server gives whole files only ("),
    ] {
        let (status, document, message) = inspect("_metadata", behaviour);
        assert_eq!((status, document.as_str()), (Some(2), ""), "{message}");
        assert!(message.starts_with(&format!("error: http://SERVER/{said}")), "{behaviour:?}: {message}");
    }
}

/// A state file that cannot be had for now: no document, no verdict, and a message that says whose state it is.
#[test]
fn a_state_file_that_does_not_come_ends_everything() {
    let state = |path: &str| !path.ends_with("_metadata");
    for (behaviour, said) in [
        (Behaviour::Says(403), "permission denied ("),
        (Behaviour::Says(500), "the store failed ("),
        (Behaviour::HangsUp, "the store failed ("),
        (Behaviour::Hangs, "no answer came in time (after 2 s)"),
    ] {
        let server =
            HttpServer::start(
                files_of_fixture(),
                move |path| {
                    if state(path) { behaviour } else { Behaviour::Answers }
                },
            );
        let plan = savepoint("flink-2.3-v1");
        for arguments in [
            vec!["inspect", &server.url, "--store-timeout", patience(behaviour)],
            vec!["check", &server.url, "--plan", &plan, "--store-timeout", patience(behaviour)],
            vec!["check", &plan, "--plan", &server.url, "--store-timeout", patience(behaviour)],
        ] {
            let (status, document, message) = run(&server, &arguments);
            assert_eq!((status, document.as_str()), (Some(2), ""), "{arguments:?}: {message}");
            assert!(message.starts_with("error: operator "), "{message}");
            assert!(message.contains(" › subtask 0: http://SERVER/"), "{message}");
            assert!(message.contains(&format!(" cannot be read: {said}")), "{behaviour:?}: {message}");
        }
    }
}

/// What a browser is shown for a directory is no savepoint.
#[test]
fn a_directory_of_a_web_server_is_not_listed() {
    for (behaviour, page) in [
        (Behaviour::GivesWholeFiles, "Index of /job"),
        (Behaviour::Answers, "\n<!DOCTYPE html><title>Index of /job</title>"),
    ] {
        let files = BTreeMap::from([("/job".to_owned(), page.as_bytes().to_vec())]);
        let server = HttpServer::start(files, move |_| behaviour);
        let (status, document, said) = run(&server, &["inspect", &format!("{}/job/", server.url)]);
        assert_eq!((status, document.as_str()), (Some(2), ""));
        assert_eq!(
            said,
            "error: http://SERVER/job holds no _metadata file, and its server does not say what else is in it; name the directory of the savepoint or checkpoint (chk-…), or its _metadata file\n"
        );
    }
}

#[test]
fn nobody_there_is_said_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let free = format!("http://{}/savepoint", listener.local_addr().unwrap());
    drop(listener);
    for (url, said) in [
        (free.as_str(), "nobody answers there ("),
        ("http://no-such-host.invalid/savepoint", "no such host ("),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
        let output = command.args(["inspect", url, "--store-timeout", "60"]).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(&format!("cannot be read: {said}")), "{message}");
    }
}

/// A web server lists nothing, so a root is a savepoint or nothing that could be looked for.
#[test]
fn an_audit_reads_a_root_that_is_a_savepoint() {
    let server = HttpServer::start(files_of_fixture(), |_| Behaviour::Answers);
    let elsewhere = format!("{}/elsewhere", server.url);
    let (status, rows, _) = run(&server, &["audit", &server.url, &elsewhere, "--format", "jsonl"]);
    let rows: Vec<serde_json::Value> = rows.lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    assert_eq!((status, rows.len()), (Some(2), 2), "{rows:?}");
    assert_eq!((rows[0]["error"].as_str(), rows[0]["missing_files"].as_u64()), (None, Some(0)), "{rows:?}");
    let local = Command::new(env!("CARGO_BIN_EXE_holdpoint"))
        .args(["audit", &savepoint(FIXTURE), "--format", "jsonl"])
        .output()
        .unwrap();
    let local: serde_json::Value = serde_json::from_slice(&local.stdout).unwrap();
    assert_eq!(rows[0]["total_bytes"], local["total_bytes"]);
    let said = rows[1]["error"].as_str().unwrap();
    assert!(said.contains("http://SERVER/elsewhere") && said.contains("list"), "{said}");
}
