//! What is said of input that no plan can be made of: one message, status 2.

use super::fixture;
use crate::support::{path, savepoint};
use std::process::Command;

/// Runs a check with this plan, and gives what it says.
fn refused(plan: &str) -> String {
    let arguments = ["check", &savepoint("flink-2.3-v1"), "--plan", plan, "--store-timeout", "1"];
    let output = Command::new(env!("CARGO_BIN_EXE_holdpoint")).args(arguments).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{plan}: {message}");
    assert!(output.stdout.is_empty(), "{plan} printed something before it failed");
    message.trim_end().replace(plan, "PLAN")
}

fn file(name: &str, bytes: &[u8]) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}

#[test]
fn documents_that_are_no_plan() {
    for (name, text, message) in [
        (
            "other.json",
            r#"{"name": "something"}"#,
            "error: PLAN: this JSON is no plan: it is neither a plan file (which has `operators`), nor a plan of the REST API (`plan`), nor an execution plan or a compiled plan (`nodes`)",
        ),
        (
            "rest.json",
            r#"{"plan": {"nodes": [{"id": 7}]}}"#,
            "error: PLAN: this is a plan of the JobManager's REST API, and not as Flink writes it: invalid type: integer `7`, expected a string",
        ),
        (
            "loop.json",
            r#"{"nodes": [{"id": 1, "type": "a", "pact": "Operator", "parallelism": 1, "predecessors": [{"id": 9, "ship_strategy": "HASH"}]}]}"#,
            "error: PLAN: an edge names the node 9, which is not there",
        ),
        (
            "compiled.json",
            r#"{"flinkVersion": "next", "nodes": [], "edges": []}"#,
            "error: PLAN: 'next' is not a Flink version such as 1.20",
        ),
        ("empty.json", r#"{"plan": {"nodes": []}}"#, "error: PLAN: this plan has no operators"),
    ] {
        assert_eq!(refused(&file(name, text.as_bytes())), message);
    }
}

#[test]
fn java_objects_that_are_no_graph() {
    let text = file("text.bin", b"\xac\xed\0\x05t\0\x03abc");
    assert_eq!(
        refused(&text),
        "error: PLAN: it is a Java object of no class, and neither a JobGraph nor a StreamGraph"
    );
    for name in ["flink-1.13-events", "flink-2.3-events"] {
        assert_eq!(
            refused(&fixture(name, "ha-pointer")),
            "error: PLAN: it only says where the job's graph is: pass file:/flink/ha/submittedJobGraph1a2b3c4d"
        );
    }
    let graph = std::fs::read(path("fixtures/plans/flink-2.3-events/job.graph")).unwrap();
    let half = refused(&file("half.graph", &graph[..graph.len() / 2]));
    assert!(half.starts_with("error: PLAN: Java object › "), "{half}");
    assert!(half.contains(" bytes left"), "{half}");
}

#[test]
#[cfg(feature = "http")]
fn servers_that_give_no_plan() {
    use crate::support::http_server::{Behaviour, HttpServer};
    let refusal = br#"{"errors": ["Job 1 not found", "and a stack trace"]}"#.to_vec();
    let files = [("/jobs/1".to_owned(), refusal), ("/jobs/2".to_owned(), b"{}".to_vec())];
    let server = HttpServer::start(files.into(), |path| {
        if path == "/jobs/2" { Behaviour::Hangs } else { Behaviour::Answers }
    });
    assert_eq!(
        refused(&format!("{}/jobs/1", server.url)),
        "error: PLAN: the JobManager answered with an error: Job 1 not found"
    );
    assert_eq!(
        refused(&format!("{}/jobs/2", server.url)),
        "error: PLAN cannot be read: no answer came in time (operation timed out); try again, or give it more with --store-timeout"
    );
    let nobody = refused("http://127.0.0.1:1/jobs/1");
    assert!(nobody.starts_with("error: PLAN cannot be read: nobody answers there"), "{nobody}");
}
