//! Java-serialized graphs.

use super::{PLANS, fixture, flinks_reading, read};
use holdpoint::ids::operator_ids;
use holdpoint::plan::{JobPlan, MaxParallelism, PlannedOperator, Uid};
use holdpoint::types::DataType;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a plan says of an operator, in the keys of Flink's reading.
fn reading(operator: &PlannedOperator) -> Value {
    let types = |types: &[DataType]| types.iter().map(ToString::to_string).collect::<Vec<_>>();
    let implementation = &operator.implementation;
    json!({
        "operator_id": operator.id,
        "uid_hash": operator.uid_hash,
        "uid": match &operator.uid {
            Uid::Set(uid) => json!(uid),
            Uid::Unset => Value::Null,
            Uid::Unknown => json!("unknown"),
        },
        "operator_name": operator.name,
        "vertex": operator.chain,
        "parallelism": operator.parallelism,
        "max_parallelism": match operator.max_parallelism {
            MaxParallelism::Set(value) => value,
            MaxParallelism::Derived => -1,
            other => panic!("{other:?}"),
        },
        "operator_class": implementation.operator,
        "user_function": implementation.function,
        "key_type": operator.states.as_ref().and_then(|states| states.keys.first()).map(ToString::to_string),
        "output_type": implementation.output.as_ref().map(ToString::to_string),
        "input_types": types(&implementation.inputs),
    })
}

/// Flink's reading, less what the source does not tell: before 2.0 a job graph shows which operators have a uid, and not
/// which.
fn expected(fixture: &str, mut operator: Value, alone: bool) -> Value {
    if fixture.starts_with("flink-1.") && !operator["uid"].is_null() {
        operator["uid"] = json!("unknown");
    }
    if alone {
        operator["vertex"] = Value::Null;
    }
    operator
}

fn compare(fixture: &str, plan: &JobPlan) {
    let flinks = flinks_reading(fixture);
    let mut chained: BTreeMap<String, usize> = BTreeMap::new();
    for operator in &flinks {
        *chained.entry(operator["vertex"].to_string()).or_default() += 1;
    }
    let ours: BTreeMap<_, _> =
        plan.operators.iter().map(|it| (it.id.unwrap().to_string(), reading(it))).collect();
    assert_eq!(ours.len(), flinks.len(), "{fixture}");
    for operator in flinks {
        let id = operator["operator_id"].as_str().unwrap().to_owned();
        let alone = chained[&operator["vertex"].to_string()] == 1;
        let mut ours = ours[&id].clone();
        let mut flinks = expected(fixture, operator, alone);
        for reading in [&mut ours, &mut flinks] {
            shorten(reading);
        }
        assert_eq!(ours, flinks, "{fixture}: {id}");
    }
}

/// Says only that a function is a lambda, whose class has another name in each run, and that a factory of Flink's own
/// makes the operator, whose class is in the factory's code.
fn shorten(reading: &mut Value) {
    if reading["user_function"].as_str().is_some_and(|function| function.starts_with("lambda")) {
        reading["user_function"] = json!("lambda");
    }
    let class = reading["operator_class"].as_str().unwrap_or_default().to_owned();
    if class.starts_with("StreamExec") {
        // The class is compiled when the job runs.
        reading["operator_class"] = json!("org.apache.flink.table.runtime.operators.CodeGenOperator");
    } else if let Some(made) = class.strip_suffix("Factory") {
        reading["operator_class"] = json!(made);
    }
}

fn path_exists(name: &str, file: &str) -> bool {
    std::path::Path::new(&fixture(name, file)).exists()
}

#[test]
fn a_job_graph_says_what_flink_says_of_it() {
    for fixture in PLANS {
        compare(fixture, &read(fixture, "job.graph"));
    }
}

/// Its IDs are computed, and equal those that Flink made of the same graph.
#[test]
fn a_stream_graph_says_what_flink_says_of_its_job_graph() {
    for fixture in PLANS.iter().filter(|fixture| fixture.starts_with("flink-2.")) {
        compare(fixture, &read(fixture, "stream.graph"));
    }
}

#[test]
fn chains_stand_from_head_to_tail() {
    for fixture in PLANS {
        let flinks = flinks_reading(fixture);
        let files = ["job.graph", "stream.graph"].iter().filter(|file| path_exists(fixture, file));
        for (plan, operator) in files
            .map(|file| read(fixture, file))
            .flat_map(|plan| flinks.iter().map(move |operator| (plan.clone(), operator)))
        {
            let of_chain = |vertex: &Value| {
                let ids = flinks.iter().filter(|it| it["vertex"] == *vertex);
                ids.map(|it| it["operator_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
            };
            let flinks = of_chain(&operator["vertex"]);
            let ours = plan.operators.iter().filter(|it| it.chain.as_deref() == operator["vertex"].as_str());
            let ours: Vec<_> = ours.map(|it| it.id.unwrap().to_string()).collect();
            assert!(flinks.len() == 1 || ours == flinks, "{fixture}: {ours:?} {flinks:?}");
        }
    }
}

/// The graph that is put together of a job graph gives every operator the ID that Flink gave it.
#[test]
fn a_job_graph_shows_the_stream_graph_that_it_was_made_of() {
    for fixture in PLANS {
        let planned = read(fixture, "job.graph").graph.unwrap_or_else(|| panic!("{fixture} has no graph"));
        let ids = operator_ids(&planned.graph, &planned.chaining).unwrap();
        let ours: BTreeMap<_, _> = planned
            .graph
            .nodes()
            .iter()
            .zip(&ids)
            .map(|(node, id)| {
                let id = id.as_ref().unwrap();
                (id.id.to_string(), (node.name.clone(), id.generated.is_some()))
            })
            .collect();
        let flinks = flinks_reading(fixture);
        let flinks: BTreeMap<_, _> = flinks
            .iter()
            .map(|operator| {
                let text = |key: &str| operator[key].as_str().unwrap().to_owned();
                (text("operator_id"), (text("operator_name"), operator["uid"].is_null()))
            })
            .collect();
        assert_eq!(ours, flinks, "{fixture}");
    }
}
