//! Flink's JSON: the REST API of a running cluster, execution plans, compiled plans.

use super::{EVENTS, fixture, flinks_reading, read};
use holdpoint::plan::{JobPlan, MaxParallelism, SourceKind, Uid};
use holdpoint::source::Source;
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
