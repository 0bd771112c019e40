//! Flink's JSON: the REST API of a running cluster, execution plans, compiled plans.

use super::{EVENTS, fixture, flinks_reading, read};
use holdpoint::plan::{JobPlan, MaxParallelism, NodeUids, SourceKind, Uid};
use holdpoint::source::{Location, Source};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// The vertices of Flink's reading, with the parallelism and the number of operators of each.
fn vertices(name: &str) -> BTreeMap<String, (i64, usize)> {
    let mut vertices = BTreeMap::new();
    for operator in flinks_reading(name) {
        let vertex = vertices
            .entry(text(&operator["vertex"]))
            .or_insert((operator["parallelism"].as_i64().unwrap(), 0));
        vertex.1 += 1;
    }
    vertices
}

/// An answer has the IDs of the heads of chains; from Flink 1.15 on it also shows how many operators are behind them.
#[test]
fn a_rest_plan_has_the_heads_of_the_job_graph() {
    for name in EVENTS {
        for file in ["rest-job.json", "rest-job-plan.json", "rest-jar-plan.json"] {
            let plan = read(name, file);
            assert_eq!(plan.kind, SourceKind::Rest);
            let mut ours = BTreeMap::new();
            let mut head = String::new();
            for operator in &plan.operators {
                if let Some(id) = operator.id {
                    head = id.to_string();
                }
                let parallelism = operator.parallelism.unwrap().into();
                ours.entry(head.clone()).or_insert((parallelism, 0)).1 += 1;
                assert_eq!(operator.uid, Uid::Unknown);
            }
            let expected = vertices(name);
            if name.contains("1.13") {
                assert!(ours.keys().eq(expected.keys()), "{name} {file}");
            } else {
                assert_eq!(ours, expected, "{name} {file}");
            }
        }
    }
}

/// A running job shows the value that each vertex has, and not who set it: the one that sets 64 has no other mark.
#[test]
fn a_running_job_shows_its_max_parallelism() {
    for name in EVENTS {
        let plan = read(name, "rest-job.json");
        let set: BTreeSet<_> = flinks_reading(name)
            .iter()
            .filter(|operator| operator["max_parallelism"] == 64)
            .map(|operator| text(&operator["vertex"]))
            .collect();
        for operator in plan.operators.iter().filter(|operator| operator.id.is_some()) {
            let expected = if set.contains(&operator.id.unwrap().to_string()) { 64 } else { 128 };
            assert_eq!(operator.max_parallelism, MaxParallelism::SetOrDerived(expected), "{name}");
        }
        assert!(!set.is_empty());
    }
}

/// A plan file that says which node has which uid, by the nodes' names.
fn uids_of(name: &str) -> String {
    let mut lines = "operators:\n".to_owned();
    for operator in flinks_reading(name) {
        if let Some(uid) = operator["uid"].as_str() {
            writeln!(lines, "  - {{name: {}, uid: {uid}}}", operator["operator_name"]).unwrap();
        }
    }
    crate::support::write_file(&format!("uids-{name}.yaml"), &lines)
}

/// An execution plan holds no IDs and no uids. Told the uids, the IDs that are computed are Flink's.
#[test]
fn an_execution_plan_has_flinks_ids_once_it_is_told_the_uids() {
    for name in EVENTS {
        for file in ["execution-plan.json", "flink-info.txt"] {
            let sources = [fixture(name, file), uids_of(name)];
            let plan =
                JobPlan::read_all(&Source::default(), sources.iter().map(String::as_str)).unwrap().unwrap();
            let ours: BTreeMap<_, _> = plan
                .operators
                .iter()
                .map(|operator| (operator.name.clone().unwrap(), operator.id.unwrap().to_string()))
                .collect();
            let flinks: BTreeMap<_, _> = flinks_reading(name)
                .iter()
                .map(|operator| (text(&operator["operator_name"]), text(&operator["operator_id"])))
                .collect();
            assert_eq!(ours, flinks, "{name} {file}");
            for operator in &plan.operators {
                assert_eq!(operator.certain_id().is_some(), matches!(operator.uid, Uid::Set(_)), "{name}");
            }
        }
    }
}

/// The same, told by a file of uids, by the names of the nodes or by their numbers.
#[test]
fn a_file_of_uids_says_which_node_has_which() {
    for name in EVENTS {
        let plan = read(name, "execution-plan.json");
        let numbers: BTreeMap<_, _> =
            plan.operators.iter().map(|it| (it.name.clone().unwrap(), it.node.unwrap())).collect();
        let (mut by_name, mut by_number) = (String::new(), String::new());
        for operator in flinks_reading(name) {
            if let Some(uid) = operator["uid"].as_str() {
                writeln!(by_name, "{}: {uid}", operator["operator_name"]).unwrap();
                writeln!(by_number, "{}: {uid}", numbers[&text(&operator["operator_name"])]).unwrap();
            }
        }
        let flinks: BTreeSet<_> = flinks_reading(name).iter().map(|it| text(&it["operator_id"])).collect();
        for uids in [by_name, by_number] {
            let uids = NodeUids::read(uids.as_bytes()).unwrap();
            let told = plan.clone().with_uids(&Location::parse("uids.yaml"), uids).unwrap();
            let ours: BTreeSet<_> = told.operators.iter().map(|it| it.id.unwrap().to_string()).collect();
            assert_eq!(ours, flinks, "{name}");
        }
    }
}

#[test]
fn a_file_of_uids_that_does_not_fit_the_plan_is_refused() {
    let refused = |uids: &str| {
        let plan = read("flink-2.3-events", "execution-plan.json");
        let uids = NodeUids::read(uids.as_bytes()).unwrap();
        plan.with_uids(&Location::parse("uids.yaml"), uids).unwrap_err().to_string()
    };
    assert_eq!(
        refused("totals: a"),
        "uids.yaml: totals: no operator of the plan is called so; there are Source: numbers, to-event, Source: Sequence Source, more, positive -> \"all\" and 7 more"
    );
    assert_eq!(
        refused("to-event: a\nmore: a"),
        "uids.yaml: to-event: another operator has the same uid; Flink refuses such a job"
    );
    for other in ["", "uid", "- a\n- b", "totals: [a]", "final String UID = \"a\";"] {
        assert_eq!(NodeUids::read(other.as_bytes()), None, "{other}");
    }
    // A job graph holds the ID, which is not that of this uid.
    let plan = read("flink-1.20-events", "job.graph");
    let uids = NodeUids::read(b"count: another").unwrap();
    let told = plan.with_uids(&Location::parse("uids.yaml"), uids).unwrap();
    assert_eq!(told.contradictions.iter().map(|it| it.fact.as_str()).collect::<Vec<_>>(), ["ID"]);
}
