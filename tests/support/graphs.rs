//! Stream graphs that Flink made, with what Flink made of them (`fixtures/generator/graphs`).

use holdpoint::flink::FlinkLine;
use holdpoint::ids::{
    ChainingStrategy, GraphSettings, OperatorFactory, OperatorId, OperatorKind, Partitioner, StreamEdge,
    StreamGraph, StreamNode,
};
use serde::Deserialize;
use std::path::PathBuf;

/// A graph and Flink's reading of it.
pub struct MadeGraph {
    /// For messages.
    pub title: String,
    pub line: FlinkLine,
    pub graph: StreamGraph,
    /// For each node of the graph.
    pub ids: Vec<OperatorId>,
    /// For each edge of the graph.
    pub chained: Vec<bool>,
    /// The operators of each vertex, the tail of its chain first: what a savepoint holds.
    pub vertices: Vec<Vec<i32>>,
}

#[derive(Deserialize)]
struct Document {
    flink: String,
    seed: i64,
    chaining: bool,
    chain_different_max_parallelism: bool,
    nodes: Vec<NodeRow>,
    edges: Vec<(i32, i32, i32, bool, bool, bool)>,
    vertices: Vec<Vec<i32>>,
}

type NodeRow = (
    i32,
    String,
    bool,
    Option<String>,
    Option<String>,
    i32,
    i32,
    String,
    Option<String>,
    Option<String>,
    String,
);

/// All graphs of the directory that `HOLDPOINT_GRAPHS` names, else of the committed sample.
pub fn made_graphs() -> Vec<MadeGraph> {
    let directory =
        std::env::var("HOLDPOINT_GRAPHS").map_or_else(|_| super::path("fixtures/graphs"), PathBuf::from);
    let mut files: Vec<_> = directory
        .read_dir()
        .unwrap_or_else(|error| panic!("{}: {error}", directory.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "jsonl"))
        .collect();
    files.sort();
    let graphs: Vec<_> = files
        .iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(file).unwrap();
            text.lines().map(|line| made_graph(&serde_json::from_str(line).unwrap())).collect::<Vec<_>>()
        })
        .collect();
    assert!(!graphs.is_empty(), "{} has no graphs", directory.display());
    graphs
}

fn made_graph(document: &Document) -> MadeGraph {
    let nodes = document.nodes.iter().map(|row| StreamNode {
        id: row.0,
        name: row.1.clone(),
        is_source: row.2,
        uid: row.3.clone(),
        id_of_uid: None,
        uid_hash: row.4.as_ref().map(|hash| hash.parse().unwrap()),
        parallelism: row.5,
        max_parallelism: (row.6 >= 0).then_some(row.6),
        slot_sharing_group: row.7.clone(),
        factory: row.8.as_ref().map(|strategy| OperatorFactory {
            chaining: match strategy.as_str() {
                "ALWAYS" => ChainingStrategy::Always,
                "NEVER" => ChainingStrategy::Never,
                "HEAD" => ChainingStrategy::Head,
                "HEAD_WITH_SOURCES" => ChainingStrategy::HeadWithSources,
                other => panic!("{other}"),
            },
            kind: match row.9.as_deref() {
                None => OperatorKind::Ordinary,
                Some("source") => OperatorKind::Source,
                Some("legacy-source") => OperatorKind::LegacySource,
                Some("yielding") => OperatorKind::Yielding,
                Some(other) => panic!("{other}"),
            },
        }),
    });
    let edges =
        document.edges.iter().map(|&(source, target, type_number, forward, is_batch, _)| StreamEdge {
            source,
            target,
            type_number,
            partitioner: if forward { Partitioner::Forward } else { Partitioner::Other },
            is_batch,
        });
    let settings = GraphSettings {
        chaining: document.chaining,
        chain_different_max_parallelism: document.chain_different_max_parallelism,
    };
    MadeGraph {
        title: format!("Flink {}, seed {}", document.flink, document.seed),
        line: document.flink.parse().unwrap(),
        graph: StreamGraph::new(settings, nodes.collect(), edges.collect()).unwrap(),
        ids: document.nodes.iter().map(|row| row.10.parse().unwrap()).collect(),
        chained: document.edges.iter().map(|edge| edge.5).collect(),
        vertices: document.vertices.clone(),
    }
}
