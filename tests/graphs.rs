//! Chains and operator IDs of random stream graphs, against what Flink made of each.
//!
//! `HOLDPOINT_GRAPHS` names a directory of other graphs than the committed ones: `fixtures/generator/graphs` makes them.

use crate::support::graphs::made_graphs;
use holdpoint::ids::{Chaining, OperatorId, SUB_UIDS, SearchScope, operator_ids, search_generated};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn chains_and_ids_are_those_that_flink_makes() {
    let graphs = made_graphs();
    let mut counted: BTreeMap<_, (usize, usize, usize)> = BTreeMap::new();
    for made in &graphs {
        let chaining = Chaining::of(&made.graph, made.line);
        for (place, edge) in made.graph.edges().iter().enumerate() {
            assert_eq!(chaining.is_chained(place), made.chained[place], "{}: {edge:?}", made.title);
        }
        let ids = operator_ids(&made.graph, &chaining).unwrap();
        for ((node, id), by_flink) in made.graph.nodes().iter().zip(&ids).zip(&made.ids) {
            assert_eq!(id.as_ref().map(|id| id.id), Some(*by_flink), "{}: {node:?}", made.title);
        }
        let count = counted.entry(made.line).or_default();
        count.0 += 1;
        count.1 += ids.iter().flatten().filter(|id| id.generated.is_some()).count();
        count.2 += made.chained.len();
    }
    for (line, (graphs, ids, edges)) in counted {
        println!("Flink {line}: {graphs} graphs, {ids} generated IDs, {edges} edges");
    }
}

/// What a savepoint of each graph holds tells which IDs were generated, and from what; and of none that has a uid does it
/// say so.
#[test]
fn the_search_finds_what_was_generated_and_nothing_else() {
    let mut counted: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    for made in made_graphs() {
        let truth = operator_ids(&made.graph, &Chaining::known(made.chained.iter().copied())).unwrap();
        let truth: BTreeMap<OperatorId, _> =
            truth.into_iter().flatten().map(|node| (node.id, node.generated)).collect();
        let id = |node: &i32| made.ids[made.graph.place(*node).unwrap()];
        let operators: Vec<_> = made.vertices.iter().flatten().map(id).collect();
        let scope = SearchScope { operators: operators.clone(), ..SearchScope::default() };
        let found = search_generated(&scope);
        for (id, generated) in &found {
            assert_eq!(truth[id].as_ref(), Some(generated), "{}: {id}", made.title);
        }
        let count = counted.entry(made.line).or_default();
        count.0 += operators.iter().filter(|id| truth[id].is_some()).count();
        count.1 += found.len();
    }
    for (line, (generated, found)) in counted {
        println!("Flink {line}: {found} of {generated} generated IDs explained");
        assert!(found * 100 >= generated * 95, "Flink {line}: {found} of {generated}");
    }
}

/// Every uid that the user did not write is one of those that the table derives from a uid of the same graph.
#[test]
fn sinks_derive_the_uids_that_the_table_says() {
    let mut derived = 0;
    let mut used = BTreeSet::new();
    for made in made_graphs() {
        let uids: BTreeSet<&str> = made.graph.nodes().iter().filter_map(|node| node.uid.as_deref()).collect();
        // A sink's own additions have their own uid behind it.
        for uid in uids.iter().filter(|uid| uid.starts_with("Sink ")) {
            let place = SUB_UIDS
                .iter()
                .position(|sub| sub.is_made_by(made.line) && uids.iter().any(|sink| sub.of(sink) == **uid));
            used.insert(place.unwrap_or_else(|| panic!("{}: {uid:?}", made.title)));
            derived += 1;
        }
    }
    assert!(derived > 0);
    assert_eq!(used.len(), SUB_UIDS.len(), "rows that no graph needs");
}
