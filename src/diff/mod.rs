//! What became of a job's state between two savepoints or checkpoints.
//!
//! Nothing is judged: `check` says whether a restore is accepted, and this only what is different.

mod files;
mod state;

pub use files::{FileCount, SharedFiles};
pub use state::{StateDiff, TypeDiff};

use crate::catalog::{CatalogOperator, StateCatalog};
use crate::error::Error;
use crate::files::SavepointFiles;
use crate::ids::OperatorId;
use crate::source::SavepointLocation;
use std::collections::BTreeSet;

/// Two savepoints side by side.
#[derive(Debug, Clone)]
pub struct SavepointDiff {
    /// What the older one holds.
    pub old: StateCatalog,
    /// What the newer one holds.
    pub new: StateCatalog,
    /// The operators of both, by ID.
    pub operators: Vec<OperatorDiff>,
    /// The files that both refer to, and those that only one does.
    pub files: SharedFiles,
}

/// One operator of either savepoint.
#[derive(Debug, Clone)]
pub struct OperatorDiff {
    /// Its ID.
    pub id: OperatorId,
    /// What to call it: as the newer savepoint does, where that has it.
    pub title: String,
    /// What the older savepoint says of it; `None` where it is not in it.
    pub old: Option<OperatorSize>,
    /// What the newer one says.
    pub new: Option<OperatorSize>,
    /// Its key and states that are not the same in both.
    pub states: Vec<StateDiff>,
}

/// How large an operator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperatorSize {
    /// Parallelism of its vertex.
    pub parallelism: i32,
    /// Number of key groups of its vertex.
    pub max_parallelism: i32,
    /// Bytes of state, as Flink adds them up by handle. How much of them is in which state, a savepoint does not say.
    pub bytes: u64,
    /// How many states it has, as far as they could be read.
    pub states: usize,
}

/// Whether something is in both savepoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// Only the newer one has it.
    Came,
    /// Only the older one has it.
    Went,
    /// One has it, and of the other not all could be read.
    Unknown,
    /// Both have it, and it is not the same.
    Changed,
    /// Both have it.
    Same,
}

impl Presence {
    /// The name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Came => "came",
            Self::Went => "went",
            Self::Unknown => "unknown",
            Self::Changed => "changed",
            Self::Same => "same",
        }
    }
}

impl SavepointDiff {
    /// Reads both.
    ///
    /// ```
    /// use holdpoint::diff::SavepointDiff;
    /// use holdpoint::source::SavepointLocation;
    ///
    /// # fn main() -> Result<(), holdpoint::Error> {
    /// let old = SavepointLocation::resolve("fixtures/savepoints/flink-2.3-v1/savepoint")?;
    /// let new = SavepointLocation::resolve("fixtures/savepoints/flink-2.3-sink-renamed/savepoint")?;
    /// let diff = SavepointDiff::read(&old, &new)?;
    /// let came: Vec<_> = diff.operators.iter().filter(|it| it.old.is_none()).map(|it| &it.title).collect();
    /// assert_eq!(came, ["totals-output"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn read(old: &SavepointLocation, new: &SavepointLocation) -> Result<Self, Error> {
        let files = SharedFiles::of(&SavepointFiles::read(old)?, &SavepointFiles::read(new)?);
        Ok(Self::of(StateCatalog::open(old)?, StateCatalog::open(new)?, files))
    }

    /// Of two that were read.
    pub fn of(old: StateCatalog, new: StateCatalog, files: SharedFiles) -> Self {
        let ids: BTreeSet<_> =
            old.operators.iter().chain(&new.operators).map(|operator| operator.id).collect();
        let flink = Some(new.version.row().until);
        let operators = ids.into_iter().map(|id| {
            let (was, is) = (old.operator(id), new.operator(id));
            OperatorDiff {
                id,
                title: is.or(was).map(CatalogOperator::title).unwrap_or_default(),
                old: was.map(OperatorSize::of),
                new: is.map(OperatorSize::of),
                states: state::differences(was, is, flink),
            }
        });
        let operators = operators.collect();
        Self { old, new, operators, files }
    }
}

impl OperatorDiff {
    /// Whether it is in both.
    pub fn presence(&self) -> Presence {
        match (&self.old, &self.new) {
            (None, _) => Presence::Came,
            (_, None) => Presence::Went,
            (Some(old), Some(new)) if old != new || !self.states.is_empty() => Presence::Changed,
            _ => Presence::Same,
        }
    }

    /// Bytes that it has more of now; negative where it has less.
    pub fn growth(&self) -> i128 {
        let bytes = |size: &Option<OperatorSize>| size.as_ref().map_or(0, |size| i128::from(size.bytes));
        bytes(&self.new).saturating_sub(bytes(&self.old))
    }
}

impl OperatorSize {
    fn of(operator: &CatalogOperator) -> Self {
        let names: BTreeSet<_> = operator.states.iter().map(|it| (it.kind.family(), &it.name)).collect();
        Self {
            parallelism: operator.parallelism,
            max_parallelism: operator.max_parallelism,
            bytes: operator.bytes,
            states: names.len(),
        }
    }
}
