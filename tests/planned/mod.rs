//! What each source of plans says is what Flink itself says of the same job.

mod compiled_plans;
mod documents;
mod job_graphs;
mod overlays;
mod refusals;

use crate::support::path;
use holdpoint::plan::JobPlan;
use serde_json::Value;

/// Jobs whose plans are fixtures, in every form that their Flink has.
const PLANS: [&str; 11] = [
    "flink-1.13-events",
    "flink-1.17-events",
    "flink-1.20-events",
    "flink-2.0-events",
    "flink-2.3-events",
    "flink-1.20-shop",
    "flink-2.3-shop",
    "flink-1.13-small",
    "flink-2.3-small",
    "flink-1.17-table",
    "flink-2.3-table",
];

/// Those of the job that has a plan in every form.
const EVENTS: [&str; 5] =
    ["flink-1.13-events", "flink-1.17-events", "flink-1.20-events", "flink-2.0-events", "flink-2.3-events"];

/// A file of a fixture, as a user would name it.
fn fixture(name: &str, file: &str) -> String {
    path("fixtures/plans").join(name).join(file).display().to_string()
}

fn read(name: &str, file: &str) -> JobPlan {
    JobPlan::read(&fixture(name, file)).unwrap_or_else(|error| panic!("{error}"))
}

/// What Flink's own classes say of the job graph: its operators, in the order of the graph.
fn flinks_reading(name: &str) -> Vec<Value> {
    let reading: Value =
        serde_json::from_str(&std::fs::read_to_string(fixture(name, "flink.json")).unwrap()).unwrap();
    reading["operators"].as_array().unwrap().clone()
}
