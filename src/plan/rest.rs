//! A plan from the answers of a JobManager: `GET /jobs/:id`, `GET /jobs/:id/plan`, `/jars/:id/plan`.
//!
//! They know vertices. The ID of a vertex is that of the operator at the head of its chain; of those behind it only the
//! descriptions are there, which are by default the names.

use super::{JobPlan, MaxParallelism, PlannedOperator, SourceKind};
use crate::ids::OperatorId;
use serde::Deserialize;
use std::collections::BTreeMap;

/// As much of an answer as is read.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    plan: Plan,
    #[serde(default)]
    vertices: Vec<Vertex>,
}

#[derive(Debug, Deserialize)]
struct Plan {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    parallelism: i32,
    #[serde(default)]
    description: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vertex {
    id: String,
    max_parallelism: i32,
}

impl Answer {
    /// The plan that this answer is.
    pub(super) fn into_plan(self) -> Result<JobPlan, String> {
        let max_parallelism: BTreeMap<_, _> =
            self.vertices.into_iter().map(|vertex| (vertex.id, vertex.max_parallelism)).collect();
        let mut plan = JobPlan::of_source(SourceKind::Rest);
        for node in self.plan.nodes {
            let max_parallelism = max_parallelism.get(&node.id).copied().filter(|value| *value > 0);
            plan.operators.extend(node.operators(max_parallelism)?);
        }
        Ok(plan)
    }
}

impl Node {
    /// The operators of the chain, its head first.
    fn operators(self, max_parallelism: Option<i32>) -> Result<Vec<PlannedOperator>, String> {
        let head: OperatorId = self.id.parse()?;
        let names = Chain::of(&self.description);
        let is_chain = !names.behind.is_empty();
        let with = |id, name: Option<String>| PlannedOperator {
            name,
            parallelism: Some(self.parallelism).filter(|parallelism| *parallelism > 0),
            max_parallelism: max_parallelism.map_or(MaxParallelism::Unknown, MaxParallelism::SetOrDerived),
            chain: is_chain.then(|| self.id.clone()),
            ..PlannedOperator::of_id(id)
        };
        let behind = names.behind.into_iter().map(|name| with(None, Some(name)));
        Ok(std::iter::once(with(Some(head), names.head)).chain(behind).collect())
    }
}

/// The operators of a vertex, by their descriptions.
struct Chain {
    /// The head's; `None` where it cannot be told from those behind it.
    head: Option<String>,
    behind: Vec<String>,
}

impl Chain {
    /// Reads a tree of one operator a line, as from Flink 1.15 on, or all of them in one.
    fn of(description: &str) -> Self {
        let mut lines = description.split("<br/>").filter(|line| !line.is_empty());
        let first = unescaped(lines.next().unwrap_or_default());
        if description.contains("<br/>") {
            return Self {
                head: Some(first),
                behind: lines.map(|line| unescaped(without_branches(line))).collect(),
            };
        }
        // `a -> b` may be two operators, or one of that name.
        if first.contains(" -> ") {
            return Self { behind: vec![format!("what is chained in {first}")], head: None };
        }
        Self { head: Some(first), behind: Vec::new() }
    }
}

/// A line of the tree without what draws the branches: `:- `, `+- `, `:  ` and spaces.
fn without_branches(line: &str) -> &str {
    let mut rest = line;
    while let Some(inner) = ["+- ", ":- ", ":  ", "   "].iter().find_map(|branch| rest.strip_prefix(branch)) {
        rest = inner;
    }
    rest
}

/// Text without the entities that `StringEscapeUtils.escapeHtml4` wrote.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}
