//! What the IDs of real savepoints are: uids out of the job's source, and generated ones without any help.

use crate::support::{catalog, job_fixtures, path, plan, savepoint};
use holdpoint::catalog::{Origin, Origins, StateCatalog};
use holdpoint::ids::{EditKind, KnownUids, OperatorId, edits, edits_of_generated, is_source, operator_ids};
use holdpoint::plan::{JobPlan, PlannedGraph, Uid};
use holdpoint::source::read_tree;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// The uids in the source of the job that the fixtures are of.
fn uids_of_the_job() -> KnownUids {
    let mut known = KnownUids::default();
    let tree = read_tree(&path("fixtures/generator/src/com/example/shop").display().to_string(), is_source);
    for (name, text) in tree.unwrap().files {
        known.add_file(&name, &text);
    }
    known
}

/// Savepoints of the job, of a Flink that stores no uids and of one that does.
fn of_the_job(version: &str) -> Vec<String> {
    let names = [
        "v1",
        "v1-rocksdb",
        "uid-dropped",
        "uid-renamed",
        "unchained",
        "operator-removed",
        "max4",
        "parallelism-4",
    ];
    let wanted: Vec<_> = names.iter().map(|name| format!("flink-{version}-{name}")).collect();
    let found: Vec<_> = job_fixtures().into_iter().filter(|fixture| wanted.contains(fixture)).collect();
    assert_eq!(found.len(), wanted.len());
    found
}

#[test]
fn every_operator_of_the_job_is_explained() {
    let known = uids_of_the_job();
    for fixture in of_the_job("1.20").into_iter().chain(of_the_job("2.3")) {
        let catalog = catalog(&fixture);
        let origins = Origins::of(&catalog, &known);
        for operator in &catalog.operators {
            let has_uid = known.get(operator.id).is_some();
            match origins.get(operator.id) {
                Origin::Stored(uid) => assert_eq!(OperatorId::of_uid(uid), operator.id),
                Origin::Known(uid) => assert!(uid.place.contains("ShopJob.java:"), "{fixture}: {uid:?}"),
                Origin::Generated(generated) => {
                    assert_eq!(generated.id(), operator.id, "{fixture}");
                    assert!(!has_uid && operator.uid.is_none(), "{fixture}: {}", operator.id);
                }
                other => panic!("{fixture}: {}: {other:?}", operator.id),
            }
        }
    }
}

/// What Flink says when a restore fails names the operator; an ID in the place of a uid is hashed, with a word of warning.
#[test]
fn an_id_is_found_in_the_message_of_a_restore() {
    let said = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_holdpoint")).arg("id").args(arguments).output().unwrap();
        assert!(output.status.success());
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let id = "8543f4f2e0576b0fc244442c6c7832f2";
    let message =
        format!("Cannot map checkpoint/savepoint state for operator {id} to the new program, because");
    let savepoint = savepoint("flink-1.20-v1");
    let of = |find: &str| said(&["--find", find, "--savepoint", &savepoint]);
    assert_eq!(of(&message), of(id));
    let (hashed, warning) = said(&[id]);
    assert_eq!(hashed, format!("{}\n", OperatorId::of_uid(id)));
    assert!(warning.contains(&format!("`holdpoint id --find {id}` says what it is")), "{warning}");
    assert_eq!(said(&["customer-profile"]), (format!("{id}\n"), String::new()));
}

/// With neither a plan nor uids: `parse` and `totals`, which have none, and no other.
#[test]
fn what_was_generated_shows_without_any_help() {
    let uids = uids_of_the_job();
    for fixture in of_the_job("1.20") {
        let catalog = catalog(&fixture);
        let origins = Origins::of(&catalog, &KnownUids::default());
        let mut found = 0;
        for operator in &catalog.operators {
            let generated = matches!(origins.get(operator.id), Origin::Generated(_));
            assert!(!generated || uids.get(operator.id).is_none(), "{fixture}: {}", operator.id);
            found += usize::from(generated);
        }
        let without = catalog.operators.iter().filter(|operator| uids.get(operator.id).is_none()).count();
        assert_eq!(found, without, "{fixture}");
    }
}

/// Where a savepoint stores uids, none that has one is called generated.
#[test]
fn no_operator_with_a_uid_is_called_generated() {
    for fixture in job_fixtures() {
        let catalog = catalog(&fixture);
        if !catalog.version.has_names() {
            continue;
        }
        let ids = catalog.operators.iter().map(|operator| operator.id);
        let origins = Origins::of_ids(ids, &KnownUids::default());
        for operator in &catalog.operators {
            let generated = matches!(origins.get(operator.id), Origin::Generated(_));
            assert!(!generated || operator.uid.is_none(), "{fixture}: {:?}", operator.uid);
        }
    }
}

