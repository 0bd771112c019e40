//! What can go wrong, one variant for each stage of the line.

use crate::ids::OperatorId;
use crate::source::SourceError;
use crate::wire::DecodeError;
use std::path::PathBuf;

/// Any failure of the library. It displays as one line that says what, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes could not be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Bytes could not be understood.
    #[error("{path}: {error}", path = .path.display())]
    Decode {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        error: DecodeError,
    },
    /// A savepoint has two operators of one ID, which no Flink writes.
    #[error("{path}: two operators have the ID {id}; no Flink writes such a savepoint", path = .path.display())]
    DuplicateOperator {
        /// The `_metadata` file.
        path: PathBuf,
        /// The ID.
        id: OperatorId,
    },
    /// A state file that the savepoint refers to could not be opened, so Flink could not open it either.
    #[error(
        "{operator}: {why}; a restore needs every file of the savepoint (`holdpoint inspect` shows what can be read without it)"
    )]
    StateFile {
        /// The operator whose state it is.
        operator: String,
        /// What the source said.
        why: String,
    },
    /// A plan could not be understood.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// Why a plan could not be understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The file is no plan file: not YAML or JSON, a key that does not exist, a value of the wrong kind.
    #[error("{path} is not a plan file: {problem}\n  (`holdpoint plan SAVEPOINT` writes one, `holdpoint schema plan` prints its schema)", path = .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        problem: String,
    },
    /// The file follows the schema, and still makes no sense.
    #[error("{path}: {place}: {problem}", path = .path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The entry.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
}
