//! Reads an Apache Flink savepoint or checkpoint without a JVM, and says whether the next version of the job will
//! restore from it, what would be lost, and what to change.
//!
//! ```text
//! bytes ──▶ CheckpointMetadata<'a> ──▶ StateCatalog ─┐
//!           (borrowed)                 (owned, small) ├──▶ Findings ──▶ Report ──▶ ExitStatus
//! plans, laid over one another ───────▶ JobPlan ─────┘    rules       renderers
//! ```
//!
//! Data flows one way. [`source`] finds and opens files; [`wire`] reads Java's primitives; [`metadata`] decodes the
//! `_metadata` file and [`state`] the headers of the state files it refers to; [`catalog`] joins both and ends the
//! lifetime of the bytes; [`files`] says which files there are; [`plan`] says what the next version of the job asks for; [`rules`] compare the two, under
//! a [`policy`]; a [`report`] is what they found.
//!
//! ```
//! use holdpoint::{catalog::StateCatalog, plan::JobPlan, report::Report, rules::Question, source::SavepointLocation};
//!
//! # fn main() -> Result<(), holdpoint::Error> {
//! let savepoint = SavepointLocation::resolve("fixtures/savepoints/flink-2.3-v1/savepoint")?;
//! let catalog = StateCatalog::open(&savepoint)?;
//! let plan = JobPlan::read("fixtures/savepoints/flink-2.3-uid-dropped/savepoint")?;
//! let report = Report::of(&catalog, &plan, Question::default());
//! assert_eq!(report.verdict().name(), "needs-allow-non-restored-state");
//! # Ok(())
//! # }
//! ```

pub mod audit;
pub mod catalog;
pub mod diff;
mod error;
pub mod files;
pub mod flink;
pub mod ids;
pub mod metadata;
pub mod plan;
pub mod policy;
pub mod report;
pub mod rules;
pub mod source;
pub mod state;
mod suggestion;
pub mod types;
pub mod wire;

pub use error::Error;
