//! Compiled SQL plans, against savepoints that the same plans took when they ran.

use super::{fixture, flinks_reading, read};
use holdpoint::plan::{JobPlan, PlannedOperator, Uid};
use holdpoint::source::{Location, Settings};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Plans of many kinds of statements, and of those that rows in bundles change.
const SQL: [&str; 5] = [
    "flink-1.15-sql-mini-batch",
    "flink-1.16-sql",
    "flink-1.20-sql",
    "flink-2.3-sql",
    "flink-2.3-sql-mini-batch",
];

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn planned(plan: &JobPlan) -> BTreeMap<String, &PlannedOperator> {
    plan.operators.iter().filter_map(|it| Some((it.id?.to_string(), it))).collect()
}

/// The operators of the plan are those of the savepoint: none is missing, and none is too many.
#[test]
fn a_compiled_plan_has_the_operators_of_its_savepoint() {
    for name in SQL {
        let plan = read(name, "compiled-plan.json");
        let flinks: BTreeSet<_> = flinks_reading(name).iter().map(|it| text(&it["operator_id"])).collect();
        let ours: BTreeSet<_> = planned(&plan).into_keys().collect();
        assert_eq!(ours, flinks, "{name}");
        assert!(plan.operators.iter().all(|it| !it.is_id_assumed), "{name}");
        assert_eq!(plan.flink.unwrap().to_string(), name[6..].split('-').next().unwrap());
        // What connectors add has no ID here, and is named.
        let without = plan.operators.iter().filter(|it| it.id.is_none());
        assert!(
            without
                .map(|it| it.name.clone().unwrap())
                .all(|it| it.starts_with("what the connector adds to "))
        );
    }
}

/// Every state that the plan names is in the savepoint, of that kind, and of those types that the plan tells.
#[test]
fn the_states_of_a_compiled_plan_are_those_of_its_savepoint() {
    let mut compared: BTreeSet<(String, String)> = BTreeSet::new();
    let (mut keys, mut typed) = (0, 0);
    for name in SQL {
        let plan = read(name, "compiled-plan.json");
        let planned = planned(&plan);
        for operator in flinks_reading(name) {
            let id = text(&operator["operator_id"]);
            let states = planned[&id].states.as_ref().unwrap();
            let stored: BTreeMap<_, _> =
                operator["states"].as_array().unwrap().iter().map(|it| (text(&it["name"]), it)).collect();
            let title = format!("{name}: {}", planned[&id].title());
            assert!(!states.complete, "{title}");
            for state in &states.states {
                let flinks =
                    stored.get(&state.name).unwrap_or_else(|| panic!("{title} has no {}", state.name));
                assert_eq!(state.kind.to_string(), flinks["kind"], "{title}: {}", state.name);
                let namespace = state.namespace.as_ref().map(ToString::to_string);
                assert_eq!(
                    namespace.as_deref(),
                    flinks["namespace_type"].as_str(),
                    "{title}: {}",
                    state.name
                );
                if let Some(value) = &state.value {
                    assert_eq!(value.to_string(), flinks["value_type"], "{title}: {}", state.name);
                    typed += 1;
                }
                compared
                    .insert((planned[&id].title().split_once('_').unwrap().1.to_owned(), state.name.clone()));
            }
            let keyed = stored.values().find_map(|it| it["key_type"].as_str());
            let key = states.keys.first().map(ToString::to_string);
            if let (Some(key), Some(keyed)) = (key, keyed) {
                assert_eq!(key, keyed, "{title}");
                keys += 1;
            }
        }
    }
    println!("{} states of kinds of operators, {typed} types, {keys} keys", compared.len());
    assert!(compared.len() > 30 && typed > 50 && keys > 100);
}

/// With a limit in the plan, a state is wrapped; without one it is not. Where an old plan does not say, nothing is told.
#[test]
fn the_time_to_live_is_that_of_the_plan() {
    let document = std::fs::read_to_string(fixture("flink-2.3-sql", "compiled-plan.json")).unwrap();
    let value_of = |document: &str| {
        let location = Location::parse("plan.json");
        let plan = JobPlan::of_file(&Settings::default(), &location, document.as_bytes()).unwrap();
        let join = plan.operators.into_iter().find(|it| it.title() == "14_join").unwrap();
        let states = join.states.unwrap().states;
        states.into_iter().find(|it| it.name == "left-records").unwrap().value.map(|it| it.to_string())
    };
    assert_eq!(value_of(&document).as_deref(), Some("Map<RowData<BIGINT, STRING>, Ttl<Integer>>"));
    let unlimited = document.replace("\"ttl\" : \"1 d\"", "\"ttl\" : \"0 ms\"");
    assert_eq!(value_of(&unlimited).as_deref(), Some("Map<RowData<BIGINT, STRING>, Integer>"));
    assert_eq!(value_of(&document.replace("\"ttl\" : \"1 d\"", "\"ttl\" : \"\"")), None);
}

/// The uids follow `table.exec.uid.format` and `table.exec.uid.generation` of the Flink configuration.
#[test]
fn uids_are_made_as_the_configuration_says() {
    let document = std::fs::read(fixture("flink-2.3-sql", "compiled-plan.json")).unwrap();
    let uids = |key: &str, value: &str| -> Vec<Uid> {
        let mut settings = Settings::default();
        settings.flink.insert(key.to_owned(), value.to_owned());
        let plan = JobPlan::of_file(&settings, &Location::parse("plan.json"), &document).unwrap();
        plan.operators.into_iter().map(|it| it.uid).collect()
    };
    let set = |uid: &str| Uid::Set(uid.to_owned());
    assert!(uids("table.exec.uid.format", "<id>_<transformation>").contains(&set("14_join")));
    let long = uids("table.exec.uid.format", "<id>_<type>_<version>_<transformation>");
    assert!(long.contains(&set("14_stream-exec-join_1_join")));
    assert!(uids("table.exec.uid.format", "my-<transformation>-<id>").contains(&set("my-join-14")));
    assert!(
        uids("table.exec.uid.generation", "DISABLED")
            .iter()
            .all(|uid| *uid == Uid::Unset || *uid == Uid::Unknown)
    );
}
