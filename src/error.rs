//! What can go wrong, one variant for each stage of the line.

use crate::ids::OperatorId;
use crate::policy::PolicyError;
use crate::source::{Location, SourceError};
use crate::wire::DecodeError;

/// Any failure of the library. It displays as one line that says what, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Bytes could not be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Bytes could not be understood.
    #[error("{location}: {error}")]
    Decode {
        /// The file.
        location: Location,
        /// What is wrong with it, and where.
        error: DecodeError,
    },
    /// A savepoint has two operators of one ID, which no Flink writes.
    #[error("{location}: two operators have the ID {id}; no Flink writes such a savepoint")]
    DuplicateOperator {
        /// The `_metadata` file.
        location: Location,
        /// The ID.
        id: OperatorId,
    },
    /// A savepoint of Flink 1.2, which holds the state of tasks. Only the job's graph tells which operator is which.
    #[error(
        "{location}: _metadata version 1 (Flink 1.2) holds the state of tasks rather than of operators, and no Flink since 1.11 reads it; restore it in Flink 1.3 to 1.10 and take a new savepoint there"
    )]
    TasksOnly {
        /// The `_metadata` file.
        location: Location,
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
    /// A store did not give the bytes of a state file, and may another time.
    #[error("{place}: {error}")]
    Store {
        /// Whose state it is.
        place: String,
        /// What the source said.
        error: Box<SourceError>,
    },
    /// A plan could not be understood.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A policy could not be understood.
    #[error(transparent)]
    Policy(#[from] PolicyError),
}

/// Why a plan could not be understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// No plan was named.
    #[error("name a plan")]
    None,
    /// The file is no plan file: not YAML or JSON, a key that does not exist, a value of the wrong kind.
    #[error(
        "{location} is not a plan file: {problem}\n  (`holdpoint plan SAVEPOINT` writes one, `holdpoint schema plan` prints its schema)"
    )]
    Syntax {
        /// The file.
        location: Location,
        /// What is wrong, with line and column.
        problem: String,
    },
    /// The file is of a format that is read here, and is not what a plan can be made of.
    #[error("{location}: {problem}")]
    Foreign {
        /// The file.
        location: Location,
        /// What it is, and what to do about it.
        problem: String,
    },
    /// A plan file that says nothing of operators, and is laid over no plan that does.
    #[error("{plan} has no operators: name the plan that it is laid over before it, as another --plan")]
    WithoutOperators {
        /// The file.
        plan: String,
    },
    /// The file follows the schema, and still makes no sense.
    #[error("{location}: {place}: {problem}")]
    Invalid {
        /// The file.
        location: Location,
        /// The entry.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
}
