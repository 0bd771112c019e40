//! Where the IDs of a savepoint's operators come from: a uid, or the operator's position in the graph.

use super::{CatalogOperator, StateCatalog};
use crate::ids::{Found, Generated, KnownUid, KnownUids, OperatorId, SearchScope, search_generated};
use std::collections::BTreeMap;

/// Of this many known uids, those that no operator in the savepoint has are tried as inputs, too.
const OTHERS: usize = 64;

/// How an operator came by its ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The savepoint holds the uid that the user set.
    Stored(String),
    /// It is the hash of a uid that somebody named.
    Known(KnownUid),
    /// Flink generated it: nobody set a uid. It is exactly the hash of this.
    Generated(Generated),
    /// Flink generated it from this, or else generated the last of the inputs from it: one of the two has no uid.
    OneOfTwo(Generated),
    /// It comes of a uid that is not known: the graph is, and the ID follows from no position in it.
    OfUid,
    /// The savepoint says that nobody set a uid; what the ID was generated from was not found.
    Unset,
    /// It is the hash of no uid that is known, and of no position that was tried.
    Unknown,
}

/// The origin of each operator in a savepoint.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    by_id: BTreeMap<OperatorId, Origin>,
}

impl Origins {
    /// Asks the savepoint first, then the uids, then the positions that there can be.
    pub fn of(catalog: &StateCatalog, known: &KnownUids) -> Self {
        let unset = if catalog.version.has_names() { Origin::Unset } else { Origin::Unknown };
        let origin = |operator: &CatalogOperator| match &operator.uid {
            Some(uid) => Origin::Stored(uid.clone()),
            None => unset.clone(),
        };
        let sources =
            catalog.operators.iter().filter(|operator| is_source(operator)).map(|operator| operator.id);
        let by_id = catalog.operators.iter().map(|operator| (operator.id, origin(operator)));
        Self::search(by_id.collect(), sources.collect(), known)
    }

    /// Of operators of which nothing but the ID is known.
    pub fn of_ids(ids: impl IntoIterator<Item = OperatorId>, known: &KnownUids) -> Self {
        Self::search(ids.into_iter().map(|id| (id, Origin::Unknown)).collect(), Vec::new(), known)
    }

    fn search(mut by_id: BTreeMap<OperatorId, Origin>, sources: Vec<OperatorId>, known: &KnownUids) -> Self {
        for (id, origin) in &mut by_id {
            if let (None, Some(uid)) = (origin.uid(), known.get(*id)) {
                *origin = Origin::Known(uid.clone());
            }
        }
        let operators: Vec<_> = by_id.keys().copied().collect();
        let with_uid = by_id.iter().filter(|(_, origin)| origin.uid().is_some()).map(|(id, _)| *id).collect();
        let others = known.ids().filter(|id| !by_id.contains_key(id)).take(OTHERS).collect();
        let scope = SearchScope { operators, with_uid, sources, others, ..SearchScope::default() };
        for (id, found) in search_generated(&scope) {
            let origin = match found {
                Found::Generated(generated) => Origin::Generated(generated),
                Found::OneOfTwo(generated) => Origin::OneOfTwo(generated),
            };
            by_id.insert(id, origin);
        }
        Self { by_id }
    }

    /// The origin of an ID; that of an operator which is not in the savepoint is not known.
    pub fn get(&self, id: OperatorId) -> &Origin {
        self.by_id.get(&id).unwrap_or(&Origin::Unknown)
    }
}

impl Origin {
    /// The uid, if there is one.
    pub fn uid(&self) -> Option<&str> {
        match self {
            Self::Stored(uid) => Some(uid),
            Self::Known(known) => Some(&known.uid),
            Self::Generated(_) | Self::OneOfTwo(_) | Self::OfUid | Self::Unset | Self::Unknown => None,
        }
    }

    /// The origin's name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stored(_) => "stored-uid",
            Self::Known(_) => "known-uid",
            Self::Generated(_) => "generated",
            Self::OneOfTwo(_) => "one-of-two",
            Self::OfUid => "uid",
            Self::Unset => "no-uid",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether an operator surely is a source: it holds the splits of a `SourceOperator`, and its coordinator theirs.
fn is_source(operator: &CatalogOperator) -> bool {
    operator.coordinator_state_bytes > 0
        && operator.states.iter().any(|state| state.name == "SourceReaderState" && !state.kind.is_keyed())
}