/// The graph of the job that the fixtures are of, out of a plan that Flink wrote.
fn graph_of_the_job(plan: &str) -> PlannedGraph {
    JobPlan::read(&path("fixtures/plans").join(plan).display().to_string()).unwrap().graph.unwrap()
}

/// The ID of the operator of this name in a savepoint that stores names.
fn id_in(fixture: &str, name: &str) -> OperatorId {
    let catalog = catalog(fixture);
    catalog.operators.iter().find(|it| it.name.as_deref() == Some(name)).unwrap().id
}

/// Each edit that a next version of the job makes gives its operators the IDs that Flink gave them.
#[test]
fn edits_change_the_ids_that_flink_changed() {
    for plan in ["flink-2.3-shop/job.graph", "flink-2.3-shop/stream.graph"] {
        let PlannedGraph { graph, chaining } = graph_of_the_job(plan);
        let edits = edits(&graph, &chaining).tried;
        let place = |name| graph.nodes().iter().position(|node| node.name == name).unwrap();
        let after = |kind, at: &str, name| {
            let edit = edits.iter().find(|edit| edit.kind == kind && edit.place == at).unwrap();
            edit.ids[place(name)]
        };
        let now = operator_ids(&graph, &chaining).unwrap();
        for name in ["parse", "totals"] {
            assert_eq!(now[place(name)].as_ref().map(|it| it.id), Some(id_in("flink-2.3-v1", name)));
            for (fixture, kind, at) in [
                ("flink-2.3-unchained", EditKind::ChainBroken, "totals → Sink: totals-sink"),
                ("flink-2.3-operator-removed", EditKind::OperatorRemoved, "customer-profile"),
            ] {
                assert_eq!(after(kind, at, name), Some(id_in(fixture, name)), "{plan}: {fixture}: {name}");
            }
        }
        let parse = after(EditKind::UidSet, "totals", "parse");
        assert_eq!(parse, Some(id_in("flink-2.3-uid-added", "parse")));

        // The savepoint alone tells the first of them, too.
        let generated = now[place("totals")].clone().unwrap().generated.unwrap();
        let unchained = edits_of_generated(&generated).pop().unwrap();
        assert_eq!(
            unchained,
            ("one output of it is no longer chained", id_in("flink-2.3-unchained", "totals"))
        );
    }
}

/// Savepoints of Flink 1.20 hold no names, and its job graphs no uids: after an edit, the operators have the IDs that those
/// of the changed job have.
#[test]
fn edits_of_a_job_graph_without_uids_lead_to_ids_that_flink_made() {
    let PlannedGraph { graph, chaining } = graph_of_the_job("flink-1.20-shop/job.graph");
    let edits = edits(&graph, &chaining).tried;
    for (kind, at, fixture) in [
        (EditKind::ChainBroken, "totals → Sink: totals-sink", "flink-1.20-unchained"),
        (EditKind::OperatorRemoved, "customer-profile", "flink-1.20-operator-removed"),
    ] {
        let edit = edits.iter().find(|edit| edit.kind == kind && edit.place == at).unwrap();
        let ours: BTreeSet<_> = edit.ids.iter().flatten().copied().collect();
        let flinks: BTreeSet<_> = catalog(fixture).operators.iter().map(|operator| operator.id).collect();
        assert_eq!(ours, flinks, "{fixture}");
    }
}

/// Flink 2.3 stores the uids that the same job has in Flink 1.20, where only their hashes are in the savepoint.
#[test]
fn uids_of_the_sources_name_the_operators_of_old_savepoints() {
    let known = uids_of_the_job();
    let uids = |catalog: &StateCatalog| {
        catalog
            .operators
            .iter()
            .map(|operator| (operator.id, operator.uid.clone()))
            .collect::<BTreeMap<_, _>>()
    };
    let stored = uids(&catalog("flink-2.3-v1"));
    let mut old = catalog("flink-1.20-v1");
    assert!(uids(&old).values().all(Option::is_none));
    old.take_uids(&known);
    assert_eq!(uids(&old), stored);
    let mut planned = plan("flink-1.20-v1");
    planned.take_uids(&known);
    for operator in &planned.operators {
        let uid = stored.get(&operator.id.unwrap()).cloned().flatten();
        assert_eq!(operator.uid, uid.map_or(Uid::Unknown, Uid::Set));
    }
}
