//! Compiled SQL plans, against savepoints that the same plans took when they ran.

use super::{fixture, flinks_reading, read};
use crate::support::path;
use holdpoint::plan::{JobPlan, MaxParallelism, PlannedOperator, Uid};
use holdpoint::source::{Location, Settings};
use holdpoint::types::DataType;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Plans of many kinds of statements, and of those that rows in bundles change.
const SQL: [&str; 8] = [
    "flink-1.15-sql-mini-batch",
    "flink-1.16-sql",
    "flink-1.18-sql-aggregates",
    "flink-1.20-sql",
    "flink-1.20-sql-aggregates",
    "flink-2.3-sql",
    "flink-2.3-sql-aggregates",
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

/// A state of a savepoint, as Flink's own classes read it or as this tool does.
struct Stored {
    name: String,
    kind: String,
    key: Option<String>,
    namespace: Option<String>,
    value: Option<String>,
}

/// The type without what its comparator compares, which Flink's own reading of a savepoint does not show.
fn without_order(value: String) -> String {
    match value.split_once("ComparableRecordComparator, \"") {
        Some((before, behind)) => {
            let (_, behind) = behind.split_once('"').unwrap();
            format!("{before}ComparableRecordComparator{behind}")
        }
        None => value,
    }
}

/// What was compared, so that nothing is compared with nothing.
#[derive(Default)]
struct Compared {
    states: BTreeSet<(String, String)>,
    types: usize,
    keys: usize,
    complete: usize,
    /// Operators with states that the plan tells without saying that there are no others.
    open: BTreeSet<String>,
}

impl Compared {
    /// What the plan says of an operator is so in the savepoint: what it names is there, and if it says that these are all,
    /// there is no other.
    fn compare(&mut self, name: &str, planned: &PlannedOperator, stored: &[Stored]) {
        let title = format!("{name}: {}", planned.title());
        let kind = planned.title().split_once('_').unwrap().1.to_owned();
        let states = planned.states.as_ref().unwrap();
        let text = |of: &Option<DataType>| of.as_ref().map(ToString::to_string);
        for state in &states.states {
            assert!(stored.iter().any(|it| it.name == state.name), "{title} has no {}", state.name);
        }
        for of in stored {
            let planned = states.states.iter().chain(&states.perhaps).find(|it| it.name == of.name);
            let Some(state) = planned else {
                assert!(!states.complete, "{title} has {}, too", of.name);
                self.open.insert(kind.clone());
                continue;
            };
            assert_eq!(state.kind.to_string(), of.kind, "{title}: {}", state.name);
            assert_eq!(text(&state.namespace), of.namespace, "{title}: {}", state.name);
            if let Some(value) = text(&state.value) {
                assert_eq!(
                    Some(without_order(value)),
                    of.value.clone().map(without_order),
                    "{title}: {}",
                    state.name
                );
                self.types += 1;
            }
            if let (Some(key), Some(told)) = (&of.key, states.keys.first()) {
                assert_eq!(told.to_string(), *key, "{title}");
                self.keys += 1;
            }
            self.states.insert((kind.clone(), state.name.clone()));
        }
        self.complete += usize::from(states.complete && !stored.is_empty());
    }
}

/// Every state that the plan names is in the savepoint, of that kind, and of those types that the plan tells; and where the
/// plan says that these are all, the savepoint has no other.
#[test]
fn the_states_of_a_compiled_plan_are_those_of_its_savepoint() {
    let mut compared = Compared::default();
    for name in SQL {
        let plan = read(name, "compiled-plan.json");
        let planned = planned(&plan);
        for operator in flinks_reading(name) {
            let optional = |it: &Value| it.as_str().map(str::to_owned);
            let stored: Vec<_> = operator["states"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| Stored {
                    name: text(&it["name"]),
                    kind: text(&it["kind"]),
                    key: optional(&it["key_type"]),
                    namespace: optional(&it["namespace_type"]),
                    value: optional(&it["value_type"]),
                })
                .collect();
            compared.compare(name, planned[&text(&operator["operator_id"])], &stored);
        }
    }
    println!(
        "{} states of kinds of operators, {} types, {} keys, {} operators with all of their states; open: {:?}",
        compared.states.len(),
        compared.types,
        compared.keys,
        compared.complete,
        compared.open
    );
    assert!(compared.states.len() > 90 && compared.types > 900 && compared.complete > 250);
}

/// The same of the jobs of the upgrade matrix whose SQL is compiled.
#[test]
fn the_states_of_a_compiled_plan_are_those_of_its_upgrade() {
    let mut compared = Compared::default();
    let mut plans = 0;
    for group in path("fixtures/upgrades").read_dir().unwrap() {
        for scenario in group.unwrap().path().read_dir().unwrap() {
            for version in scenario.unwrap().path().read_dir().unwrap() {
                let directory = version.unwrap().path();
                let file = directory.join("plan.json");
                if !file.exists() || !directory.join("_metadata").exists() {
                    continue;
                }
                plans += 1;
                let plan = JobPlan::read(file.to_str().unwrap()).unwrap();
                let planned = planned(&plan);
                for operator in JobPlan::read(directory.to_str().unwrap()).unwrap().operators {
                    // Some connectors add operators.
                    let Some(planned) = planned.get(&operator.id.unwrap().to_string()) else { continue };
                    let states = operator.states.unwrap();
                    let stored: Vec<_> = states
                        .states
                        .iter()
                        .map(|it| Stored {
                            name: it.name.clone(),
                            kind: it.kind.to_string(),
                            key: states.keys.first().filter(|_| it.kind.is_keyed()).map(ToString::to_string),
                            namespace: it.namespace.as_ref().map(ToString::to_string),
                            value: it.value.as_ref().map(ToString::to_string),
                        })
                        .collect();
                    compared.compare(file.to_str().unwrap(), planned, &stored);
                }
            }
        }
    }
    println!(
        "{plans} plans, {} types, {} operators with all of their states",
        compared.types, compared.complete
    );
    assert!(plans > 150 && compared.types > 500 && compared.complete > 100);
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

/// The configuration says what the plan does not: a max parallelism for all, and operators that were not tried.
#[test]
fn the_configuration_of_the_job_counts() {
    let document = std::fs::read(fixture("flink-2.3-sql", "compiled-plan.json")).unwrap();
    let group = |settings: &[(&str, &str)]| {
        let mut source = Settings::default();
        source.flink.extend(settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let plan = JobPlan::of_file(&source, &Location::parse("plan.json"), &document).unwrap();
        plan.operators.into_iter().find(|it| it.title() == "6_group-aggregate").unwrap()
    };
    assert_eq!(group(&[]).max_parallelism, MaxParallelism::Unknown);
    assert_eq!(group(&[("pipeline.max-parallelism", "256")]).max_parallelism, MaxParallelism::Set(256));
    assert!(group(&[]).states.unwrap().complete);
    assert!(!group(&[("table.exec.async-state.enabled", "true")]).states.unwrap().complete);
}

/// A plan of a Flink that is newer than those that were tried tells states, and not that there are no others.
#[test]
fn a_newer_flink_may_have_other_states() {
    let document = std::fs::read_to_string(fixture("flink-2.3-sql", "compiled-plan.json")).unwrap();
    let newer = document.replace("\"flinkVersion\" : \"2.3\"", "\"flinkVersion\" : \"2.4\"");
    assert_ne!(newer, document);
    let plan =
        JobPlan::of_file(&Settings::default(), &Location::parse("plan.json"), newer.as_bytes()).unwrap();
    let mut states = plan.operators.iter().filter_map(|it| it.states.as_ref());
    assert!(states.all(|it| !it.complete && it.unread));
}
