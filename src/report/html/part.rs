//! What an operator's state is made of, as far as a savepoint tells it.
//!
//! Of operator state the handle says where the elements of each state start, and so how many bytes each has. Keyed states
//! stand together in one stream, or in RocksDB's own files, so of several it is known only what they have in all.

use super::plain;
use crate::catalog::CatalogOperator;
use crate::metadata::StateRole;
use crate::state::StateKind;

/// A part of an operator's state.
pub(super) struct Part {
    /// A state's name, or what else it is.
    pub(super) name: String,
    pub(super) bytes: u64,
    /// The class that its colour follows.
    pub(super) class: &'static str,
    /// The states whose bytes these are together, when it is not told how much each has.
    pub(super) together: usize,
}

impl Part {
    fn new(name: impl Into<String>, bytes: u64, class: &'static str) -> Self {
        Self { name: name.into(), bytes, class, together: 1 }
    }
}

/// The parts of an operator that have bytes, the largest first; they add up to what it has.
pub(super) fn parts(operator: &CatalogOperator) -> Vec<Part> {
    let role = |role| operator.role_bytes.get(&role).copied().unwrap_or_default();
    let mut parts = Vec::new();
    let sizes = operator.operator_state_bytes.iter().flatten();
    parts.extend(sizes.map(|(name, bytes)| Part::new(plain(name), *bytes, "operator-state")));
    let told = total(&parts);
    let of_streams = role(StateRole::ManagedOperator).saturating_sub(told);
    let name = if operator.operator_state_bytes.is_some() { "headers" } else { "operator state" };
    parts.push(Part::new(name, of_streams, "operator-state"));
    parts.push(keyed(operator, role(StateRole::ManagedKeyed)));
    let raw = if operator.has_raw_state { "raw keyed state" } else { "timers" };
    parts.push(Part::new(raw, role(StateRole::RawKeyed), "keyed-state"));
    parts.push(Part::new("raw operator state", role(StateRole::RawOperator), "other-state"));
    let in_flight = role(StateRole::InputChannel).saturating_add(role(StateRole::ResultSubpartition));
    parts.push(Part::new("records in flight", in_flight, "other-state"));
    parts.push(Part::new("coordinator", operator.coordinator_state_bytes, "other-state"));
    let rest = operator.bytes.saturating_sub(total(&parts));
    parts.push(Part::new("state", rest, "other-state"));
    parts.retain(|part| part.bytes > 0);
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    parts
}

fn total(parts: &[Part]) -> u64 {
    parts.iter().map(|part| part.bytes).fold(0, u64::saturating_add)
}

/// The keyed states, timers among them, which are known apart only where there is one.
fn keyed(operator: &CatalogOperator, bytes: u64) -> Part {
    // Timers on the heap beside RocksDB are raw keyed state.
    let apart = operator.role_bytes.contains_key(&StateRole::RawKeyed) && !operator.has_raw_state;
    let is_in_it = |kind: StateKind| kind.is_keyed() && !(apart && kind == StateKind::Timers);
    let states = operator.states.iter().filter(|it| is_in_it(it.kind));
    let mut names: Vec<_> = states.map(|it| plain(&it.name)).collect();
    names.dedup();
    let together = names.len().max(1);
    let name = match names.as_slice() {
        [name] if operator.unread.is_empty() => name.to_string(),
        [] => "keyed state".to_owned(),
        names => names.join(", "),
    };
    Part { name, bytes, class: "keyed-state", together }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::StateCatalog;
    use crate::source::SavepointLocation;

    #[test]
    fn parts_add_up_to_what_the_operator_has() {
        let mut names = std::collections::BTreeSet::new();
        for fixture in
            ["v1", "v1-rocksdb", "v1-incremental-heap-timers", "v1-file-merging", "checkout", "ledger"]
        {
            let path = format!("fixtures/savepoints/flink-2.3-{fixture}/savepoint");
            let catalog = StateCatalog::open(&SavepointLocation::resolve(&path).unwrap()).unwrap();
            for operator in &catalog.operators {
                let parts = parts(operator);
                assert_eq!(total(&parts), operator.bytes, "{fixture}: {}", operator.title());
                names.extend(parts.into_iter().map(|part| part.name));
            }
        }
        for name in
            ["audit-entries", "headers", "timers", "records in flight", "coordinator", "raw operator state"]
        {
            assert!(names.contains(name), "{name}: {names:?}");
        }
    }
}
